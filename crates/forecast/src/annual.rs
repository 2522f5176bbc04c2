//! A forecast per year.

use serde::Serialize;

use crate::asset::AssetForecast;

/// The forecast of one asset over a year.
///
/// Every number per period is multiplied by the number of periods in a year. This gives the mean of the sum of a year's
/// returns: nothing is compounded, and it differs from the growth of wealth by half the annual variance. The error of
/// an expected return is an error of the same mean in every period, so it too grows with the number of periods and not
/// with its square root.
///
/// # Example
/// ```
/// use forecast::AssetForecast;
///
/// let forecast = AssetForecast {
///     expected_return: 0.0002,
///     standard_error: Some(0.0001),
///     interval: Some([0.0, 0.0004]),
///     ..AssetForecast::default()
/// };
/// let annual = forecast.annual(250.0);
/// assert_eq!((annual.expected_return, annual.standard_error), (0.05, Some(0.025)));
/// assert_eq!(annual.interval, Some([0.0, 0.1]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AnnualForecast {
    /// Expected simple return per year, a fraction, not compounded.
    pub expected_return: f64,
    /// Standard error of `expected_return`, same unit; `None` when the data do not support one.
    pub standard_error: Option<f64>,
    /// 95 % interval of the expected return per year, lower and upper bound; `None` without a standard error.
    pub interval: Option<[f64; 2]>,
}

impl AnnualForecast {
    pub(crate) fn of(forecast: &AssetForecast, periods_per_year: f64) -> Self {
        Self {
            expected_return: periods_per_year * forecast.expected_return,
            standard_error: forecast.standard_error.map(|error| periods_per_year * error),
            interval: forecast.interval.map(|bounds| bounds.map(|bound| periods_per_year * bound)),
        }
    }
}
