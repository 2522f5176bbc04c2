//! The portfolio for which a plan is requested.

use pipeline::{DriftChoice, PolicyObjective};
use portfolio_core::{AssetRole, Currency, SizingOptions};
use risk::RiskOptions;
use serde::{Deserialize, Serialize};
use stress::SimulationOptions;
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, objects, optional_integer, optional_object, optional_objects};
use crate::dto::absent;
use crate::dto::band::{BandInput, BandSetting};
use crate::dto::checks::{check_assets, check_distinct, check_name, check_returns, check_total_returns};
use crate::dto::costs::CostsRequest;
use crate::dto::groups::BandGroupRequest;
use crate::dto::histories::{RunHistories, check_reference};
use crate::dto::identifiers::{AssetIdentifiersRequest, check_identifiers};
use crate::dto::instructions::{IntentKind, IntentRequest, PostureName, ScopeName};
use crate::dto::labels::{ClientMetadata, check_labels};
use crate::dto::optimal::{OptimizationRequest, RebalanceMethodName};
use crate::dto::ranges::PeriodReturn;
use crate::dto::trigger::TriggerRequest;
use crate::dto::verdict_limits::VerdictLimitsRequest;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Holdings of one asset.
const MAX_HOLDINGS: usize = 1000;

/// A portfolio with its policy, prices and histories: what a plan, a brief and an agents' run are made from.
///
/// Numbers are JSON numbers: strings and booleans are refused. Members not listed are refused. `null` for an optional
/// member means absent. Rules beyond the ranges: asset names are distinct after trimming; all target weights zero needs
/// `liquidate`; sums of weights follow `weight_policy`; at most 100,000 returns in all.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "portfolio_value": 100_000.0,
    "assets": [
        {"asset": "ETF", "target_weight": 0.6, "current_weight": 0.66, "price": 95.0,
            "historical_returns": [0.004, -0.003, 0.001, 0.002, -0.001]},
        {"asset": "Bonds", "target_weight": 0.4, "current_weight": 0.34, "price": 102.0,
            "historical_returns": [0.001, 0.0, -0.002, 0.001, 0.0005]}
    ]
}))]
pub struct RebalanceRequest {
    /// The name of the portfolio; not used in any computation, and returned with the plan.
    #[schema(example = "Balanced book", max_length = 1000)]
    #[validate(length(max = 1000))]
    pub name: Option<String>,
    /// A description; not used in any computation.
    #[schema(example = "Drifted since January", max_length = 10000)]
    #[validate(length(max = 10000))]
    pub description: Option<String>,
    /// The title of the plan: 1 to 200 printable characters, not blank. It is stored and returned with the plan and in
    /// lists, can be searched with `GET /api/plans?query=`, and is not used in any figure.
    #[schema(
        example = "Quarterly rebalance",
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029][^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$"
    )]
    pub title: Option<String>,
    /// Whether the plan is stored. A draft, sent with `false` to `POST /api/rebalance` or `POST /api/multi-agent/run`,
    /// leaves no plan and no entry in the audit trail: its answer has no `plan_id` and no `Location`, and an
    /// `Idempotency-Key` is refused. Other routes that create a plan refuse `false`; on routes that store nothing it
    /// has no effect.
    #[schema(default = true, example = true)]
    pub store: Option<bool>,
    /// The client's own reference: 1 to 200 printable characters, not blank. It is stored and returned with the plan
    /// and in lists, can be searched with `GET /api/plans?client_reference=`, and is not used in any figure. It need
    /// not be unique.
    #[schema(
        example = "order-2026-0107",
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029][^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$"
    )]
    pub client_reference: Option<String>,
    /// The client's own data, stored and returned with the plan as `client_metadata` (`metadata` of an answer is the
    /// service's own) and not used in any figure. At most 50 strings of up to 500 characters, with keys of 1 to 40
    /// characters: Stripe's limits.
    pub metadata: Option<ClientMetadata>,
    /// Net asset value in major units of `currency`, cash included. Fractions of a minor unit are not booked. With
    /// quantities it may be absent, and is then the sum of quantity times price and `cash`; a value that differs from
    /// that sum is refused.
    #[schema(example = 100_000.0, minimum = 0.01, maximum = 1e12)]
    #[validate(range(min = 0.01, max = 1e12))]
    pub portfolio_value: Option<f64>,
    /// Cash held, in major units of `currency`. With weights it has to agree with what they leave of `portfolio_value`,
    /// and `weight_policy` is then `cash_remainder` unless it is sent. With quantities it is 0 when absent.
    #[schema(example = 8431.22, minimum = 0.0, maximum = 1e12)]
    #[validate(range(min = 0.0, max = 1e12))]
    pub cash: Option<f64>,
    /// Weight the policy wants in cash, a fraction of NAV. The other targets then sum to the rest; under the weight
    /// policy `normalize` they are scaled to it. Absent: what the target weights leave, and the warning
    /// `cash_target_implied` states the amount where positions have quantities and no `weight_policy` was sent.
    #[schema(example = 0.02, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub cash_target_weight: Option<f64>,
    /// Half-width of the band around the cash target, a fraction of NAV; cash outside it is invested or raised. Absent: `band` applied to the cash
    /// target, at least 0.0025, or else `drift_threshold`. Cash triggers trades only where one of the members that say how to trade is sent.
    #[schema(example = 0.01, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub cash_band: Option<f64>,
    /// What the plan is for. Absent: `rebalance`.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub intent: Option<IntentRequest>,
    /// How wide the band around each target weight is, in place of `drift_threshold`.
    #[schema(value_type = Option<BandInput>)]
    pub band: Option<BandSetting>,
    /// Groups of assets with a band of their own, at most 100; an asset may be in several. A group outside its band makes its assets trade.
    #[schema(max_items = 100)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub groups: Option<Vec<BandGroupRequest>>,
    /// When the policy trades. Absent: on every request.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub trigger: Option<TriggerRequest>,
    /// Where a trade ends, between the target weight, 0, and the edge of the band, 1.
    #[schema(default = 0.0, example = 0.5, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub destination: Option<f64>,
    /// Which assets trade once something is outside its band.
    #[schema(default = json!(ScopeName::default()))]
    pub scope: Option<ScopeName>,
    /// Smallest value of an order, major units. Absent: none.
    #[schema(example = 100.0, minimum = 0.0, maximum = 1e12)]
    #[validate(range(min = 0.0, max = 1e12))]
    pub min_notional: Option<f64>,
    /// Maximum number of orders of the plan. Absent: no limit.
    #[schema(example = 10, minimum = 1, maximum = 2000)]
    #[validate(range(min = 1, max = 2000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub max_tickets: Option<u64>,
    /// How far the limit price of an order may be from its reference price, basis points.
    #[schema(default = json!(absent::COLLAR_BPS), example = 50, minimum = 0, maximum = 9999)]
    #[validate(range(max = 9999))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub limit_collar_bps: Option<u64>,
    /// The day on which the orders are to be executed, as `YYYY-MM-DD`: orders then state when they settle and which
    /// sale may fund which purchase. It is also the day for which a `trigger` is evaluated.
    #[schema(example = "2026-11-27", format = Date)]
    pub trade_date: Option<String>,
    /// Who decides which assets trade.
    #[schema(default = json!(PostureName::default()))]
    pub posture: Option<PostureName>,
    /// ISO 4217 code of the book's currency, with at most three decimals.
    #[schema(default = json!(Currency::USD.to_string()), example = "USD", pattern = "^[A-Z]{3}$")]
    pub currency: Option<String>,
    /// Half-width of the band around each target weight, fraction of NAV; a drift strictly greater is a breach. With `liquidate` it is 0
    /// unless it is sent.
    #[schema(default = json!(SizingOptions::default().drift_threshold), example = 0.02, minimum = 0.0, maximum = 0.5)]
    #[validate(range(min = 0.0, max = 0.5))]
    pub drift_threshold: Option<f64>,
    /// Budget for two-way turnover Σ|Δw| over all assets, fraction of NAV; a full switch is 2. With `liquidate` and for the intents
    /// `invest_cash`, `raise_cash` and `liquidate` it is 1 unless it is sent.
    #[schema(default = json!(SizingOptions::default().turnover_limit), example = 0.2, exclusive_minimum = 0.0, maximum = 2.0)]
    #[validate(range(exclusive_min = 0.0, max = 2.0))]
    pub turnover_limit: Option<f64>,
    /// Proportional cost of a trade, basis points of its value, for assets without a cost of their own.
    #[schema(default = json!(absent::COST_BPS), example = 10.0, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub transaction_cost_bps: Option<f64>,
    /// Commission, fees, duty and market impact of every asset; a member of an asset's own `costs` replaces the one
    /// here.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub costs: Option<CostsRequest>,
    /// Risk aversion γ: half of it is the price of one unit of annual variance against the targets; plans and orders
    /// are valued at this price, and it is part of the objective of the optimal method. At 5 a tracking error of 2 %
    /// costs 10 basis points a year.
    #[schema(default = json!(PolicyObjective::default().risk_aversion), example = 5.0, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub risk_aversion: Option<f64>,
    /// Years over which the benefit of a plan is counted: the time to the next rebalance of this kind.
    #[schema(default = json!(PolicyObjective::default().horizon_years), example = 1.0, exclusive_minimum = 0.0, maximum = 30.0)]
    #[validate(range(exclusive_min = 0.0, max = 30.0))]
    pub horizon_years: Option<f64>,
    /// Least worth of a plan of the method `drift`, basis points of the portfolio over the horizon: what its trades take off the objective, less
    /// their cost. A plan that is worth less trades nothing. Absent: 0, but trades that end a critical check of the verdict are made whatever they
    /// cost, and so is what an intent or the client's pick asks for. At −10,000 the bands alone decide. A plan that costs more than it is worth says so.
    #[schema(example = 0.0, minimum = -10_000.0, maximum = 10_000.0)]
    #[validate(range(min = -10_000.0, max = 10_000.0))]
    pub worth_min_bps: Option<f64>,
    /// Widens the bands of the assets while the state of the market is uncertain: by a factor from 1 (no wider) to this
    /// value, which applies when both states of the market are equally likely for the next period. For the method
    /// `drift` only; requires at least 120 common returns of the assets with a target. The answer states the widening
    /// in `regime_band`. Absent: bands as stated.
    #[schema(example = 2.0, minimum = 1.0, maximum = 10.0)]
    #[validate(range(min = 1.0, max = 10.0))]
    pub regime_band_widening: Option<f64>,
    /// Annual risk-free rate, a fraction; per day it is (1+r)^(1/252) − 1.
    #[schema(default = json!(RiskOptions::default().risk_free_rate), example = 0.02, minimum = -0.5, maximum = 1.0)]
    #[validate(range(min = -0.5, max = 1.0))]
    pub risk_free_rate: Option<f64>,
    /// What to do with weights that do not sum to one.
    #[schema(default = json!(WeightPolicyName::default()))]
    pub weight_policy: Option<WeightPolicyName>,
    /// Sell everything: all target weights must be zero, and all-zero targets are refused without it. Only a
    /// `turnover_limit` or `drift_threshold` that is sent restricts it.
    #[schema(default = false, example = false)]
    pub liquidate: Option<bool>,
    /// The forecast model.
    #[schema(default = json!(absent::forecast_model()))]
    pub forecast_model: Option<ForecastModelName>,
    /// A version that `POST /api/models/train` made, by its id: it speaks in the place of `forecast_model`, which is not sent then, and
    /// each forecast tells what each feature adds to it.
    #[validate(length(min = 1, max = 64))]
    #[schema(example = "boosted_trees_1", min_length = 1, max_length = 64)]
    pub trained_model: Option<String>,
    /// A learned allocator that a person has promoted, by its id: the targets and the bands of the plan are those that it decides for the
    /// weights held, after the histories sent. The assets are those of its training, with equal target weights and a year of returns each; bands,
    /// methods, groups, triggers and intents of its own go without. Absent: the bands that are stated, or the default.
    #[validate(length(min = 1, max = 64))]
    #[schema(example = "learned_allocator_1", min_length = 1, max_length = 64)]
    pub learned_allocator: Option<String>,
    /// How trades are decided.
    #[schema(default = json!(RebalanceMethodName::default()))]
    pub method: Option<RebalanceMethodName>,
    /// The problem that the method `optimal` solves; goes with that method only.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub optimization: Option<OptimizationRequest>,
    /// Tracking error a year that the forecast tilt may spend, a fraction; 0 switches the tilt off. Under the method `optimal` with the goal
    /// `policy` it is the view α of the objective. No record yet shows that tilting
    /// pays (`docs/forecast.md`).
    #[schema(default = 0.0, example = 0.01, minimum = 0.0, maximum = 0.2)]
    #[validate(range(min = 0.0, max = 0.2))]
    pub tracking_error_budget: Option<f64>,
    /// The date on which each return ends, ISO 8601, ascending: as many as the longest history of an asset has returns, the last of them that of
    /// every asset's last return and not after `trade_date`. No figure follows from them; they are returned with the plan, for its charts.
    /// Where no asset has a history they belong to nothing, and the plan says so in a warning.
    #[schema(example = json!(["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"]), max_items = 100_000)]
    pub dates: Option<Vec<chrono::NaiveDate>>,
    /// Simple returns of a benchmark, oldest first, ending with the assets' last return. Tracking error is measured
    /// against it; without it, against the target weights rebalanced daily. Each from −1 to 100.
    #[schema(value_type = Option<Vec<PeriodReturn>>, max_items = 100_000)]
    pub benchmark_returns: Option<Vec<f64>>,
    /// Name of the entry of the run's `histories` that is the benchmark, instead of `benchmark_returns`. Only for a run
    /// (`POST /api/runs`): a portfolio that is sent alone is refused with it.
    #[schema(example = "SPY", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub benchmark_history: Option<String>,
    /// Name of the benchmark, whether its returns are sent or it is the policy: 1 to 255 characters after trimming. It
    /// is returned with the plan and not used in any figure.
    #[schema(example = "S&P 500 TR", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub benchmark_name: Option<String>,
    /// The limits that the verdict uses. Absent members keep their defaults, and the answer states all limits.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub verdict_limits: Option<VerdictLimitsRequest>,
    /// The simulation that goes with the plan.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub monte_carlo: Option<MonteCarloRequest>,
    /// The assets, at most 2,000, in the order the answer keeps.
    #[schema(min_items = 1, max_items = 2000)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub assets: Vec<AssetRequest>,
}

