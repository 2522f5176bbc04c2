//! One plan told as the steps of its agents.

use std::iter::zip;

use copilot::Brief;
use pipeline::{AgentId, PlannedOrder, orchestration};
use portfolio_core::round_to_12_decimals;

use crate::context::RequestContext;
use crate::dto::tandem::{
    ExecutionOutput, ForecastOutput, ForecastSnapshot, MarketDataOutput, OptimizerOutput, QueuedOrder, RiskOutput,
    SupervisorOutput, TandemOutput, TandemResponse, TandemStep,
};
use crate::planning::plan::PlannedCase;
use crate::telling::present::metadata;

/// Forecasts in the snapshot.
const SNAPSHOT: usize = 5;
/// Orders in the queue.
const QUEUE: usize = 3;

/// One plan told as the steps that made it, one for each agent that ran.
#[must_use]
pub fn tandem(planned: &PlannedCase, brief: &Brief, context: &RequestContext) -> TandemResponse {
    let timeline = (1..)
        .zip(&planned.plan.record.stages)
        .map(|(step, stage)| TandemStep {
            step,
            agent: stage.id.name(),
            objective: stage.objective,
            output: output(stage.id, planned, brief, context),
        })
        .collect();
    TandemResponse { orchestration: orchestration(), timeline }
}

/// What an agent found. A new agent does not compile until it has an output here.
fn output(agent: AgentId, planned: &PlannedCase, brief: &Brief, context: &RequestContext) -> TandemOutput {
    let PlannedCase { case, plan } = planned;
    match agent {
        AgentId::MarketData => TandemOutput::MarketData(MarketDataOutput {
            assets_loaded: case.names().len(),
            asset_list: case.names().to_vec(),
            common_observations: plan.observations,
        }),
        AgentId::Forecast => TandemOutput::Forecast(ForecastOutput { forecast_snapshot: snapshot(planned) }),
        AgentId::Risk => TandemOutput::Risk(RiskOutput {
            risk_metrics: (&plan.risk_now).into(),
            risk_flags: brief.risk_flags.clone(),
        }),
        AgentId::Optimizer => TandemOutput::Optimizer(OptimizerOutput {
            turnover_used: plan.trades.turnover_two_way,
            estimated_total_transaction_cost: plan.trades.total_cost,
            top_rebalance_actions: brief.top_actions.clone(),
        }),
        AgentId::Execution => TandemOutput::Execution(ExecutionOutput {
            execution_queue: plan.orders.iter().take(QUEUE).map(queued).collect(),
            playbook: brief.execution_playbook.clone(),
        }),
        AgentId::Supervisor => TandemOutput::Supervisor(SupervisorOutput {
            final_narrative: brief.narrative.clone(),
            decision: plan.verdict.decision,
            metadata: metadata(planned, context),
        }),
    }
}

fn snapshot(planned: &PlannedCase) -> Vec<ForecastSnapshot> {
    let told = |(forecast, name): (&forecast::AssetForecast, &String)| ForecastSnapshot {
        asset: name.clone(),
        forecast_return: round_to_12_decimals(forecast.expected_return),
        confidence: round_to_12_decimals(forecast.confidence),
    };
    zip(&planned.plan.forecasts, planned.case.names()).take(SNAPSHOT).map(told).collect()
}

fn queued(order: &PlannedOrder) -> QueuedOrder {
    QueuedOrder {
        asset: order.asset.clone(),
        action: order.action,
        notional: order.notional,
        estimated_cost: order.estimated_cost,
    }
}
