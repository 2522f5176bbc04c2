//! The members of a plan's answer that a committee's brief uses, read back once from a new answer or a stored one.

use std::collections::BTreeMap;

use optimizer::{Limit, Objective};
use pipeline::{IntervalKind, LimitPoint, Measure, RelaxationKind, ScheduleMethod, Severity, VerdictDecision};
use portfolio_core::{Action, TradeReason};
use risk::RiskFigure;
use serde::Deserialize;

use crate::dto::controls::ControlCheckEntry;

/// The answer of `POST /api/rebalance`, as far as the brief reads it. Each field has the name of its member.
#[derive(Debug, Deserialize)]
pub(super) struct KeptPlan {
    pub(super) currency: String,
    pub(super) portfolio_value: f64,
    /// Absent where the client gave none, as the title.
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) title: Option<String>,
    /// Absent from plans stored before the answer named it.
    #[serde(default)]
    pub(super) benchmark: Option<KeptBenchmark>,
    pub(super) drift_threshold: f64,
    pub(super) portfolio_drift: f64,
    pub(super) portfolio_drift_after: f64,
    pub(super) turnover_used: f64,
    pub(super) turnover_limit: f64,
    pub(super) turnover_bound: bool,
    pub(super) estimated_total_transaction_cost: f64,
    #[serde(default)]
    pub(super) cost_parts: Vec<KeptCostPart>,
    pub(super) cash: KeptCash,
    pub(super) weights: Vec<KeptWeight>,
    pub(super) trades: Vec<KeptTrade>,
    pub(super) orders: Vec<KeptOrder>,
    #[serde(default)]
    pub(super) risk_metrics: KeptRisk,
    #[serde(default)]
    pub(super) after_risk_metrics: KeptRisk,
    pub(super) tilt: KeptTilt,
    #[serde(default)]
    pub(super) house_view: KeptHouseView,
    #[serde(default)]
    pub(super) data_quality: KeptQuality,
    /// Absent from plans stored before they had an intent.
    #[serde(default)]
    pub(super) intent: KeptIntent,
    #[serde(default)]
    pub(super) warnings: Vec<KeptWarning>,
    pub(super) verdict: KeptVerdict,
    /// Absent from plans stored before the answer had it.
    #[serde(default)]
    pub(super) controls: Option<KeptControls>,
    /// Absent under the drift method.
    #[serde(default)]
    pub(super) optimization: KeptOptimization,
    #[serde(default)]
    pub(super) worth: KeptWorth,
    #[serde(default)]
    pub(super) outlook: KeptOutlook,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct KeptIntent {
    #[serde(default)]
    pub(super) kind: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptWarning {
    pub(super) code: String,
    pub(super) detail: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptControls {
    pub(super) policy_version: f64,
    pub(super) reason: Option<String>,
    pub(super) checks: Vec<ControlCheckEntry>,
    pub(super) checked_at_approval: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptBenchmark {
    pub(super) kind: KeptBenchmarkKind,
    pub(super) name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeptBenchmarkKind {
    Policy,
    Returns,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct KeptWorth {
    #[serde(default)]
    pub(super) risk_aversion: Option<f64>,
    #[serde(default)]
    pub(super) horizon_years: Option<f64>,
    pub(super) figures: Option<KeptWorthFigures>,
    pub(super) reason: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptWorthFigures {
    pub(super) payback_weeks: Option<f64>,
    pub(super) payback_reason: Option<String>,
    #[serde(default)]
    pub(super) payback_weeks_at_most: Option<f64>,
    #[serde(default)]
    pub(super) payback_at_most_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptCash {
    pub(super) weight_before: f64,
    pub(super) weight_after: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptWeight {
    pub(super) asset: String,
    pub(super) drift: f64,
    /// Absent from plans stored before assets had bands of their own.
    pub(super) band_half_width: Option<f64>,
    pub(super) current_weight: f64,
    pub(super) target_weight: f64,
    pub(super) weight_after: f64,
    pub(super) residual_drift: f64,
    #[serde(default)]
    pub(super) no_trade_region: Option<KeptRegion>,
    pub(super) forecast_return: f64,
    pub(super) forecast_confidence: f64,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct KeptHouseView {
    pub(super) asset_forecasts: Vec<KeptForecast>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptForecast {
    pub(super) annual_return: Option<f64>,
    pub(super) annual_return_interval: Option<KeptInterval>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptInterval {
    pub(super) kind: IntervalKind,
    pub(super) lower: f64,
    pub(super) upper: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptRegion {
    pub(super) lower: f64,
    pub(super) upper: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptTrade {
    pub(super) action: Action,
    pub(super) reason: TradeReason,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptOrder {
    pub(super) position: usize,
    /// Absent from plans stored before orders named what a broker needs, like those up to the sleeve.
    #[serde(default)]
    pub(super) quantity: Option<f64>,
    #[serde(default)]
    pub(super) reference_price: Option<f64>,
    #[serde(default)]
    pub(super) account: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) identifiers: Option<KeptIdentifiers>,
    #[serde(default)]
    pub(super) asset_class: Option<String>,
    #[serde(default)]
    pub(super) sleeve: Option<String>,
    pub(super) trade_value: f64,
    pub(super) estimated_cost: f64,
    /// Sells that have to fill before it is funded, where its `funding` is known; `after_orders` of the queue otherwise.
    #[serde(default)]
    pub(super) waits_for: Vec<serde::de::IgnoredAny>,
    #[serde(default)]
    pub(super) funding: Option<String>,
    #[serde(default)]
    pub(super) after_orders: usize,
    pub(super) schedule: KeptSchedule,
    pub(super) marginal_benefit_bps: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeptIdentifiers {
    isin: Option<String>,
    cusip: Option<String>,
    figi: Option<String>,
    ticker: Option<String>,
}

impl KeptIdentifiers {
    /// The most exact of them, with its kind.
    pub(super) fn told(&self) -> Option<String> {
        [("ISIN", &self.isin), ("CUSIP", &self.cusip), ("FIGI", &self.figi), ("ticker", &self.ticker)]
            .into_iter()
            .find_map(|(kind, text)| text.as_ref().map(|text| format!("{kind} {text}")))
    }
}

/// One part of the costs, of a plan whose request states a tariff.
#[derive(Debug, Deserialize)]
pub(super) struct KeptCostPart {
    pub(super) part: String,
    pub(super) kind: String,
    pub(super) estimated_cost: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptSchedule {
    pub(super) method: ScheduleMethod,
    pub(super) slices: f64,
}

/// The figures of one book by their members, which have the names of [`RiskFigure`].
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct KeptRisk(BTreeMap<String, Option<f64>>);

impl KeptRisk {
    /// A figure; absent when it is null, and in a plan that was stored before there was this figure.
    pub(super) fn figure(&self, figure: RiskFigure) -> Option<f64> {
        self.0.get(figure.name()).copied().flatten()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptTilt {
    pub(super) tracking_error_spent: f64,
    pub(super) tracking_error_budget: f64,
    pub(super) reason: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct KeptQuality {
    pub(super) score: Option<f64>,
    #[serde(default)]
    pub(super) assets: Vec<KeptAssetQuality>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptAssetQuality {
    pub(super) asset: String,
    pub(super) issues: Vec<KeptIssue>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptIssue {
    pub(super) detail: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptVerdict {
    pub(super) decision: VerdictDecision,
    pub(super) checks: Vec<KeptCheck>,
    pub(super) relaxations: Vec<KeptRelaxation>,
}

/// A check as a stored plan holds it. The names are frozen: stored plans have them.
#[derive(Debug, Deserialize)]
pub(super) struct KeptCheck {
    pub(super) measure: Measure,
    pub(super) point: LimitPoint,
    pub(super) severity: Severity,
    pub(super) value: Option<f64>,
    pub(super) warning_above: f64,
    pub(super) critical_above: f64,
    pub(super) blocking_above: Option<f64>,
    pub(super) reason: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptRelaxation {
    pub(super) kind: RelaxationKind,
    pub(super) reason: String,
    pub(super) granted: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct KeptOptimization {
    /// Absent when the limits contradict each other.
    #[serde(default)]
    pub(super) constraint_prices: Vec<KeptPrice>,
    /// Absent for a plan of one problem.
    #[serde(default)]
    pub(super) path: KeptPath,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct KeptPath {
    /// Empty where the limits contradict each other.
    #[serde(default)]
    pub(super) steps: Vec<KeptStep>,
    #[serde(default)]
    pub(super) turnover: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptStep {
    pub(super) turnover: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptPrice {
    pub(super) limit: Limit,
    pub(super) bp_per_point: f64,
    /// Left out where it is a utility.
    #[serde(default)]
    pub(super) objective: Objective,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct KeptOutlook {
    pub(super) days: f64,
    pub(super) figures: Option<KeptFigures>,
    pub(super) reason: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeptFigures {
    pub(super) portfolio_drift_now: f64,
    pub(super) portfolio_drift_expected: f64,
    pub(super) tracking_error_waiting: f64,
    pub(super) tracking_error_after_plan: f64,
    pub(super) loss_95_waiting: f64,
    pub(super) loss_95_after_plan: f64,
    pub(super) cost_of_waiting_bps: f64,
}