/// One asset of a portfolio.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetRequest {
    /// Name, distinct within the portfolio; 1 to 255 characters after trimming, any script.
    #[schema(example = "ETF", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset: String,
    /// Identifiers of the asset elsewhere; not used in any computation, and returned in `weights`.
    #[serde(default, deserialize_with = "optional_object")]
    pub identifiers: Option<AssetIdentifiersRequest>,
    /// Weight the policy wants, in the unit `weight_policy` states.
    #[schema(example = 0.6, minimum = 0.0, maximum = 1e12)]
    #[validate(range(min = 0.0, max = 1e12))]
    pub target_weight: f64,
    /// Weight held now, in the unit `weight_policy` states; all zero means all cash. Required, unless positions have a quantity.
    #[schema(example = 0.66, minimum = 0.0, maximum = 1e12)]
    #[validate(range(min = 0.0, max = 1e12))]
    pub current_weight: Option<f64>,
    /// Units held now, in place of `current_weight`; every position then needs a quantity and a price.
    #[schema(example = 212.0, minimum = 0.0, maximum = 1e15)]
    #[validate(range(min = 0.0, max = 1e15))]
    pub quantity: Option<f64>,
    /// Units of one lot: orders are whole multiples of it. Absent: any fraction of a unit can be traded.
    #[schema(example = 1.0, minimum = 1e-12, maximum = 1e12)]
    #[validate(range(min = 1e-12, max = 1e12))]
    pub lot_size: Option<f64>,
    /// Fewest units of an order: a smaller one is not placed. Absent: no minimum.
    #[schema(example = 1.0, minimum = 0.0, maximum = 1e15)]
    #[validate(range(min = 0.0, max = 1e15))]
    pub min_quantity: Option<f64>,
    /// The part the asset plays.
    #[schema(default = json!(AssetRole::default()))]
    pub role: Option<AssetRole>,
    /// Whether the asset may not be bought.
    #[schema(default = false, example = false)]
    pub no_buy: Option<bool>,
    /// Whether the asset may not be sold.
    #[schema(default = false, example = false)]
    pub no_sell: Option<bool>,
    /// On a worksheet: whether the asset trades.
    #[schema(default = false, example = true)]
    pub selected: Option<bool>,
    /// The asset's full name; not used in any computation, and returned with its weight and its order.
    #[schema(example = "Vanguard Total Stock Market ETF", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub name: Option<String>,
    /// The class of the asset: `groups` may refer to it, and `crypto` determines the default of its market. It is
    /// returned with its weight and its order.
    #[schema(example = "equity", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset_class: Option<String>,
    /// The market the asset trades in, which determines the day its orders settle: `US`, `CA`, `EU`, `GB`, `CH`, `JP`,
    /// `CRYPTO`, or the market identifier code of an exchange. Absent: `CRYPTO` for the asset class `crypto`, otherwise
    /// the market of the currency; other currencies settle after two sessions.
    #[schema(example = "US", min_length = 2, max_length = 10, pattern = "^[A-Z0-9]{2,10}$")]
    pub market: Option<String>,
    /// The account that holds the asset; not used in any computation, and returned with its weight and its order.
    #[schema(example = "joint", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub account: Option<String>,
    /// The sleeve of the portfolio that the asset belongs to: `groups` may refer to it. It is returned with its weight
    /// and its order.
    #[schema(example = "core", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub sleeve: Option<String>,
    /// Price of one unit in major units of the currency; a missing price gets a warning.
    #[schema(default = json!(absent::PRICE), example = 95.0, minimum = 1e-8, maximum = 1e9)]
    #[validate(range(min = 1e-8, max = 1e9))]
    pub price: Option<f64>,
    /// Latest simple return of one period: the forecast when there is no history, at low confidence.
    #[schema(example = 0.004, minimum = -1.0, maximum = 100.0)]
    #[validate(range(min = -1.0, max = 100.0))]
    pub market_return: Option<f64>,
    /// Simple returns per trading day, oldest first, all assets ending on the same day. Each from −1 to 100.
    #[schema(value_type = Option<Vec<PeriodReturn>>, max_items = 100_000)]
    pub historical_returns: Option<Vec<f64>>,
    /// Name of the entry of the run's `histories` that holds the asset's returns, instead of `historical_returns`. Only
    /// for a run (`POST /api/runs`): a portfolio that is sent alone is refused with it.
    #[schema(example = "SPY", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub history: Option<String>,
    /// Cost of trading this asset, basis points; overrides the portfolio's.
    #[schema(example = 25.0, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub transaction_cost_bps: Option<f64>,
    /// Commission, fees, duty and market impact of trading this asset; each member overrides the portfolio's.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub costs: Option<CostsRequest>,
    /// Units traded on an average day. With it orders are sliced by volume, and with at least 20 returns their price impact is estimated and part of
    /// what a plan is weighed by; without it they are sliced in time.
    #[schema(example = 250_000.0, minimum = 1e-6, maximum = 1e15)]
    #[validate(range(min = 1e-6, max = 1e15))]
    pub average_daily_volume: Option<f64>,
    /// The holdings inside the asset, for the drill-down; nothing is assumed when absent.
    #[schema(max_items = 1000)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub holdings: Option<Vec<HoldingRequest>>,
}

