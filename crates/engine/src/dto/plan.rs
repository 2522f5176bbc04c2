//! The plan on the wire.

pub use pipeline::TiltLimitName;
use pipeline::{
    DriftChoice, NoRegion, NoTradeRegion, PlanWorth, PolicyActiveRisk, SimulatedDrift, Verdict, WaitOutlook,
};
use portfolio_core::{Action, AssetRole, Money, TradeReason, round_to_12_decimals};
use risk::RiskSummary;
use risk::inference::FigureIntervals;
use serde::{Serialize, Serializer, ser::SerializeMap};
use stress::SimulationStatistics;
use utoipa::ToSchema;

use crate::dto::benchmark::BenchmarkEntry;
use crate::dto::groups::GroupDriftEntry;
use crate::dto::identifiers::AssetIdentifiers;
use crate::dto::instructions::IntentKind;
use crate::dto::labels::ClientMetadata;
use crate::dto::metadata::Metadata;
use crate::dto::optimal::{PlanOptimization, RebalanceMethodName};
use crate::dto::orders::OrderEntry;
use crate::dto::quality::DataQuality;
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
    /// Whether the turnover budget is less than what is wanted. Buys and sells are then cut to the same share, and the trades that remove the most
    /// tracking error come first; what is left is `residual_drift`.
    #[schema(example = false)]
    pub turnover_bound: bool,
    /// Sum of all estimated costs.
    #[schema(example = 12.0, value_type = f64)]
    pub estimated_total_transaction_cost: Money,
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
    /// How near the orders of whole lots come to the plan without lots; null where nothing was fitted.
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
    /// 95 % intervals of the volatility, the Sharpe ratio, VaR and CVaR in the three members before.
    pub risk_intervals: RiskIntervalsOfPlan,
    /// How far the weights are from the targets before and after the plan, and which assets make the tracking error.
    pub active_risk: ActiveRiskChange,
    /// How the trades were decided.
    pub method: RebalanceMethodName,
    /// What the method `optimal` solved and how it is proven; absent under `drift`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub optimization: Option<PlanOptimization>,
    /// What the forecast tilt did and what it was allowed.
    pub tilt: TiltEntry,
    /// Forecasts and what follows from them.
    pub house_view: HouseView,
    /// Simulation of the current weights, and of the target weights and those after the plan on the same shocks.
    pub monte_carlo: MonteCarloEntry,
    /// Whether the plan may be executed, with every limit it was held against.
    pub verdict: Verdict,
    /// Where the verdict drew its lines, defaults included.
    pub verdict_limits: VerdictLimits,
    /// What the tracking error in the risk figures is measured against.
    pub benchmark: BenchmarkEntry,
    /// The orders, sells before the buys they pay for, with schedule and worth. Hold is no order.
    pub orders: Vec<OrderEntry>,
    /// What the plan is worth: benefit, cost and payback.
    pub worth: PlanWorth,
    /// What waiting a week is expected to do.
    pub outlook: WaitOutlook,
    /// How good the data behind the figures is.
    pub data_quality: DataQuality,
    /// The agents that made this plan and the controls that ran.
    pub multi_agent_blueprint: AgentBlueprint,
    /// Drill-down by asset name.
    #[schema(value_type = std::collections::BTreeMap<String, AssetDrilldown>)]
    pub asset_drilldown: DrilldownByAsset,
    /// What the figures suffer from; empty when nothing was assumed.
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

/// How certain the risk figures of a plan are: intervals that cover the figure with probability 0.95.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct RiskIntervalsOfPlan {
    /// Of `risk_metrics`.
    pub before: FigureIntervals,
    /// Of `target_risk_metrics`.
    pub target: FigureIntervals,
    /// Of `after_risk_metrics`.
    pub after: FigureIntervals,
}

