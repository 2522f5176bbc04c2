//! Why a figure does not exist.

use serde::Serialize;

/// Why the input cannot support a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoCost {
    /// Nothing was filled.
    NoFills,
    /// Part of the order was not filled, and no end price was given.
    NoEndPrice,
    /// No volume-weighted average price of the market was given.
    NoVwap,
    /// No half-spread was given.
    NoHalfSpread,
    /// No estimate was given.
    NoEstimate,
    /// The value at the decision is less than half a minor unit.
    NoDecisionValue,
    /// The fills add up to more than the order.
    Overfilled,
}

impl NoCost {
    /// The reason as a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoFills => "nothing was filled, so there is no price paid",
            Self::NoEndPrice => "part of the order was not filled, and no end price values that part",
            Self::NoVwap => "no volume-weighted average price of the market was given",
            Self::NoHalfSpread => "no half-spread was given, so spread and impact are not told apart",
            Self::NoEstimate => "no estimate was given",
            Self::NoDecisionValue => "the value at the decision is less than half a minor unit",
            Self::Overfilled => "the fills add up to more than the order, so nothing of it was left to be filled",
        }
    }
}