/// One holding inside an asset.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldingRequest {
    /// Name, 1 to 255 characters after trimming.
    #[schema(example = "S&P 500 ETF", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub holding: String,
    /// Share of the asset's value; if the shares do not sum to one, there is a warning.
    #[schema(example = 0.5, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub holding_weight: f64,
    /// Price of one unit in major units of the currency; without it there are no implied units.
    #[schema(example = 412.5, minimum = 1e-8, maximum = 1e9)]
    #[validate(range(min = 1e-8, max = 1e9))]
    pub last_price: Option<f64>,
}

/// Size and seed of the simulation in a plan.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MonteCarloRequest {
    /// Number of paths; 0 switches the simulation off.
    #[schema(default = json!(SimulationOptions::default().paths), example = 10_000, minimum = 0, maximum = 1_000_000)]
    #[validate(range(min = 0, max = 1_000_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub paths: Option<u64>,
    /// Horizon in trading days.
    #[schema(default = json!(SimulationOptions::default().horizon_days), example = 30, minimum = 1, maximum = 2520)]
    #[validate(range(min = 1, max = 2520))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub horizon_days: Option<u64>,
    /// Seed; the same seed gives the same figures.
    #[schema(default = json!(SimulationOptions::default().seed.0), example = 42, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub seed: Option<u64>,
    /// What the simulated portfolio is expected to earn.
    #[schema(default = json!(DriftChoice::default()))]
    pub drift: Option<DriftChoice>,
}

