//! The record of the agents on the wire.

use copilot::TopAction;
use pipeline::VerdictDecision;
use portfolio_core::{Action, Money};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::asset_description::AssetDescription;
use crate::dto::metadata::Metadata;
use crate::dto::plan::RiskMetrics;

/// The record of one run: the steps of its agents.
#[derive(Debug, Serialize, ToSchema)]
pub struct TandemResponse {
    /// The order of the agents in one line.
    #[schema(example = json!(pipeline::orchestration()))]
    pub orchestration: String,
    /// What each agent did, in order.
    pub timeline: Vec<TandemStep>,
}

/// One agent's step; `agent` tells which.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "agent")]
pub enum TandemStep {
    /// Of the Market Data Agent.
    #[serde(rename = "Market Data Agent")]
    MarketData(AgentStep<MarketDataOutput>),
    /// Of the Forecast Agent.
    #[serde(rename = "Forecast Agent")]
    Forecast(AgentStep<ForecastOutput>),
    /// Of the Risk Agent.
    #[serde(rename = "Risk Agent")]
    Risk(AgentStep<RiskOutput>),
    /// Of the Rebalance Optimizer Agent.
    #[serde(rename = "Rebalance Optimizer Agent")]
    Optimizer(AgentStep<OptimizerOutput>),
    /// Of the Execution Agent.
    #[serde(rename = "Execution Agent")]
    Execution(AgentStep<ExecutionOutput>),
    /// Of the Supervisor Agent.
    #[serde(rename = "Supervisor Agent")]
    Supervisor(AgentStep<SupervisorOutput>),
}

/// One step of an agent: its position, its objective and its output.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentStep<T> {
    /// Position, from 1.
    #[schema(example = 1)]
    pub step: u8,
    /// What it was for.
    #[schema(example = "Read the book, align the histories, say what is missing")]
    pub objective: &'static str,
    /// What it found.
    pub output: T,
}

/// What was loaded.
#[derive(Debug, Serialize, ToSchema)]
pub struct MarketDataOutput {
    /// Number of assets.
    #[schema(example = 6)]
    pub assets_loaded: usize,
    /// Their names.
    #[schema(example = json!(["SPX", "GER.BOND"]))]
    pub asset_list: Vec<String>,
    /// Observations common to all histories.
    #[schema(example = 250)]
    pub common_observations: usize,
}

/// Forecasts of the first five assets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastOutput {
    /// At most five forecasts.
    #[schema(max_items = 5)]
    pub forecast_snapshot: Vec<ForecastSnapshot>,
}

/// One forecast.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastSnapshot {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Simple return per day.
    #[schema(example = 0.0004)]
    pub forecast_return: f64,
    /// 0 to 1.
    #[schema(example = 0.2)]
    pub confidence: f64,
}

/// Current risk and the limits it exceeds.
#[derive(Debug, Serialize, ToSchema)]
pub struct RiskOutput {
    /// Risk of the current weights.
    pub risk_metrics: RiskMetrics,
    /// Limits exceeded.
    #[schema(example = json!(["Max drawdown above 8% (19.36% against a limit of 8.00%, critical above 16.00%)"]))]
    pub risk_flags: Vec<String>,
}

/// Trades in total.
#[derive(Debug, Serialize, ToSchema)]
pub struct OptimizerOutput {
    /// Two-way turnover.
    #[schema(example = 0.12)]
    pub turnover_used: f64,
    /// Sum of costs.
    #[schema(example = 12.0, value_type = f64)]
    pub estimated_total_transaction_cost: Money,
    /// The orders that matter most.
    pub top_rebalance_actions: Vec<TopAction>,
}

/// Orders to execute. A Hold gives no order.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExecutionOutput {
    /// The largest orders, sells first; at most three.
    #[schema(max_items = 3)]
    pub execution_queue: Vec<QueuedOrder>,
    /// What to do first, next and last.
    #[schema(example = json!(["Sell first: \"MRK\" 12,851.23 USD (217.5262 units). Wait for the fills before buying."]))]
    pub playbook: Vec<String>,
}

/// One order.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueuedOrder {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// What the request says of the asset.
    #[serde(flatten)]
    pub description: AssetDescription,
    /// Buy or Sell.
    pub action: Action,
    /// Size of the order, money, never negative: `trade_value` of the plan's orders.
    #[schema(example = 5500.0, value_type = f64)]
    pub notional: Money,
    /// Estimated cost, money, never negative.
    #[schema(example = 5.5, value_type = f64)]
    pub estimated_cost: Money,
}

/// The verdict.
#[derive(Debug, Serialize, ToSchema)]
pub struct SupervisorOutput {
    /// The brief.
    #[schema(
        example = "Portfolio of 250,000.00 USD: sell \"MRK\" 12,851.23 USD; buy \"AAPL\" 12,825.53 USD. Cost 25.70 USD."
    )]
    pub final_narrative: String,
    /// What follows from the severities of the flags.
    pub decision: VerdictDecision,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