/// The distance from the policy before and after a plan.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ActiveRiskChange {
    /// Of the current weights.
    pub before: PolicyActiveRisk,
    /// Of the weights after the plan.
    pub after: PolicyActiveRisk,
}

/// Risk of fixed weights rebalanced daily. A figure the data cannot support is null, with a warning that says why.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RiskMetrics {
    /// Annualised volatility, √252 · standard deviation (ddof 1).
    #[schema(required, example = 0.142)]
    pub volatility: Option<f64>,
    /// Annualised Sharpe ratio over the risk-free rate.
    #[schema(required, example = 0.87)]
    pub sharpe: Option<f64>,
    /// Largest compounded fall from a peak, positive.
    #[schema(required, example = 0.12)]
    pub max_drawdown: Option<f64>,
    /// Daily value at risk at 95 % (inverted CDF), positive when money is lost.
    #[schema(required, example = 0.014)]
    pub var_95: Option<f64>,
    /// Daily conditional value at risk at 95 % (Rockafellar-Uryasev), positive when money is lost.
    #[schema(required, example = 0.021)]
    pub cvar_95: Option<f64>,
    /// 252 times the mean daily return.
    #[schema(required, example = 0.105)]
    pub expected_annual_return: Option<f64>,
    /// Annualised standard deviation of the difference to the benchmark that was sent, else to the target weights.
    #[schema(required, example = 0.034)]
    pub tracking_error: Option<f64>,
    /// Compounded fall since the high-water mark at the end of the history, positive; 0 at a new high.
    #[schema(required, example = 0.03)]
    pub live_drawdown: Option<f64>,
}

impl From<&RiskSummary> for RiskMetrics {
    fn from(summary: &RiskSummary) -> Self {
        // By name, so that a new figure does not compile until it has a member.
        let &RiskSummary {
            volatility,
            sharpe,
            max_drawdown,
            var_95,
            cvar_95,
            expected_annual_return,
            tracking_error,
            live_drawdown,
            unavailable: _,
        } = summary;
        Self {
            volatility,
            sharpe,
            max_drawdown,
            var_95,
            cvar_95,
            expected_annual_return,
            tracking_error,
            live_drawdown,
        }
    }
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
    /// What the sales that are allowed leave missing of the cash to raise.
    #[schema(example = 0.0, value_type = f64)]
    pub unraised: Money,
}

/// How near orders of whole lots come to the plan without lots.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotFit {
    /// Half the sum of all distances between a position, or cash, and where it would end without lots, and of the costs of the orders, basis
    /// points of NAV.
    #[schema(example = 3.1)]
    pub deviation_bps: f64,
    /// No orders within the same rules leave less, basis points of NAV.
    #[schema(example = 3.1)]
    pub bound_bps: f64,
    /// Whether the orders are proven to be the nearest.
    pub is_exact: bool,
}