/// What to do with weights that do not sum to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeightPolicyName {
    /// Scale them, with a warning that names the sums: the book is fully invested.
    #[default]
    Normalize,
    /// The rest is cash; sums above one are refused.
    CashRemainder,
    /// Refuse sums further than 1e-6 from one.
    Strict,
}

/// A forecast model of the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub enum ForecastModelName {
    /// Members weighted by their evidence; confidence from sample size and estimation error.
    #[serde(rename = "ensemble_v2", alias = "ensemble-v2")]
    EnsembleV2,
    /// Posterior of each mean return given all histories, towards the returns the policy implies; a credible interval.
    #[serde(rename = "ensemble_v3", alias = "ensemble-v3")]
    EnsembleV3,
    /// `ensemble_v3` with conformal intervals for the next return; its confidence is the level at which they exclude the implied return.
    #[serde(rename = "ensemble_v4", alias = "ensemble-v4")]
    EnsembleV4,
    /// Formulas of the first product version, kept for comparison; no standard errors, so no tilt.
    #[serde(rename = "demo_ensemble_v1", alias = "demo-ensemble-v1")]
    DemoEnsembleV1,
    /// `ensemble_v2` with conformal intervals for the next return, from which its confidence follows.
    #[serde(rename = "ensemble_v5", alias = "ensemble-v5")]
    EnsembleV5,
    /// The mean, momentum, reversal and an exponentially weighted mean, at equal weights.
    #[serde(rename = "mixture_equal")]
    MixtureEqual,
    /// The same four by exponential weights of what came of their forecasts.
    #[serde(rename = "mixture_ewa")]
    MixtureEwa,
    /// The same four by ML-Poly.
    #[serde(rename = "mixture_ml_poly")]
    MixtureMlPoly,
    /// The same four by Bernstein online aggregation.
    #[serde(rename = "mixture_boa")]
    MixtureBoa,
}

