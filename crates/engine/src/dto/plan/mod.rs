//! The plan on the wire.

mod controls;
mod cost_model;
mod drilldown;
mod forecast;
mod positions;
mod risk;
mod simulation;

pub use controls::PlanControls;
pub use cost_model::FittedCosts;
pub use drilldown::{AssetDrilldown, AssetSummary, DrilldownByAsset, HoldingEntry};
pub use forecast::{
    ForecastContribution, ForecastEntry, ForecastExplanationEntry, HouseView, MemberAbstention, TiltEntry,
};
pub use pipeline::TiltLimitName;
pub use positions::{TradeEntry, WeightEntry};
pub use risk::{ActiveRiskChange, RiskIntervalsOfPlan, RiskMetrics};
pub use simulation::{MonteCarloDrift, MonteCarloEntry, MonteCarloErrors, MonteCarloFigures};

use pipeline::{PlanWorth, Verdict, WaitOutlook};
use portfolio_core::Money;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::allocator::AppliedAllocator;
use crate::dto::benchmark::BenchmarkEntry;
use crate::dto::costs::CostPart;
use crate::dto::groups::GroupDriftEntry;
use crate::dto::instructions::IntentKind;
use crate::dto::labels::ClientMetadata;
use crate::dto::metadata::Metadata;
use crate::dto::optimal::{PlanOptimization, RebalanceMethodName};
use crate::dto::orders::OrderEntry;
use crate::dto::quality::DataQuality;
use crate::dto::regimes::RegimeBand;
use crate::dto::service::AgentBlueprint;
use crate::dto::trigger::TriggerEntry;
use crate::dto::verdict_limits::VerdictLimits;
use crate::dto::warning::PlanWarning;

/// A rebalance plan. Weights are fractions of NAV, amounts major units of `currency`, both positive when held or bought.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanResponse {
    /// Net asset value, as sent.
    #[schema(example = 100_000.0)]
    pub portfolio_value: f64,
    /// ISO 4217 code of every amount in this plan.
    #[schema(example = "USD")]
    pub currency: &'static str,
    /// Half-width of the band around each target weight.
    #[schema(example = 0.02)]
    pub drift_threshold: f64,
    /// Budget for two-way turnover.
    #[schema(example = 0.2)]
    pub turnover_limit: f64,
    /// Two-way turnover Σ|trade|/NAV, never above the limit.
    #[schema(example = 0.12)]
    pub turnover_used: f64,
    /// One-way turnover, half of the two-way figure.
    #[schema(example = 0.06)]
    pub turnover_one_way: f64,
    /// Sell-side turnover, the value of all sales over NAV.
    #[schema(example = 0.055)]
    pub turnover_sell_side: f64,
    /// Whether the turnover budget is smaller than the turnover wanted, and used. Buys and sells are then cut to the same share,
    /// and the trades that are worth most after their costs come first; the remainder is `residual_drift`. Where more trades would cost more than
    /// they take off the objective, less than the limit is used: this is false, and the warning `turnover_unspent` says so.
    #[schema(example = false)]
    pub turnover_bound: bool,
    /// Sum of all estimated costs.
    #[schema(example = 12.0, value_type = f64)]
    pub estimated_total_transaction_cost: Money,
    /// The fitted cost model of the assets whose rate the request does not state; absent where none is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cost_model: Option<FittedCosts>,
    /// What the trades cost in each part of the cost model; absent where the request has no `costs`. Each sum is
    /// rounded separately, so together they may differ by minor units from the total.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub cost_parts: Vec<CostPart>,
    /// Cash before and after the plan.
    pub cash: CashPosition,
    /// What the plan is for.
    pub intent: PlanIntent,
    /// The groups against their bands, in the order sent; absent when none were sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub groups: Vec<GroupDriftEntry>,
    /// Whether the policy trades on `trade_date`; absent when no trigger was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = TriggerEntry, required = false)]
    pub trigger: Option<TriggerEntry>,
    /// How much the bands are widened because the state of the market is uncertain; absent when this was not requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = RegimeBand, required = false)]
    pub regime_band: Option<RegimeBand>,
    /// The learned allocator that decided targets and bands; absent when none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AppliedAllocator, required = false)]
    pub learned_allocator: Option<AppliedAllocator>,
    /// How close the orders in whole lots come to the plan without lots; null where nothing was fitted.
    #[schema(required = true)]
    pub lot_fit: Option<LotFit>,
    /// NAV less costs.
    #[schema(example = 99_988.0, value_type = f64)]
    pub value_after: Money,
    /// ½·Σ|drift| before the plan.
    #[schema(example = 0.06)]
    pub portfolio_drift: f64,
    /// ½·Σ|drift| against the target weights after the plan.
    #[schema(example = 0.001)]
    pub portfolio_drift_after: f64,
    /// Weights and forecasts, one entry per asset, in input order.
    pub weights: Vec<WeightEntry>,
    /// Trades, one entry per asset, in input order.
    pub trades: Vec<TradeEntry>,
    /// Risk of the current weights, rebalanced daily, on the histories as one panel: shorter ones are completed from the longer ones.
    pub risk_metrics: RiskMetrics,
    /// The same for the target weights; without a benchmark their tracking error is zero.
    pub target_risk_metrics: RiskMetrics,
    /// The same for the weights after the plan.
    pub after_risk_metrics: RiskMetrics,
    /// 95 % intervals of the volatility, the Sharpe ratio, VaR and CVaR in the three preceding members.
    pub risk_intervals: RiskIntervalsOfPlan,
    /// How far the weights are from the targets before and after the plan, and which assets contribute to the tracking
    /// error.
    pub active_risk: ActiveRiskChange,
    /// How the trades were decided.
    pub method: RebalanceMethodName,
    /// What the method `optimal` solved and how it is proven; absent under `drift`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub optimization: Option<PlanOptimization>,
    /// What the forecast tilt did and what it was allowed.
    pub tilt: TiltEntry,
    /// Forecasts and the conclusions from them.
    pub house_view: HouseView,
    /// Simulation of the current weights, and of the target weights and those after the plan on the same shocks.
    pub monte_carlo: MonteCarloEntry,
    /// Whether the plan may be executed, with every limit it was checked against.
    pub verdict: Verdict,
    /// The limits that the verdict used, defaults included.
    pub verdict_limits: VerdictLimits,
    /// The plan checked against the control policy; absent in plans that were stored before answers had this member.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub controls: Option<PlanControls>,
    /// The date on which each return of the longest history ends, as sent; absent when none were.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, example = json!(["2026-01-05", "2026-01-06", "2026-01-07"]))]
    pub dates: Vec<chrono::NaiveDate>,
    /// What the tracking error in the risk figures is measured against.
    pub benchmark: BenchmarkEntry,
    /// The orders, sells before the buys they pay for, with schedule and worth. A Hold gives no order.
    pub orders: Vec<OrderEntry>,
    /// What the plan is worth: benefit, cost and payback.
    pub worth: PlanWorth,
    /// The expected effect of waiting a week.
    pub outlook: WaitOutlook,
    /// The quality of the data behind the figures.
    pub data_quality: DataQuality,
    /// The agents that made this plan and the controls that ran.
    pub multi_agent_blueprint: AgentBlueprint,
    /// Drill-down by asset name.
    #[schema(value_type = std::collections::BTreeMap<String, AssetDrilldown>)]
    pub asset_drilldown: DrilldownByAsset,
    /// Limitations of the figures; empty when nothing was assumed.
    pub warnings: Vec<PlanWarning>,
    /// `name` of the request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Balanced book", max_length = 1000, nullable = false)]
    pub name: Option<String>,
    /// `title` of the request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Quarterly rebalance", min_length = 1, max_length = 200, nullable = false)]
    pub title: Option<String>,
    /// `client_reference` of the request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "order-2026-0107", min_length = 1, max_length = 200, nullable = false)]
    pub client_reference: Option<String>,
    /// `metadata` of the request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ClientMetadata, required = false)]
    pub client_metadata: Option<ClientMetadata>,
    /// When, by which version and for which request this was made: the only part that differs between equal requests.
    pub metadata: Metadata,
}

