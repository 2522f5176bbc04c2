//! The fourth agent: from forecasts and risk to trades.

mod distance;
mod drift;
mod least_worth;
mod net_cost;
mod optimal;
mod path;
mod prepared;
mod record;
mod tilt;
mod turnover;

use std::sync::Arc;

use portfolio_core::{
    Action, CoreError, Intent, Shortfall, SolvedWeights, TradePlan, TradeReason, TradeRow, book_weights,
};
use risk::RiskSummary;
use risk::inference::FigureIntervals;

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId, Veto};
use crate::concentration::concentration;
use crate::forecasting::Forecasted;
use crate::limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
use crate::limits::{LimitLevels, Severity};
use crate::market_data::Surveyed;
use crate::method::{Method, OptimalGoal};
use crate::other_trades::{CalledFor, OtherTrades};
use crate::relaxation::{Relaxation, RelaxationKind, RelaxationReason};
use crate::risk_stage::{Assessed, PolicyActiveRisk, first_missing};
use crate::simulation::{BookHistory, NoSimulation, SimulatedBeside, missing_beside};
use crate::warning::{MissingFigure, RunWarning};

pub(crate) use least_worth::is_weighed;
pub use optimal::OptimalPlan;
pub use path::{IntendedPath, NoPath, PathStep};
pub use prepared::{Decision, PreparedPolicy, RiskSource};
pub use record::{FoundBy, ProposalSummary};
pub use tilt::{TiltLimitName, TiltReason, TiltedTargets};
use turnover::Moved;

/// Tilts the targets and sizes the trades.
///
/// The forecasts move targets within half of each band and a tracking-error budget; then the trades of breached assets
/// are sized under one turnover budget and funded. Under the optimal method the weights instead solve a convex problem
/// of risk, return and cost, with a certificate. The Risk Agent's gauge measures the proposal before any order is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct OptimizerAgent;

/// The trades, and the risk of the resulting book.
#[derive(Debug)]
pub struct Proposed {
    /// The weights that the trades would reach without bands, budget and costs.
    pub(crate) targets: Vec<f64>,
    pub(crate) tilt: Option<TiltedTargets>,
    pub(crate) trades: TradePlan,
    pub(crate) optimal: Option<Box<OptimalPlan>>,
    pub(crate) after_returns: Vec<f64>,
    pub(crate) after: RiskSummary,
    pub(crate) active_after: PolicyActiveRisk,
    pub(crate) intervals_after: FigureIntervals,
    pub(crate) simulation_after: Result<SimulatedBeside, NoSimulation>,
    pub(crate) checks: Arc<[LimitCheck]>,
    /// By how much the plan takes the book further from its policy, and why; `None` if it does not.
    pub(crate) further: Option<String>,
    pub(crate) asked: Vec<Relaxation>,
    pub(crate) shortfall_warning: Option<RunWarning>,
    pub(crate) unmeasured_warning: Option<RunWarning>,
    pub(crate) turnover_warning: Option<RunWarning>,
    pub(crate) cash_warning: Option<RunWarning>,
    pub(crate) after_warning: Option<RunWarning>,
    pub(crate) simulation_warning: Option<RunWarning>,
}

impl Proposed {
    /// The optimised target weights: tilted, or solved.
    #[must_use]
    pub fn targets(&self) -> &[f64] {
        &self.targets
    }

    /// The tilt; `None` under the optimal method without views.
    #[must_use]
    pub fn tilt(&self) -> Option<&TiltedTargets> {
        self.tilt.as_ref()
    }

    /// The trades.
    #[must_use]
    pub fn trades(&self) -> &TradePlan {
        &self.trades
    }

    /// The result of the optimal method; `None` under the drift method.
    #[must_use]
    pub fn optimal(&self) -> Option<&OptimalPlan> {
        self.optimal.as_deref()
    }

    /// Risk of the weights after the trades.
    #[must_use]
    pub fn after(&self) -> &RiskSummary {
        &self.after
    }

