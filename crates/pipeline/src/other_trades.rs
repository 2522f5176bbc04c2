//! What other histories might have left of the book, where histories chose the trades.

use portfolio_core::TradePlan;

use crate::admitted::Admitted;
use crate::concentration::concentration;
use crate::limit_check::{CheckReason, LimitCheck, Measure};
use crate::limits::Severity;
use crate::market_data::Evidence;
use crate::method::Method;
use crate::risk_stage::Doubt;

/// The trades that a plan might have had on whole histories, where shorter ones chose its own.
#[derive(Debug, Default)]
pub(crate) struct OtherTrades {
    /// The largest weights that the plan might have left; `None` where the histories had no say in which assets trade.
    left: Option<Left>,
    /// The gravest severity that the book without the trades may have, where the plan might have been worth too little; `None` where it could not.
    held_at_most: Option<Severity>,
    /// The checks of the book that the trades would have left which are not made because they are worth too little, where whole histories might
    /// have made them; empty otherwise.
    made: Vec<LimitCheck>,
    /// Whether an asset has too few returns for an assessment of risk.
    is_short: bool,
    /// The relative errors of a tracking error and of a quantile because a history was completed.
    doubts: [Doubt; 2],
}

/// The largest weights that other trades might have left, as far as a critical check and as far as a warning allow for the error of the histories.
#[derive(Debug)]
struct Left {
    critical: Vec<f64>,
    warning: Vec<f64>,
}

/// The trades that were called for whatever they are worth, and what the plan made of them.
pub(crate) struct CalledFor<'a> {
    /// The trades that were called for.
    pub(crate) trades: &'a TradePlan,
    /// Their benefit and cost, where they were weighed against each other.
    pub(crate) worth: Option<[f64; 2]>,
    /// Whether they are not made because they are worth too little.
    pub(crate) was_held: bool,
    /// How far a weight may be above its target and still be that of the policy.
    pub(crate) slack: f64,
}

impl OtherTrades {
    /// `doubt` are the relative errors of a figure, and `checks` the checks of the book that the trades which were called for leave.
    pub(crate) fn of<E>(
        admitted: &Admitted<'_>,
        evidence: Evidence,
        called_for: &CalledFor<'_>,
        doubt: impl Fn(Measure) -> Doubt,
        checks: impl FnOnce() -> Result<Vec<LimitCheck>, E>,
    ) -> Result<Self, E> {
        if !(evidence.is_short() || evidence.is_completed()) {
            return Ok(Self::default());
        }
        let CalledFor { trades, worth, was_held, slack } = *called_for;
        let doubts = [Measure::TrackingError, Measure::Var95].map(doubt);
        let [of_deviation, _] = doubts;
        let least = 1e-4 * admitted.config.worth_min_bps.unwrap_or(0.0);
        // The benefit is a difference of squared tracking errors.
        let error = |doubt: f64| (1.0 + doubt).powi(2);
        let is_open = |is_beyond: &dyn Fn([f64; 2]) -> bool| worth.is_some_and(|w| evidence.is_short() || is_beyond(w));
        let might_be_less = |doubt: f64| {
            might_stop(admitted, trades, doubt) || is_open(&|[benefit, cost]| benefit / error(doubt) < cost + least)
        };
        let might_be_more = is_open(&|[benefit, cost]| benefit * error(of_deviation.warning) >= cost + least);
        let levels = admitted.config.limits.concentration;
        let of = |weights: &[f64]| concentration(levels, weights, admitted.target(), slack).severity;
        let after: Vec<f64> = trades.rows.iter().map(|row| row.weight_after).collect();
        // No history has a say in a weight, and trades that end a critical one are made whatever they are worth.
        let is_ordered = admitted.config.worth_min_bps.is_none()
            && of(admitted.current()) > Severity::Warning
            && of(&after) <= Severity::Warning;
        let held_at_most = match admitted.config.worth_min_bps {
            _ if !was_held && (is_ordered || !might_be_less(of_deviation.warning)) => None,
            // Trades that end a critical check are made whatever they are worth.
            Some(_) if was_held || might_be_less(of_deviation.critical) => Some(Severity::Critical),
            _ => Some(Severity::Warning),
        };
        let made = if was_held && might_be_more { checks()? } else { Vec::new() };
        let [critical, warning] = [of_deviation.critical, of_deviation.warning].map(|by| left(admitted, trades, by));
        let left = critical.zip(warning).map(|(critical, warning)| Left { critical, warning });
        Ok(Self { left, held_at_most, made, is_short: evidence.is_short(), doubts })
    }

