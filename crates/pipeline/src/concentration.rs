//! The limit on the largest weight that the policy does not explain.

use portfolio_core::TradePlan;

use crate::admitted::Admitted;
use crate::limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
use crate::limits::{LimitLevels, Severity};
use crate::market_data::Evidence;
use crate::method::Method;

/// The largest weight after the plan among those that exceed their policy weight by more than the band. If there is
/// none, the largest weight of all, which is clear.
///
/// `left` are the largest weights that the same plan might have left with complete histories, if shorter ones chose its
/// trades: the check is then a warning, or not assessed, if the largest of them would be a warning or critical.
pub(crate) fn concentration(
    levels: LimitLevels,
    after: &[f64],
    target: &[f64],
    band: f64,
    left: Option<&[f64]>,
) -> LimitCheck {
    let check = beyond_policy(levels, after, target, band);
    match left.map(|left| beyond_policy(levels, left, target, band).severity) {
        Some(Severity::Warning) => check.at_least(Severity::Warning, CheckReason::HistoriesChoseTrades),
        Some(Severity::Critical | Severity::Blocking) => {
            check.at_least(Severity::NotAssessed, CheckReason::HistoriesChoseTrades)
        }
        _ => check,
    }
}

fn beyond_policy(levels: LimitLevels, after: &[f64], target: &[f64], band: f64) -> LimitCheck {
    let largest = |found: &mut dyn Iterator<Item = usize>| {
        found.max_by(|&a, &b| after[a].total_cmp(&after[b]).then(b.cmp(&a))).map(|i| after[i])
    };
    let of = |value| LimitCheck::of(Measure::Concentration, LimitPoint::After, levels, value, || CheckReason::NoAssets);
    match largest(&mut (0..after.len()).filter(|&i| after[i] > target[i] + band)) {
        Some(value) => of(Some(value)),
        None => {
            let check = of(largest(&mut (0..after.len())));
            if check.value.is_some() { check.at_most(Severity::Clear, CheckReason::PolicyTarget) } else { check }
        }
    }
}

/// The largest weights that the plan might leave under other histories; `None` if complete histories chose the trades,
/// or if histories do not affect them.
///
/// Under the optimal method, and with a minimum worth, a weight may stay unchanged. If the turnover limit of the drift
/// method binds, the total of the sales is the same for all histories, so a weight falls at least by the amount that
/// the other assets above their targets cannot sell.
pub(crate) fn might_be_left(admitted: &Admitted<'_>, evidence: Evidence, trades: &TradePlan) -> Option<Vec<f64>> {
    let config = admitted.config;
    let is_free = matches!(config.method, Method::Optimal(_)) || config.worth_min_bps.is_some();
    if !(evidence.is_short() || evidence.is_completed()) || !(is_free || trades.turnover_bound) {
        return None;
    }
    let (current, target) = (admitted.current(), admitted.target());
    let nav = admitted.nav().minor() as f64;
    let sold: f64 = trades.rows.iter().map(|row| (-row.value.minor() as f64).max(0.0)).sum::<f64>() / nav;
    let above = |asset: usize| (current[asset] - target[asset]).max(0.0);
    let all: f64 = (0..current.len()).map(above).sum();
    let forced = |asset: usize| if is_free { 0.0 } else { (sold - (all - above(asset))).max(0.0) };
    let weights =
        trades.rows.iter().enumerate().map(|(asset, row)| row.weight_after.max(current[asset] - forced(asset)));
    Some(weights.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::SupervisorLimits;

    fn concentration(levels: LimitLevels, after: &[f64], target: &[f64], band: f64) -> LimitCheck {
        super::concentration(levels, after, target, band, None)
    }

    #[test]
    fn a_weight_that_other_histories_might_have_left_is_not_approved_unseen() {
        let levels = SupervisorLimits::default().concentration;
        let (after, target) = ([0.39, 0.35, 0.26], [0.2, 0.2, 0.6]);
        let with = |left: &[f64]| super::concentration(levels, &after, &target, 0.02, Some(left));
        assert_eq!(with(&after).severity, Severity::Clear);
        let warned = with(&[0.5, 0.4, 0.1]);
        assert_eq!((warned.severity, warned.value), (Severity::Warning, Some(0.39)));
        assert_eq!(warned.reason, Some(CheckReason::HistoriesChoseTrades));
        assert_eq!(with(&[0.65, 0.3, 0.05]).severity, Severity::NotAssessed);
    }

    #[test]
    fn a_weight_the_mandate_wants_is_clear_and_one_it_does_not_want_is_critical() {
        let levels = SupervisorLimits::default().concentration;
        let wanted = concentration(levels, &[0.7, 0.3], &[0.7, 0.3], 0.02);
        assert_eq!((wanted.severity, wanted.value), (Severity::Clear, Some(0.7)));
        assert_eq!(wanted.reason, Some(CheckReason::PolicyTarget));
        let unwanted = concentration(levels, &[0.7, 0.3], &[0.5, 0.5], 0.02);
        assert_eq!(unwanted.severity, Severity::Critical);
        // A larger weight that the policy explains does not hide one that it does not.
        let beside = concentration(levels, &[0.55, 0.45], &[0.55, 0.30], 0.02);
        assert_eq!((beside.severity, beside.value), (Severity::Warning, Some(0.45)));
        let none = concentration(levels, &[], &[], 0.02);
        assert_eq!((none.severity, none.reason), (Severity::NotAssessed, Some(CheckReason::NoAssets)));
    }
}