    /// The shortfall of the cash to raise.
    pub(crate) fn raise_shortfall(&self) -> Option<&Shortfall> {
        match &self.shortfall_warning {
            Some(RunWarning::CashNotRaised { shortfall }) => Some(shortfall),
            _ => None,
        }
    }

    /// Limit checks of the weights after the trades, and of the trades.
    #[must_use]
    pub fn checks(&self) -> &[LimitCheck] {
        &self.checks
    }
}

impl Agent for OptimizerAgent {
    const ID: AgentId = AgentId::Optimizer;
    const ROLE: &'static str = "Tilts targets inside half of each band and sizes trades under one turnover budget, or solves \
                                for the best weights; has the result measured before it is ordered.";
    const OBJECTIVE: &'static str = "Tilt the targets and size the trades under the turnover budget";
}

impl OptimizerAgent {
    /// Proposes trades for an assessed case.
    ///
    /// # Errors
    /// A veto when sizing rejects the weights, no optimum can be proven, or the proposal cannot be measured.
    pub fn act(
        &self,
        admitted: &Admitted<'_>,
        surveyed: &Surveyed,
        forecasted: &Forecasted,
        assessed: &Assessed,
    ) -> Result<Proposed, Veto> {
        let veto = Veto::by(Self::ID);
        let config = admitted.config;
        let mut asked = Vec::new();
        let (targets, tilt, trades, optimal) = match &config.method {
            Method::Optimal(options) => {
                let forecasts = &forecasted.forecasts;
                // Views move the reference of the objective, as they move the targets of the drift method.
                let (reference, tilt) = match (options.goal, options.tilt_budget) {
                    (OptimalGoal::Policy, budget @ Some(_)) => {
                        let (reference, tilt) = tilt::tilt(admitted, &surveyed.common, forecasts, budget);
                        (reference, Some(tilt))
                    }
                    _ => (admitted.target().to_vec(), None),
                };
                let (targets, trades, optimal) =
                    optimal::optimal_plan(admitted, forecasts, options, reference).map_err(veto)?;
                (targets, tilt, trades, Some(Box::new(optimal)))
            }
            Method::Drift { tilt_budget } => {
                let (targets, tilt) = tilt::tilt(admitted, &surveyed.common, &forecasted.forecasts, *tilt_budget);
                let trades = drift::trades(admitted, &surveyed.common, &assessed.gauge, &targets);
                let trades = trades.map_err(Veto::by(Self::ID))?;
                (targets, Some(tilt), trades, None)
            }
        };
        let is_solved = optimal.as_ref().is_none_or(|found| found.outcome.solution().is_some());
        let trades = match is_solved {
            true => trades,
            false => {
                short_of_all(admitted, &targets, trades, TradeReason::LimitsConflict).map_err(Veto::by(Self::ID))?
            }
        };
        let evidence = surveyed.common.evidence(admitted);
        let called_for = trades.clone();
        let (trades, worth) = if config.is_due {
            let (common, gauge) = (&surveyed.common, &assessed.gauge);
            least_worth::unless_too_little(admitted, common, gauge, &targets, trades, optimal.as_deref())
                .map_err(Veto::by(Self::ID))?
        } else {
            let none = none_of(admitted, &targets, &trades, TradeReason::NotDue).map_err(Veto::by(Self::ID))?;
            (none, None)
        };
        if let Some(tilt) = tilt.as_ref().filter(|tilt| tilt.is_impossible) {
            let reason = RelaxationReason::NoTilt(tilt.reason);
            asked.push(Relaxation::ask(Self::ID, RelaxationKind::WithoutTilt, reason));
        }
        asked.extend(larger_turnover(&trades));
        if !is_solved {
            let reason = RelaxationReason::LimitsConflict;
            asked.push(Relaxation::ask(Self::ID, RelaxationKind::LooserLimits, reason));
        }

        let after_weights: Vec<f64> = trades.rows.iter().map(|row| row.weight_after).collect();
        let after_returns = surveyed.common.returns_of(&after_weights);
        let after = assessed.gauge.measure(&after_returns).map_err(Veto::by(Self::ID))?;
        let intervals_after = assessed.gauge.intervals(&after_returns).map_err(Veto::by(Self::ID))?;
        let simulation_after =
            assessed.simulator.beside(BookHistory { weights: &after_weights, returns: &after_returns });
        let simulation_warning = missing_beside(&assessed.simulation, &simulation_after).map(|reason| {
            let figure = MissingFigure::SimulationAfter { reason: reason.clone() };
            RunWarning::FigureUnavailable { figure }
        });
        let active_after = PolicyActiveRisk::of(&surveyed.common, &after_weights, admitted.target());
        let limits = &config.limits;
        let mut checks = assessed.gauge.checks(LimitPoint::After, &after_weights, &after_returns, &after);
        let active_after = active_after.map_err(Veto::by(Self::ID))?;
        // Under the optimal method, and with a tilt, the histories choose where the trades lead.
        let is_chosen = optimal.is_some() || targets != admitted.target();
        let doubt = assessed.gauge.doubt(Measure::TrackingError).of_chosen_trades();
        let further =
            distance::further(admitted, &surveyed.common, &assessed.active, &trades, &active_after, (is_chosen, doubt));
        let further = further.map_err(Veto::by(Self::ID))?;
        if let Some(reason) = further {
            distance::flag(&mut checks, reason);
        }
        // What other histories might show is said by the check alone.
        let further = further.filter(|reason| *reason != CheckReason::HistoriesChoseTrades);
        let further = further.map(|reason| distance::in_words(admitted, &trades, optimal.as_deref(), reason));
        let slack = slack_of(admitted, &trades);
        let doubt = |measure| assessed.gauge.doubt(measure);
        let called = CalledFor { trades: &called_for, worth, was_held: was_held(&trades), slack };
        let other = OtherTrades::of(admitted, evidence, &called, doubt, || {
            let weights: Vec<f64> = called_for.rows.iter().map(|row| row.weight_after).collect();
            least_worth::checks(admitted, &surveyed.common, &assessed.gauge, &weights, &called_for)
        })
        .map_err(Veto::by(Self::ID))?;
        other.flag(&mut checks, &assessed.checks);
        let largest = concentration(limits.concentration, &after_weights, admitted.target(), slack);
        checks.push(other.flag_concentration(admitted, largest, slack));
        let of_deviation = doubt(Measure::TrackingError);
        checks.push(turnover::check(admitted, evidence, &trades, Moved::of(admitted, &called_for), of_deviation));
        let worth = least_worth::worth(admitted, &surveyed.common, &targets, &trades, optimal.as_deref());
        let was_critical = assessed.checks.iter().any(|check| check.severity > Severity::Warning);
        checks.push(net_cost::check(admitted, evidence, &trades, worth, of_deviation, was_critical));
        checks.extend(unraised(admitted, &trades));
        Ok(Proposed {
            shortfall_warning: shortfall_warning(admitted, &trades),
            unmeasured_warning: optimal
                .as_ref()
                .is_some_and(|found| found.covariance.is_none())
                .then_some(RunWarning::RiskNotMeasured),
            turnover_warning: trades.stopped_by_cost.then_some(RunWarning::TurnoverUnspent {
                used: trades.turnover_two_way,
                limit: config.sizing.turnover_limit,
            }),
            cash_warning: optimal.is_none().then(|| idle_cash(admitted, &trades)).flatten(),
            optimal,
            after_warning: first_missing(&after, |reason| MissingFigure::RiskAfter { reason }),
            targets,
            tilt,
            trades,
            after_returns,
            after,
            active_after,
            intervals_after,
            simulation_after,
            simulation_warning,
            checks: checks.into(),
            further,
            asked,
        })
    }
}

