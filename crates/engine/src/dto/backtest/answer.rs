//! What came of a backtest.

use ::evaluate::{NoFigure, Verdict};
use risk::RiskSummary;
use risk::inference::FigureIntervals;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;
use crate::dto::study::CountedStudy;
use crate::dto::warning::PlanWarning;

/// A trade of a replay.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BacktestTrade {
    /// The asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Money, positive buys.
    #[schema(example = -1204.5)]
    pub signed_trade_value: f64,
    /// Its cost, money.
    #[schema(example = 1.2)]
    pub cost: f64,
}

/// A day on which a policy traded, or the pipeline made a plan.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BacktestDecision {
    /// The day, from 0; its wealth is entry `day − first_day` of `wealth`.
    #[schema(example = 21)]
    pub day: usize,
    /// Its date; absent without dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-02-02")]
    pub date: Option<chrono::NaiveDate>,
    /// Value of the account before the trades, money.
    #[schema(example = 1_012_345.6)]
    pub value_before: f64,
    /// Two-way turnover, a fraction of that value.
    #[schema(example = 0.021)]
    pub turnover_two_way: f64,
    /// SHA-256 of the plan of the pipeline; absent for other policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub plan_digest: Option<String>,
    /// The trades, in the order of the assets.
    pub trades: Vec<BacktestTrade>,
}

/// The run of one policy.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BacktestPolicyResult {
    /// The name of the policy.
    #[schema(example = "monthly")]
    pub name: String,
    /// Wealth at the end per unit invested, after costs.
    #[schema(example = 1.31)]
    pub terminal_wealth: f64,
    /// Wealth per unit invested at the end of each day from the first decision on, after costs.
    #[schema(example = json!([1.0, 1.0075, 1.0034, 1.0054, 1.0048]))]
    pub wealth: Vec<f64>,
    /// Loss of wealth from its peak so far on each of these days, a fraction from 0 to 1.
    #[schema(example = json!([0.0, 0.0, 0.004, 0.002, 0.0027]))]
    pub drawdown: Vec<f64>,
    /// Two-way turnover, fractions of NAV summed over the days.
    #[schema(example = 0.12)]
    pub turnover_two_way: f64,
    /// Costs, money, summed over the days.
    #[schema(example = 1200.4)]
    pub costs: f64,
    /// Costs, fractions of NAV summed over the days.
    #[schema(example = 0.0012)]
    pub cost_fraction: f64,
    /// Risk of the wealth after costs; `tracking_error` is that to the first policy. Nothing is annualised over less than a year.
    pub metrics: RiskSummary,
    /// Uncertainty of the metrics.
    pub intervals: FigureIntervals,
    /// Growth rate of wealth a year; null over less than a year.
    #[schema(required, example = 0.071)]
    pub annual_growth: Option<f64>,
    /// Number of executed trades.
    #[schema(example = 24)]
    pub trades: usize,
    /// The days on which it traded or planned.
    pub decisions: Vec<BacktestDecision>,
    /// SHA-256 of policy, wealth and trades.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub digest: String,
}

/// The test of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonTest {
    /// The mean difference of the daily logarithmic growth of wealth, with the standard error of Newey and West and the t distribution.
    MeanLogGrowth,
}

/// One policy compared with another.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BacktestComparison {
    /// The policy that is compared.
    #[schema(example = "monthly")]
    pub a: String,
    /// The policy it is compared with.
    #[schema(example = "hold")]
    pub b: String,
    /// The test.
    pub test: ComparisonTest,
    /// Mean difference over its standard error, positive where `a` grew faster; null with a `reason` if the difference
    /// is the same on each day, there are fewer than ten days, or one of the two lost everything.
    #[schema(required, example = 0.39)]
    pub statistic: Option<f64>,
    /// Two-sided p-value; null with the statistic.
    #[schema(required, example = 0.7)]
    pub p_value: Option<f64>,
    /// Why there is no statistic; absent where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<NoFigure>,
    /// What the test says about `a`. A policy that lost everything is worse than one that did not, without a test.
    pub verdict: Verdict,
    /// Significance level over all trials.
    #[schema(example = 0.05)]
    pub significance: f64,
    /// Number of trials that the verdict allows for: a p-value is significant up to the level divided by this number
    /// (Bonferroni).
    #[schema(example = 1)]
    pub trials: u64,
}

/// The result of a backtest.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyBacktestResponse {
    /// The day of the first decision, from 0.
    #[schema(example = 0)]
    pub first_day: usize,
    /// One result per policy, in their order.
    pub policies: Vec<BacktestPolicyResult>,
    /// Each policy except the first, compared with the first.
    pub comparisons: Vec<BacktestComparison>,
    /// Number of different trials, the earlier ones and those of the study included.
    #[schema(example = 2)]
    pub trials: usize,
    /// The study that was counted; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub study: Option<CountedStudy>,
    /// SHA-256 of history and runs.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub digest: String,
    /// What was assumed or is missing.
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
