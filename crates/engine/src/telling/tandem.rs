//! One plan reported as the steps of its agents.

use std::iter::zip;

use copilot::Brief;
use pipeline::{AgentId, PlannedOrder, StageRecord, orchestration};
use portfolio_core::round_to_12_decimals;

use crate::context::RequestContext;
use crate::dto::tandem::{
    AgentStep, ExecutionOutput, ForecastOutput, ForecastSnapshot, MarketDataOutput, OptimizerOutput, QueuedOrder,
    RiskOutput, SupervisorOutput, TandemResponse, TandemStep,
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
        .map(|(step, stage)| told(step, stage, planned, brief, context))
        .collect();
    TandemResponse { orchestration: orchestration(), timeline }
}

/// What an agent did. A new agent does not compile until it has a step here.
fn told(step: u8, stage: &StageRecord, planned: &PlannedCase, brief: &Brief, context: &RequestContext) -> TandemStep {
    let PlannedCase { case, plan } = planned;
    let objective = stage.objective;
    match stage.id {
        AgentId::MarketData => {
            let output = MarketDataOutput {
                assets_loaded: case.names().len(),
                asset_list: case.names().to_vec(),
                common_observations: plan.observations,
            };
            TandemStep::MarketData(AgentStep { step, objective, output })
        }
        AgentId::Forecast => {
            let output = ForecastOutput { forecast_snapshot: snapshot(planned) };
            TandemStep::Forecast(AgentStep { step, objective, output })
        }
        AgentId::Risk => {
            let output = RiskOutput { risk_metrics: (&plan.risk_now).into(), risk_flags: brief.risk_flags.clone() };
            TandemStep::Risk(AgentStep { step, objective, output })
        }
        AgentId::Optimizer => {
            let output = OptimizerOutput {
                turnover_used: plan.trades.turnover_two_way,
                estimated_total_transaction_cost: plan.trades.total_cost,
                top_rebalance_actions: brief.top_actions.clone(),
            };
            TandemStep::Optimizer(AgentStep { step, objective, output })
        }
        AgentId::Execution => {
            let output = ExecutionOutput {
                execution_queue: plan.orders.iter().take(QUEUE).map(|order| queued(planned, order)).collect(),
                playbook: brief.execution_playbook.clone(),
            };
            TandemStep::Execution(AgentStep { step, objective, output })
        }
        AgentId::Supervisor => {
            let output = SupervisorOutput {
                final_narrative: brief.narrative.clone(),
                decision: plan.verdict.decision,
                metadata: metadata(planned, context),
            };
            TandemStep::Supervisor(AgentStep { step, objective, output })
        }
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

fn queued(planned: &PlannedCase, order: &PlannedOrder) -> QueuedOrder {
    QueuedOrder {
        asset: order.asset.clone(),
        description: planned.case.echo.description(order.position),
        action: order.action,
        notional: order.trade_value,
        estimated_cost: order.estimated_cost,
    }
}
