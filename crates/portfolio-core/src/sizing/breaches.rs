//! Which assets, cash and groups are outside their bands, and which assets trade because of it.

use super::SizingInput;
use super::funding::cash_target_of;
use super::reason::TradeReason;
use super::rules::{TradeScope, TradingRules};
use crate::bands::groups::{BandGroup, GroupDrift, measure_groups};
use crate::drift::exceeds_band;
use crate::{CoreError, TradeSide, destination, measure_drift, portfolio_drift, round_to_12_decimals};

/// The parts of a book that are outside their bands.
///
/// # Example
/// ```
/// use portfolio_core::bands::groups::BandGroup;
/// use portfolio_core::{BandBreaches, BandRule, TradingRules};
///
/// // Three funds of one class, each 2 points above its target and inside its band of 3; the class is 6 above.
/// let equity = BandGroup { assets: vec![0, 1, 2], rule: BandRule::FIVE_TWENTY_FIVE };
/// let rules = TradingRules { groups: vec![equity], ..TradingRules::plain(4, 0.03) };
/// let breaches = BandBreaches::of(&rules, &[0.22, 0.22, 0.22, 0.34], &[0.20, 0.20, 0.20, 0.40])?;
/// assert_eq!(breaches.assets, [false, false, false, true]);
/// assert!(breaches.groups[0].is_breached && breaches.any());
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BandBreaches {
    /// Whether each asset is further from its target than its half-width.
    pub assets: Vec<bool>,
    /// Whether cash is outside its band; `false` if it has no band.
    pub cash: bool,
    /// Each group compared with its band, in the order of the rules.
    pub groups: Vec<GroupDrift>,
}

impl BandBreaches {
    /// Compares weights, fractions of NAV that leave cash the rest, with the bands of the rules.
    ///
    /// # Errors
    /// [`CoreError::Lengths`] when weights, targets and half-widths differ in number; the errors of the groups.
    pub fn of(rules: &TradingRules, current: &[f64], target: &[f64]) -> Result<Self, CoreError> {
        let drift = measure_drift(current, target)?;
        if rules.half_widths.len() != drift.len() {
            return Err(CoreError::Lengths { expected: drift.len(), got: rules.half_widths.len() });
        }
        let held = round_to_12_decimals((1.0 - current.iter().sum::<f64>()).max(0.0));
        let off = round_to_12_decimals(held - cash_target_of(target));
        Ok(Self {
            assets: drift.iter().zip(&rules.half_widths).map(|(d, h)| exceeds_band(*d, *h)).collect(),
            cash: rules.cash_half_width.is_some_and(|width| exceeds_band(off, width)),
            groups: measure_groups(&rules.groups, current, target)?,
        })
    }

    /// The drift of the whole book, `½·Σ|w − t|`, if nothing is outside its band; `None` otherwise. It is what [`BandBreaches::of`] finds,
    /// without keeping it.
    ///
    /// # Errors
    /// As [`BandBreaches::of`].
    ///
    /// # Example
    /// ```
    /// use portfolio_core::{BandBreaches, TradingRules};
    ///
    /// let rules = TradingRules::plain(2, 0.03);
    /// assert_eq!(BandBreaches::quiet_drift(&rules, &[0.62, 0.38], &[0.60, 0.40])?, Some(0.02));
    /// assert_eq!(BandBreaches::quiet_drift(&rules, &[0.64, 0.36], &[0.60, 0.40])?, None);
    /// # Ok::<(), portfolio_core::CoreError>(())
    /// ```
    pub fn quiet_drift(rules: &TradingRules, current: &[f64], target: &[f64]) -> Result<Option<f64>, CoreError> {
        for got in [target.len(), rules.half_widths.len()] {
            if got != current.len() {
                return Err(CoreError::Lengths { expected: current.len(), got });
            }
        }
        if !rules.groups.is_empty() || rules.cash_half_width.is_some() {
            let found = Self::of(rules, current, target)?;
            return Ok(if found.any() { None } else { Some(portfolio_drift(&measure_drift(current, target)?)) });
        }
        let mut sum = 0.0;
        for ((weight, target), width) in current.iter().zip(target).zip(&rules.half_widths) {
            let drift = round_to_12_decimals(weight - target);
            if exceeds_band(drift, *width) {
                return Ok(None);
            }
            sum += drift.abs();
        }
        Ok(Some(round_to_12_decimals(0.5 * sum)))
    }

