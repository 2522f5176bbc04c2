//! The reversal member: a first-order autoregression with a negative coefficient.

use crate::abstention::AbstentionCode;
use crate::error::{ForecastError, require};
use crate::member::{Member, MemberForecast, spread};
use crate::sample::Sample;

/// Short-term reversal: a first-order autoregression of returns with a negative coefficient.
///
/// With the mean `r̄`, the standard deviation `s` (ddof 1) and the first autocorrelation
/// `ρ = Σ_{t≥2}(r_t − r̄)(r_{t−1} − r̄) / Σ_t(r_t − r̄)²` of the whole history, the average return expected per period
/// over the next `H` periods is
///
/// ```text
/// A(ρ)            = (1/H) · Σ_{h=1..H} ρ^h
/// expected_return = r̄ + A · (r_T − r̄)
/// standard_error² = (1 − A)² · s²/T  +  (A′ · (r_T − r̄))² · (1 − ρ²)/T
/// ```
///
/// where `A′ = dA/dρ`. The standard error follows from the delta method: the two estimates are asymptotically
/// independent, and `Var ρ̂ = (1 − ρ²)/T`. The variance of the mean is taken as `s²/T`. An autoregression with negative
/// `ρ` would allow the smaller `s²/T · (1 + ρ)/(1 − ρ)`, which is not used because a negative estimate is often due to
/// chance.
///
/// The member abstains when the history is shorter than `min_observations`, when all returns are equal, and when
/// `ρ ≥ 0`: without reversing returns there is no evidence of reversal. Its number is then the plain mean `r̄`, the
/// same model with `ρ = 0`.
///
/// | option | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `horizon_periods` | 21 | periods the forecast is averaged over; 21 trading days are a month | 1 to 10,000 |
/// | `min_observations` | 20 | shortest history on which the member has an opinion | at least 3 |
///
/// # Reference
/// Jegadeesh (1990), "Evidence of predictable behavior of security returns", Journal of Finance 45(3), 881–898; Lo and
/// MacKinlay (1988), "Stock market prices do not follow random walks", Review of Financial Studies 1(1), 41–66.
/// Var ρ̂: Brockwell and Davis (1991), "Time Series: Theory and Methods", section 7.2 (Bartlett's formula).
///
/// # Example
/// ```
/// use forecast::{MeanReversion, Member};
///
/// // r̄ = 0, ρ = −3/4, and the last return is −0.01: one period ahead, +0.0075 is expected.
/// let member = MeanReversion { horizon_periods: 1, min_observations: 4 };
/// let forecast = member.forecast(&[0.01, -0.01, 0.01, -0.01]);
/// assert!((forecast.expected_return - 0.0075).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeanReversion {
    /// Periods the forecast is averaged over, 1 to 10,000.
    pub horizon_periods: usize,
    /// Shortest history on which the member has an opinion, at least 3.
    pub min_observations: usize,
}

impl Default for MeanReversion {
    fn default() -> Self {
        Self { horizon_periods: 21, min_observations: 20 }
    }
}

impl MeanReversion {
    /// The id of this member in results and inventories.
    pub const ID: &'static str = "mean_reversion";

    /// Checks the options.
    ///
    /// # Errors
    /// [`ForecastError::Option`] for a horizon outside 1 to 10,000 or a minimum below 3.
    pub fn check(&self) -> Result<(), ForecastError> {
        let horizon = self.horizon_periods;
        require((1..=10_000).contains(&horizon), "mean_reversion.horizon_periods", horizon as f64, "1 to 10000")?;
        let minimum = self.min_observations;
        require(minimum >= 3, "mean_reversion.min_observations", minimum as f64, "at least 3")
    }

    pub(crate) fn forecast_sample(&self, history: &Sample<'_>) -> MemberForecast {
        let deviation = match spread(history, self.min_observations) {
            Ok(deviation) => deviation,
            Err(reason) => return MemberForecast::abstain(history.mean, reason),
        };
        let rho = history.lagged_products() / history.squares;
        if rho.is_nan() || rho >= 0.0 {
            return MemberForecast::abstain(history.mean, AbstentionCode::NoReversal);
        }
        let periods = history.len() as f64;
        let (weight, slope) = self.average_power(rho);
        let last = history.returns[history.len() - 1] - history.mean;
        let error_of_mean = (1.0 - weight) * deviation / periods.sqrt();
        let error_of_rho = slope * last * ((1.0 - rho * rho).max(0.0) / periods).sqrt();
        MemberForecast::opinion(history.mean + weight * last, error_of_mean.hypot(error_of_rho))
    }