/// How far a weight may be above its target and still be that of the policy: the widest band, and what whole minor units and costs add.
fn slack_of(admitted: &Admitted<'_>, trades: &TradePlan) -> f64 {
    rounding_of(admitted, trades) + trades.rows.iter().map(|row| row.half_width).fold(0.0, f64::max)
}

/// What costs and whole minor units alone do to a weight, a fraction of NAV.
fn rounding_of(admitted: &Admitted<'_>, trades: &TradePlan) -> f64 {
    (trades.total_cost.minor() + trades.rows.len() as i64 + 1) as f64 / admitted.nav().minor() as f64
}

/// The plan without a trade; a row that would have traded has the reason why it does not.
fn none_of(
    admitted: &Admitted<'_>,
    targets: &[f64],
    trades: &TradePlan,
    reason: TradeReason,
) -> Result<TradePlan, CoreError> {
    let current = admitted.current();
    let solved =
        SolvedWeights { weights: current, turnover_limit: 1.0, held: Some(current), trade_max: None, cash_floor: 0.0 };
    let mut none = book_weights(&admitted.sizing_input(targets), &solved, None)?;
    for (row, called_for) in none.rows.iter_mut().zip(&trades.rows) {
        row.residual_drift = row.drift;
        row.half_width = called_for.half_width;
        row.reason = match called_for.action {
            Action::Hold => called_for.reason,
            _ => reason,
        };
    }
    short_of_all(admitted, targets, none, reason)
}