    /// Whether anything is outside its band.
    #[must_use]
    pub fn any(&self) -> bool {
        self.cash || self.assets.contains(&true) || self.groups.iter().any(|group| group.is_breached)
    }
}

/// The assets whose own breach or selection makes them trade, and why.
#[derive(Debug, Clone)]
pub(super) struct Breaches {
    /// Assets that trade for a reason of their own, not to fund others.
    pub(super) assets: Vec<bool>,
    /// Whether cash is outside its band.
    pub(super) cash: bool,
    /// Assets outside their own band.
    pub(super) own: Vec<bool>,
    /// Assets that would trade for a reason of their own if no group were in breach.
    alone: Vec<bool>,
    /// The destination of a member of a group that is outside its band, or that trades would push outside; a fraction
    /// of NAV. With several groups, the destination nearest to its optimised weight.
    of_groups: Vec<Option<f64>>,
}

impl Breaches {
    /// The assets that trade under the rules. With the whole book as the scope every asset trades as soon as anything
    /// is outside its band.
    pub(super) fn of(input: &SizingInput, rules: &TradingRules) -> Result<Self, CoreError> {
        let bands = BandBreaches::of(rules, input.current, input.target)?;
        let mut of_groups = vec![None; bands.assets.len()];
        lead_back(input, rules, input.current, &bands.groups, &mut of_groups);
        let mut assets = bands.assets.clone();
        // What the client picked trades, in its band or not.
        if rules.permits.iter().any(|permit| permit.unpicked) {
            assets = rules.permits.iter().map(|permit| !permit.unpicked).collect();
        } else if rules.is_scheduled || (rules.scope == TradeScope::Whole && bands.any()) {
            assets.fill(true);
        }
        if rules.destination > 0.0 {
            let drift = measure_drift(input.current, input.target)?;
            // An asset that is nearer to its target than where it would be traded to has nothing to trade for its own sake.
            for (i, trades) in assets.iter_mut().enumerate() {
                *trades &= exceeds_band(drift[i], rules.destination * rules.half_widths[i]);
            }
        }
        let alone = assets.clone();
        let mut breaches = Self { assets, cash: bands.cash, own: bands.assets, alone, of_groups };
        breaches.add_members(rules);
        Ok(breaches)
    }

    /// Members of groups that are brought back also trade for a reason of their own.
    fn add_members(&mut self, rules: &TradingRules) {
        for (i, trades) in self.assets.iter_mut().enumerate().filter(|(i, _)| self.of_groups[*i].is_some()) {
            *trades |= !rules.permits[i].unpicked;
        }
    }

    /// Brings back the groups that are outside their bands at the weights `after` trades. Returns whether this calls
    /// for more trades than before.
    ///
    /// A trade to the edge of an asset's own band, or one that funds another, can push a group outside its band if its
    /// drifts offset each other before.
    ///
    /// # Errors
    /// As [`measure_groups`].
    pub(super) fn lead_back_after(
        &mut self,
        input: &SizingInput,
        rules: &TradingRules,
        after: &[f64],
    ) -> Result<bool, CoreError> {
        let groups = measure_groups(&rules.groups, after, input.target)?;
        let is_more = lead_back(input, rules, after, &groups, &mut self.of_groups);
        self.add_members(rules);
        Ok(is_more)
    }

    pub(super) fn any(&self) -> bool {
        self.cash || self.assets.contains(&true)
    }

