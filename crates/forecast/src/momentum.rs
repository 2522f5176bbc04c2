//! The momentum member: the mean of the recent past.

use crate::error::{ForecastError, require};
use crate::member::{Member, MemberForecast, spread};
use crate::sample::Sample;

/// Time-series momentum: the asset is expected to earn next what it earned over the last year.
///
/// With `L = min(T, window)` and the sample standard deviation `s` (ddof 1) of the last `L` returns,
///
/// ```text
/// expected_return = (1/L) · Σ r_t  over the last L periods
/// standard_error  = s / √L
/// ```
///
/// The standard error assumes that returns are uncorrelated from one period to the next. The member abstains with fewer
/// than two returns and when all returns are equal.
///
/// | option | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `window` | 252 | look-back in periods; 252 trading days are twelve months | at least 2 |
///
/// # Reference
/// Moskowitz, Ooi and Pedersen (2012), "Time series momentum", Journal of Financial Economics 104(2), 228–250. They
/// trade the sign of the twelve-month return; here its size is kept and its error is stated with it.
///
/// # Example
/// ```
/// use forecast::{Member, Momentum};
///
/// let forecast = Momentum { window: 3 }.forecast(&[0.50, 0.01, 0.02, 0.06]);
/// // The first return is outside the window; the others have mean 0.03 and s² = 0.0007.
/// assert!((forecast.expected_return - 0.03).abs() < 1e-15);
/// assert!((forecast.standard_error.unwrap() - (0.0007_f64 / 3.0).sqrt()).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Momentum {
    /// Look-back in periods, at least 2.
    pub window: usize,
}

impl Default for Momentum {
    fn default() -> Self {
        Self { window: 252 }
    }
}

impl Momentum {
    /// The id of this member in results and inventories.
    pub const ID: &'static str = "momentum";

    /// Checks the options.
    ///
    /// # Errors
    /// [`ForecastError::Option`] when `window` is below 2.
    pub fn check(&self) -> Result<(), ForecastError> {
        require(self.window >= 2, "momentum.window", self.window as f64, "at least 2")
    }

    pub(crate) fn forecast_sample(&self, history: &Sample<'_>) -> MemberForecast {
        let recent = match history.len().checked_sub(self.window) {
            None | Some(0) => *history,
            Some(skip) => Sample::of(&history.returns[skip..]),
        };
        match spread(&recent, 2) {
            Ok(deviation) => MemberForecast::opinion(recent.mean, deviation / (recent.len() as f64).sqrt()),
            Err(reason) => MemberForecast::abstain(recent.mean, reason),
        }
    }
}

impl Member for Momentum {
    fn id(&self) -> &str {
        Self::ID
    }

    fn version(&self) -> &str {
        "2.0.1"
    }

    fn forecast(&self, returns: &[f64]) -> MemberForecast {
        self.forecast_sample(&Sample::of(returns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AbstentionCode;

    #[test]
    fn only_the_window_counts() {
        let mut returns = vec![9.0; 100];
        returns.extend((0..252).map(|i| if i % 2 == 0 { 0.02 } else { 0.0 }));
        let forecast = Momentum::default().forecast(&returns);
        assert!((forecast.expected_return - 0.01).abs() < 1e-15);
        // 252 deviations of ±0.01, ddof 1.
        let expected = (252.0 * 0.0001 / 251.0 / 252.0_f64).sqrt();
        assert!((forecast.standard_error.unwrap() - expected).abs() < 1e-15);
    }

    #[test]
    fn short_and_constant_histories_abstain_with_a_number() {
        let momentum = Momentum::default();
        for (returns, value, code) in [
            (&[][..], 0.0, AbstentionCode::NoHistory),
            (&[0.03][..], 0.03, AbstentionCode::TooFewObservations),
            (&[0.5, 0.5, 0.5][..], 0.5, AbstentionCode::ZeroVariance),
            (&[0.5, f64::NAN][..], 0.0, AbstentionCode::NotComputable),
        ] {
            let forecast = momentum.forecast(returns);
            assert_eq!(forecast.expected_return, value);
            assert_eq!(forecast.abstained.unwrap().code, code);
            assert_eq!((forecast.weight, forecast.standard_error), (0.0, None));
        }
    }

    #[test]
    fn a_window_of_one_is_refused() {
        assert!(Momentum { window: 1 }.check().is_err());
        assert!(Momentum { window: 2 }.check().is_ok());
    }
}
