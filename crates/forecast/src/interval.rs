//! The kind of a forecast's interval, or why there is none.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::asset::AssetForecast;
use crate::note::ForecastBasis;

/// The meaning of a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum IntervalKind {
    /// Given the prior of the model and the histories, the expected return lies inside with probability 0.95.
    Credible,
    /// Over repeated histories, 95 of 100 such intervals contain the expected return; the model has no prior.
    Confidence,
}

impl IntervalKind {
    /// The kind as answers name it: `credible`, `confidence`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credible => "credible",
            Self::Confidence => "confidence",
        }
    }
}

/// Why a forecast has no interval. `Display` gives a sentence without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum IntervalAbsence {
    /// The asset has no history.
    NoHistory,
    /// The history has one return.
    SingleObservation,
    /// The returns of the history do not vary.
    ConstantHistory,
    /// The model states no error.
    NotStated,
}

impl IntervalAbsence {
    /// Why a forecast without an interval has none.
    pub(crate) fn of(forecast: &AssetForecast) -> Self {
        match (forecast.basis, forecast.observations, forecast.volatility) {
            (ForecastBasis::None | ForecastBasis::MarketReturn, ..) => Self::NoHistory,
            (ForecastBasis::History, 0 | 1, _) => Self::SingleObservation,
            (ForecastBasis::History, _, Some(0.0)) => Self::ConstantHistory,
            (ForecastBasis::History, ..) => Self::NotStated,
        }
    }
}

impl fmt::Display for IntervalAbsence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoHistory => "no history was sent",
            Self::SingleObservation => "one return gives no error",
            Self::ConstantHistory => "the returns do not vary",
            Self::NotStated => "the model states no error",
        })
    }
}