/// Weights and forecast of one asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeightEntry {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Identifiers of the asset; absent when none were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AssetIdentifiers, required = false)]
    pub identifiers: Option<AssetIdentifiers>,
    /// Full name of the asset; absent when none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Vanguard Total Stock Market ETF")]
    pub name: Option<String>,
    /// Class of the asset; absent when none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "equity")]
    pub asset_class: Option<String>,
    /// Account that holds the asset; absent when none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "joint")]
    pub account: Option<String>,
    /// Sleeve of the asset; absent when none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "core")]
    pub sleeve: Option<String>,
    /// The part the asset plays.
    pub role: AssetRole,
    /// Units held now; absent unless positions were sent by quantity. An excluded asset has none in the portfolio.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 212.0)]
    pub quantity: Option<f64>,
    /// Units held after the plan; absent with `quantity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 229.0)]
    pub quantity_after: Option<f64>,
    /// Weight the policy wants.
    #[schema(example = 0.6)]
    pub target_weight: f64,
    /// Target after the forecast tilt; all of them sum to the target sum.
    #[schema(example = 0.605)]
    pub optimized_target_weight: f64,
    /// Weight held now.
    #[schema(example = 0.66)]
    pub current_weight: f64,
    /// Current less target weight: the trigger, positive when overweight.
    #[schema(example = 0.06)]
    pub drift: f64,
    /// Half-width of the band around the target weight, fraction of NAV; a drift strictly greater is a breach.
    #[schema(example = 0.02)]
    pub band_half_width: f64,
    /// Weight after the plan, a fraction of the NAV left after costs.
    #[schema(example = 0.605)]
    pub weight_after: f64,
    /// Weight after the plan less optimised target: what is left undone.
    #[schema(example = 0.0)]
    pub residual_drift: f64,
    /// The weights between which no trade of this asset pays, with the others at their optimised targets; null without any.
    #[schema(required)]
    pub no_trade_region: Option<NoTradeRegion>,
    /// Why there are none; null when there are.
    #[schema(required, value_type = Option<String>, example = "fewer than two common observations")]
    pub no_trade_region_reason: Option<NoRegion>,
    /// Ensemble forecast, simple return per day.
    #[schema(example = 0.0004)]
    pub forecast_return: f64,
    /// Share of the forecast that evidence supports, 0 to 1.
    #[schema(example = 0.2)]
    pub forecast_confidence: f64,
}

/// The trade of one asset. `Hold` has no value, units or cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct TradeEntry {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Buy, Sell or Hold.
    pub action: Action,
    /// Why it trades, or why it does not.
    pub reason: TradeReason,
    /// Size of the trade, money, never negative: `signed_trade_value` has the direction.
    #[schema(example = 5500.0, value_type = f64)]
    pub trade_value: Money,
    /// Size of the trade, money: positive buys, negative sells.
    #[schema(example = -5500.0, value_type = f64)]
    pub signed_trade_value: Money,
    /// Units of the asset: positive buys, negative sells.
    #[schema(example = -57.8947)]
    pub trade_units: f64,
    /// Estimated cost, money, never negative.
    #[schema(example = 5.5, value_type = f64)]
    pub estimated_cost: Money,
}

/// The forecast tilt: zero-sum moves away from the target weights, inside half of each band.
#[derive(Debug, Serialize, ToSchema)]
pub struct TiltEntry {
    /// Tracking error a year the tilt spends, a fraction.
    #[schema(example = 0.004)]
    pub tracking_error_spent: f64,
    /// Tracking error a year it may spend.
    #[schema(example = 0.01)]
    pub tracking_error_budget: f64,
    /// Share of the budget that the evidence for differing forecasts supports, 0 to 1.
    #[schema(example = 0.4)]
    pub strength: f64,
    /// What limited the tilt.
    pub limited_by: TiltLimitName,
    /// The same in a sentence.
    #[schema(example = "the evidence that expected returns differ is too weak")]
    pub reason: String,
}

/// Forecasts and what follows from them.
#[derive(Debug, Serialize, ToSchema)]
pub struct HouseView {
    /// Forecasts, one entry per asset, in input order.
    pub asset_forecasts: Vec<ForecastEntry>,
    /// Assets whose forecasts lie furthest above what the policy implies, or, of a model without a prior, with the highest forecasts weighted by
    /// confidence; at most three, and none that the plan sells.
    #[schema(example = json!(["ETF"]), max_items = 3)]
    pub top_conviction_buys: Vec<String>,
    /// The same from the other end; at most three, and none that the plan buys.
    #[schema(example = json!(["Gold"]), max_items = 3)]
    pub risk_reduction_candidates: Vec<String>,
    /// Models of the inventory that made these figures, in words.
    #[schema(example = json!(["ensemble_v3 3.0.0 (in use by default): Posterior of each mean return."]))]
    pub proposed_models: Vec<String>,
}

