//! A method of forecasting an asset from its own history, and its result.

use serde::Serialize;

use crate::abstention::{Abstention, AbstentionCode};
use crate::sample::Sample;

/// A method of forecasting an asset's return from its own history.
///
/// # Example
/// ```
/// use forecast::{Ewma, MeanReversion, Member, Momentum};
///
/// let members: [&dyn Member; 3] = [&Momentum::default(), &MeanReversion::default(), &Ewma::default()];
/// for member in members {
///     let forecast = member.forecast(&[0.01, -0.02, 0.03]);
///     assert!(forecast.expected_return.is_finite(), "{}", member.id());
/// }
/// ```
pub trait Member {
    /// The id of the member in results and inventories, snake_case.
    fn id(&self) -> &str;

    /// Semantic version of the formula; it changes whenever a number may change.
    fn version(&self) -> &str;

    /// Forecasts the expected return per period.
    ///
    /// `returns`: simple returns per period as fractions, oldest first, any length. The number is finite for every
    /// input. Where the input supports no opinion, the member abstains with a reason.
    fn forecast(&self, returns: &[f64]) -> MemberForecast;
}

/// The forecast of one member for one asset.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberForecast {
    /// Expected simple return per period, a fraction: 0.001 is a tenth of a percent. Always a finite number.
    #[cfg_attr(feature = "openapi", schema(example = 0.0004))]
    pub expected_return: f64,
    /// Standard error of `expected_return`, same unit; null when the data do not support one.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.0007))]
    pub standard_error: Option<f64>,
    /// Share of this member in the ensemble, between 0 and 1; 0 when it abstains. A member used alone has 1.
    #[cfg_attr(feature = "openapi", schema(example = 0.45, minimum = 0.0, maximum = 1.0))]
    pub weight: f64,
    /// Why the member has no opinion; null when it has one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub abstained: Option<Abstention>,
}

impl MemberForecast {
    /// Creates an opinion, with weight 1 until an ensemble assigns another.
    ///
    /// If the mean or standard error is not finite, or the standard error is not positive, the result is an abstention.
    #[must_use]
    pub fn opinion(expected_return: f64, standard_error: f64) -> Self {
        if expected_return.is_finite() && standard_error.is_finite() && standard_error > 0.0 {
            Self { expected_return, standard_error: Some(standard_error), weight: 1.0, abstained: None }
        } else {
            Self::abstain(expected_return, AbstentionCode::NotComputable)
        }
    }

    /// Creates a number without an opinion: weight 0, no standard error, and the reason. A number that is not finite
    /// becomes 0.
    #[must_use]
    pub fn abstain(expected_return: f64, code: AbstentionCode) -> Self {
        let expected_return = if expected_return.is_finite() { expected_return } else { 0.0 };
        Self { expected_return, standard_error: None, weight: 0.0, abstained: Some(code.into()) }
    }
}

/// The standard deviation that a member needs, or the reason why it does not exist.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opinion_needs_finite_numbers_and_an_error() {
        for (mean, error, kept) in [(f64::NAN, 1.0, 0.0), (0.5, f64::INFINITY, 0.5), (0.5, 0.0, 0.5), (0.5, -1.0, 0.5)]
        {
            let forecast = MemberForecast::opinion(mean, error);
            assert_eq!(forecast, MemberForecast::abstain(kept, AbstentionCode::NotComputable));
        }
        assert_eq!(MemberForecast::opinion(0.5, 0.1).weight, 1.0);
    }

    #[test]
    fn each_reason_for_having_no_spread_is_told_apart() {
        for (returns, min_observations, expected) in [
            (&[][..], 2, Err(AbstentionCode::NoHistory)),
            (&[0.1][..], 2, Err(AbstentionCode::TooFewObservations)),
            (&[0.1, 0.2][..], 3, Err(AbstentionCode::TooFewObservations)),
            (&[0.1, 0.1][..], 2, Err(AbstentionCode::ZeroVariance)),
            (&[0.1, f64::NAN][..], 2, Err(AbstentionCode::NotComputable)),
            (&[-1.0, 0.0, 1.0][..], 3, Ok(1.0)),
        ] {
            assert_eq!(spread(&Sample::of(returns), min_observations), expected);
        }
    }
}
