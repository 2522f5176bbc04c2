//! One plan told as the steps of its agents.

use std::iter::zip;

use copilot::Brief;
use pipeline::{AgentId, Plan, PlannedOrder, orchestration};
use portfolio_core::round_weight;

use crate::context::RequestContext;
use crate::dto::tandem::{
    ExecutionOutput, ForecastOutput, ForecastSnapshot, MarketDataOutput, OptimizerOutput, QueuedOrder, RiskOutput,
    SupervisorOutput, TandemOutput, TandemResponse, TandemStep,
};
use crate::telling::advise::decision;
use crate::telling::present::metadata;

/// Forecasts in the snapshot.
const SNAPSHOT: usize = 5;
/// Orders in the queue.
const QUEUE: usize = 3;

/// One plan told as the steps that made it, one for each agent that ran.
#[must_use]
pub fn tandem(plan: &Plan, brief: &Brief, context: &RequestContext) -> TandemResponse {
    let timeline = (1..)
        .zip(&plan.record.stages)
        .map(|(step, stage)| TandemStep {
            step,
            agent: stage.agent,
            objective: stage.objective,
            output: output(stage.id, plan, brief, context),
        })
        .collect();
    TandemResponse { orchestration: orchestration(), timeline }
}

/// What an agent found. The match is exhaustive: a new agent does not compile until its step is written here.
fn output(agent: AgentId, plan: &Plan, brief: &Brief, context: &RequestContext) -> TandemOutput {
    match agent {
        AgentId::MarketData => TandemOutput::MarketData(MarketDataOutput {
            assets_loaded: plan.portfolio.names.len(),
            asset_list: plan.portfolio.names.clone(),
            common_observations: plan.observations,
        }),
        AgentId::Forecast => TandemOutput::Forecast(ForecastOutput { forecast_snapshot: snapshot(plan) }),
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
            decision: decision(plan.verdict.decision),
            metadata: metadata(plan, context),
        }),
    }
}

fn snapshot(plan: &Plan) -> Vec<ForecastSnapshot> {
    let told = |(forecast, name): (&forecast::AssetForecast, &String)| ForecastSnapshot {
        asset: name.clone(),
        forecast_return: round_weight(forecast.ensemble),
        confidence: round_weight(forecast.confidence),
    };
    zip(&plan.forecasts, &plan.portfolio.names).take(SNAPSHOT).map(told).collect()
}

fn queued(order: &PlannedOrder) -> QueuedOrder {
    QueuedOrder {
        asset: order.asset.clone(),
        action: order.action,
        notional: order.notional,
        estimated_cost: order.estimated_cost,
    }
}
