//! The fourth agent: from forecasts and risk to trades.

mod optimal;
mod tilt;

use std::sync::Arc;

use portfolio_core::{Action, CoreError, CostModel, SizingInput, TradePlan, size_trades};
use risk::RiskSummary;

use crate::limits::{LimitCheck, LimitPoint, Measure};
use crate::relaxation::{Relaxation, RelaxationKind};
use crate::risk_stage::{Assessed, checks, first_missing};
use crate::supervisor::concentration;
use crate::{Agent, AgentId, PlanWarning, Portfolio, Veto};

pub use optimal::{OptimalMethod, OptimalPlan};
pub use tilt::{TiltLimitName, TiltedTargets};

/// Tilts the targets and sizes the trades.
///
/// Today's problem: targets move by the forecasts inside half of each band and a tracking-error budget, then the trades of
/// breached assets are sized under one turnover budget and funded. Under the optimal method the weights solve a convex
/// problem of risk, return and cost instead, with a certificate. The proposal goes through the Risk Agent's gauge before
/// anyone orders anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct OptimizerAgent;

/// An assessed portfolio with trades and the risk of what they lead to.
#[derive(Debug)]
pub struct Proposed {
    pub(crate) assessed: Assessed,
    pub(crate) tilt: TiltedTargets,
    pub(crate) trades: TradePlan,
    pub(crate) optimal: Option<Box<OptimalPlan>>,
    pub(crate) after_returns: Vec<f64>,
    pub(crate) after: RiskSummary,
    pub(crate) checks: Arc<[LimitCheck]>,
    pub(crate) asked: Vec<Relaxation>,
    pub(crate) cash_warning: Option<PlanWarning>,
    pub(crate) after_warning: Option<PlanWarning>,
}

impl Proposed {
    /// The targets after the tilt.
    #[must_use]
    pub fn tilt(&self) -> &TiltedTargets {
        &self.tilt
    }

    /// The trades.
    #[must_use]
    pub fn trades(&self) -> &TradePlan {
        &self.trades
    }

    /// What the optimal method found; `None` under the drift method.
    #[must_use]
    pub fn optimal(&self) -> Option<&OptimalPlan> {
        self.optimal.as_deref()
    }

    /// Risk of the weights after the trades.
    #[must_use]
    pub fn after(&self) -> &RiskSummary {
        &self.after
    }

    /// Limits against the weights after the trades, and against the trades.
    #[must_use]
    pub fn checks(&self) -> &[LimitCheck] {
        &self.checks
    }

    pub(crate) fn portfolio(&self) -> &Portfolio {
        &self.assessed.forecasted.surveyed.admitted.portfolio
    }
}

impl Agent for OptimizerAgent {
    type Input = Assessed;
    type Output = Proposed;
    const ID: AgentId = AgentId::Optimizer;
    const ROLE: &'static str = "Tilts targets inside half of each band and sizes trades under one turnover budget, or solves \
                                for the best weights; has the result measured before it is ordered.";
    const OBJECTIVE: &'static str = "Tilt the targets and size the trades under the turnover budget";

    /// # Errors
    /// A veto when sizing refuses the weights, or the proposal cannot be measured.
    fn act(&self, assessed: Assessed) -> Result<Proposed, Veto> {
        let forecasted = &assessed.forecasted;
        let admitted = &forecasted.surveyed.admitted;
        let portfolio = &admitted.portfolio;
        let market = &forecasted.surveyed.market;
        let mut asked = Vec::new();
        let (tilt, trades, optimal) = match &portfolio.optimization {
            Some(options) => {
                let found = optimal::optimal_plan(portfolio, &forecasted.forecasts, options);
                let (targets, trades, optimal) = found.map_err(Veto::by(Self::ID))?;
                (targets, trades, Some(Box::new(optimal)))
            }
            None => {
                let tilt = tilt::tilt(portfolio, market, &forecasted.forecasts);
                let trades = drift_trades(portfolio, &tilt).map_err(Veto::by(Self::ID))?;
                (tilt, trades, None)
            }
        };
        if tilt.is_impossible {
            asked.push(Relaxation::ask(Self::ID, RelaxationKind::WithoutTilt, tilt.reason));
        }
        let weights = &portfolio.weights;
        asked.extend(larger_turnover(portfolio, &trades));
        if optimal.as_ref().is_some_and(|found| found.outcome.solution().is_none()) {
            let reason = "no portfolio keeps all of them";
            asked.push(Relaxation::ask(Self::ID, RelaxationKind::LooserLimits, reason));
        }

        let after_weights: Vec<f64> = trades.rows.iter().map(|row| row.weight_after).collect();
        let after_returns = market.returns_of(&after_weights);
        let after = assessed.gauge.measure(&after_returns).map_err(Veto::by(Self::ID))?;
        let limits = &admitted.limits;
        let mut checks = checks(&limits.risk, LimitPoint::After, &after);
        let band = portfolio.sizing.drift_threshold;
        checks.push(concentration(limits.concentration, &after_weights, &weights.target, band));
        let turnover = Some(trades.turnover_two_way);
        checks.push(LimitCheck::of(Measure::Turnover, LimitPoint::After, limits.turnover, turnover, String::new));
        Ok(Proposed {
            cash_warning: optimal.is_none().then(|| idle_cash(portfolio, &trades)).flatten(),
            optimal,
            after_warning: first_missing("/after_risk_metrics", &after),
            tilt,
            trades,
            after_returns,
            after,
            checks: checks.into(),
            asked,
            assessed,
        })
    }
}