    /// The destination of each asset that trades for a reason of its own, a fraction of NAV; the target of the others.
    pub(super) fn goals(&self, input: &SizingInput, rules: &TradingRules) -> Vec<f64> {
        let goal = |i: usize| {
            let target = input.optimized[i];
            if !self.assets[i] || rules.destination == 0.0 {
                return target;
            }
            let drift = input.current[i] - target;
            let own = destination(target, drift, rules.half_widths[i], rules.destination).max(0.0);
            // Of its own destination and that of its group, the one that is nearer to the target.
            self.of_groups[i].map_or(own, |of_group| {
                if !self.alone[i] || (of_group - target).abs() < (own - target).abs() { of_group } else { own }
            })
        };
        (0..input.current.len()).map(goal).collect()
    }

    /// Why asset `i` trades for a reason of its own.
    pub(super) fn reason(&self, rules: &TradingRules, i: usize) -> TradeReason {
        if self.own[i] {
            TradeReason::DriftBreach
        } else if rules.permits.iter().any(|permit| permit.unpicked) {
            TradeReason::Selected
        } else if rules.is_scheduled {
            TradeReason::Scheduled
        } else if self.of_groups[i].is_some() {
            TradeReason::GroupBreach
        } else {
            TradeReason::WholeBook
        }
    }
}

/// Sets the destinations of the members of each group that is outside its band at `weights`, replacing destinations
/// that are further from their optimised weights. Returns whether any destination is new or nearer.
fn lead_back(
    input: &SizingInput,
    rules: &TradingRules,
    weights: &[f64],
    groups: &[GroupDrift],
    ends: &mut [Option<f64>],
) -> bool {
    let mut is_more = false;
    for (group, drift) in rules.groups.iter().zip(groups).filter(|(_, drift)| drift.is_breached) {
        let Some(share) = share_left(input, rules, weights, group, drift) else { continue };
        for &asset in &group.assets {
            let off = share * (weights[asset] - input.optimized[asset]);
            if ends[asset]
                .is_none_or(|end| round_to_12_decimals((end - input.optimized[asset]).abs() - off.abs()) > 0.0)
            {
                ends[asset] = Some(input.optimized[asset] + off);
                is_more = true;
            }
        }
    }
    is_more
}

