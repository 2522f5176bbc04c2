//! The interval that contains the next return, or why there is none.

use std::fmt;

use online::NoInterval;
use serde::Serialize;

/// An interval for the next return of an asset, which will be observed; an expected return, which also has an interval,
/// never is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeInterval {
    /// Share of the next returns that such intervals contain in the long run, in (0, 1).
    #[cfg_attr(feature = "openapi", schema(example = 0.9))]
    pub coverage: f64,
    /// Lower end, a simple return per period.
    #[cfg_attr(feature = "openapi", schema(example = -0.0151))]
    pub lower: f64,
    /// Upper end, a simple return per period.
    #[cfg_attr(feature = "openapi", schema(example = 0.0159))]
    pub upper: f64,
}

/// Why a forecast has no interval for the next return. `Display` gives a sentence without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OutcomeIntervalAbsence {
    /// The model states no such interval.
    NotStated,
    /// The history has too few returns to test the model on.
    ShortHistory,
    /// The errors of the model on the history are all zero.
    NoErrors,
    /// Recent returns left their intervals so often that only an unbounded interval would keep the coverage.
    Unbounded,
    /// Recent returns were inside their intervals so often that the interval would be empty.
    Empty,
}

impl From<NoInterval> for OutcomeIntervalAbsence {
    fn from(reason: NoInterval) -> Self {
        match reason {
            NoInterval::BeyondWindow => Self::Unbounded,
            NoInterval::Empty => Self::Empty,
            _ => Self::ShortHistory,
        }
    }
}

impl fmt::Display for OutcomeIntervalAbsence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotStated => "the model states no interval for the next return",
            Self::ShortHistory => "there are too few returns to try the model on",
            Self::NoErrors => "the model made no error on the history",
            Self::Unbounded => "recent returns left their intervals too often for an interval with ends",
            Self::Empty => "recent returns stayed in their intervals too often for one that is not empty",
        })
    }
}
