//! What is replayed.

use ::backtest::Cadence;
use risk::RiskOptions;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::plan::BacktestPlan;
use super::policy::{BacktestPolicyKind, BacktestPolicyRequest};
use super::series::{
    AssetPrice, BacktestSeries, NamedFractions, NamedPrices, RecoveredFraction, check_recoveries,
    optional_named_fractions, optional_named_prices,
};
use crate::decode::{Document, NamedSeries, optional_integer, optional_named_series};
use crate::dto::absent;
use crate::dto::checks::{MAX_ASSETS, check_distinct};
use crate::dto::dates::check_ascending;
use crate::dto::ranges::PeriodReturn;
use crate::dto::study::check_study;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// Policies of one request.
pub const MAX_POLICIES: usize = 100;
/// Returns or prices of one request, all series together.
pub const MAX_NUMBERS: usize = 500_000;
/// Days times assets times policies that are answered at once.
pub const MAX_CELLS: usize = 20_000_000;
/// Plans that are answered at once.
pub const MAX_PLANS: usize = 1_000;
/// Plans of one request.
pub const MAX_QUEUED_PLANS: usize = 100_000;
/// Bytes of an answer that is given at once, for the most that its policies may return.
pub const MAX_ANSWER_BYTES: usize = 32 << 20;
/// Bytes that one backtest stores for its policies, each of which has an equal share.
pub const MAX_KEPT_BYTES: usize = 128 << 20;
/// Bytes of a day on both curves in an answer.
const BYTES_OF_DAY: usize = 48;
/// Bytes of a decision without its trades.
const BYTES_OF_DECISION: usize = 240;
/// Bytes of a trade without the name of its asset.
const BYTES_OF_TRADE: usize = 72;
/// Returns that a policy sees before its first plan.
pub const WARM_UP: usize = 60;
/// Policies to replay over one history.
///
/// Rules beyond the ranges: either `returns` or `prices`; series have one length, of at least two returns or three prices; `dates`
/// has one date per return, or one per price; names of policies are distinct; at most 500,000 numbers in all; policies make at most
/// 100,000 plans, and one with a covariance that it names counts as ten; a policy tells at most its share, by the number of policies, of 128 MiB of days and trades; `recoveries` names assets
/// whose prices end.
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
    /// Series of simple returns by asset, all of the same length, oldest first, from −1 to 100. A return of −1 is the
    /// total loss of the position, and the returns after it are 0.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<PeriodReturn>>>)]
    #[serde(default, deserialize_with = "optional_named_series")]
    pub returns: Option<NamedSeries>,
    /// Series of prices by asset, all of the same length, oldest first, adjusted for splits and dividends; `null` on a
    /// day without a price. Before its first price an asset cannot be held, and its share is spread over the others. On
    /// a later day without a price it keeps the value of its last one and does not trade. After its last price it is
    /// treated as delisted on the next day and paid out at that price, in full unless `recoveries` says otherwise. A
    /// price of 0 is the total loss of the position, and no price follows it. At least one asset has a price on the
    /// first day.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<Option<AssetPrice>>>>)]
    #[serde(default, deserialize_with = "optional_named_prices")]
    pub prices: Option<NamedPrices>,
    /// The share of the last price that is paid for an asset whose prices end before the last day, by asset: 0 for a
    /// bankruptcy, 1 for a merger paid in full. Absent: 1, with a warning.
    #[schema(value_type = Option<std::collections::BTreeMap<String, RecoveredFraction>>)]
    #[serde(default, deserialize_with = "optional_named_fractions")]
    pub recoveries: Option<NamedFractions>,
    /// Date of each return, or of each price, ISO 8601, increasing. Without dates a week is 5 periods, a month 21, a quarter 63 and
    /// a year 252.
    #[schema(example = json!(["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"]))]
    pub dates: Option<Vec<chrono::NaiveDate>>,
    /// Policies, the first of which is the benchmark of the others.
    #[schema(min_items = 1, max_items = 100)]
    #[validate(nested)]
    pub policies: Vec<BacktestPolicyRequest>,
    /// Value of each account on the first day, US dollars; amounts are booked to the cent. The default is large, so
    /// that rounding does not affect wealth.
    #[schema(default = json!(absent::INITIAL_VALUE), example = 1_000_000.0, minimum = 1.0, maximum = 1e12)]
    #[validate(range(min = 1.0, max = 1e12))]
    pub initial_value: Option<f64>,
    /// Annual risk-free rate of the metrics, a fraction.
    #[schema(default = json!(RiskOptions::default().risk_free_rate), example = 0.02, minimum = -0.5, maximum = 1.0)]
    #[validate(range(min = -0.5, max = 1.0))]
    pub risk_free_rate: Option<f64>,
    /// Return periods in a year. Absent: derived from `dates` by their usual distance, with a warning if that differs
    /// from the number used without dates.
    #[schema(default = json!(RiskOptions::default().periods_per_year), example = 252.0, minimum = 1.0, maximum = 1_000_000.0)]
    #[validate(range(min = 1.0, max = 1_000_000.0))]
    pub periods_per_year: Option<f64>,
    /// Strategies that were tried before this request, beside those of its `study`. The verdicts count them, because the best of many looks good
    /// by chance.
    #[schema(default = 0, example = 0, minimum = 0, maximum = 1_000_000)]
    #[validate(range(max = 1_000_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub earlier_trials: Option<u64>,
    /// Name of a study: the different trials of this request are counted in it before they are replayed, and the verdicts allow for all of its
    /// trials. It is kept by the service; `GET /api/studies/{study}` lists its trials.
    #[schema(example = "fund-7", min_length = 1, max_length = 100, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    pub study: Option<String>,
}

