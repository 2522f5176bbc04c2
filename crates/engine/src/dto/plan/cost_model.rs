//! The fitted cost model of a plan.

use governance::Digest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A fitted cost model: a trade of `v` costs `v·(half_spread + impact·volatility·participation^exponent)`, where the volatility is that of one
/// period of the asset's history and the participation the units traded over the average daily volume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FittedCosts {
    /// Its id in the inventory of models.
    #[schema(example = "fitted_costs_1")]
    pub id: String,
    /// Its version.
    #[schema(example = "1.0.0")]
    pub version: String,
    /// SHA-256 over its parameters, card and golden cases.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Digest,
    /// Half-spread, a fraction of the price.
    #[schema(example = 0.0003)]
    pub half_spread: f64,
    /// Coefficient of the impact, without a unit.
    #[schema(example = 0.8)]
    pub impact: f64,
    /// Exponent of the participation.
    #[schema(example = 0.55)]
    pub exponent: f64,
}
