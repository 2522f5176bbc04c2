//! One plan told as six steps.

use copilot::Brief;
use pipeline::{PlannedOrder, orchestration};

use crate::dto::tandem::{
    ExecutionOutput, ForecastOutput, ForecastSnapshot, MarketDataOutput, OptimizerOutput, QueuedOrder, RiskOutput,
    SupervisorOutput, TandemOutput, TandemResponse, TandemStep,
};
use crate::engine::advise::decision;
use crate::engine::plan::Plan;
use crate::engine::present::metadata;
use crate::http::context::RequestContext;
use portfolio_core::round_weight;

const SNAPSHOT: usize = 5;
const QUEUE: usize = 3;

/// One plan told as the six steps that made it.
#[must_use]
pub fn tandem(plan: &Plan, brief: Brief, context: &RequestContext) -> TandemResponse {
    let names = &plan.portfolio.names;
    let forecast = |(forecast, name): (&forecast::AssetForecast, &String)| ForecastSnapshot {
        asset: name.clone(),
        forecast_return: round_weight(forecast.expected_return),
        confidence: round_weight(forecast.confidence),
    };
    let order = |order: &PlannedOrder| QueuedOrder {
        asset: order.asset.clone(),
        action: order.action,
        notional: order.notional,
        estimated_cost: order.estimated_cost,
    };
    let outputs = [
        TandemOutput::MarketData(MarketDataOutput {
            assets_loaded: names.len(),
            asset_list: names.clone(),
            common_observations: plan.observations,
        }),
        TandemOutput::Forecast(ForecastOutput {
            forecast_snapshot: plan.forecasts.iter().zip(names).take(SNAPSHOT).map(forecast).collect(),
        }),
        TandemOutput::Risk(RiskOutput { risk_metrics: (&plan.risk_now).into(), risk_flags: brief.risk_flags.clone() }),
        TandemOutput::Optimizer(OptimizerOutput {
            turnover_used: plan.trades.turnover_two_way,
            estimated_total_transaction_cost: plan.trades.total_cost,
            top_rebalance_actions: brief.top_actions,
        }),
        TandemOutput::Execution(ExecutionOutput {
            execution_queue: plan.orders.iter().take(QUEUE).map(order).collect(),
            playbook: brief.execution_playbook,
        }),
        TandemOutput::Supervisor(SupervisorOutput {
            final_narrative: brief.narrative,
            decision: decision(plan.verdict.decision),
            metadata: metadata(plan, context),
        }),
    ];
    let timeline = plan
        .record
        .stages
        .iter()
        .zip(outputs)
        .zip(1..)
        .map(|((stage, output), step)| TandemStep { step, agent: stage.agent, objective: stage.objective, output })
        .collect();
    TandemResponse { orchestration: orchestration(), timeline }
}