/// A plan without a trade, with the shortfall of the amount that its intent moves: everything that is not already in
/// cash.
fn short_of_all(
    admitted: &Admitted<'_>,
    targets: &[f64],
    mut none: TradePlan,
    reason: TradeReason,
) -> Result<TradePlan, CoreError> {
    let Some(rules) = &admitted.config.rules else { return Ok(none) };
    none.shortfall = Shortfall::without_trades(&admitted.sizing_input(targets), rules, reason)?;
    if let (Intent::RaiseCash { .. }, Some(shortfall)) = (rules.intent, &none.shortfall) {
        none.unraised = shortfall.missing;
    }
    Ok(none)
}

/// The check of the cash to raise, under that intent.
fn unraised(admitted: &Admitted<'_>, trades: &TradePlan) -> Option<LimitCheck> {
    let Intent::RaiseCash { amount } = admitted.config.rules.as_ref()?.intent else { return None };
    let share = Some(trades.unraised.minor() as f64 / amount.minor() as f64);
    Some(LimitCheck::of(Measure::UnraisedCash, LimitPoint::After, LimitLevels::ANY, share, || CheckReason::Unavailable))
}

/// The shortfall of the amount that the intent moves.
fn shortfall_warning(admitted: &Admitted<'_>, trades: &TradePlan) -> Option<RunWarning> {
    let shortfall = trades.shortfall.clone()?;
    match admitted.config.rules.as_ref()?.intent {
        Intent::RaiseCash { .. } => Some(RunWarning::CashNotRaised { shortfall }),
        Intent::InvestCash { .. } => Some(RunWarning::CashNotInvested { shortfall }),
        _ => None,
    }
}

/// Whether the plan returns to the policy; a cash flow is not judged by its worth.
pub(crate) fn is_rebalance(admitted: &Admitted<'_>) -> bool {
    let intent = admitted.config.rules.as_ref().map(|rules| rules.intent);
    matches!(intent, None | Some(Intent::Rebalance | Intent::BuyOnly | Intent::SellOnly))
}

/// The client sets the turnover budget; a larger one is still requested if the budget leaves an asset outside its band.
fn larger_turnover(trades: &TradePlan) -> Option<Relaxation> {
    let outside = trades.rows.iter().filter(|row| row.residual_drift.abs() > row.half_width).count();
    (trades.turnover_bound && outside > 0).then(|| {
        let reason = RelaxationReason::OutsideBands { assets: outside };
        Relaxation::ask(AgentId::Optimizer, RelaxationKind::LargerTurnover, reason)
    })
}

