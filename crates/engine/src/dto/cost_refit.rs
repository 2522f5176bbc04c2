//! Refitting the cost model to the costs of execution.

use chrono::{DateTime, Utc};
use governance::Digest;
use serde::{Deserialize, Serialize};
use tca::{CostFit, Estimate};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::Document;
use crate::dto::metadata::Metadata;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Most assets of a filter.
const MAX_ASSETS: usize = 10_000;

/// Which executed orders a refit uses; without members, all of them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"start_at": "2026-01-01T00:00:00Z"}))]
pub struct CostRefitRequest {
    /// Only orders of plans exported at this time or later.
    #[schema(example = "2026-01-01T00:00:00Z", nullable = false)]
    pub start_at: Option<DateTime<Utc>>,
    /// Only orders of plans exported before this time, which is after `start_at`.
    #[schema(example = "2027-01-01T00:00:00Z", nullable = false)]
    pub end_at: Option<DateTime<Utc>>,
    /// Only orders of these assets, by id: 1 to 10,000.
    #[schema(example = json!(["SPY", "TLT"]), nullable = false, min_items = 1, max_items = 10_000)]
    pub assets: Option<Vec<String>>,
}

impl Document for CostRefitRequest {
    fn check_size(&self, faults: &mut Faults) {
        if self.assets.as_ref().is_some_and(|assets| assets.is_empty() || assets.len() > MAX_ASSETS) {
            faults.add("/assets", FaultCode::Length, format!("must have 1 to {MAX_ASSETS} entries"));
        }
    }

    fn check(&self, faults: &mut Faults) {
        if let (Some(start), Some(end)) = (self.start_at, self.end_at)
            && start >= end
        {
            faults.add("/end_at", FaultCode::Range, "must be after start_at");
        }
    }
}

/// An estimate and its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct CostEstimate {
    /// The estimate.
    #[schema(example = 0.0003)]
    pub value: f64,
    /// Its standard error.
    #[schema(example = 0.00002)]
    pub standard_error: f64,
}

impl From<Estimate> for CostEstimate {
    fn from(Estimate { value, standard_error }: Estimate) -> Self {
        Self { value, standard_error }
    }
}

/// `cost = half_spread + impact·volatility·participation^exponent` by nonlinear least squares, one observation for each order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct CostFitEntry {
    /// Half-spread, a fraction of the price.
    pub half_spread: CostEstimate,
    /// Coefficient of the impact, without a unit.
    pub impact: CostEstimate,
    /// Exponent of the participation.
    pub exponent: CostEstimate,
    /// Standard deviation of what the model leaves unexplained, a fraction of the value traded.
    #[schema(example = 0.0004)]
    pub residual_standard_deviation: f64,
}

impl From<&CostFit> for CostFitEntry {
    fn from(fit: &CostFit) -> Self {
        Self {
            half_spread: fit.half_spread.into(),
            impact: fit.impact.into(),
            exponent: fit.exponent.into(),
            residual_standard_deviation: fit.residual_sd,
        }
    }
}

/// The version that a refit made.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RefittedModel {
    /// Its id in the inventory, for `POST /api/models/{model_id}/promotion`.
    #[schema(example = "fitted_costs_1")]
    pub id: String,
    /// Its version.
    #[schema(example = "1.0.0")]
    pub version: String,
    /// SHA-256 over its parameters, card and golden cases.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Digest,
    /// Whether this refit made it: the same observations do not make a second version.
    #[schema(example = true)]
    pub is_new: bool,
    /// Sequence of the audit entry that recorded it.
    #[schema(example = 41, minimum = 1)]
    pub sequence: u64,
}

/// Orders that a refit cannot use, by what is missing; each is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostRefitLeftOut {
    /// Nothing was filled.
    #[schema(example = 2)]
    pub not_filled: u64,
    /// No arrival price was reported.
    #[schema(example = 0)]
    pub without_arrival_price: u64,
    /// The plan's request has no average daily volume of the asset.
    #[schema(example = 1)]
    pub without_daily_volume: u64,
    /// The plan's request has fewer than 20 returns of the asset, or they do not vary.
    #[schema(example = 0)]
    pub without_volatility: u64,
    /// The average or arrival price is more than a factor of 2 away from the plan's, or more than the ordered quantity
    /// was filled: such a report is probably an error, and a single one would dominate the fit.
    #[schema(example = 0)]
    pub implausible: u64,
}

/// The cost model, fitted to the costs of execution.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostRefitResponse {
    /// The version of the inventory that holds the fit, a challenger until a person promotes it; null without one.
    #[schema(required)]
    pub model: Option<RefittedModel>,
    /// The fit; null when the orders do not support one.
    #[schema(required)]
    pub fit: Option<CostFitEntry>,
    /// Why there is no fit or no version; absent when there are both.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "there are 12 fills, and a refit needs at least 30")]
    pub reason: Option<String>,
    /// Plans whose orders were exported within the span and that are still stored.
    #[schema(example = 24)]
    pub plans: u64,
    /// Orders that were used, one observation each.
    #[schema(example = 240)]
    pub orders: u64,
    /// Orders that could not be used.
    pub left_out: CostRefitLeftOut,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}