impl ForecastModelName {
    /// The id of the forecaster it names.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::EnsembleV2 => "ensemble_v2",
            Self::EnsembleV3 => "ensemble_v3",
            Self::EnsembleV4 => "ensemble_v4",
            Self::DemoEnsembleV1 => "demo_ensemble_v1",
            Self::EnsembleV5 => "ensemble_v5",
            Self::MixtureEqual => "mixture_equal",
            Self::MixtureEwa => "mixture_ewa",
            Self::MixtureMlPoly => "mixture_ml_poly",
            Self::MixtureBoa => "mixture_boa",
        }
    }
}

impl Document for RebalanceRequest {
    fn check_size(&self, faults: &mut Faults) {
        self.check_size_in(None, faults);
    }

    fn check(&self, faults: &mut Faults) {
        self.check_in(None, faults);
    }
}

impl RebalanceRequest {
    /// [`Document::check_size`] of a portfolio that may name these histories of its run; `None` for one that is sent alone.
    pub(super) fn check_size_in(&self, run: Option<&RunHistories>, faults: &mut Faults) {
        check_assets(self.assets.len(), faults);
        for (i, asset) in self.assets.iter().enumerate() {
            if asset.holdings.as_ref().is_some_and(|h| h.len() > MAX_HOLDINGS) {
                faults.add(
                    format!("/assets/{i}/holdings"),
                    FaultCode::Limit,
                    format!("must have at most {MAX_HOLDINGS} entries"),
                );
            }
        }
        let sent =
            self.assets.iter().map(|asset| asset.historical_returns.as_ref()).chain([self.benchmark_returns.as_ref()]);
        let sent: usize = sent.flatten().map(Vec::len).sum();
        let named: usize = self.histories().filter_map(|name| run?.length(name)).sum();
        check_total_returns(sent + named, "/assets", faults);
    }

