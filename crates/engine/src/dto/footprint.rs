//! How predictable a policy's trades are: request and answer.

use pipeline::PolicyObjective;
use portfolio_core::bands::footprint::{FootprintReport, PolicyFootprint};
use portfolio_core::bands::timing::Timing;
use portfolio_core::{NaiveDate, Written, round_to_12_decimals};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, object, objects, optional_integer, optional_object};
use crate::dto::absent;
use crate::dto::band::{BandRuleRequest, BandSetting, check_band_setting};
use crate::dto::checks::{check_assets, check_distinct, check_name, check_returns, check_total_returns};
use crate::dto::dates::check_ascending;
use crate::dto::metadata::Metadata;
use crate::dto::ranges::PeriodReturn;
use crate::dto::staggering::StaggeringRequest;
use crate::dto::trigger::{ScheduleName, TriggerKind};
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Dates of one history: about eighty years of sessions.
const MAX_DATES: usize = 20_000;
/// Target weights may differ from one by this much in sum.
const SUM: f64 = 1e-9;

/// A policy to replay over a history, and how its trades are randomised.
///
/// Rules beyond the ranges: target weights sum to one; every asset has one return for each date; dates increase; at most 100,000 returns in all;
/// every kind of trigger but `threshold` needs `every`.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "dates": ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"],
    "assets": [
        {"asset": "ETF", "target_weight": 0.6, "historical_returns": [0.03, 0.02, -0.01, 0.01]},
        {"asset": "Bonds", "target_weight": 0.4, "historical_returns": [-0.02, 0.0, 0.001, 0.0]}
    ],
    "band": {"floor": 0.01, "cap": 0.01}
}))]
pub struct FootprintRequest {
    /// Date of each return, ISO 8601, increasing: the sessions on which the policy can trade.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 20_000, example = json!(["2026-01-05", "2026-01-06"]))]
    pub dates: Vec<NaiveDate>,
    /// The assets, at most 2,000.
    #[schema(min_items = 1, max_items = 2000)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub assets: Vec<FootprintAssetRequest>,
    /// The rule of the band around each target weight.
    #[serde(deserialize_with = "object")]
    pub band: BandRuleRequest,
    /// Where a trade ends, between the target weight, 0, and the edge of the band, 1.
    #[schema(default = 0.0, example = 0.5, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub destination: Option<f64>,
    /// When the policy trades. Absent: on a breach, on any session.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub trigger: Option<ReplayedTriggerRequest>,
    /// Cost of a trade, basis points of its value.
    #[schema(default = json!(absent::COST_BPS), example = 10.0, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub transaction_cost_bps: Option<f64>,
    /// Risk aversion γ: half of it is the price of one unit of annual variance against the targets.
    #[schema(default = json!(PolicyObjective::default().risk_aversion), example = 5.0, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub risk_aversion: Option<f64>,
    /// How the trades of the staggered replay are randomised. Absent: its defaults.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub staggering: Option<StaggeringRequest>,
}

/// One asset of a replay.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FootprintAssetRequest {
    /// Name, distinct within the request; 1 to 255 characters after trimming; not used in any computation.
    #[schema(example = "ETF", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset: String,
    /// Weight the policy wants, a fraction; all of them sum to one.
    #[schema(example = 0.6, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub target_weight: f64,
    /// Simple returns, one for each of `dates`. Each from −1 to 100.
    #[schema(value_type = Vec<PeriodReturn>, max_items = 20_000)]
    pub historical_returns: Vec<f64>,
}

/// When a replayed policy trades; sessions are the dates of the history.
#[derive(Debug, Clone, Copy, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "both", "every": "month_start"}))]
pub struct ReplayedTriggerRequest {
    /// What makes a trade due.
    pub kind: TriggerKind,
    /// Which sessions are scheduled.
    pub every: Option<ScheduleName>,
    /// Days of the calendar after a trade before the next one.
    #[schema(default = json!(Timing::default().cooldown.days), example = 31, minimum = 0, maximum = 3660)]
    #[validate(range(max = 3660))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub cooldown_days: Option<u64>,
    /// Number of consecutive sessions with a breach before it counts.
    #[schema(default = json!(Timing::default().persistence.looks), example = 3, minimum = 1, maximum = 250)]
    #[validate(range(min = 1, max = 250))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub persistence_days: Option<u64>,
}