impl PolicyBacktestRequest {
    /// The series that were sent.
    #[must_use]
    pub fn series(&self) -> BacktestSeries<'_> {
        match (&self.returns, &self.prices) {
            (Some(returns), _) => BacktestSeries::Returns(&returns.0),
            (None, Some(prices)) => BacktestSeries::Prices(&prices.0),
            (None, None) => BacktestSeries::Returns(&[]),
        }
    }

    /// Number of days: rows of the history, one more than its returns.
    #[must_use]
    pub fn days(&self) -> usize {
        self.series().days()
    }

    /// Whether a policy plans, and needs a history before its first day.
    #[must_use]
    pub fn plans_ahead(&self) -> bool {
        self.policies.iter().any(|policy| policy.kind.plans())
    }

    /// Plans that the policies make, at most; one with a covariance that it names counts as ten.
    fn plans(&self) -> usize {
        let planning = self.policies.iter().filter(|policy| policy.kind.plans());
        let share = |policy: &BacktestPolicyRequest| {
            if policy.plan.as_ref().is_some_and(BacktestPlan::names_covariance) { 10 } else { 1 }
        };
        planning.map(|policy| share(policy) * self.decisions(policy)).sum()
    }

    /// Days on which a policy may trade or plan. Its warm-up counts among them.
    fn decisions(&self, policy: &BacktestPolicyRequest) -> usize {
        // The day before the first return has no date, and is one more.
        1 + Cadence::from(policy.cadence()).decisions(self.days(), self.dates.as_deref())
    }

    /// Most bytes that a policy returns: one that trades every asset on each of its days.
    fn told_at_most(&self, policy: &BacktestPolicyRequest) -> usize {
        let decisions = self.decisions(policy);
        self.told(self.days(), decisions, decisions.saturating_mul(self.series().assets()))
    }

    /// Bytes of so many days, decisions and trades in an answer.
    #[must_use]
    pub fn told(&self, days: usize, decisions: usize, trades: usize) -> usize {
        let assets = self.series().assets().max(1);
        let name = self.series().names().map(str::len).sum::<usize>().div_ceil(assets);
        let of = |count: usize, bytes: usize| count.saturating_mul(bytes);
        of(days, BYTES_OF_DAY) + of(decisions, BYTES_OF_DECISION) + of(trades, BYTES_OF_TRADE + name)
    }

    /// Most bytes that are stored for one policy.
    #[must_use]
    pub fn share(&self) -> usize {
        MAX_KEPT_BYTES / self.policies.len().max(1)
    }

    /// Days times assets times policies.
    fn cells(&self) -> usize {
        self.days().saturating_mul(self.series().assets()).saturating_mul(self.policies.len())
    }

    /// Whether it is answered at once.
    #[must_use]
    pub fn is_small(&self) -> bool {
        let told = self.policies.iter().map(|policy| self.told_at_most(policy)).fold(0, usize::saturating_add);
        self.cells() <= MAX_CELLS && self.plans() <= MAX_PLANS && told <= MAX_ANSWER_BYTES
    }

    /// Rough number of elementary steps.
    #[must_use]
    pub fn work(&self) -> u64 {
        // Most days cost a few additions for each asset; a plan costs as much as thousands of them.
        (2 * self.cells() + 100_000 * self.plans()) as u64
    }

    /// What is wrong with a policy that trades more than its share.
    #[must_use]
    pub fn too_much(&self) -> String {
        let share = self.share() >> 10;
        format!(
            "has more days and trades than the {share} KiB that each policy of this backtest may fill: rebalance less often, or send fewer"
        )
    }

    fn check_dates(&self, faults: &mut Faults) {
        let length = self.series().length();
        if let Some(dates) = &self.dates {
            if dates.len() != length {
                faults.add("/dates", FaultCode::Length, format!("must have {length} entries, as the series"));
            }
            check_ascending(dates, faults);
        }
    }
}

