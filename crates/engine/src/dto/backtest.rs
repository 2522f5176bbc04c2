//! Backtests: what is replayed, and what came of it.

use std::fmt;

use ::evaluate::Verdict;
use risk::RiskSummary;
use risk::inference::FigureIntervals;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, NamedSeries, optional_integer, optional_named_series};
use crate::dto::band::{BandName, BandRuleRequest, BandSetting, check_band_setting};
use crate::dto::checks::{MAX_ASSETS, check_distinct, check_name, check_returns};
use crate::dto::metadata::Metadata;
use crate::dto::ranges::{PeriodReturn, PortfolioWeight};
use crate::dto::warning::PlanWarning;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// Policies of one request.
pub const MAX_POLICIES: usize = 100;
/// Returns or prices of one request, all series together.
pub const MAX_NUMBERS: usize = 500_000;
/// Days times assets times policies that are answered at once.
pub const MAX_CELLS: usize = 20_000_000;
/// Plans of optimal policies that are answered at once.
pub const MAX_PLANS: usize = 1_000;
/// Plans of optimal policies in one request.
pub const MAX_QUEUED_PLANS: usize = 100_000;
/// Returns that an optimal policy sees before its first plan.
pub const WARM_UP: usize = 60;

/// A price of one asset on one day.
#[derive(ToSchema)]
#[schema(exclusive_minimum = 0.0, maximum = 1e12, example = 100.5)]
#[expect(dead_code, reason = "describes the numbers of a series; the series itself is a plain vector")]
pub struct AssetPrice(f64);

/// Policies to replay over one history.
///
/// Rules beyond the ranges: either `returns` or `prices`; series have one length, of at least two returns or three prices; `dates`
/// has one date per return, or one per price; names of policies are distinct; at most 500,000 numbers in all; optimal policies make at most 100,000 plans.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "returns": {"ETF": [0.012, -0.008, 0.004, -0.001], "Bonds": [0.001, 0.002, -0.001, 0.0]},
    "policies": [
        {"name": "hold", "kind": "buy_and_hold", "weights": [0.6, 0.4]},
        {"name": "monthly", "kind": "fixed_weights", "weights": [0.6, 0.4], "rebalance": "monthly", "transaction_cost_bps": 10}
    ]
}))]
pub struct PolicyBacktestRequest {
    /// Series of simple returns by asset, all of the same length, oldest first. Each return is above −1, up to 100.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<PeriodReturn>>>)]
    #[serde(default, deserialize_with = "optional_named_series")]
    pub returns: Option<NamedSeries>,
    /// Series of prices by asset, all of the same length, oldest first, adjusted for splits and dividends.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<AssetPrice>>>)]
    #[serde(default, deserialize_with = "optional_named_series")]
    pub prices: Option<NamedSeries>,
    /// Date of each return, or of each price, ISO 8601, increasing. Without dates a week is 5 periods, a month 21, a quarter 63 and
    /// a year 252.
    #[schema(example = json!(["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"]))]
    pub dates: Option<Vec<chrono::NaiveDate>>,
    /// Policies, the first of which is the benchmark of the others.
    #[schema(min_items = 1, max_items = 100)]
    #[validate(nested)]
    pub policies: Vec<BacktestPolicyRequest>,
    /// Value of each account on the first day, US dollars; amounts are booked to the cent. Default 1,000,000,000, so that rounding does
    /// not show in wealth.
    #[schema(example = 1_000_000.0, minimum = 1.0, maximum = 1e12)]
    #[validate(range(min = 1.0, max = 1e12))]
    pub initial_value: Option<f64>,
    /// Annual risk-free rate of the metrics, a fraction. Default 0.02.
    #[schema(example = 0.02, minimum = -0.5, maximum = 1.0)]
    #[validate(range(min = -0.5, max = 1.0))]
    pub risk_free_rate: Option<f64>,
    /// Return periods in a year. Default 252.
    #[schema(example = 252.0, minimum = 1.0, maximum = 1_000_000.0)]
    #[validate(range(min = 1.0, max = 1_000_000.0))]
    pub periods_per_year: Option<f64>,
    /// Tries that were made before this request, for the verdicts: the best of many looks good by chance. Default 0.
    #[schema(example = 0, minimum = 0, maximum = 1_000_000)]
    #[validate(range(max = 1_000_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub earlier_trials: Option<u64>,
}

