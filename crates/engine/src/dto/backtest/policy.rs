//! A policy on trial.

use ::backtest::Cadence;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::band::{BacktestBand, BacktestBandInput};
use super::plan::BacktestPlan;
use super::series::BacktestSeries;
use super::weights::{BacktestWeights, BacktestWeightsInput};
use crate::decode::{optional_integer, optional_object};
use crate::dto::band::{BandSetting, check_band_setting};
use crate::dto::checks::check_name;
use crate::dto::portfolio::RebalanceRequest;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// What a policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BacktestPolicyKind {
    /// Trades once, on the first day.
    BuyAndHold,
    /// Returns to its weights on the days of `rebalance`.
    FixedWeights,
    /// Checks on the days of `rebalance`, and trades what is outside its band.
    Band,
    /// Plans on the days of `rebalance` by the optimal method of `POST /api/rebalance`, on the whole history so far, of at least 60
    /// returns.
    Optimal,
    /// Plans on the days of `rebalance` as `POST /api/rebalance` does with the settings and models of `plan`, on the histories so far, of at
    /// least 60 returns.
    Plan,
}

impl BacktestPolicyKind {
    /// Whether it makes plans of the pipeline.
    #[must_use]
    pub fn plans(self) -> bool {
        matches!(self, Self::Optimal | Self::Plan)
    }
}

/// How often a policy decides. `yearly` and `annual` are read as `annually`, and `none` as `never`.
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
    #[serde(alias = "yearly", alias = "annual")]
    Annually,
    /// On the first day only.
    #[serde(alias = "none")]
    Never,
}

impl From<RebalanceCadence> for Cadence {
    fn from(cadence: RebalanceCadence) -> Self {
        match cadence {
            RebalanceCadence::Daily => Self::Daily,
            RebalanceCadence::Weekly => Self::Weekly,
            RebalanceCadence::Monthly => Self::Monthly,
            RebalanceCadence::Quarterly => Self::Quarterly,
            RebalanceCadence::Annually => Self::Annually,
            RebalanceCadence::Never => Self::Never,
        }
    }
}

/// A policy to replay.
///
/// Rules beyond the ranges: `weights` has one entry per asset, or names of series, none negative, with a sum of at most 1, and of
/// 1 where a series is left out; `band` and `destination` go with the kind `band` only; `plan` goes with the kind `plan`, which states its
/// weights, bands and costs there, and `lookback` with the kinds that plan; `rebalance` goes with every kind, and changes nothing of
/// `buy_and_hold`, which trades once.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "5/25", "kind": "band", "weights": [0.6, 0.4], "band": {"relative": 0.25, "cap": 0.05}}))]
pub struct BacktestPolicyRequest {
    /// Its name in the answer.
    #[schema(example = "monthly", min_length = 1, max_length = 1000)]
    pub name: String,
    /// What it does.
    pub kind: BacktestPolicyKind,
    /// Target weights in the order of the series, or by the name of the series. Default: the same weight for each asset.
    #[schema(value_type = Option<BacktestWeightsInput>)]
    pub weights: Option<BacktestWeights>,
    /// How often it decides. Absent: `monthly` for the kinds `optimal` and `plan`, `daily` for the others. The kind `buy_and_hold` trades once
    /// whatever it is, and a warning says so.
    pub rebalance: Option<RebalanceCadence>,
    /// The band around each weight. Absent: a quarter of the weight, at most 0.05 (5/25).
    #[schema(value_type = Option<BacktestBandInput>)]
    pub band: Option<BacktestBand>,
    /// Where a band trade ends, between target, 0, and edge, 1.
    #[schema(default = 0.0, example = 0.0, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub destination: Option<f64>,
    /// Cost of each side of a trade, basis points; it is deducted from the book on the day of the trade.
    #[schema(default = 0.0, example = 10.0, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub transaction_cost_bps: Option<f64>,
    /// The settings of the kind `plan`: a request of `POST /api/rebalance`, whose assets are those of the series, in any order. Targets, method,
    /// bands, limits, lots, costs, forecast model, covariance and whatever else decides a plan are read as they are there; models that it does
    /// not name are the defaults and not the champions of the service. Holdings, histories, prices, currency, dates, the simulation and
    /// what only describes are not read: each day of the replay has its own. `intent`, `liquidate`, `trigger`, `regime_band_widening` and
    /// `market_return` are about one day and refused, and lots, volumes and fees per unit beside `returns`, which have no price of a unit.
    #[schema(value_type = Option<RebalanceRequest>)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub plan: Option<BacktestPlan>,
    /// Returns that each plan of the kinds `optimal` and `plan` sees, the newest ones. Absent: all so far.
    #[schema(example = 252, minimum = 2, maximum = 100_000)]
    #[validate(range(min = 2, max = 100_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub lookback: Option<u64>,
}

impl BacktestPolicyRequest {
    pub(super) fn check(&self, at: &str, series: BacktestSeries<'_>, faults: &mut Faults) {
        check_name(&self.name, || format!("{at}/name"), faults);
        if let Some(weights) = &self.weights {
            weights.check(&format!("{at}/weights"), series, faults);
        }
        let is_band = self.kind == BacktestPolicyKind::Band;
        match self.band {
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
        match &self.plan {
            Some(plan) if self.kind == BacktestPolicyKind::Plan => {
                faults.within(&format!("{at}/plan"), |faults| plan.check(series, faults));
            }
            Some(_) => faults.add(format!("{at}/plan"), FaultCode::Value, "goes with the kind plan only"),
            None if self.kind == BacktestPolicyKind::Plan => {
                faults.add(format!("{at}/plan"), FaultCode::Required, "is required for the kind plan");
            }
            None => {}
        }
        if self.kind == BacktestPolicyKind::Plan {
            for (member, is_sent) in
                [("weights", self.weights.is_some()), ("transaction_cost_bps", self.transaction_cost_bps.is_some())]
            {
                if is_sent {
                    faults.add(format!("{at}/{member}"), FaultCode::Value, "is stated in plan for the kind plan");
                }
            }
        }
        if self.lookback.is_some() && !self.kind.plans() {
            faults.add(format!("{at}/lookback"), FaultCode::Value, "goes with the kinds optimal and plan only");
        }
    }

    /// Whether it was sent with a cadence that changes nothing, because its kind trades once.
    pub(crate) fn has_idle_cadence(&self) -> bool {
        self.kind == BacktestPolicyKind::BuyAndHold
            && self.rebalance.is_some_and(|cadence| cadence != RebalanceCadence::Never)
    }

    /// How often it decides.
    #[must_use]
    pub fn cadence(&self) -> RebalanceCadence {
        match self.kind {
            BacktestPolicyKind::BuyAndHold => RebalanceCadence::Never,
            BacktestPolicyKind::FixedWeights | BacktestPolicyKind::Band => {
                self.rebalance.unwrap_or(RebalanceCadence::Daily)
            }
            BacktestPolicyKind::Optimal | BacktestPolicyKind::Plan => {
                self.rebalance.unwrap_or(RebalanceCadence::Monthly)
            }
        }
    }
}
