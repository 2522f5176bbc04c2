//! The basis of a forecast, and remarks on it.

use std::fmt;

use serde::Serialize;

/// What a forecast is based on.
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

impl fmt::Display for ForecastBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::History => "return history",
            Self::MarketReturn => "market return",
            Self::None => "nothing",
        })
    }
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
    /// The forecast is the prior, because there is no history.
    PriorReturn,
    /// Fewer returns than the model reads: the forecast is what all assets share.
    ShortHistory,
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
            Self::PriorReturn => {
                "No return history: the forecast is the prior, which a market return moves by the weight of one observation."
            }
            Self::ShortHistory => {
                "Fewer returns than the model reads: the forecast is what all assets share, without confidence."
            }
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

/// Prints the sentence.
impl fmt::Display for ForecastNoteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// Prints the sentence.
impl fmt::Display for ForecastNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence)
    }
}
