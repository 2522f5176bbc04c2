//! One plan told as six steps.

use copilot::{Brief, decide};

use crate::dto::tandem::{
    ExecutionOutput, ForecastOutput, ForecastSnapshot, MarketDataOutput, OptimizerOutput, QueuedOrder, RiskOutput,
    SupervisorOutput, TandemOutput, TandemResponse, TandemStep,
};
use crate::engine::inventory::{AGENTS, ORCHESTRATION};
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
    let rows = &plan.trades.rows;
    let forecast = |(forecast, name): (&forecast::AssetForecast, &String)| ForecastSnapshot {
        asset: name.clone(),
        forecast_return: round_weight(forecast.ensemble),
        confidence: round_weight(forecast.confidence),
    };
    let order = |&i: &usize| QueuedOrder {
        asset: names[i].clone(),
        action: rows[i].action,
        notional: rows[i].value.abs(),
        estimated_cost: rows[i].cost,
    };
    let outputs = [
        (
            "Read the book, align the histories, say what is missing",
            TandemOutput::MarketData(MarketDataOutput {
                assets_loaded: names.len(),
                asset_list: names.clone(),
                common_observations: plan.observations,
            }),
        ),
        (
            "Forecast each asset with its confidence",
            TandemOutput::Forecast(ForecastOutput {
                forecast_snapshot: plan.forecasts.iter().zip(names).take(SNAPSHOT).map(forecast).collect(),
            }),
        ),
        (
            "Measure the book on its own history and compare limits",
            TandemOutput::Risk(RiskOutput {
                risk_metrics: (&plan.risk_now).into(),
                risk_flags: brief.risk_flags.clone(),
            }),
        ),
        (
            "Tilt the targets and size the trades under the turnover budget",
            TandemOutput::Optimizer(OptimizerOutput {
                turnover_used: plan.trades.turnover_two_way,
                estimated_total_transaction_cost: plan.trades.total_cost,
                top_rebalance_actions: brief.top_actions,
            }),
        ),
        (
            "Queue the orders, sells before buys",
            TandemOutput::Execution(ExecutionOutput {
                execution_queue: plan.orders().iter().take(QUEUE).map(order).collect(),
                playbook: brief.execution_playbook,
            }),
        ),
        (
            "Decide from the severity of the flags",
            TandemOutput::Supervisor(SupervisorOutput {
                final_narrative: brief.narrative,
                decision: decide(&brief.risk_flag_details),
                metadata: metadata(plan, context),
            }),
        ),
    ];
    let timeline = AGENTS
        .iter()
        .zip(outputs)
        .zip(1..)
        .map(|((agent, (objective, output)), step)| TandemStep { step, agent, objective, output })
        .collect();
    TandemResponse { orchestration: ORCHESTRATION, timeline }
}
