//! The EWMA member: an exponentially weighted mean.

use crate::error::{ForecastError, require};
use crate::member::{Member, MemberForecast, spread};
use crate::sample::Sample;

/// Exponentially weighted mean with weights that sum to one.
///
/// ```text
/// w_j             = (1 − λ) λ^j / (1 − λ^T),   j = 0 for the newest return
/// expected_return = Σ_j w_j · r_{T−j}
/// standard_error  = s · √(Σ_j w_j²),   Σ w_j² = (1 − λ)(1 + λ^T) / ((1 + λ)(1 − λ^T))
/// ```
///
/// with the sample standard deviation `s` (ddof 1) of the whole history. Dividing by `1 − λ^T` is the bias correction:
/// a recursion that starts at zero keeps `λ^T` of its weight on that zero and is too small on short histories. At λ =
/// 0.94 the mean rests on about 32 effective observations, however long the history is, so its error stays large. The
/// member abstains with fewer than two returns and when all returns are equal.
///
/// | option | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `decay` | 0.94 | λ, the weight of a return relative to the next newer one | strictly between 0 and 1 |
///
/// # Reference
/// J.P. Morgan/Reuters (1996), "RiskMetrics Technical Document", 4th edition, section 5.2 (λ = 0.94 for daily data). The
/// document weights variances; here the mean is weighted.
///
/// # Example
/// ```
/// use forecast::{Ewma, Member};
///
/// // Weights 4/7, 2/7, 1/7 from the newest to the oldest.
/// let forecast = Ewma { decay: 0.5 }.forecast(&[0.07, 0.00, 0.014]);
/// assert!((forecast.expected_return - (0.01 + 0.008)).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ewma {
    /// λ, strictly between 0 and 1.
    pub decay: f64,
}

impl Default for Ewma {
    fn default() -> Self {
        Self { decay: 0.94 }
    }
}

impl Ewma {
    /// The id of this member in results and inventories.
    pub const ID: &'static str = "ewma";

    /// Checks the options.
    ///
    /// # Errors
    /// [`ForecastError::Option`] when `decay` is not strictly between 0 and 1.
    pub fn check(&self) -> Result<(), ForecastError> {
        require(self.decay > 0.0 && self.decay < 1.0, "ewma.decay", self.decay, "strictly between 0 and 1")
    }

    pub(crate) fn forecast_sample(&self, history: &Sample<'_>) -> MemberForecast {
        let decay = self.decay;
        // Beyond i32::MAX periods λ^T is exactly zero.
        let oldest = decay.powi(i32::try_from(history.len()).unwrap_or(i32::MAX));
        let deviation = match spread(history, 2) {
            Ok(deviation) => deviation,
            // With one return or equal returns, any weighted mean is the mean.
            Err(reason) => return MemberForecast::abstain(history.mean, reason),
        };
        let mean = history.decayed_sum(decay) * (1.0 - decay) / (1.0 - oldest);
        let squared_weights = (1.0 - decay) * (1.0 + oldest) / ((1.0 + decay) * (1.0 - oldest));
        MemberForecast::opinion(mean, deviation * squared_weights.sqrt())
    }
}

impl Member for Ewma {
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

    #[test]
    fn three_observations_by_hand() {
        let forecast = Ewma { decay: 0.5 }.forecast(&[0.07, 0.00, 0.014]);
        // Mean 0.028, deviations 0.042, −0.028, −0.014; weights squared (16 + 4 + 1)/49.
        let s = ((0.042_f64.powi(2) + 0.028_f64.powi(2) + 0.014_f64.powi(2)) / 2.0).sqrt();
        assert!((forecast.standard_error.unwrap() - s * (21.0_f64 / 49.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn weights_sum_to_one_at_every_length() {
        // A shift of all returns by 5 must shift the mean by 5: only weights that sum to one do that.
        for n in 2..60 {
            let returns: Vec<f64> = (0..n).map(|i| f64::from(i % 7) / 100.0).collect();
            let shifted: Vec<f64> = returns.iter().map(|r| r + 5.0).collect();
            let (a, b) = (Ewma::default().forecast(&returns), Ewma::default().forecast(&shifted));
            assert!((b.expected_return - a.expected_return - 5.0).abs() < 1e-13, "{n}");
        }
    }

    #[test]
    fn effective_observations_level_off() {
        let returns: Vec<f64> = (0..5000).map(|i| if i % 2 == 0 { 0.01 } else { -0.01 }).collect();
        let error = Ewma::default().forecast(&returns).standard_error.unwrap();
        assert!((error / 0.01 - (0.06_f64 / 1.94).sqrt()).abs() < 1e-3);
    }

    #[test]
    fn a_decay_of_one_or_nan_is_refused() {
        for decay in [0.0, 1.0, f64::NAN] {
            assert!(Ewma { decay }.check().is_err());
        }
        assert!(Ewma::default().check().is_ok());
    }
}