impl Document for PolicyBacktestRequest {
    fn check_size(&self, faults: &mut Faults) {
        if self.returns.is_some() && self.prices.is_some() {
            return faults.add("/prices", FaultCode::Value, "goes without returns");
        }
        let series = self.series();
        let (at, assets) = (series.pointer(), series.assets());
        if assets == 0 {
            let code =
                if self.returns.is_some() || self.prices.is_some() { FaultCode::Length } else { FaultCode::Required };
            return faults.add(at, code, "is required with at least 1 series, or prices");
        }
        if assets > MAX_ASSETS {
            faults.add(at, FaultCode::Limit, format!("must name at most {MAX_ASSETS} assets"));
        }
        let numbers = series.numbers();
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
            let detail = format!("ask for more plans than the {MAX_QUEUED_PLANS} that one backtest may make");
            faults.add("/policies", FaultCode::Limit, detail);
        }
    }

    fn check(&self, faults: &mut Faults) {
        let series = self.series();
        series.check(faults);
        check_study(self.study.as_deref(), faults);
        self.check_dates(faults);
        if let Some(recoveries) = &self.recoveries {
            check_recoveries(&recoveries.0, series, faults);
            check_distinct(
                recoveries.0.iter().map(|(name, _)| name.as_str()),
                |i| format!("/recoveries/{}", recoveries.0.get(i).map(|(name, _)| segment(name)).unwrap_or_default()),
                faults,
            );
        }
        for (i, policy) in self.policies.iter().enumerate() {
            if faults.is_full() {
                return;
            }
            policy.check(&format!("/policies/{i}"), series, faults);
            // It trades on each of its days; what another one trades is known when it has been replayed.
            if policy.kind == BacktestPolicyKind::FixedWeights && self.told_at_most(policy) > self.share() {
                faults.add(format!("/policies/{i}"), FaultCode::Limit, self.too_much());
            }
        }
        check_distinct(
            self.policies.iter().map(|policy| policy.name.as_str()),
            |i| format!("/policies/{i}/name"),
            faults,
        );
        if self.plans_ahead() && self.days() <= WARM_UP + 2 {
            let detail = format!("must have more than {} returns for a policy that plans", WARM_UP + 1);
            faults.add(series.pointer(), FaultCode::Length, detail);
        }
    }
}
