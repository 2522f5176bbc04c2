//! Number of observations in the tail of a sample.

use portfolio_core::Confidence;

use crate::reason::finite;
use crate::{RiskError, RiskParameter};

/// A position this close to a whole number counts as that number.
const WHOLE: f64 = 1e-9;

/// Rounds a count or position within 1e-9 of a whole number to that number: `(1 − 0.9)·10` is not 1 in binary.
///
/// Every rule that finds a tail or a quantile by counting uses this function, so that no two of them disagree about the
/// observation at the boundary.
///
/// # Example
/// ```
/// assert_eq!(risk::whole_within_rounding((1.0 - 0.9) * 10.0), 1.0);
/// assert_eq!(risk::whole_within_rounding(12.5), 12.5);
/// ```
#[must_use]
pub fn whole_within_rounding(k: f64) -> f64 {
    let whole = k.round();
    if (k - whole).abs() <= WHOLE { whole } else { k }
}

/// The number of observations in the tail of a sample: the one rule of historical VaR and CVaR.
///
/// Of `T` observations, `k = (1 − level)·T` lie in the tail; a `k` within 1e-9 of a whole number counts as that number
/// ([`whole_within_rounding`]). The VaR is the observation of rank `⌈k⌉`, counted from the worst. The CVaR is the mean
/// of the worst `k` observations, the last of which counts in part.
///
/// # Example
/// ```
/// use risk::{Confidence, TailMass};
///
/// // Five outcomes at 70 %: k = 1.5.
/// let tail = TailMass::new(Confidence::new(0.7)?, 5)?;
/// assert_eq!(tail.rank(), 2);
/// assert!((tail.mass() - 1.5).abs() < 1e-12);
/// // Read off the two worst returns, ascending.
/// let worst = [-0.10, -0.04];
/// assert_eq!(tail.value_at_risk(&worst), Some(0.04));
/// assert!((tail.conditional_value_at_risk(&worst).unwrap() - 0.08).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailMass {
    mass: f64,
    rank: usize,
}

impl TailMass {
    /// The tail beyond `level` of a sample of `observations`.
    ///
    /// # Errors
    /// [`RiskError::Empty`] for an empty sample.
    pub fn new(level: Confidence, observations: usize) -> Result<Self, RiskError> {
        if observations == 0 { Err(RiskError::Empty) } else { Ok(Self::of(level, observations)) }
    }

    /// The tail below the quantile at `probability` of a sample of `observations`, `k = probability·T`: the rule for a
    /// tail that is given as a share. A share is not converted to a level first, because `1 − 0.95` is not 0.05 in
    /// binary.
    ///
    /// # Errors
    /// [`RiskError::OutOfRange`] for a probability that is not above 0 and below 1, [`RiskError::Empty`] for an empty
    /// sample.
    ///
    /// # Example
    /// ```
    /// // The quantile at 30 % of four outcomes is the second from below.
    /// assert_eq!(risk::TailMass::below(0.3, 4)?.rank(), 2);
    /// # Ok::<(), risk::RiskError>(())
    /// ```
    pub fn below(probability: f64, observations: usize) -> Result<Self, RiskError> {
        if !(probability > 0.0 && probability < 1.0) {
            return Err(RiskError::OutOfRange { parameter: RiskParameter::Probability, value: probability });
        }
        if observations == 0 { Err(RiskError::Empty) } else { Ok(Self::of_share(probability, observations)) }
    }

    /// [`new`](Self::new) for a sample known not to be empty.
    pub(crate) fn of(level: Confidence, observations: usize) -> Self {
        Self::of_share(level.tail(), observations)
    }

    fn of_share(share: f64, observations: usize) -> Self {
        let exact = share * observations as f64;
        let whole = whole_within_rounding(exact);
        let mass = if whole > 0.0 { whole } else { exact };
        Self { mass, rank: (mass.ceil() as usize).clamp(1, observations) }
    }

    /// `k`, above 0 and at most `T`.
    #[must_use]
    pub fn mass(&self) -> f64 {
        self.mass
    }

    /// `⌈k⌉`, from 1 to `T`: the number of worst observations that the tail reads. The last of them is the VaR.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// Weight in the tail mean of each observation before the boundary one, and of the boundary observation itself.
    #[must_use]
    pub fn shares(&self) -> (f64, f64) {
        let share = 1.0 / self.mass;
        (share, (self.mass - (self.rank - 1) as f64) * share)
    }

    /// VaR of a sample whose smallest returns are `worst`, ascending; `None` when there are fewer of them than
    /// [`rank`](Self::rank).
    #[must_use]
    pub fn value_at_risk(&self, worst: &[f64]) -> Option<f64> {
        (worst.len() >= self.rank).then(|| self.var(worst))
    }

    /// CVaR of the same sample; `None` when there are fewer than [`rank`](Self::rank) returns or their sum overflows.
    #[must_use]
    pub fn conditional_value_at_risk(&self, worst: &[f64]) -> Option<f64> {
        if worst.len() < self.rank { None } else { finite(self.cvar(worst)).ok() }
    }

    pub(crate) fn var(&self, worst: &[f64]) -> f64 {
        // Subtract from zero, so that a VaR of zero is 0 and not −0.
        0.0 - worst[self.rank - 1]
    }

    /// VaR plus the mean excess over it. The boundary observation has no excess, so its fraction needs no term of its
    /// own, and a sum of non-negative terms cannot round to less than VaR.
    pub(crate) fn cvar(&self, worst: &[f64]) -> f64 {
        let boundary = worst[self.rank - 1];
        let excess: f64 = worst[..self.rank].iter().map(|r| boundary - r).sum();
        0.0 - boundary + excess / self.mass
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{conditional_value_at_risk, value_at_risk};

    #[test]
    fn the_rule_reads_any_sample_and_refuses_none() {
        assert_eq!(TailMass::new(Confidence::P95, 0), Err(RiskError::Empty));
        let tail = TailMass::new(Confidence::P95, 100).unwrap();
        assert_eq!((tail.mass(), tail.rank()), (5.0, 5));
        assert_eq!((tail.value_at_risk(&[-0.1; 4]), tail.conditional_value_at_risk(&[-0.1; 4])), (None, None));
        let sorted: Vec<f64> = (0..100).map(|i| f64::from(i) / 100.0 - 0.3).collect();
        assert_eq!(tail.value_at_risk(&sorted), value_at_risk(&sorted, Confidence::P95).ok());
        assert_eq!(tail.conditional_value_at_risk(&sorted), conditional_value_at_risk(&sorted, Confidence::P95).ok());
        assert_eq!(TailMass::below(0.05, 100), Ok(tail));
        assert_eq!(TailMass::below(0.05, 0), Err(RiskError::Empty));
        for probability in [0.0, 1.0, f64::NAN] {
            assert!(matches!(TailMass::below(probability, 100), Err(RiskError::OutOfRange { .. })), "{probability}");
        }
        let (share, boundary) = tail.shares();
        assert!((4.0 * share + boundary - 1.0).abs() < 1e-15);
    }
}