/// What a policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BacktestPolicyKind {
    /// Trades once, on the first day.
    BuyAndHold,
    /// Returns to its weights on the days of `rebalance`.
    FixedWeights,
    /// Looks on the days of `rebalance`, and trades what is outside its band.
    Band,
    /// Plans on the days of `rebalance` by the optimal method of `POST /api/rebalance`, on the whole history so far, of at least 60
    /// returns.
    Optimal,
}

/// How often a policy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RebalanceCadence {
    /// On every day.
    Daily,
    /// On the first day of each week.
    Weekly,
    /// On the first day of each month.
    Monthly,
    /// On the first day of each quarter.
    Quarterly,
    /// On the first day of each year.
    Annually,
}

impl RebalanceCadence {
    /// Days between two decisions in a history without dates.
    fn rows(self) -> usize {
        match self {
            Self::Daily => 1,
            Self::Weekly => 5,
            Self::Monthly => 21,
            Self::Quarterly => 63,
            Self::Annually => 252,
        }
    }
}

/// A band: one half-width, a rule, or the one that computes itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BacktestBand {
    /// The half-width of every asset, a fraction of NAV.
    HalfWidth(f64),
    /// A rule of the target weight.
    Rule(BandRuleRequest),
    /// The band that computes itself from cost and risk aversion.
    Computed,
}

/// A band: one half-width for every asset, a fraction of NAV, a rule, or `"self"` for the band that computes itself.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = 0.05)]
pub enum BacktestBandInput {
    /// One half-width, 0 to 1.
    HalfWidth(f64),
    /// A rule.
    #[schema(value_type = BandRuleRequest)]
    Rule(f64),
    /// A band that has a name, at the cost of the policy and a risk aversion of 5.
    Named(BandName),
}