    /// [`Document::check`], as [`RebalanceRequest::check_size_in`].
    pub(in crate::dto) fn check_in(&self, run: Option<&RunHistories>, faults: &mut Faults) {
        if let Some(code) = &self.currency
            && code.parse::<portfolio_core::Currency>().is_err()
        {
            faults.add(
                "/currency",
                FaultCode::Value,
                "must be an ISO 4217 code of a currency with at most three decimals",
            );
        }
        let (title, reference) = (self.title.as_deref(), self.client_reference.as_deref());
        check_labels(title, reference, self.metadata.as_ref(), faults);
        if self.trained_model.is_some() && self.forecast_model.is_some() {
            faults.add("/trained_model", FaultCode::Value, "goes without forecast_model: one model speaks");
        }
        if run.is_some() && self.store == Some(false) {
            faults.add("/store", FaultCode::Value, "must not be false in a run, whose portfolios become stored plans");
        }
        for (i, asset) in self.assets.iter().enumerate() {
            check_name(&asset.asset, || format!("/assets/{i}/asset"), faults);
            for (member, text) in [
                ("name", &asset.name),
                ("asset_class", &asset.asset_class),
                ("account", &asset.account),
                ("sleeve", &asset.sleeve),
            ] {
                if let Some(text) = text {
                    check_name(text, || format!("/assets/{i}/{member}"), faults);
                }
            }
            let returns = asset.historical_returns.as_deref().unwrap_or_default();
            check_returns(returns, |t| format!("/assets/{i}/historical_returns/{t}"), faults);
            let has_returns = asset.historical_returns.is_some();
            let at = || format!("/assets/{i}/history");
            check_reference(asset.history.as_deref(), has_returns, "historical_returns", at, run, faults);
            for (j, holding) in asset.holdings.iter().flatten().enumerate() {
                check_name(&holding.holding, || format!("/assets/{i}/holdings/{j}/holding"), faults);
            }
            if faults.is_full() {
                return;
            }
        }
        check_distinct(self.assets.iter().map(|a| a.asset.as_str()), |i| format!("/assets/{i}/asset"), faults);
        check_identifiers(self.assets.iter().map(|asset| asset.identifiers.as_ref()), faults);
        if let Some(name) = &self.benchmark_name {
            check_name(name, || "/benchmark_name".to_owned(), faults);
        }
        if let Some(limits) = &self.verdict_limits {
            limits.check(faults);
        }
        let benchmark = self.benchmark_returns.as_deref().unwrap_or_default();
        check_returns(benchmark, |t| format!("/benchmark_returns/{t}"), faults);
        let (name, has_returns) = (self.benchmark_history.as_deref(), self.benchmark_returns.is_some());
        check_reference(name, has_returns, "benchmark_returns", || "/benchmark_history".to_owned(), run, faults);
        self.check_dates(run, faults);
        self.check_instructions(faults);
        self.check_weights(faults);
        crate::dto::optimal::check_method(self, faults);
        crate::dto::optimal::check_allocator(self, faults);
    }