/// Only assets trigger trades. Cash outside its band would go unnoticed if every asset is inside its own band.
fn idle_cash(admitted: &Admitted<'_>, trades: &TradePlan) -> Option<RunWarning> {
    let off = trades.cash_weight_after - admitted.config.policy.cash_weight;
    let rules = admitted.config.rules.as_ref();
    if rules.is_some_and(|rules| rules.cash_half_width.is_none() || !is_rebalance(admitted)) {
        return None;
    }
    let width = rules.and_then(|rules| rules.cash_half_width).unwrap_or(admitted.config.sizing.drift_threshold);
    let band = width + cash_slack(admitted, trades);
    let is_quiet = trades.rows.iter().all(|row| row.action == Action::Hold);
    (is_quiet && off.abs() > band).then(|| {
        let mut held_by = Vec::new();
        for row in trades.rows.iter().filter(|row| exceeds_band(row)) {
            if !held_by.contains(&row.reason) {
                held_by.push(row.reason);
            }
        }
        RunWarning::CashOffTarget { held_by }
    })
}

/// Whether an asset is outside its band before the plan, by more than printed weights are rounded.
fn exceeds_band(row: &TradeRow) -> bool {
    row.drift.abs() > row.half_width + 1e-12
}

/// The distance from its target at which cash may end by rounding alone: one minor unit for each asset and one for
/// cash, plus the rounding of printed weights.
fn cash_slack(admitted: &Admitted<'_>, trades: &TradePlan) -> f64 {
    const PRINTED: f64 = 1e-12;
    (admitted.assets() + 1) as f64 * (1.0 / trades.nav_after.minor().max(1) as f64 + PRINTED)
}

/// Whether trades that were called for are not made because they are worth too little.
fn was_held(trades: &TradePlan) -> bool {
    trading(trades) == 0 && trades.rows.iter().any(|row| row.reason == TradeReason::WorthTooLittle)
}