impl<'de> Deserialize<'de> for BacktestBand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BandVisitor;

        impl<'de> Visitor<'de> for BandVisitor {
            type Value = BacktestBand;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, an object or \"self\"")
            }

            fn visit_f64<E>(self, value: f64) -> Result<BacktestBand, E> {
                Ok(BacktestBand::HalfWidth(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<BacktestBand, E> {
                Ok(BacktestBand::HalfWidth(value as f64))
            }

            fn visit_i64<E>(self, value: i64) -> Result<BacktestBand, E> {
                Ok(BacktestBand::HalfWidth(value as f64))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<BacktestBand, E> {
                if name == "self" { Ok(BacktestBand::Computed) } else { Err(E::unknown_variant(name, &["self"])) }
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<BacktestBand, A::Error> {
                BandRuleRequest::deserialize(MapAccessDeserializer::new(members)).map(BacktestBand::Rule)
            }
        }

        deserializer.deserialize_any(BandVisitor)
    }
}

/// A policy to replay.
///
/// Rules beyond the ranges: `weights` has one entry per asset, none negative, with a sum of at most 1; `band` goes with the kind
/// `band` only, which needs it; `rebalance` goes with every kind but `buy_and_hold`.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "5/25", "kind": "band", "weights": [0.6, 0.4], "band": {"relative": 0.25, "cap": 0.05}}))]
pub struct BacktestPolicyRequest {
    /// Its name in the answer.
    #[schema(example = "monthly", min_length = 1, max_length = 1000)]
    pub name: String,
    /// What it does.
    pub kind: BacktestPolicyKind,
    /// Target weights in the order of the series; the rest to one is cash. Default: the same weight for each asset.
    #[schema(value_type = Option<Vec<PortfolioWeight>>, example = json!([0.6, 0.4]), max_items = 2000)]
    pub weights: Option<Vec<f64>>,
    /// How often it decides. Default `monthly` of `optimal`, else `daily`.
    pub rebalance: Option<RebalanceCadence>,
    /// The band around each weight.
    #[schema(value_type = Option<BacktestBandInput>)]
    pub band: Option<BacktestBand>,
    /// Where a trade of a band ends between target, 0, and edge, 1. Default 0.
    #[schema(example = 0.0, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub destination: Option<f64>,
    /// Cost of each side of a trade, basis points: it leaves the book on the day of the trade. Default 0.
    #[schema(example = 10.0, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub transaction_cost_bps: Option<f64>,
}

impl BacktestPolicyRequest {
    fn check(&self, at: &str, assets: usize, faults: &mut Faults) {
        check_name(&self.name, || format!("{at}/name"), faults);
        if let Some(weights) = &self.weights {
            if weights.len() != assets {
                faults.add(
                    format!("{at}/weights"),
                    FaultCode::Length,
                    format!("must have {assets} entries, one per asset"),
                );
            }
            for (i, _) in weights.iter().enumerate().filter(|(_, weight)| !(0.0..=1.0).contains(*weight)) {
                faults.add(format!("{at}/weights/{i}"), FaultCode::Range, "must be at least 0 and at most 1");
                if faults.is_full() {
                    return;
                }
            }
            let sum: f64 = weights.iter().sum();
            if sum > 1.0 + 1e-9 {
                faults.add(
                    format!("{at}/weights"),
                    FaultCode::Weights,
                    format!("must sum to at most 1, and sum to {sum}"),
                );
            }
        }
        let is_band = self.kind == BacktestPolicyKind::Band;
        match self.band {
            None if is_band => faults.add(format!("{at}/band"), FaultCode::Required, "is required for a band"),
            Some(_) if !is_band => faults.add(format!("{at}/band"), FaultCode::Value, "goes with the kind band only"),
            Some(BacktestBand::HalfWidth(width)) if !(0.0..=1.0).contains(&width) => {
                faults.add(format!("{at}/band"), FaultCode::Range, "must be at least 0 and at most 1");
            }
            Some(BacktestBand::Rule(rule)) => {
                check_band_setting(&format!("{at}/band"), &BandSetting::Rule(rule), faults);
            }
            _ => {}
        }
        if self.destination.is_some() && !is_band {
            faults.add(format!("{at}/destination"), FaultCode::Value, "goes with the kind band only");
        }
        if self.rebalance.is_some() && self.kind == BacktestPolicyKind::BuyAndHold {
            faults.add(format!("{at}/rebalance"), FaultCode::Value, "does not go with buy_and_hold, which trades once");
        }
    }
}

impl PolicyBacktestRequest {
    /// The series that were sent, and where.
    #[must_use]
    pub fn series(&self) -> (&'static str, &[(String, Vec<f64>)]) {
        match (&self.returns, &self.prices) {
            (Some(returns), _) => ("/returns", &returns.0),
            (None, Some(prices)) => ("/prices", &prices.0),
            (None, None) => ("/returns", &[]),
        }
    }

    /// Number of days: rows of the history, one more than its returns.
    #[must_use]
    pub fn days(&self) -> usize {
        let length = self.series().1.first().map_or(0, |(_, series)| series.len());
        if self.returns.is_some() { length + 1 } else { length }
    }

    /// Whether a policy plans, and needs a history before its first day.
    #[must_use]
    pub fn plans_ahead(&self) -> bool {
        self.policies.iter().any(|policy| policy.kind == BacktestPolicyKind::Optimal)
    }

    /// Plans that the optimal policies make, at most.
    fn plans(&self) -> usize {
        let optimal = self.policies.iter().filter(|policy| policy.kind == BacktestPolicyKind::Optimal);
        let cadence = |policy: &BacktestPolicyRequest| policy.rebalance.unwrap_or(RebalanceCadence::Monthly);
        optimal.map(|policy| self.days() / cadence(policy).rows() + 1).sum()
    }

    /// Days times assets times policies.
    fn cells(&self) -> usize {
        self.days().saturating_mul(self.series().1.len()).saturating_mul(self.policies.len())
    }

    /// Whether it is answered at once.
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.cells() <= MAX_CELLS && self.plans() <= MAX_PLANS
    }

    /// Rough number of elementary steps.
    #[must_use]
    pub fn work(&self) -> u64 {
        // Most days cost a few additions for each asset; a plan costs as much as thousands of them.
        (2 * self.cells() + 100_000 * self.plans()) as u64
    }

    fn check_series(&self, faults: &mut Faults) {
        let (at, series) = self.series();
        let least = if self.returns.is_some() { 2 } else { 3 };
        let length = series.first().map_or(0, |(_, first)| first.len());
        if length < least {
            faults.add(at, FaultCode::Length, format!("must have series of at least {least} entries"));
        }
        for (name, values) in series {
            if faults.is_full() {
                return;
            }
            let place = format!("{at}/{}", segment(name));
            check_name(name, || place.clone(), faults);
            if values.len() != length {
                faults.add(
                    place.clone(),
                    FaultCode::Length,
                    format!("must have {length} entries, as the first series"),
                );
            }
            if self.returns.is_some() {
                check_returns(values, |t| format!("{place}/{t}"), faults);
                // What is lost in full has no price, and the next return nothing to start from.
                for (t, _) in values.iter().enumerate().filter(|(_, r)| **r == -1.0) {
                    faults.add(
                        format!("{place}/{t}"),
                        FaultCode::Range,
                        "must be above -1: a total loss leaves no price",
                    );
                }
            } else {
                for (t, _) in values.iter().enumerate().filter(|(_, price)| !(**price > 0.0 && **price <= 1e12)) {
                    faults.add(format!("{place}/{t}"), FaultCode::Range, "must be more than 0 and at most 1e12");
                    if faults.is_full() {
                        return;
                    }
                }
            }
        }
        if let Some(dates) = &self.dates {
            if dates.len() != length {
                faults.add("/dates", FaultCode::Length, format!("must have {length} entries, as the series"));
            }
            if let Some(i) = dates.windows(2).position(|pair| pair[0] >= pair[1]) {
                faults.add(format!("/dates/{}", i + 1), FaultCode::Value, "must be later than the date before it");
            }
        }
    }
}

impl Document for PolicyBacktestRequest {
    fn check_size(&self, faults: &mut Faults) {
        if self.returns.is_some() && self.prices.is_some() {
            return faults.add("/prices", FaultCode::Value, "goes without returns");
        }
        let (at, series) = self.series();
        if series.is_empty() {
            let code =
                if self.returns.is_some() || self.prices.is_some() { FaultCode::Length } else { FaultCode::Required };
            return faults.add(at, code, "is required with at least 1 series, or prices");
        }
        if series.len() > MAX_ASSETS {
            faults.add(at, FaultCode::Limit, format!("must name at most {MAX_ASSETS} assets"));
        }
        let numbers: usize = series.iter().map(|(_, values)| values.len()).sum();
        if numbers > MAX_NUMBERS {
            let detail = format!("holds {numbers} numbers in all; at most {MAX_NUMBERS} are accepted");
            faults.add(at, FaultCode::Limit, detail);
        }
        if self.policies.is_empty() {
            faults.add("/policies", FaultCode::Length, "must have at least 1 entry");
        } else if self.policies.len() > MAX_POLICIES {
            faults.add("/policies", FaultCode::Limit, format!("must have at most {MAX_POLICIES} entries"));
        }
        if self.plans() > MAX_QUEUED_PLANS {
            let detail = format!("ask for more optimal plans than the {MAX_QUEUED_PLANS} that one backtest may make");
            faults.add("/policies", FaultCode::Limit, detail);
        }
    }

    fn check(&self, faults: &mut Faults) {
        self.check_series(faults);
        let assets = self.series().1.len();
        for (i, policy) in self.policies.iter().enumerate() {
            if faults.is_full() {
                return;
            }
            policy.check(&format!("/policies/{i}"), assets, faults);
        }
        check_distinct(
            self.policies.iter().map(|policy| policy.name.as_str()),
            |i| format!("/policies/{i}/name"),
            faults,
        );
        if self.plans_ahead() && self.days() <= WARM_UP + 2 {
            let detail = format!("must have more than {} returns for an optimal policy", WARM_UP + 1);
            faults.add(self.series().0, FaultCode::Length, detail);
        }
    }
}

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
    /// The day, from 0: its wealth is that entry of `wealth`, counted from `first_day`.
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
    /// SHA-256 of the plan of the pipeline; absent where another policy decided.
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

/// One policy beside another.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BacktestComparison {
    /// The policy that is judged.
    #[schema(example = "monthly")]
    pub a: String,
    /// The policy it is held against.
    #[schema(example = "hold")]
    pub b: String,
    /// The test.
    pub test: ComparisonTest,
    /// Mean difference over its standard error, positive where `a` grew faster; null where the two do not differ, or for fewer than ten
    /// days.
    #[schema(required, example = 0.39)]
    pub statistic: Option<f64>,
    /// Two-sided p-value; null with the statistic.
    #[schema(required, example = 0.7)]
    pub p_value: Option<f64>,
    /// What the test says of `a`.
    pub verdict: Verdict,
    /// Significance level over all trials.
    #[schema(example = 0.05)]
    pub significance: f64,
    /// Number of trials that the verdict allows for: a p-value counts up to the level divided by it (Bonferroni).
    #[schema(example = 1)]
    pub trials: u64,
}

/// What came of a backtest.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyBacktestResponse {
    /// The day of the first decision, from 0.
    #[schema(example = 0)]
    pub first_day: usize,
    /// One result per policy, in their order.
    pub policies: Vec<BacktestPolicyResult>,
    /// Each policy but the first beside the first.
    pub comparisons: Vec<BacktestComparison>,
    /// Number of different trials, the earlier ones included.
    #[schema(example = 2)]
    pub trials: usize,
    /// SHA-256 of history and runs.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub digest: String,
    /// What was assumed or is missing.
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
