//! Why a forecast is what it is.

use std::borrow::Cow;

use serde::Serialize;

/// A forecast as a sum: a base that all assets share, and what each input adds.
///
/// `base` plus all contributions is `expected_return` up to rounding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForecastExplanation {
    /// The forecast of an asset of which no input is known: a simple return per period.
    pub base: f64,
    /// What each input adds, in the order of the model.
    pub parts: Vec<ForecastPart>,
}

/// What an input adds to a forecast.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForecastPart {
    /// Name of the input.
    pub feature: Cow<'static, str>,
    /// Its value for the asset, in the unit of the model.
    pub value: f64,
    /// What it adds: a simple return per period.
    pub contribution: f64,
}