/// The number of assets that trade.
fn trading(trades: &TradePlan) -> usize {
    trades.rows.iter().filter(|row| row.action != Action::Hold).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::priced::{Priced, fractions};
    use crate::sample::Case;
    use portfolio_core::{AssetRole, TradingRules};

    #[test]
    fn a_breach_is_traded_and_the_result_measured() {
        let proposed = Case::pair().lend().proposed();
        assert_eq!(trading(proposed.trades()), 2);
        assert!(proposed.after().var_95.is_some());
        let measures: Vec<Measure> = proposed.checks().iter().map(|check| check.measure).collect();
        use Measure::{Concentration, Cvar95, NetCost, TrackingError, Turnover, Var95, Volatility};
        assert_eq!(measures, [Volatility, Var95, Cvar95, TrackingError, Concentration, Turnover, NetCost]);
    }

    #[test]
    fn a_tilt_that_was_asked_for_and_cannot_be_made_is_asked_about() {
        let mut case = Case::pair();
        case.returns[0].clear();
        case.config.method = Method::Drift { tilt_budget: Some(0.01) };
        let proposed = case.lend().proposed();
        assert_eq!(proposed.asked[0].kind, RelaxationKind::WithoutTilt);
        assert_eq!(proposed.targets(), case.config.policy.weights);
        case.config.method = Method::Drift { tilt_budget: None };
        assert!(case.lend().proposed().asked.is_empty(), "nobody asked for a tilt");
    }

    #[test]
    fn trades_without_room_under_the_turnover_limit_name_it() {
        let mut case = Case::pair();
        case.config.sizing.turnover_limit = 1e-12;
        let reasons = |case: &Case| {
            let proposed = case.lend().proposed();
            proposed.trades().rows.iter().map(|row| row.reason).collect::<Vec<_>>()
        };
        assert_eq!(reasons(&case), [TradeReason::TurnoverLimit; 2]);
        case.config.sizing.turnover_limit = 1.0;
        assert_eq!(reasons(&case), [TradeReason::DriftBreach; 2]);
    }

    #[test]
    fn trades_worth_less_than_a_plan_has_to_be_are_not_made() {
        let mut case = Case::pair();
        let trades = |case: &Case| {
            let lent = case.lend();
            let proposed = lent.proposed();
            let (admitted, surveyed, trades) = (lent.admitted(), lent.surveyed(), proposed.trades());
            let trade = fractions(&admitted, trades);
            let priced = Priced::on_histories(&admitted, &surveyed.common, proposed.targets(), &trade).unwrap();
            let worth = priced.net_bps(&admitted, trades);
            (trading(proposed.trades()), worth.unwrap(), proposed.trades().rows[0].clone())
        };
        let (count, worth, _) = trades(&case);
        assert_eq!(count, 2);
        case.config.worth_min_bps = Some(worth - 1e-9);
        assert_eq!(trades(&case).0, 2);
        case.config.worth_min_bps = Some(worth + 1e-9);
        let (count, worth, row) = trades(&case);
        assert_eq!((count, worth, row.reason, row.cost.minor()), (0, 0.0, TradeReason::WorthTooLittle, 0));
        assert!((row.drift - 0.06).abs() < 1e-12 && (row.residual_drift - row.drift).abs() < 1e-12, "{row:?}");
        // Without histories there is no worth, and the band decides.
        case.returns.iter_mut().for_each(Vec::clear);
        assert_eq!(trading(case.lend().proposed().trades()), 2);
    }

    #[test]
    fn a_plan_of_negative_worth_is_not_made_unless_its_policy_or_a_limit_asks_for_it() {
        // Four assets at least 4 points from their targets, and a tenth of every trade is lost.
        let mut case = Case::four();
        case.config.costs = portfolio_core::CostModel::proportional(&[1000.0; 4]).unwrap();
        let made = |case: &Case| {
            let proposed = case.lend().proposed();
            (trading(proposed.trades()) > 0, proposed.trades().rows[0].reason)
        };
        assert_eq!(made(&case), (false, TradeReason::WorthTooLittle));
        case.config.worth_min_bps = Some(f64::NEG_INFINITY);
        assert!(made(&case).0, "the policy says so");
        case.config.worth_min_bps = None;
        case.config.policy.weights = vec![0.0; 4];
        assert!(made(&case).0, "a policy without assets is an order to sell");
        // 66 % of one asset where the policy has 60 % is critical.
        let mut pair = Case::pair();
        pair.config.costs = portfolio_core::CostModel::proportional(&[1000.0; 2]).unwrap();
        assert!(made(&pair).0, "a limit outranks the worth");
        pair.config.worth_min_bps = Some(0.0);
        assert!(!made(&pair).0, "a least worth that is stated holds");
        pair.config.worth_min_bps = None;
        pair.current = vec![0.57, 0.43];
        assert_eq!(made(&pair), (false, TradeReason::WorthTooLittle));
        // What cannot be measured cannot be weighed.
        pair.returns.iter_mut().for_each(Vec::clear);
        assert!(made(&pair).0);
    }

    #[test]
    fn an_optimal_plan_whose_least_commissions_exceed_its_gain_is_not_made_unless_its_limits_ask_for_it() {
        let mut case = Case::four();
        let method = crate::OptimalMethod::long_only(4);
        case.config.method = Method::Optimal(Box::new(method.clone()));
        case.config.costs = portfolio_core::CostModel::free(4);
        let made = |case: &Case| trading(case.lend().proposed().trades()) > 0;
        assert!(made(&case));
        // 100.00 an order of a book of 100,000.00 is 10 bp, which no convex problem sees.
        let least = portfolio_core::MinimumCommission::new(&[100.0; 4], &[0.0; 4]).unwrap();
        case.config.costs = portfolio_core::CostModel::free(4).with(least).unwrap();
        let reasons = case.lend().proposed().trades().rows.iter().map(|row| row.reason).collect::<Vec<_>>();
        assert!(!made(&case) && reasons.contains(&TradeReason::WorthTooLittle), "{reasons:?}");
        let method = crate::OptimalMethod { upper: vec![0.3; 4], ..method };
        case.config.method = Method::Optimal(Box::new(method));
        assert!(made(&case), "31 % may not stay where 30 % is the most");
    }

    #[test]
    fn nothing_trades_on_a_day_that_is_not_due() {
        let mut case = Case::pair();
        case.config.is_due = false;
        let lent = case.lend();
        let proposed = lent.proposed();
        assert_eq!(trading(proposed.trades()), 0);
        let rows = &proposed.trades().rows;
        assert!(rows.iter().all(|row| row.reason == TradeReason::NotDue && row.drift != 0.0), "{rows:?}");
        assert_eq!(proposed.trades().total_cost.minor(), 0);
    }

    #[test]
    fn idle_cash_is_mentioned() {
        let mut case = Case::pair();
        case.current = vec![0.49, 0.49];
        case.config.policy.weights = vec![0.5, 0.5];
        case.config.sizing.drift_threshold = 0.015;
        case.config.method = Method::Drift { tilt_budget: None };
        assert_eq!(case.lend().proposed().cash_warning, Some(RunWarning::CashOffTarget { held_by: Vec::new() }));
        // Both are outside a narrower band, and may not trade.
        case.config.sizing.drift_threshold = 0.005;
        let mut rules = TradingRules { cash_half_width: Some(0.005), ..TradingRules::plain(2, 0.005) };
        rules.permits.iter_mut().for_each(|permit| permit.role = AssetRole::Frozen);
        case.config.rules = Some(rules);
        let told = case.lend().proposed().cash_warning.expect("cash is off its target").to_string();
        assert!(told.ends_with("no asset trades: what is outside its band is kept by frozen assets"), "{told}");
    }

    #[test]
    fn cash_on_its_target_is_not_mentioned_whatever_the_band() {
        let quiet = |current: Vec<f64>, target: Vec<f64>, cash: f64, band: f64| {
            let mut case = Case::pair();
            (case.current, case.config.policy.weights, case.config.policy.cash_weight) = (current, target, cash);
            case.config.sizing.drift_threshold = band;
            case.config.sizing.turnover_limit = 1.0;
            case.config.method = Method::Drift { tilt_budget: None };
            case.lend().proposed().cash_warning
        };
        for band in [0.0, 1e-6, 0.02] {
            // On target with and without cash, with decimals that are not exact in binary, and with a third of a cent.
            assert_eq!(quiet(vec![0.6, 0.3], vec![0.6, 0.3], 0.1, band), None, "{band}");
            assert_eq!(quiet(vec![0.6, 0.4], vec![0.6, 0.4], 0.0, band), None, "{band}");
            assert_eq!(quiet(vec![0.1, 0.7], vec![0.1, 0.7], 0.2, band), None, "{band}");
            assert_eq!(quiet(vec![1.0 / 3.0, 1.0 / 3.0], vec![1.0 / 3.0, 1.0 / 3.0], 1.0 / 3.0, band), None, "{band}");
            // Everything traded.
            assert_eq!(quiet(vec![0.9, 0.1], vec![0.5, 0.5], 0.0, band), None, "{band}");
            assert_eq!(quiet(vec![0.0, 0.0], vec![0.5, 0.5], 0.0, band), None, "{band}");
        }
        // Cash off target by less than the band, and by more.
        assert_eq!(quiet(vec![0.595, 0.395], vec![0.6, 0.4], 0.0, 0.02), None);
        assert_eq!(
            quiet(vec![0.585, 0.385], vec![0.6, 0.4], 0.0, 0.02),
            Some(RunWarning::CashOffTarget { held_by: Vec::new() })
        );
    }
}