/// The share of the drift of `weights` from its optimised weight that each member keeps, so that the group ends `κ`
/// half-widths from its target on its current side; `None` if trades of the members that may trade do not bring it
/// nearer.
///
/// Members that may not trade towards their target keep their weight, and the others make up for it. One minor unit per
/// member is subtracted from the destination, so that rounding does not leave the group outside.
fn share_left(
    input: &SizingInput,
    rules: &TradingRules,
    weights: &[f64],
    group: &BandGroup,
    drift: &GroupDrift,
) -> Option<f64> {
    let side = drift.drift.signum();
    let (mut away, mut fixed) = (0.0, -drift.target);
    for &asset in &group.assets {
        let off = weights[asset] - input.optimized[asset];
        if rules.allows(asset, if off > 0.0 { TradeSide::Sell } else { TradeSide::Buy }) {
            away += side * off;
            fixed += input.optimized[asset];
        } else {
            fixed += weights[asset];
        }
    }
    let rounding = group.assets.len() as f64 / input.nav.minor() as f64;
    let end = rules.destination * drift.half_width - rounding - side * fixed;
    (away > 0.0 && end < away).then(|| (end / away).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::Breaches;
    use crate::bands::groups::BandGroup;
    use crate::{AssetRole, BandRule, CostModel, Currency, Money, SizingInput, TradingRules};

    /// The breaches and goals of a group of all assets but the last, in their own bands of 12 points, at a NAV of ten million.
    fn grouped(
        current: &[f64],
        target: &[f64],
        half_width: f64,
        change: impl FnOnce(&mut TradingRules),
    ) -> (Breaches, Vec<f64>) {
        let n = current.len();
        let input = SizingInput {
            nav: Money::from_minor(1_000_000_000, Currency::USD),
            cash: None,
            current,
            target,
            optimized: target,
            price: &vec![1.0; n],
            costs: &CostModel::free(n),
            histories: None,
        };
        let group = BandGroup { assets: (0..n - 1).collect(), rule: BandRule::absolute(half_width).unwrap() };
        let mut rules = TradingRules { groups: vec![group], ..TradingRules::plain(n, 0.12) };
        change(&mut rules);
        let breaches = Breaches::of(&input, &rules).unwrap();
        let goals = breaches.goals(&input, &rules);
        (breaches, goals)
    }

    #[test]
    fn a_quiet_book_is_one_without_a_breach() {
        let plain = TradingRules::plain(3, 0.02);
        let group = BandGroup { assets: vec![0, 1], rule: BandRule::absolute(0.01).unwrap() };
        let every = [
            plain.clone(),
            TradingRules { cash_half_width: Some(0.015), ..plain.clone() },
            TradingRules { groups: vec![group], ..plain },
        ];
        let (target, mut quiet) = ([0.3, 0.3, 0.3], 0);
        for step in 0..=10 {
            let off = 0.003 * f64::from(step);
            for current in [[0.3 + off, 0.3, 0.3 - off], [0.3 + off, 0.3 - off, 0.3], [0.3, 0.3, 0.3 + off]] {
                for rules in &every {
                    let found = super::BandBreaches::of(rules, &current, &target).unwrap();
                    let drift = super::portfolio_drift(&super::measure_drift(&current, &target).unwrap());
                    let expected = (!found.any()).then_some(drift);
                    assert_eq!(super::BandBreaches::quiet_drift(rules, &current, &target).unwrap(), expected);
                    quiet += usize::from(expected.is_some());
                }
            }
        }
        assert!((20..90).contains(&quiet), "{quiet}");
        assert!(super::BandBreaches::quiet_drift(&every[0], &[0.5; 2], &[0.5; 2]).is_err());
    }

    #[test]
    fn members_keep_the_same_share_of_their_drifts() {
        let (current, target) = ([0.24, 0.21, 0.19, 0.36], [0.2, 0.2, 0.2, 0.4]);
        let (breaches, goals) = grouped(&current, &target, 0.02, |rules| rules.destination = 1.0);
        assert_eq!(breaches.assets, [true, true, true, false]);
        // Half of the drift of 4 points may stay, less three minor units for rounding.
        let expected = [0.22, 0.205, 0.195, 0.4];
        assert!(goals.iter().zip(expected).all(|(goal, want)| (goal - want).abs() < 1e-8), "{goals:?}");
        assert!(goals[..3].iter().sum::<f64>() < 0.62);
        let (_, goals) = grouped(&current, &target, 0.02, |_| ());
        assert_eq!(goals, target);
    }

    #[test]
    fn what_a_frozen_member_keeps_the_others_make_up_for() {
        let (current, target) = ([0.22, 0.22, 0.22, 0.34], [0.2, 0.2, 0.2, 0.4]);
        let (_, goals) = grouped(&current, &target, 0.05, |rules| {
            rules.destination = 1.0;
            rules.permits[0].role = AssetRole::Frozen;
        });
        assert!((goals[1] - 0.215).abs() < 1e-8 && (goals[2] - 0.215).abs() < 1e-8, "{goals:?}");
    }

    #[test]
    fn trades_that_would_take_the_group_further_are_not_called_for() {
        // 7 points above, 10 of them in a frozen member: buying the other would make it 10.
        let (breaches, _) = grouped(&[0.3, 0.17, 0.53], &[0.2, 0.2, 0.6], 0.05, |rules| {
            rules.permits[0].role = AssetRole::Frozen;
        });
        assert!(!breaches.any());
    }
}