/// How predictable the policy is, with and without staggering.
///
/// The observer knows targets, bands, calendar and returns, and everything about the policy except the seed. The
/// observer replays it and explains its trades by least squares, in sample, without seeing the holdings, which would
/// reveal more.
#[derive(Debug, Serialize, ToSchema)]
pub struct FootprintResponse {
    /// Trades on the day on which they are due.
    pub plain: FootprintFigures,
    /// Trades on the days and in the sizes that the staggering draws.
    pub staggered: FootprintFigures,
    /// What the staggering adds to the cost of tracking, basis points a year; negative when the staggered replay
    /// tracked closer.
    #[schema(example = 0.23)]
    pub extra_tracking_cost_bps: f64,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}

/// One replay of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct FootprintFigures {
    /// Sessions with a trade.
    #[schema(example = 8)]
    pub trade_days: usize,
    /// Share of the variance of the days of trades that the observer explains, 0 to 1; null without a trade.
    #[schema(required = true, example = 0.033)]
    pub date_r_squared: Option<f64>,
    /// Share of the variance of the sizes of trades that the observer explains, 0 to 1; null without a trade.
    #[schema(required = true, example = 0.039)]
    pub size_r_squared: Option<f64>,
    /// Root mean square of the return in excess of that of the targets, a fraction a year.
    #[schema(example = 0.011)]
    pub tracking_error: f64,
    /// Half of γ times the square of the tracking error, basis points a year.
    #[schema(example = 3.1)]
    pub tracking_cost_bps: f64,
    /// Cost of the trades, basis points a year.
    #[schema(example = 0.6)]
    pub trading_cost_bps: f64,
}

impl From<PolicyFootprint> for FootprintFigures {
    fn from(of: PolicyFootprint) -> Self {
        Self {
            trade_days: of.trade_dates,
            date_r_squared: of.date_r_squared.map(round_to_12_decimals),
            size_r_squared: of.size_r_squared.map(round_to_12_decimals),
            tracking_error: round_to_12_decimals(of.tracking_error_annual),
            tracking_cost_bps: round_to_12_decimals(of.tracking_cost_bps_annual),
            trading_cost_bps: round_to_12_decimals(of.trading_cost_bps_annual),
        }
    }
}

impl FootprintResponse {
    /// The answer that states a report.
    #[must_use]
    pub fn of(report: &FootprintReport, metadata: Metadata) -> Self {
        Self {
            plain: report.plain.into(),
            staggered: report.staggered.into(),
            extra_tracking_cost_bps: round_to_12_decimals(report.extra_tracking_cost_bps_annual()),
            metadata,
        }
    }
}

impl Document for FootprintRequest {
    fn check_size(&self, faults: &mut Faults) {
        check_assets(self.assets.len(), faults);
        if self.dates.is_empty() || self.dates.len() > MAX_DATES {
            faults.add("/dates", FaultCode::Limit, format!("must have 1 to {MAX_DATES} entries"));
        }
        let total: usize = self.assets.iter().map(|asset| asset.historical_returns.len()).sum();
        check_total_returns(total, "/assets", faults);
    }

    fn check(&self, faults: &mut Faults) {
        for (i, asset) in self.assets.iter().enumerate() {
            check_name(&asset.asset, || format!("/assets/{i}/asset"), faults);
            let at = format!("/assets/{i}/historical_returns");
            check_returns(&asset.historical_returns, |t| format!("{at}/{t}"), faults);
            if asset.historical_returns.len() != self.dates.len() {
                faults.add(at, FaultCode::Length, format!("must have {} entries, one per date", self.dates.len()));
            }
            if faults.is_full() {
                return;
            }
        }
        check_distinct(self.assets.iter().map(|asset| asset.asset.as_str()), |i| format!("/assets/{i}/asset"), faults);
        check_ascending(&self.dates, faults);
        check_band_setting("/band", &BandSetting::Rule(self.band), faults);
        let sum: f64 = self.assets.iter().map(|asset| asset.target_weight).sum();
        if (sum - 1.0).abs() > SUM {
            faults.add(
                "/assets",
                FaultCode::Weights,
                format!("target weights sum to {}: they have to be one", Written(sum)),
            );
        }
        if let Some(trigger) = &self.trigger {
            match (trigger.kind, trigger.every) {
                (TriggerKind::Threshold, Some(_)) => {
                    faults.add("/trigger/every", FaultCode::Value, "goes with the kinds calendar, either and both");
                }
                (TriggerKind::Calendar | TriggerKind::Either | TriggerKind::Both, None) => {
                    faults.add("/trigger/every", FaultCode::Required, "is required for this kind");
                }
                _ => {}
            }
        }
    }
}