    /// The histories of its run that it names, as often as it names them.
    pub fn histories(&self) -> impl Iterator<Item = &str> {
        self.assets.iter().filter_map(|asset| asset.history.as_deref()).chain(self.benchmark_history.as_deref())
    }

    /// Sums of weights under the policy; ranges are checked elsewhere.
    fn check_weights(&self, faults: &mut Faults) {
        let is_plain = !self.holds_quantities() && self.cash.is_none() && self.cash_target_weight.is_none();
        let sells_all = self.intent.as_ref().is_some_and(|intent| intent.kind == IntentKind::Liquidate);
        if !faults.is_empty() || self.assets.is_empty() || !is_plain || sells_all {
            return;
        }
        let target: Vec<f64> = self.assets.iter().map(|a| a.target_weight).collect();
        let current: Vec<f64> = self.assets.iter().map(|a| a.current_weight.unwrap_or_default()).collect();
        if let Err(error) = portfolio_core::resolve_weights(&target, &current, self.policy(), self.intent()) {
            let (code, detail) = weight_words(&error);
            faults.add("/assets", code, detail);
        }
    }

    /// What the plan is meant to reach.
    #[must_use]
    pub fn intent(&self) -> portfolio_core::Intent {
        if self.liquidate.unwrap_or(false) {
            portfolio_core::Intent::Liquidate
        } else {
            portfolio_core::Intent::Rebalance
        }
    }

    /// The policy, with its default.
    #[must_use]
    pub fn policy(&self) -> portfolio_core::WeightPolicy {
        match self.weight_policy.unwrap_or_default() {
            WeightPolicyName::Normalize => portfolio_core::WeightPolicy::Normalize,
            WeightPolicyName::CashRemainder => portfolio_core::WeightPolicy::CashRemainder,
            WeightPolicyName::Strict => portfolio_core::WeightPolicy::Strict,
        }
    }
}

pub(crate) fn weight_words(error: &portfolio_core::CoreError) -> (FaultCode, String) {
    use portfolio_core::{CoreError, WeightSide};
    let detail = match error {
        CoreError::AllTargetsZero => {
            "all target weights are zero; send \"liquidate\": true to sell everything".to_owned()
        }
        CoreError::TargetsInLiquidation => "target weights must all be zero when \"liquidate\" is true".to_owned(),
        CoreError::WeightSum { side, sum } => {
            let side = if *side == WeightSide::Target { "target" } else { "current" };
            format!("{side} weights sum to {}, which the weight_policy does not allow", portfolio_core::Written(*sum))
        }
        other => other.to_string(),
    };
    (FaultCode::Weights, detail)
}
