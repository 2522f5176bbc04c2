use serde::Serialize;

use crate::member::MemberForecast;

/// What is known about one asset when its return is forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AssetHistory<'a> {
    /// Simple returns per period as fractions, oldest first; may be empty.
    pub returns: &'a [f64],
    /// The caller's own estimate, a fraction per period. Used only when `returns` is empty.
    pub market_return: Option<f64>,
}

/// The forecast of one asset: three members, their ensemble, and how far to trust it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetForecast {
    /// Time-series momentum.
    pub momentum: MemberForecast,
    /// Short-term reversal.
    pub mean_reversion: MemberForecast,
    /// Exponentially weighted mean.
    pub ewma: MemberForecast,
    /// Expected simple return per period, a fraction: the weighted mean of the members. Always a finite number.
    #[cfg_attr(feature = "openapi", schema(example = 0.0004))]
    pub ensemble: f64,
    /// Standard error of `ensemble`, same unit; null when the data do not support one.
    #[cfg_attr(feature = "openapi", schema(example = 0.0008))]
    pub standard_error: Option<f64>,
    /// How far to trust `ensemble`: 0 not at all, 1 fully. How it is computed is part of the model.
    #[cfg_attr(feature = "openapi", schema(example = 0.17, minimum = 0.0, maximum = 1.0))]
    pub confidence: f64,
    /// 95 % interval of the expected return per period, lower and upper bound; null without a standard error.
    #[cfg_attr(feature = "openapi", schema(example = json!([-0.0012, 0.0020])))]
    pub interval: Option<[f64; 2]>,
    /// Sample standard deviation (ddof 1) of the returns per period; null for fewer than two returns.
    #[cfg_attr(feature = "openapi", schema(example = 0.011))]
    pub volatility: Option<f64>,
    /// What the forecast rests on.
    pub basis: ForecastBasis,
    /// What a reader should know before using the numbers; empty in the ordinary case.
    pub notes: Vec<ForecastNote>,
    /// Returns the forecast was computed from.
    #[cfg_attr(feature = "openapi", schema(example = 250))]
    pub observations: usize,
}

/// What a forecast rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ForecastBasis {
    /// The asset's return history.
    History,
    /// The caller's market return, because there is no history.
    MarketReturn,
    /// Nothing: neither a history nor a market return was given, and the forecast is zero.
    None,
}

/// A remark on one forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastNote {
    /// The remark as a code.
    pub code: ForecastNoteCode,
    /// The remark as a sentence.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "No return history: the forecast repeats the market return and nothing supports it.")
    )]
    pub sentence: &'static str,
}

/// The remarks a forecast can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ForecastNoteCode {
    /// The forecast is the caller's market return.
    MarketReturnFallback,
    /// The forecast is zero because nothing was given.
    NoInformation,
    /// One return: a mean without an error.
    SingleObservation,
    /// All returns are equal.
    ConstantHistory,
    /// The model gives no standard error and its confidence depends on the unit of the returns.
    ConfidenceNotCalibrated,
}

impl ForecastNoteCode {
    /// The remark as a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::MarketReturnFallback => {
                "No return history: the forecast repeats the market return and nothing supports it."
            }
            Self::NoInformation => "Neither a return history nor a market return was given: the forecast is zero.",
            Self::SingleObservation => "One return says almost nothing about the next: there is no standard error.",
            Self::ConstantHistory => {
                "All returns are equal: there is no evidence about the error of their mean, so the confidence is zero."
            }
            Self::ConfidenceNotCalibrated => {
                "This model gives no standard error, and its confidence depends on the unit of the returns."
            }
        }
    }
}

impl From<ForecastNoteCode> for ForecastNote {
    fn from(code: ForecastNoteCode) -> Self {
        Self { code, sentence: code.sentence() }
    }
}