    /// `A(ρ) = (1/H) Σ ρ^h` and its derivative, for `ρ` in [−1, 0), where the closed forms do not cancel.
    fn average_power(&self, rho: f64) -> (f64, f64) {
        let horizon = self.horizon_periods as f64;
        // `check` bounds the horizon far below i32::MAX; unchecked options saturate and ρ^H is 0 anyway.
        let power = rho.powi(i32::try_from(self.horizon_periods).unwrap_or(i32::MAX));
        let rest = 1.0 - rho;
        let sum = rho * (1.0 - power) / rest;
        let slope = (1.0 - (horizon + 1.0) * power + horizon * rho * power) / (rest * rest);
        (sum / horizon, slope / horizon)
    }
}

impl Member for MeanReversion {
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
    fn the_closed_forms_equal_the_sums() {
        for horizon_periods in [1, 2, 21, 252] {
            let member = MeanReversion { horizon_periods, min_observations: 3 };
            for rho in [-1e-6, -0.05, -0.3, -0.75, -0.999] {
                let h = horizon_periods as i32;
                let sum: f64 = (1..=h).map(|k| f64::powi(rho, k)).sum::<f64>() / f64::from(h);
                let slope: f64 = (1..=h).map(|k| f64::from(k) * f64::powi(rho, k - 1)).sum::<f64>() / f64::from(h);
                let (a, b) = member.average_power(rho);
                assert!((a - sum).abs() < 1e-14 && (b - slope).abs() < 1e-11, "{horizon_periods} {rho}");
            }
        }
    }

    #[test]
    fn two_periods_by_hand() {
        // Deviations of ±0.01 around 0.02 alternate over 20 periods: r̄ = 0.02, ρ = −19/20, r_T − r̄ = −0.01.
        let returns: Vec<f64> = (0..20).map(|i| if i % 2 == 0 { 0.03 } else { 0.01 }).collect();
        let forecast = MeanReversion { horizon_periods: 2, ..MeanReversion::default() }.forecast(&returns);
        let rho = -0.95_f64;
        let a = (rho + rho * rho) / 2.0;
        let slope = (1.0 + 2.0 * rho) / 2.0;
        let s2 = 20.0 * 1e-4 / 19.0;
        let variance = (1.0 - a).powi(2) * s2 / 20.0 + slope.powi(2) * 1e-4 * (1.0 - rho * rho) / 20.0;
        assert!((forecast.expected_return - (0.02 - 0.01 * a)).abs() < 1e-15);
        assert!((forecast.standard_error.unwrap() - variance.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn trending_returns_abstain_and_still_give_the_mean() {
        let returns: Vec<f64> = (0..40).map(|i| f64::from(i) / 1000.0).collect();
        let forecast = MeanReversion::default().forecast(&returns);
        assert_eq!(forecast.abstained.unwrap().code, AbstentionCode::NoReversal);
        assert!((forecast.expected_return - 0.0195).abs() < 1e-15);
        assert_eq!(forecast.weight, 0.0);
    }

    #[test]
    fn nineteen_observations_are_too_few() {
        let returns: Vec<f64> = (0..20).map(|i| if i % 2 == 0 { 0.01 } else { -0.01 }).collect();
        let short = MeanReversion::default().forecast(&returns[1..]);
        assert_eq!(short.abstained.unwrap().code, AbstentionCode::TooFewObservations);
        assert!(MeanReversion::default().forecast(&returns).abstained.is_none());
    }

    #[test]
    fn options_outside_their_range_are_refused() {
        assert!(MeanReversion { horizon_periods: 0, ..MeanReversion::default() }.check().is_err());
        assert!(MeanReversion { min_observations: 2, ..MeanReversion::default() }.check().is_err());
        assert!(MeanReversion::default().check().is_ok());
    }
}