/// Forecast of one asset, simple returns per day, and per year.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastEntry {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Mean of the last year.
    #[schema(example = 0.0005)]
    pub momentum: f64,
    /// Reversal of the last move.
    #[schema(example = -0.0001)]
    pub mean_reversion: f64,
    /// Exponentially weighted mean.
    #[schema(example = 0.0007)]
    pub ewma: f64,
    /// The members without an opinion, with their reasons: their numbers above are means of the history and no forecasts.
    pub abstentions: Vec<MemberAbstention>,
    /// The members weighted by their evidence.
    #[schema(example = 0.0004)]
    pub ensemble: f64,
    /// Share of the forecast that evidence supports, 0 to 1.
    #[schema(example = 0.2)]
    pub confidence: f64,
    /// Standard error of the ensemble; null without one.
    #[schema(required, example = 0.0008)]
    pub standard_error: Option<f64>,
    /// Expected simple return per year, a fraction: 252 times `ensemble`, not compounded.
    #[schema(example = 0.1008)]
    pub annual_return: f64,
    /// 95 % interval of `annual_return`; null without one.
    #[schema(required)]
    pub annual_return_interval: Option<forecast::AnnualInterval>,
    /// Why `annual_return_interval` is null; null when it is not.
    #[schema(required)]
    pub annual_return_interval_reason: Option<forecast::IntervalAbsence>,
    /// What the forecast rests on.
    pub basis: forecast::ForecastBasis,
    /// What the reader should know about it, in sentences.
    #[schema(example = json!(["market_return is the whole of this forecast: no history was sent"]))]
    pub notes: Vec<String>,
}

/// A member of the ensemble that has no opinion on an asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberAbstention {
    /// The member: `momentum`, `mean_reversion` or `ewma`.
    #[schema(example = "mean_reversion")]
    pub member: &'static str,
    /// Why it has none, as a sentence.
    #[schema(example = "Returns do not reverse: their first autocorrelation is not negative.")]
    pub reason: &'static str,
}

/// Simulation of the current weights, restored all the time, as multiples of the value at the start.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonteCarloEntry {
    /// Mean value at the horizon.
    #[schema(required, example = 1.006)]
    pub expected_terminal_value: Option<f64>,
    /// Probability of ending below the start.
    #[schema(required, example = 0.41)]
    pub probability_of_loss: Option<f64>,
    /// 5 % quantile of the value at the horizon.
    #[schema(required, example = 0.93)]
    pub worst_5pct_terminal_value: Option<f64>,
    /// Loss at the 95 % level over the horizon, positive when money is lost.
    #[schema(required, example = 0.07)]
    pub var_95: Option<f64>,
    /// Mean loss of the worst 5 % over the horizon, positive when money is lost.
    #[schema(required, example = 0.09)]
    pub cvar_95: Option<f64>,
    /// Standard error of each figure above, same names; null where the figure is.
    pub standard_errors: MonteCarloErrors,
    /// What the portfolio was expected to earn, and how uncertain that is; null without a simulation.
    #[schema(required)]
    pub drift: Option<MonteCarloDrift>,
    /// Values at the horizon, counted in bins; null without a simulation, and when every path ends at the same value.
    #[schema(required)]
    pub terminal_histogram: Option<stress::TerminalHistogram>,
    /// The same figures for the target weights on the same shocks, so that differences are more certain than the figures.
    pub target: MonteCarloFigures,
    /// The same figures for the weights after the plan on the same shocks.
    pub after: MonteCarloFigures,
    /// Paths asked for.
    #[schema(example = 10_000)]
    pub paths: usize,
    /// Horizon in trading days.
    #[schema(example = 30)]
    pub horizon_days: usize,
    /// Seed.
    #[schema(example = 42)]
    pub seed: u64,
}

