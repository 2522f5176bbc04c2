use std::borrow::Cow;

use serde::Serialize;

/// Why a figure does not exist for the returns at hand.
///
/// A figure that is missing is never replaced by a guess, an infinity or a zero: it is absent and carries one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnavailableReason {
    /// There are fewer observations than the figure needs.
    #[error("the history is too short for this figure")]
    TooFewReturns,
    /// The returns do not vary, so nothing can be divided by their spread.
    #[error("the returns do not vary, and the figure divides by their spread")]
    ZeroVolatility,
    /// No benchmark was given.
    #[error("no benchmark returns were given")]
    NoBenchmark,
    /// The benchmark does not vary.
    #[error("the benchmark returns do not vary, and the figure divides by their spread")]
    ZeroBenchmarkVolatility,
    /// Portfolio and benchmark move together exactly.
    #[error("the returns follow the benchmark exactly, and the figure divides by the difference")]
    ZeroTrackingError,
    /// No return lies below the target.
    #[error("no return lies below the target, and the figure divides by the shortfall")]
    NoLosses,
    /// The wealth never falls below its peak.
    #[error("the wealth never falls below its peak, and the figure needs a drawdown")]
    NoDrawdown,
    /// The wealth has not come back to its earlier peak.
    #[error("the wealth has not come back to its earlier peak within the history")]
    NotRecovered,
    /// A return is below −1, so wealth would turn negative and cannot be compounded.
    #[error("a return is below -1, so the wealth turns negative and cannot be compounded")]
    BelowTotalLoss,
    /// The benchmark has no day of the kind asked for, or gained nothing on those days.
    #[error("the benchmark has no gain or loss of this kind to compare with")]
    NoBenchmarkMove,
    /// No dates were given for the returns.
    #[error("no dates were given for the returns")]
    NoDates,
    /// The likelihood has no maximum at finite parameters, or the search for it did not settle.
    #[error("the likelihood has no maximum at finite parameters, or the search did not settle")]
    NoMaximum,
    /// The fitted distribution has tails so heavy that it has no mean.
    #[error("the fitted distribution has tails so heavy that it has no mean")]
    NoMean,
    /// The returns have no excess kurtosis, so no Student-t law has their moments.
    #[error("the returns have no excess kurtosis, so no Student-t law has their moments")]
    NoExcessKurtosis,
    /// The total that shares are taken of is zero.
    #[error("the total that shares are taken of is zero")]
    ZeroTotal,
    /// The figure is too large for a floating-point number.
    #[error("the figure is too large for a floating-point number")]
    Overflow,
}

/// A figure that does not exist, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unavailable {
    /// Name of the figure, as in the result it is missing from.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "sharpe"))]
    pub metric: Cow<'static, str>,
    /// Machine-readable cause.
    pub reason: UnavailableReason,
    /// The cause as a sentence.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "the history is too short for this figure"))]
    pub detail: Cow<'static, str>,
}

impl Unavailable {
    pub(crate) fn new(metric: impl Into<Cow<'static, str>>, reason: UnavailableReason) -> Self {
        Self { metric: metric.into(), reason, detail: reason.to_string().into() }
    }
}

/// A figure on checked input: the number, or why there is none.
pub(crate) type Figure = Result<f64, UnavailableReason>;

/// Passes finite numbers, turns anything else into [`UnavailableReason::Overflow`].
pub(crate) fn finite(value: f64) -> Figure {
    if value.is_finite() { Ok(value) } else { Err(UnavailableReason::Overflow) }
}
