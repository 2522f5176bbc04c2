//! The result of a run.

use forecast::AssetForecast;
use portfolio_core::{TradePlan, round_to_12_decimals};
use risk::RiskSummary;
use risk::inference::FigureIntervals;

use crate::execution::{NoRegion, NoTradeRegion, PlanWorth, PlannedOrder, Staged, WaitOutlook};
use crate::forecasting::Forecasted;
use crate::market_data::{DataQuality, Surveyed};
use crate::proposal::{OptimalPlan, Proposed, TiltedTargets};
use crate::record::RunRecord;
use crate::risk_stage::{Assessed, PolicyActiveRisk};
use crate::simulation::{NoSimulation, Simulated, SimulatedBeside};
use crate::supervisor::{Judged, Verdict};
use crate::warning::RunWarning;

/// All decisions about a book, the verdict on them, and the record of how they were made.
#[derive(Debug)]
pub struct Plan {
    /// Number of periods over which the book is measured.
    pub observations: usize,
    /// The quality of the data.
    pub quality: DataQuality,
    /// One forecast per asset.
    pub forecasts: Vec<AssetForecast>,
    /// The optimised target weights: tilted, or solved.
    pub targets: Vec<f64>,
    /// The tilt; `None` under the optimal method.
    pub tilt: Option<TiltedTargets>,
    /// The trades.
    pub trades: TradePlan,
    /// The result of the optimal method; `None` under the drift method.
    pub optimal: Option<Box<OptimalPlan>>,
    /// Risk of the current weights.
    pub risk_now: RiskSummary,
    /// Risk of the target weights.
    pub risk_target: RiskSummary,
    /// Risk of the weights after the plan.
    pub risk_after: RiskSummary,
    /// Uncertainty of the risk of the current weights.
    pub intervals_now: FigureIntervals,
    /// Uncertainty of the risk of the target weights.
    pub intervals_target: FigureIntervals,
    /// Uncertainty of the risk of the weights after the plan.
    pub intervals_after: FigureIntervals,
    /// Distance of the current weights from the policy.
    pub active_now: PolicyActiveRisk,
    /// Distance of the weights after the plan from the policy.
    pub active_after: PolicyActiveRisk,
    /// Simulation of the current weights, or why there is none.
    pub simulation: Result<Simulated, NoSimulation>,
    /// Simulation of the target weights under the same shocks.
    pub simulation_target: Result<SimulatedBeside, NoSimulation>,
    /// Simulation of the weights after the plan under the same shocks.
    pub simulation_after: Result<SimulatedBeside, NoSimulation>,
    /// The orders, in the sequence in which they may be placed.
    pub orders: Vec<PlannedOrder>,
    /// The worth of the plan.
    pub worth: PlanWorth,
    /// For each asset, the weights between which no trade of it pays, or why there are none.
    pub regions: Vec<Result<NoTradeRegion, NoRegion>>,
    /// The expected effect of waiting a week.
    pub outlook: WaitOutlook,
    /// The supervisor's verdict.
    pub verdict: Verdict,
    /// Assumptions, gaps and limits behind the figures.
    pub warnings: Vec<RunWarning>,
    /// What each agent did.
    pub record: RunRecord,
}

impl Plan {
    /// Combines the results of the agents.
    pub(crate) fn of(
        surveyed: Surveyed,
        forecasted: Forecasted,
        assessed: Assessed,
        proposed: Proposed,
        staged: Staged,
        judged: Judged,
        record: RunRecord,
    ) -> Self {
        let observations = surveyed.observations();
        let mut warnings = surveyed.warnings;
        warnings.extend(forecasted.warnings);
        warnings.extend(proposed.unmeasured_warning);
        warnings.extend(proposed.shortfall_warning);
        warnings.extend(proposed.turnover_warning);
        warnings.extend(proposed.cash_warning);
        warnings.extend(assessed.warnings);
        warnings.extend(staged.loss_warning());
        warnings.extend(staged.least_worth_warning());
        warnings.extend(proposed.after_warning);
        warnings.extend(assessed.simulation_warning);
        warnings.extend(proposed.simulation_warning);
        Self {
            observations,
            quality: surveyed.quality,
            forecasts: forecasted.forecasts,
            targets: proposed.targets,
            tilt: proposed.tilt,
            trades: proposed.trades,
            optimal: proposed.optimal,
            risk_now: assessed.now,
            risk_target: assessed.target,
            risk_after: proposed.after,
            intervals_now: assessed.intervals,
            intervals_target: assessed.intervals_target,
            intervals_after: proposed.intervals_after,
            active_now: assessed.active,
            active_after: proposed.active_after,
            simulation: assessed.simulation,
            simulation_target: assessed.simulation_target,
            simulation_after: proposed.simulation_after,
            orders: staged.orders,
            worth: staged.worth,
            regions: staged.regions,
            outlook: staged.outlook,
            verdict: judged.verdict,
            warnings,
            record,
        }
    }

    /// `0.45·|drift| + 0.35·|forecast| + 0.20·confidence`: the ranking of the first clients.
    #[must_use]
    pub fn priority(&self, asset: usize) -> f64 {
        let forecast = &self.forecasts[asset];
        let drift = self.trades.rows[asset].drift;
        round_to_12_decimals(0.45 * drift.abs() + 0.35 * forecast.expected_return.abs() + 0.20 * forecast.confidence)
    }
}