/// Simulation of one set of weights, restored all the time, as multiples of the value at the start; null without a simulation.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonteCarloFigures {
    /// Mean value at the horizon.
    #[schema(required, example = 1.006)]
    pub expected_terminal_value: Option<f64>,
    /// Probability of ending below the start.
    #[schema(required, example = 0.41)]
    pub probability_of_loss: Option<f64>,
    /// 5 % quantile of the value at the horizon.
    #[schema(required, example = 0.93)]
    pub worst_5pct_terminal_value: Option<f64>,
    /// Loss at the 95 % level over the horizon, positive when money is lost.
    #[schema(required, example = 0.07)]
    pub var_95: Option<f64>,
    /// Mean loss of the worst 5 % over the horizon, positive when money is lost.
    #[schema(required, example = 0.09)]
    pub cvar_95: Option<f64>,
    /// Standard error of each figure above, same names; null where the figure is.
    pub standard_errors: MonteCarloErrors,
    /// What the portfolio was expected to earn, by its own history, and how uncertain that is.
    #[schema(required)]
    pub drift: Option<MonteCarloDrift>,
}

impl MonteCarloFigures {
    /// The figures of one set of weights, or nothing but nulls.
    pub(crate) fn of(simulated: Option<(&SimulationStatistics, &SimulatedDrift)>) -> Self {
        let statistics = simulated.map(|(statistics, _)| statistics);
        Self {
            expected_terminal_value: statistics.map(|s| s.mean_terminal_value.value),
            probability_of_loss: statistics.map(|s| s.probability_of_loss.value),
            worst_5pct_terminal_value: statistics.map(|s| s.terminal_quantile_05.value),
            var_95: statistics.map(|s| s.var_95.value),
            cvar_95: statistics.map(|s| s.cvar_95.value),
            standard_errors: statistics.map_or_else(MonteCarloErrors::default, |s| MonteCarloErrors {
                expected_terminal_value: s.mean_terminal_value.standard_error,
                probability_of_loss: s.probability_of_loss.standard_error,
                worst_5pct_terminal_value: s.terminal_quantile_05.standard_error,
                var_95: s.var_95.standard_error,
                cvar_95: s.cvar_95.standard_error,
            }),
            drift: simulated.map(|(_, drift)| MonteCarloDrift::from(drift)),
        }
    }
}

/// The drift of a simulation: what the portfolio is expected to earn, an annual rate of growth of its mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonteCarloDrift {
    /// How it was chosen.
    pub choice: DriftChoice,
    /// The drift that was simulated, a fraction a year. Under `posterior` it is `ln(1 + rf) + q·(sample_annual − ln(1 + rf))`, and its
    /// error widens the law.
    #[schema(example = 0.031)]
    pub annual: f64,
    /// Drift of the history, a fraction a year.
    #[schema(example = 0.105)]
    pub sample_annual: f64,
    /// `q`: weight of the history, 0 to 1. One year of it has 0.2, ten years 0.71.
    #[schema(example = 0.2)]
    pub evidence_weight: f64,
    /// Standard deviation of the drift given the history, a fraction a year.
    #[schema(example = 0.045)]
    pub standard_error: f64,
    /// Arithmetic drift of the law that was simulated, a fraction a year: `mu` of `POST /api/stress/monte-carlo`.
    #[schema(example = 0.0311)]
    pub law_drift: f64,
    /// Volatility of the law that was simulated, a fraction a year, the error of the drift included: the root of `sigma` there.
    #[schema(example = 0.1432)]
    pub law_volatility: f64,
    /// Probability of loss at the ends of the 95 % interval of the drift, the smaller first: the error of the parameter, beside that of the
    /// simulation in `standard_errors`; null when the portfolio has no risk.
    #[schema(required, value_type = Option<Vec<f64>>, min_items = 2, max_items = 2, example = json!([0.28, 0.57]))]
    pub probability_of_loss_interval: Option<[f64; 2]>,
}