    /// Has no check of the book after the plan milder than that of a book that whole histories might have left.
    pub(crate) fn flag(&self, after: &mut [LimitCheck], before: &[LimitCheck]) {
        for check in after {
            let Some(held) = before.iter().find(|held| held.measure == check.measure) else { continue };
            if held.is_stress_unassessed() || check.is_stress_unassessed() {
                continue;
            }
            let untraded = self.held_at_most.map_or(Severity::Clear, |most| held.severity.min(most));
            let made = self.made(check.measure);
            let traded = made.unwrap_or(check);
            let [of_deviation, of_quantile] = self.doubts;
            let other = match check.measure {
                // A loss in windows of market history depends on the weights alone.
                Measure::StressLoss => self.by_other_trades(|_| held.severity.max(of_deviation.severity(traded))),
                Measure::Var95 | Measure::Cvar95 => self.estimated(traded, held, of_quantile),
                _ => self.estimated(traded, held, of_deviation),
            };
            let made = made.map_or(Severity::Clear, |made| made.severity);
            *check = raised(check.clone(), untraded.max(other).max(made));
        }
    }

    /// The check of the largest weight, not milder than that of a book that whole histories might have left.
    pub(crate) fn flag_concentration(&self, admitted: &Admitted<'_>, check: LimitCheck, slack: f64) -> LimitCheck {
        let levels = admitted.config.limits.concentration;
        let of = |weights: &[f64]| concentration(levels, weights, admitted.target(), slack).severity;
        let untraded = self.held_at_most.map_or(Severity::Clear, |most| of(admitted.current()).min(most));
        let traded = self.by_other_trades(|left| of(&left.critical).max(of(&left.warning).min(Severity::Warning)));
        let made = self.made(check.measure).map_or(Severity::Clear, |made| made.severity);
        raised(check, untraded.max(traded).max(made))
    }

    fn made(&self, measure: Measure) -> Option<&LimitCheck> {
        self.made.iter().find(|made| made.measure == measure)
    }

    /// A figure of the histories that other trades might have left greater. What is above a critical level by other trades is above it without them
    /// too, so a figure that is not critical before the plan is a warning at most.
    fn estimated(&self, check: &LimitCheck, held: &LimitCheck, by: Doubt) -> Severity {
        let most = held.severity.clamp(Severity::Warning, Severity::Critical);
        self.left.as_ref().map_or(Severity::Clear, |_| by.of_chosen_trades().severity(check).min(most))
    }

    /// What other trades might have left: with a short history anything.
    fn by_other_trades(&self, severity: impl FnOnce(&Left) -> Severity) -> Severity {
        match &self.left {
            None => Severity::Clear,
            Some(_) if self.is_short => Severity::NotAssessed,
            Some(left) => severity(left).min(Severity::Critical),
        }
    }
}

fn raised(check: LimitCheck, severity: Severity) -> LimitCheck {
    if severity > check.severity { check.at_least(severity, CheckReason::HistoriesChoseTrades) } else { check }
}

/// The largest weights that other trades within the same turnover might have left.
///
/// Under the optimal method a weight may stay what it is, or grow by a part of the turnover that the error of the histories allows. Where the
/// turnover limit of the drift method binds, the same amount is sold whatever the histories say, so a weight falls at least by what the others
/// above their targets cannot sell. Where other histories might have stopped the trades before, it may stay what it is.
fn left(admitted: &Admitted<'_>, trades: &TradePlan, doubt: f64) -> Option<Vec<f64>> {
    let config = admitted.config;
    let is_optimal = matches!(config.method, Method::Optimal(_));
    let stops = might_stop(admitted, trades, doubt);
    if !(is_optimal || trades.turnover_bound || stops) {
        return None;
    }
    let is_sold = !(is_optimal || stops);
    let (current, target) = (admitted.current(), admitted.target());
    let nav = admitted.nav().minor() as f64;
    let sold: f64 = trades.rows.iter().map(|row| (-row.value.minor() as f64).max(0.0)).sum::<f64>() / nav;
    let above = |asset: usize| (current[asset] - target[asset]).max(0.0);
    let all: f64 = (0..current.len()).map(above).sum();
    let forced = |asset: usize| if is_sold { (sold - (all - above(asset))).max(0.0) } else { 0.0 };
    let bought = if is_optimal { doubt.min(1.0) * 0.5 * config.sizing.turnover_limit } else { 0.0 };
    let most = |(asset, after): (usize, f64)| (after + bought).max(current[asset] - forced(asset));
    Some(trades.rows.iter().map(|row| row.weight_after).enumerate().map(most).collect())
}

