use serde::Serialize;

use crate::sample::Sample;

/// One way of forecasting an asset's return from its own history.
///
/// Object safe, so that trained models can stand beside the three members of this crate.
///
/// # Example
/// ```
/// use forecast::{Ewma, Forecaster, MeanReversion, Momentum};
///
/// let members: [&dyn Forecaster; 3] = [&Momentum::default(), &MeanReversion::default(), &Ewma::default()];
/// for member in members {
///     let forecast = member.forecast(&[0.01, -0.02, 0.03]);
///     assert!(forecast.expected_return.is_finite(), "{}", member.id());
/// }
/// ```
pub trait Forecaster {
    /// The name results and inventories use, snake_case.
    fn id(&self) -> &'static str;

    /// Semantic version of the formula; it changes whenever a number could.
    fn version(&self) -> &'static str;

    /// The expected return per period of the next periods.
    ///
    /// `returns`: simple returns per period as fractions, oldest first, any length. The answer is a finite number for
    /// every input; what the input cannot support is an abstention with its reason, never NaN.
    fn forecast(&self, returns: &[f64]) -> MemberForecast;
}

/// What one member says about one asset.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberForecast {
    /// Expected simple return per period, a fraction: 0.001 is a tenth of a percent. Always a finite number.
    #[cfg_attr(feature = "openapi", schema(example = 0.0004))]
    pub expected_return: f64,
    /// Standard error of `expected_return`, same unit; null when the data do not support one.
    #[cfg_attr(feature = "openapi", schema(example = 0.0007))]
    pub standard_error: Option<f64>,
    /// Share of this member in the ensemble, between 0 and 1; 0 when it abstains. A member used alone carries 1.
    #[cfg_attr(feature = "openapi", schema(example = 0.45, minimum = 0.0, maximum = 1.0))]
    pub weight: f64,
    /// Why the member has no opinion; null when it has one.
    pub abstained: Option<Abstention>,
}

/// A member's reason for having no opinion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Abstention {
    /// The reason as a code.
    pub code: AbstentionCode,
    /// The reason as a sentence.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "Returns do not reverse: their first autocorrelation is not negative.")
    )]
    pub sentence: &'static str,
}

/// The reasons a member can have for abstaining.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AbstentionCode {
    /// There are no returns.
    NoHistory,
    /// The history is shorter than the member needs.
    TooFewObservations,
    /// All returns are equal, so their estimation error is unknown.
    ZeroVariance,
    /// Returns do not reverse.
    NoReversal,
    /// A return is not a finite number, or too large to be squared.
    NotComputable,
}

impl AbstentionCode {
    /// The reason as a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoHistory => "There is no return history.",
            Self::TooFewObservations => "The return history is shorter than this member needs.",
            Self::ZeroVariance => "All returns are equal, so the error of their mean cannot be estimated.",
            Self::NoReversal => "Returns do not reverse: their first autocorrelation is not negative.",
            Self::NotComputable => "A return is not a finite number, or too large for its square to be one.",
        }
    }
}

impl From<AbstentionCode> for Abstention {
    fn from(code: AbstentionCode) -> Self {
        Self { code, sentence: code.sentence() }
    }
}

impl MemberForecast {
    /// An opinion, with weight 1 until an ensemble assigns another. An error or mean that overflowed is no opinion.
    #[must_use]
    pub fn opinion(expected_return: f64, standard_error: f64) -> Self {
        if expected_return.is_finite() && standard_error.is_finite() && standard_error > 0.0 {
            Self { expected_return, standard_error: Some(standard_error), weight: 1.0, abstained: None }
        } else {
            Self::abstain(expected_return, AbstentionCode::NotComputable)
        }
    }

    /// A number without an opinion: weight 0, no standard error, the reason. A number that is not finite becomes 0.
    #[must_use]
    pub fn abstain(expected_return: f64, code: AbstentionCode) -> Self {
        let expected_return = if expected_return.is_finite() { expected_return } else { 0.0 };
        Self { expected_return, standard_error: None, weight: 0.0, abstained: Some(code.into()) }
    }
}

/// The standard deviation a member needs, or why there is none.
pub(crate) fn spread(sample: &Sample<'_>, min_observations: usize) -> Result<f64, AbstentionCode> {
    if !sample.is_finite() {
        return Err(AbstentionCode::NotComputable);
    }
    match sample.standard_deviation() {
        None if sample.len() == 0 => Err(AbstentionCode::NoHistory),
        _ if sample.len() < min_observations => Err(AbstentionCode::TooFewObservations),
        None => Err(AbstentionCode::TooFewObservations),
        Some(0.0) => Err(AbstentionCode::ZeroVariance),
        Some(deviation) => Ok(deviation),
    }
}