/// Cash before and after a plan. With the asset weights each side sums to one.
#[derive(Debug, Serialize, ToSchema)]
pub struct CashPosition {
    /// Weight the policy wants in cash, fraction of NAV.
    #[schema(example = 0.0)]
    pub target_weight: f64,
    /// Half-width of the band around it, fraction of NAV; null when cash triggers no trades.
    #[schema(required = true, example = 0.02)]
    pub band_half_width: Option<f64>,
    /// Fraction of NAV before the plan.
    #[schema(example = 0.0)]
    pub weight_before: f64,
    /// Fraction of the NAV left after costs.
    #[schema(example = 0.0001)]
    pub weight_after: f64,
    /// Cash before the plan.
    #[schema(example = 0.0, value_type = f64)]
    pub value_before: Money,
    /// Cash after the plan, never negative.
    #[schema(example = 10.25, value_type = f64)]
    pub value_after: Money,
}

/// What the plan is for.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanIntent {
    /// What the plan is for.
    pub kind: IntentKind,
    /// The amount to invest or to raise; null where there is none.
    #[schema(required = true, example = 5000.0, value_type = Option<f64>)]
    pub amount: Option<Money>,
    /// The part of the cash to raise that the allowed sales do not cover.
    #[schema(example = 0.0, value_type = f64)]
    pub unraised: Money,
}

/// How close orders in whole lots come to the plan without lots.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotFit {
    /// Half the sum of the distances of each position, and of cash, from its value without lots, and of the costs of
    /// the orders, basis points of NAV.
    #[schema(example = 3.1)]
    pub deviation_bps: f64,
    /// Lower bound on the deviation of any orders within the same rules, basis points of NAV.
    #[schema(example = 3.1)]
    pub bound_bps: f64,
    /// Whether the orders are proven to be the closest.
    pub is_exact: bool,
}
