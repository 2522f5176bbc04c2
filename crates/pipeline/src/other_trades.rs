//! What other histories might have left of the book, where histories chose the trades.

use portfolio_core::{TradePlan, TradeReason};

use crate::admitted::Admitted;
use crate::concentration::concentration;
use crate::limit_check::{CheckReason, LimitCheck, Measure};
use crate::limits::Severity;
use crate::market_data::Evidence;
use crate::method::Method;

/// The trades that a plan might have had on whole histories, where shorter ones chose its own.
#[derive(Debug, Default)]
pub(crate) struct OtherTrades {
    /// The largest weights that the plan might have left; `None` where the histories had no say in which assets trade.
    pub(crate) left: Option<Vec<f64>>,
    /// The gravest severity that the book without the trades may have, where the plan might have been worth too little; `None` where it could not.
    held_at_most: Option<Severity>,
    /// Whether an asset has too few returns for an assessment of risk.
    is_short: bool,
    /// The relative errors of a tracking error and of a quantile because a history was completed.
    doubts: [f64; 2],
}

impl OtherTrades {
    /// `worth` are the benefit and the cost of the trades, where they were weighed against each other, and `doubt` is the relative error of a
    /// figure ([`Evidence::doubt`]). `slack` is how far a weight may be above its target and still be that of the policy.
    pub(crate) fn of(
        admitted: &Admitted<'_>,
        evidence: Evidence,
        trades: &TradePlan,
        worth: Option<[f64; 2]>,
        slack: f64,
        doubt: impl Fn(Measure) -> f64,
    ) -> Self {
        if !(evidence.is_short() || evidence.is_completed()) {
            return Self::default();
        }
        let doubts = [Measure::TrackingError, Measure::Var95].map(doubt);
        let [doubt, _] = doubts;
        let least = 1e-4 * admitted.config.worth_min_bps.unwrap_or(0.0);
        // The benefit is a difference of squared tracking errors.
        let might_be_less = |[benefit, cost]: [f64; 2]| benefit / (1.0 + doubt).powi(2) < cost + least;
        let might_be_held = worth.is_some_and(|worth| evidence.is_short() || might_be_less(worth));
        let levels = admitted.config.limits.concentration;
        let of = |weights: &[f64]| concentration(levels, weights, admitted.target(), slack).severity;
        let after: Vec<f64> = trades.rows.iter().map(|row| row.weight_after).collect();
        // No history has a say in a weight, and trades that end a critical one are made whatever they are worth.
        let is_ordered = admitted.config.worth_min_bps.is_none()
            && of(admitted.current()) > Severity::Warning
            && of(&after) <= Severity::Warning;
        let was_held = trades.rows.iter().any(|row| row.reason == TradeReason::WorthTooLittle);
        let held_at_most = (!is_ordered && might_be_held || was_held).then_some(match admitted.config.worth_min_bps {
            // Trades that end a critical check are made whatever they are worth.
            None => Severity::Warning,
            Some(_) => Severity::Critical,
        });
        Self { left: left(admitted, trades, doubt), held_at_most, is_short: evidence.is_short(), doubts }
    }

    /// Has no check of the book after the plan milder than that of a book that whole histories might have left.
    pub(crate) fn flag(&self, after: &mut [LimitCheck], before: &[LimitCheck]) {
        for check in after {
            let Some(held) = before.iter().find(|held| held.measure == check.measure) else { continue };
            if held.is_stress_unassessed() || check.is_stress_unassessed() {
                continue;
            }
            let untraded = self.held_at_most.map_or(Severity::Clear, |most| held.severity.min(most));
            let [of_deviation, of_quantile] = self.doubts;
            let traded = match check.measure {
                // A loss in windows of market history depends on the weights alone.
                Measure::StressLoss => self.by_other_trades(|| held.severity.max(might_be(check, of_deviation))),
                // What is above a critical level by other trades is above it without them too, and the check before the plan says so.
                Measure::Var95 | Measure::Cvar95 => self.estimated(check, of_quantile),
                _ => self.estimated(check, of_deviation),
            };
            *check = raised(check.clone(), untraded.max(traded));
        }
    }

    /// The check of the largest weight, not milder than that of a book that whole histories might have left.
    pub(crate) fn flag_concentration(&self, admitted: &Admitted<'_>, check: LimitCheck, slack: f64) -> LimitCheck {
        let levels = admitted.config.limits.concentration;
        let of = |weights: &[f64]| concentration(levels, weights, admitted.target(), slack).severity;
        let untraded = self.held_at_most.map_or(Severity::Clear, |most| of(admitted.current()).min(most));
        let traded = self.by_other_trades(|| self.left.as_deref().map_or(Severity::Clear, of));
        raised(check, untraded.max(traded))
    }

    /// A figure of the histories that other trades might have left greater: by this share because it is an estimate, and by as much again because the
    /// same histories chose the trades. A warning at most.
    fn estimated(&self, check: &LimitCheck, by: f64) -> Severity {
        self.left.as_ref().map_or(Severity::Clear, |_| might_be(check, 2.0 * by).min(Severity::Warning))
    }

    /// What other trades might have left: with a short history anything.
    fn by_other_trades(&self, severity: impl FnOnce() -> Severity) -> Severity {
        match self.left {
            None => Severity::Clear,
            Some(_) if self.is_short => Severity::NotAssessed,
            Some(_) => severity().min(Severity::Critical),
        }
    }
}

/// The severity of a value that is greater by this share.
fn might_be(check: &LimitCheck, by: f64) -> Severity {
    match check.value.map(|value| (1.0 + by) * value) {
        Some(value) if value > check.critical_above => Severity::Critical,
        Some(value) if value > check.warning_above => Severity::Warning,
        _ => Severity::Clear,
    }
}

fn raised(check: LimitCheck, severity: Severity) -> LimitCheck {
    if severity > check.severity { check.at_least(severity, CheckReason::HistoriesChoseTrades) } else { check }
}

/// The largest weights that other trades within the same turnover might have left.
///
/// Under the optimal method a weight may stay what it is, or grow by a part of the turnover that the error of the histories allows. Where the
/// turnover limit of the drift method binds, the same sales are made whatever the histories say, so a weight falls at least by what the others
/// above their targets cannot sell.
fn left(admitted: &Admitted<'_>, trades: &TradePlan, doubt: f64) -> Option<Vec<f64>> {
    let config = admitted.config;
    let is_optimal = matches!(config.method, Method::Optimal(_));
    if !(is_optimal || trades.turnover_bound) {
        return None;
    }
    let (current, target) = (admitted.current(), admitted.target());
    let nav = admitted.nav().minor() as f64;
    let sold: f64 = trades.rows.iter().map(|row| (-row.value.minor() as f64).max(0.0)).sum::<f64>() / nav;
    let above = |asset: usize| (current[asset] - target[asset]).max(0.0);
    let all: f64 = (0..current.len()).map(above).sum();
    let forced = |asset: usize| if is_optimal { 0.0 } else { (sold - (all - above(asset))).max(0.0) };
    let bought = if is_optimal { doubt.min(1.0) * 0.5 * config.sizing.turnover_limit } else { 0.0 };
    let most = |(asset, after): (usize, f64)| (after + bought).max(current[asset] - forced(asset));
    Some(trades.rows.iter().map(|row| row.weight_after).enumerate().map(most).collect())
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
            let other = OtherTrades { left: Some(left.to_vec()), is_short, ..OtherTrades::default() };
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
