//! A forecast per year.

use serde::Serialize;

use crate::asset::AssetForecast;
use crate::interval::{IntervalAbsence, IntervalKind};

/// The forecast of one asset over a year.
///
/// Every number per period is multiplied by the number of periods in a year. This gives the mean of the sum of a year's
/// returns: nothing is compounded, and it differs from the growth of wealth by half the annual variance. The error of
/// an expected return is an error of the same mean in every period, so it too grows with the number of periods and not
/// with its square root.
///
/// # Example
/// ```
/// use forecast::{AnnualInterval, AssetForecast, IntervalKind};
///
/// let forecast = AssetForecast {
///     expected_return: 0.0002,
///     standard_error: Some(0.0001),
///     interval: Some([0.0, 0.0004]),
///     ..AssetForecast::default()
/// };
/// let annual = forecast.annual(250.0);
/// assert_eq!((annual.expected_return, annual.standard_error), (0.05, Some(0.025)));
/// // Without a prior, it is a confidence interval.
/// assert_eq!(annual.interval, Ok(AnnualInterval { kind: IntervalKind::Confidence, lower: 0.0, upper: 0.1 }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnnualForecast {
    /// Expected simple return per year, a fraction, not compounded.
    pub expected_return: f64,
    /// Standard error of `expected_return`, same unit; `None` when the data do not support one.
    pub standard_error: Option<f64>,
    /// Its 95 % interval, or why there is none.
    pub interval: Result<AnnualInterval, IntervalAbsence>,
}

/// The 95 % interval of an expected return per year, fractions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnnualInterval {
    /// The kind of interval: `credible` for a model with a prior, `confidence` for a model without one.
    pub kind: IntervalKind,
    /// Lower end.
    #[cfg_attr(feature = "openapi", schema(example = -0.039))]
    pub lower: f64,
    /// Upper end.
    #[cfg_attr(feature = "openapi", schema(example = 0.241))]
    pub upper: f64,
}

impl AnnualForecast {
    pub(crate) fn of(forecast: &AssetForecast, periods_per_year: f64) -> Self {
        Self {
            expected_return: periods_per_year * forecast.expected_return,
            standard_error: forecast.standard_error.map(|error| periods_per_year * error),
            interval: match forecast.interval {
                Some([lower, upper]) => Ok(AnnualInterval {
                    kind: forecast.implied_return.map_or(IntervalKind::Confidence, |_| IntervalKind::Credible),
                    lower: periods_per_year * lower,
                    upper: periods_per_year * upper,
                }),
                None => Err(IntervalAbsence::of(forecast)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::ForecastBasis;

    #[test]
    fn an_interval_has_a_kind_and_a_missing_one_has_a_reason() {
        let history = || AssetForecast { basis: ForecastBasis::History, observations: 250, ..AssetForecast::default() };
        let seen = || AssetForecast { interval: Some([-0.1, 0.1]), ..history() };
        let kind = |forecast: AssetForecast| forecast.annual(252.0).interval.map(|interval| interval.kind);
        assert_eq!(kind(AssetForecast { implied_return: Some(0.0), ..seen() }), Ok(IntervalKind::Credible));
        assert_eq!(kind(seen()), Ok(IntervalKind::Confidence));
        for (forecast, reason) in [
            (AssetForecast::default(), IntervalAbsence::NoHistory),
            (AssetForecast { observations: 1, ..history() }, IntervalAbsence::SingleObservation),
            (AssetForecast { volatility: Some(0.0), ..history() }, IntervalAbsence::ConstantHistory),
            (history(), IntervalAbsence::NotStated),
        ] {
            assert_eq!(kind(forecast), Err(reason));
            assert!(!reason.to_string().ends_with('.'), "{reason}");
        }
    }
}