/// Trades of the drift method: breached assets go to their tilted targets.
fn drift_trades(portfolio: &Portfolio, tilt: &TiltedTargets) -> Result<TradePlan, CoreError> {
    let weights = &portfolio.weights;
    let input = SizingInput {
        nav: portfolio.nav,
        current: &weights.current,
        target: &weights.target,
        optimized: &tilt.weights,
        price: &portfolio.price,
        costs: &CostModel::proportional(&portfolio.cost_bps)?,
    };
    size_trades(&input, &portfolio.sizing)
}

/// The budget is the client's; that it leaves an asset outside its band is worth asking about all the same.
fn larger_turnover(portfolio: &Portfolio, trades: &TradePlan) -> Option<Relaxation> {
    let band = portfolio.sizing.drift_threshold;
    let outside = trades.rows.iter().filter(|row| row.residual_drift.abs() > band).count();
    (trades.turnover_bound && outside > 0).then(|| {
        let reason = match outside {
            1 => "the turnover limit leaves one asset outside its band".to_owned(),
            _ => format!("the turnover limit leaves {outside} assets outside their bands"),
        };
        Relaxation::ask(AgentId::Optimizer, RelaxationKind::LargerTurnover, reason)
    })
}

/// Only assets trigger trades; cash far from its target with every asset in band would otherwise pass unseen.
fn idle_cash(portfolio: &Portfolio, trades: &TradePlan) -> Option<PlanWarning> {
    let off = trades.cash_weight_after - portfolio.weights.target_cash;
    (!trades.turnover_bound && off.abs() > portfolio.sizing.drift_threshold).then(|| {
        PlanWarning::new(
            "cash_off_target",
            "/assets",
            "cash is further from its target than the drift threshold, but every asset is inside its band",
        )
    })
}

/// How many assets trade.
pub(crate) fn trading(trades: &TradePlan) -> usize {
    trades.rows.iter().filter(|row| row.action != Action::Hold).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PipelineError, sample};

    #[test]
    fn a_breach_is_traded_and_the_result_measured() {
        let proposed = OptimizerAgent.act(sample::assessed(sample::pair())).unwrap();
        assert_eq!(trading(proposed.trades()), 2);
        assert!(proposed.after().var_95.is_some());
        let measures: Vec<Measure> = proposed.checks().iter().map(|check| check.measure).collect();
        use Measure::{Concentration, MaxDrawdown, TrackingError, Turnover, Var95};
        assert_eq!(measures, [Var95, MaxDrawdown, TrackingError, Concentration, Turnover]);
    }

    #[test]
    fn a_tilt_that_was_asked_for_and_cannot_be_made_is_asked_about() {
        let mut portfolio = sample::pair();
        portfolio.returns[0].clear();
        let proposed = OptimizerAgent.act(sample::assessed(portfolio.clone())).unwrap();
        assert_eq!(proposed.asked[0].kind, RelaxationKind::WithoutTilt);
        assert_eq!(proposed.tilt().weights, portfolio.weights.target);
        portfolio.tracking_error_budget = 0.0;
        let proposed = OptimizerAgent.act(sample::assessed(portfolio)).unwrap();
        assert!(proposed.asked.is_empty(), "nobody asked for a tilt");
    }

    #[test]
    fn weights_that_are_none_are_refused() {
        let mut portfolio = sample::pair();
        portfolio.weights.current = vec![0.9, 0.9];
        let veto = OptimizerAgent.act(sample::assessed(portfolio)).unwrap_err();
        assert_eq!(veto.agent, AgentId::Optimizer);
        assert!(matches!(veto.cause, PipelineError::Sizing(_)));
    }

    #[test]
    fn idle_cash_is_mentioned() {
        let mut portfolio = sample::pair();
        portfolio.weights.current = vec![0.49, 0.49];
        portfolio.weights.target = vec![0.5, 0.5];
        portfolio.weights.current_cash = 0.02;
        portfolio.sizing.drift_threshold = 0.015;
        portfolio.tracking_error_budget = 0.0;
        let proposed = OptimizerAgent.act(sample::assessed(portfolio)).unwrap();
        assert_eq!(proposed.cash_warning.unwrap().code, "cash_off_target");
    }
}
