//! One formula for every band rule: absolute, relative, hybrid and 5/25.

use crate::CoreError;
use crate::drift::exceeds_band;

/// How far a weight may be from its target `t` before it trades.
///
/// ```text
/// half-width = clamp(relative·t, floor, cap)
/// ```
///
/// | rule | relative | floor | cap | half-width at t = 5 %, 20 %, 60 % |
/// |---|---|---|---|---|
/// | [`absolute(0.02)`](Self::absolute) | 0 | 2 pp | 2 pp | 2, 2, 2 pp |
/// | [`relative(0.2)`](Self::relative) | 20 % | 0 | none | 1, 4, 12 pp |
/// | [`HYBRID`](Self::HYBRID) | 20 % | 1 pp | none | 1, 4, 12 pp; 1 pp below t = 5 % |
/// | [`FIVE_TWENTY_FIVE`](Self::FIVE_TWENTY_FIVE) | 25 % | 0 | 5 pp | 1.25, 5, 5 pp |
///
/// The 5/25 rule takes the lesser of 5 percentage points and a quarter of the target, which are equal at `t` = 20 %.
///
/// # Reference
/// The White Coat Investor, "The 5/25 Rule"; Daryanani (2008), "Opportunistic Rebalancing", Journal of Financial
/// Planning 21(1), for relative bands of 20 %.
///
/// # Example
/// ```
/// use portfolio_core::BandRule;
///
/// assert_eq!(BandRule::FIVE_TWENTY_FIVE.half_width(0.10), 0.025);
/// assert_eq!(BandRule::FIVE_TWENTY_FIVE.half_width(0.60), 0.05);
/// assert_eq!(BandRule::HYBRID.half_width(0.02), 0.01);
/// // A drift of exactly the half-width is inside the band.
/// assert!(!BandRule::absolute(0.02)?.is_breached(0.07, 0.05));
/// assert!(BandRule::absolute(0.02)?.is_breached(0.0701, 0.05));
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandRule {
    /// Half-width as a share of the target, 0 to 1.
    pub relative: f64,
    /// Smallest half-width, a fraction of NAV, 0 to `cap`.
    pub floor: f64,
    /// Largest half-width, a fraction of NAV, `floor` to 1; 1 means no cap.
    pub cap: f64,
}

impl BandRule {
    /// 20 % of the target, at least 1 percentage point, without a cap.
    pub const HYBRID: Self = Self { relative: 0.20, floor: 0.01, cap: 1.0 };
    /// The lesser of 5 percentage points and 25 % of the target.
    pub const FIVE_TWENTY_FIVE: Self = Self { relative: 0.25, floor: 0.0, cap: 0.05 };

    /// The same half-width for every target, a fraction of NAV.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a half-width outside 0 to 1.
    pub fn absolute(half_width: f64) -> Result<Self, CoreError> {
        let rule = Self { relative: 0.0, floor: half_width, cap: half_width };
        rule.check().map(|()| rule)
    }

    /// A share of each target, without floor and cap.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a share outside 0 to 1.
    pub fn relative(share: f64) -> Result<Self, CoreError> {
        let rule = Self { relative: share, floor: 0.0, cap: 1.0 };
        rule.check().map(|()| rule)
    }

    /// Checks a rule that was built from its fields.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] with the first field that is not a number from 0 to 1; `floor` when it exceeds `cap`.
    pub fn check(&self) -> Result<(), CoreError> {
        for (name, value) in [("relative", self.relative), ("floor", self.floor), ("cap", self.cap)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(CoreError::OutOfRange { name, value });
            }
        }
        if self.floor > self.cap {
            return Err(CoreError::OutOfRange { name: "floor", value: self.floor });
        }
        Ok(())
    }

    /// The half-width at a target, `clamp(relative·target, floor, cap)`, a fraction of NAV.
    #[must_use]
    pub fn half_width(&self, target: f64) -> f64 {
        (self.relative * target).max(self.floor).min(self.cap)
    }

    /// Whether a weight is outside its band: `|weight − target|` strictly above the half-width, by more than the noise
    /// of twelve decimals.
    ///
    /// An asset held against a target of zero has no relative drift. A rule with a relative part counts it as breached,
    /// however little is held: the floor is a tolerance around a position of the policy, and here there is no such
    /// position. An absolute rule treats it like every other asset.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::BandRule;
    ///
    /// assert!(BandRule::HYBRID.is_breached(0.003, 0.0));
    /// assert!(!BandRule::absolute(0.01)?.is_breached(0.003, 0.0));
    /// # Ok::<(), portfolio_core::CoreError>(())
    /// ```
    #[must_use]
    pub fn is_breached(&self, weight: f64, target: f64) -> bool {
        let untargeted = self.relative > 0.0 && target == 0.0;
        let half_width = if untargeted { 0.0 } else { self.half_width(target) };
        exceeds_band(weight - target, half_width)
    }
}

#[cfg(test)]
mod tests {
    use super::BandRule;
    use crate::CoreError;

    #[test]
    fn a_field_outside_its_range_is_named() {
        let named = |rule: BandRule| match rule.check() {
            Err(CoreError::OutOfRange { name, .. }) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(named(BandRule { relative: f64::NAN, floor: 0.0, cap: 1.0 }), "relative");
        assert_eq!(named(BandRule { relative: 0.1, floor: -0.1, cap: 1.0 }), "floor");
        assert_eq!(named(BandRule { relative: 0.1, floor: 0.0, cap: f64::INFINITY }), "cap");
        assert_eq!(named(BandRule { relative: 0.1, floor: 0.3, cap: 0.2 }), "floor");
        assert!(BandRule::HYBRID.check().is_ok() && BandRule::FIVE_TWENTY_FIVE.check().is_ok());
    }

    #[test]
    fn five_twenty_five_changes_at_a_target_of_a_fifth() {
        let rule = BandRule::FIVE_TWENTY_FIVE;
        assert!(rule.half_width(0.199) < 0.05);
        assert_eq!((rule.half_width(0.20), rule.half_width(0.201)), (0.05, 0.05));
    }
}