/// Whether under other histories costs might have stopped the trades of the drift method under its turnover limit. `doubt` is the relative error of a
/// tracking error.
fn might_stop(admitted: &Admitted<'_>, trades: &TradePlan, doubt: f64) -> bool {
    let Method::Drift { tilt_budget } = admitted.config.method else { return false };
    // The benefit of the last unit is one of variances.
    let pays = |[benefit, cost]: [f64; 2]| benefit / (1.0 + doubt).powi(2) >= cost;
    // A tilt moves a target by half of its band at most, so other forecasts might have called for more than the limit.
    let tilt: f64 = trades.rows.iter().map(|row| 0.5 * row.half_width).sum();
    let is_within = !(trades.turnover_bound || trades.stopped_by_cost);
    let might_bind = is_within
        && tilt_budget.is_some_and(|budget| budget > 0.0)
        && trades.turnover_two_way + tilt > admitted.config.sizing.turnover_limit;
    admitted.may_stop() && (trades.stopped_by_cost || might_bind || trades.last_unit.is_some_and(|last| !pays(last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit_check::LimitPoint;
    use crate::limits::SupervisorLimits;
    use crate::sample::Case;

    #[test]
    fn a_weight_that_other_histories_might_have_left_is_not_approved_unseen() {
        let mut case = Case::four();
        case.config.policy.weights = vec![0.2, 0.2, 0.6, 0.0];
        let lent = case.lend();
        let levels = SupervisorLimits::default().concentration;
        let check = concentration(levels, &[0.39, 0.35, 0.26, 0.0], &case.config.policy.weights, 0.02);
        assert_eq!(check.severity, Severity::Clear);
        let with = |left: &[f64], is_short: bool| {
            let left = Left { critical: left.to_vec(), warning: left.to_vec() };
            let other = OtherTrades { left: Some(left), is_short, ..OtherTrades::default() };
            other.flag_concentration(&lent.admitted(), check.clone(), 0.02)
        };
        assert_eq!(with(&[0.39, 0.35, 0.26, 0.0], false).severity, Severity::Clear);
        let warned = with(&[0.5, 0.4, 0.1, 0.0], false);
        assert_eq!((warned.severity, warned.value), (Severity::Warning, Some(0.39)));
        assert_eq!(warned.reason, Some(CheckReason::HistoriesChoseTrades));
        let open = with(&[0.65, 0.3, 0.05, 0.0], false);
        assert_eq!((open.severity, open.is_open()), (Severity::Critical, true));
        assert_eq!(with(&[0.39, 0.35, 0.26, 0.0], true).severity, Severity::NotAssessed);
    }

    #[test]
    fn a_plan_that_might_not_have_been_made_is_judged_as_the_book_without_it() {
        let levels = SupervisorLimits::default().turnover;
        let of = |value: f64| {
            LimitCheck::of(Measure::TrackingError, LimitPoint::After, levels, Some(value), || CheckReason::Unavailable)
        };
        let other = OtherTrades { held_at_most: Some(Severity::Warning), ..OtherTrades::default() };
        let mut after = [of(0.01)];
        other.flag(&mut after, &[of(0.2)]);
        assert_eq!((after[0].severity, after[0].reason), (Severity::Warning, Some(CheckReason::HistoriesChoseTrades)));
        // A critical book trades whatever the trades are worth.
        let mut after = [of(0.01)];
        other.flag(&mut after, &[of(0.9)]);
        assert_eq!(after[0].severity, Severity::Warning);
        OtherTrades::default().flag(&mut after[..0], &[]);
    }
}
