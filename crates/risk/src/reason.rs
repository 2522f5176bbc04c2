//! Why a figure does not exist for the given returns.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// Why a figure does not exist for the given returns.
///
/// A missing figure is never replaced by a guess, an infinity or a zero: it is absent and has one of these reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnavailableReason {
    /// There are fewer observations than the figure needs.
    TooFewReturns,
    /// The returns do not vary, so nothing can be divided by their spread.
    ZeroVolatility,
    /// No benchmark was given.
    NoBenchmark,
    /// The benchmark does not vary.
    ZeroBenchmarkVolatility,
    /// Portfolio and benchmark move together exactly.
    ZeroTrackingError,
    /// No return lies below the target.
    NoLosses,
    /// The wealth never falls below its peak.
    NoDrawdown,
    /// The wealth has not recovered to its earlier peak.
    NotRecovered,
    /// A return is below −1, so wealth would turn negative and cannot be compounded.
    BelowTotalLoss,
    /// The benchmark has no day of the required kind, or gained nothing on those days.
    NoBenchmarkMove,
    /// No dates were given for the returns.
    NoDates,
    /// The likelihood has no maximum at finite parameters, or the search for it did not settle.
    NoMaximum,
    /// The fitted distribution has tails so heavy that it has no mean.
    NoMean,
    /// The returns have no excess kurtosis, so no Student-t law has their moments.
    NoExcessKurtosis,
    /// The expansion has no rising quantile function for the skewness and kurtosis of the returns.
    OutsideDomain,
    /// The total of which shares are taken is zero.
    ZeroTotal,
    /// The figure is too large for a floating-point number.
    Overflow,
}

impl UnavailableReason {
    /// The reason as a sentence without a full stop.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TooFewReturns => "the history is too short for this figure",
            Self::ZeroVolatility => "the returns do not vary, and the figure divides by their spread",
            Self::NoBenchmark => "no benchmark returns were given",
            Self::ZeroBenchmarkVolatility => {
                "the benchmark returns do not vary, and the figure divides by their spread"
            }
            Self::ZeroTrackingError => {
                "the returns follow the benchmark exactly, and the figure divides by the difference"
            }
            Self::NoLosses => "no return lies below the target, and the figure divides by the shortfall",
            Self::NoDrawdown => "the wealth never falls below its peak, and the figure needs a drawdown",
            Self::NotRecovered => "the wealth has not come back to its earlier peak within the history",
            Self::BelowTotalLoss => "a return is below -1, so the wealth turns negative and cannot be compounded",
            Self::NoBenchmarkMove => "the benchmark has no gain or loss of this kind to compare with",
            Self::NoDates => "no dates were given for the returns",
            Self::NoMaximum => "the likelihood has no maximum at finite parameters, or the search did not settle",
            Self::NoMean => "the fitted distribution has tails so heavy that it has no mean",
            Self::NoExcessKurtosis => "the returns have no excess kurtosis, so no Student-t law has their moments",
            Self::OutsideDomain => {
                "for this skewness and kurtosis the quantiles of the expansion do not rise with the probability"
            }
            Self::ZeroTotal => "the total that shares are taken of is zero",
            Self::Overflow => "the figure is too large for a floating-point number",
        }
    }
}

impl fmt::Display for UnavailableReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.sentence())
    }
}

impl std::error::Error for UnavailableReason {}

/// A figure that does not exist, and why.
///
/// Serialises as `metric`, `reason` and `detail`, the sentence of the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable {
    /// Name of the figure, as in the result it is missing from.
    pub metric: &'static str,
    /// Why it does not exist.
    pub reason: UnavailableReason,
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.metric, self.reason)
    }
}

impl Serialize for Unavailable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Unavailable", 3)?;
        fields.serialize_field("metric", self.metric)?;
        fields.serialize_field("reason", &self.reason)?;
        fields.serialize_field("detail", self.reason.sentence())?;
        fields.end()
    }
}

/// The serialised form, whose third member follows from the second.
#[cfg(feature = "openapi")]
mod schema {
    use super::UnavailableReason;

    /// A figure that does not exist, and why.
    #[derive(utoipa::ToSchema)]
    #[schema(as = Unavailable)]
    #[expect(dead_code, reason = "describes what `Serialize` writes")]
    pub(super) struct Written {
        /// Name of the figure, as in the result it is missing from.
        #[schema(example = "sharpe")]
        metric: String,
        /// Machine-readable cause.
        reason: UnavailableReason,
        /// The cause as a sentence.
        #[schema(example = "the history is too short for this figure")]
        detail: String,
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Unavailable {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        schema::Written::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Unavailable {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        schema::Written::schemas(schemas);
    }
}

/// A figure computed from checked input: the number, or the reason why there is none.
pub(crate) type Figure = Result<f64, UnavailableReason>;

/// Passes finite numbers and turns anything else into [`UnavailableReason::Overflow`].
pub(crate) fn finite(value: f64) -> Figure {
    if value.is_finite() { Ok(value) } else { Err(UnavailableReason::Overflow) }
}