impl From<&SimulatedDrift> for MonteCarloDrift {
    fn from(drift: &SimulatedDrift) -> Self {
        let posterior = &drift.posterior;
        Self {
            choice: drift.choice,
            annual: round_to_12_decimals(drift.annual()),
            sample_annual: round_to_12_decimals(posterior.sample_annual),
            evidence_weight: round_to_12_decimals(posterior.evidence_weight),
            standard_error: round_to_12_decimals(posterior.standard_error_annual),
            law_drift: round_to_12_decimals(drift.law.drift_annual()),
            law_volatility: round_to_12_decimals(drift.law.volatility_annual()),
            probability_of_loss_interval: drift.probability_of_loss_interval.map(|ends| ends.map(round_to_12_decimals)),
        }
    }
}

/// Standard errors of the simulation's figures.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct MonteCarloErrors {
    /// Of the mean value.
    #[schema(required, example = 0.0004)]
    pub expected_terminal_value: Option<f64>,
    /// Of the probability.
    #[schema(required, example = 0.0049)]
    pub probability_of_loss: Option<f64>,
    /// Of the quantile.
    #[schema(required, example = 0.0008)]
    pub worst_5pct_terminal_value: Option<f64>,
    /// Of the value at risk.
    #[schema(required, example = 0.0008)]
    pub var_95: Option<f64>,
    /// Of the conditional value at risk.
    #[schema(required, example = 0.0009)]
    pub cvar_95: Option<f64>,
}

/// Drill-downs by asset name, in input order.
#[derive(Debug)]
pub struct DrilldownByAsset(pub Vec<AssetDrilldown>);

impl Serialize for DrilldownByAsset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for entry in &self.0 {
            map.serialize_entry(&entry.asset, entry)?;
        }
        map.end()
    }
}

/// One asset with what it consists of.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetDrilldown {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Its lines of the plan in one place.
    pub summary: AssetSummary,
    /// Its holdings as sent; empty when none were.
    pub holdings: Vec<HoldingEntry>,
}

/// The plan for one asset, repeated from `weights` and `trades`.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetSummary {
    /// Weight held now.
    #[schema(example = 0.66)]
    pub current_weight: f64,
    /// Weight the policy wants.
    #[schema(example = 0.6)]
    pub target_weight: f64,
    /// Target after the forecast tilt.
    #[schema(example = 0.605)]
    pub optimized_target_weight: f64,
    /// Ensemble forecast, simple return per day.
    #[schema(example = 0.0004)]
    pub forecast_return: f64,
    /// Share of the forecast that evidence supports.
    #[schema(example = 0.2)]
    pub forecast_confidence: f64,
    /// Current less target weight.
    #[schema(example = 0.06)]
    pub drift: f64,
    /// Buy, Sell or Hold.
    pub trade_action: Action,
    /// Size of the trade, money, never negative: `trade_action` has the direction.
    #[schema(example = 5500.0, value_type = f64)]
    pub trade_value: Money,
    /// Units of the asset: positive buys, negative sells.
    #[schema(example = -57.8947)]
    pub trade_units: f64,
    /// Estimated cost.
    #[schema(example = 5.5, value_type = f64)]
    pub estimated_cost: Money,
}

/// One holding of an asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldingEntry {
    /// Name of the holding.
    #[schema(example = "S&P 500 ETF")]
    pub holding: String,
    /// Share of the asset's value, as sent.
    #[schema(example = 0.5)]
    pub holding_weight: f64,
    /// Price of one unit, as sent; null when none was.
    #[schema(required, example = 412.5)]
    pub last_price: Option<f64>,
    /// Portfolio value × current weight × holding weight, to the minor unit.
    #[schema(example = 33_000.0)]
    pub implied_notional: f64,
    /// Implied notional over price; null without a price.
    #[schema(required, example = 80.0)]
    pub implied_units: Option<f64>,
    /// The asset's forecast: no forecast is made per holding.
    #[schema(example = 0.0004)]
    pub predicted_return: f64,
    /// The asset's action.
    pub rebalance_action: Action,
}
