//! Questions in addition to the windows of history.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{objects, optional_integer, pairs};
use crate::dto::absent;

/// A hypothetical move of some assets, classes or factors, all at once.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShockRequest {
    /// Its name in the answer.
    #[schema(example = "Stocks fall by a fifth", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub name: String,
    /// What moves; an asset that is named keeps its own move even if its class moves too.
    #[schema(min_items = 1, max_items = 100)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub moves: Vec<ShockMoveRequest>,
    /// Whether the other assets move as the covariance of `returns` implies; otherwise they do not move. `false` needs
    /// no returns.
    #[schema(default = true, example = true)]
    pub propagate: Option<bool>,
}

impl ShockRequest {
    /// Whether the other assets move too.
    #[must_use]
    pub fn propagates(&self) -> bool {
        self.propagate.unwrap_or(true)
    }
}

/// A stated move of one asset, one class or one factor: exactly one of the three.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShockMoveRequest {
    /// An asset of the book.
    #[schema(example = "SPY", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset: Option<String>,
    /// Every asset of the book in this class.
    #[schema(example = "equity", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset_class: Option<String>,
    /// A series of `returns` that is not an asset of the book; the shock has to propagate.
    #[schema(example = "WTI", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub factor: Option<String>,
    /// The move, a fraction from −1 (a total loss) to 10 (a gain of 1,000 %).
    #[schema(example = -0.2, minimum = -1.0, maximum = 10.0)]
    #[serde(rename = "return")]
    pub move_return: f64,
}

/// A search for the most likely move of the assets that loses a stated share of the book.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReverseRequest {
    /// The loss, a positive fraction of the book's value.
    #[schema(example = 0.2, minimum = 0.0001, maximum = 1.0)]
    #[validate(range(min = 0.0001, max = 1.0))]
    pub loss: f64,
    /// Periods of `returns` over which it happens; it scales distance and probability and does not change the move.
    #[schema(default = json!(absent::REVERSE_HORIZON_DAYS), example = 21, minimum = 1, maximum = 25200)]
    #[validate(range(min = 1, max = 25200))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub horizon_days: Option<u64>,
}

/// Correlations that move towards a level or a matrix, with unchanged volatilities.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrelationRequest {
    /// The correlation of every pair. Either this or `matrix`.
    #[schema(example = 0.9, minimum = -1.0, maximum = 1.0)]
    #[validate(range(min = -1.0, max = 1.0))]
    pub level: Option<f64>,
    /// Correlations, a row per asset in the order of `assets`: symmetric, ones on the diagonal. Every asset then needs returns.
    #[schema(example = json!([[1.0, 0.8], [0.8, 1.0]]), max_items = 500)]
    pub matrix: Option<Vec<Vec<f64>>>,
    /// How far: 0 leaves the correlations, 1 replaces them.
    #[schema(default = json!(absent::BLEND), example = 0.5, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub blend: Option<f64>,
    /// Periods of `returns` over which value at risk is measured.
    #[schema(default = json!(absent::VAR_HORIZON_DAYS), example = 1, minimum = 1, maximum = 25200)]
    #[validate(range(min = 1, max = 25200))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub horizon_days: Option<u64>,
}

/// What forced sales cost, and how long they take. Nothing is assumed for members that are not sent.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiquidityRequest {
    /// Share of an asset's average daily volume that is sold per day. Without it the answer has no days.
    #[schema(example = 0.1, exclusive_minimum = 0.0, maximum = 1.0)]
    #[validate(range(exclusive_min = 0.0, max = 1.0))]
    pub participation: Option<f64>,
    /// Reduction of the value by selling at once, basis points from 0 to 10,000, by asset class.
    #[schema(value_type = Option<std::collections::BTreeMap<String, f64>>, example = json!({"equity": 30.0}))]
    pub haircuts_bps: Option<NamedBasisPoints>,
}

/// Basis points by name, in the order sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NamedBasisPoints(pub Vec<(String, f64)>);

impl<'de> Deserialize<'de> for NamedBasisPoints {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        pairs(deserializer).map(Self)
    }
}
