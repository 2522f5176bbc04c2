//! The input of a tilt for one asset.

use crate::asset::AssetForecast;
use crate::error::ForecastError;
use crate::sample::sum;

/// Minimum number of common returns from which the tracking error of a tilt is measured.
pub const MIN_COMMON_PERIODS: usize = 20;

/// The input of a tilt for one asset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TiltAsset<'a> {
    /// Policy weight, 0 to 1. The tilt never buys an asset of weight 0.
    pub target_weight: f64,
    /// Expected simple return per period, a fraction.
    pub expected_return: f64,
    /// Standard error of `expected_return`; an asset without one is not tilted.
    pub standard_error: Option<f64>,
    /// How far to trust the estimate, 0 to 1 ([`reliability`](crate::reliability())).
    pub reliability: f64,
    /// Standard deviation of the returns per period; an asset without one is not tilted.
    pub volatility: Option<f64>,
    /// Simple returns per period, oldest first; those of all assets end on the same date.
    pub returns: &'a [f64],
}

impl<'a> TiltAsset<'a> {
    /// Converts a forecast to the input of a tilt.
    ///
    /// At the returns implied by a policy, the policy is already right. A forecast with an
    /// [`implied_return`](AssetForecast::implied_return) is shrunk towards that return. The tilt therefore takes the
    /// difference according to the data alone, `(expected_return − implied_return)/q`, with the error
    /// `standard_error/√q`, and shrinks it by the confidence. `q` is the [`shrinkage`](AssetForecast::shrinkage) of the
    /// forecast, which is its confidence where it states no other.
    #[must_use]
    pub fn new(target_weight: f64, forecast: &AssetForecast, returns: &'a [f64]) -> Self {
        let shrinkage = forecast.shrinkage.unwrap_or(forecast.confidence);
        let (expected_return, standard_error) = match forecast.implied_return {
            None => (forecast.expected_return, forecast.standard_error),
            Some(implied) if shrinkage > 0.0 => (
                (forecast.expected_return - implied) / shrinkage,
                forecast.standard_error.map(|error| error / shrinkage.sqrt()),
            ),
            Some(_) => (0.0, None),
        };
        Self {
            target_weight,
            expected_return,
            standard_error,
            reliability: forecast.confidence,
            volatility: forecast.volatility,
            returns,
        }
    }

    pub(super) fn is_eligible(&self) -> bool {
        self.target_weight > 0.0
            && self.standard_error.is_some_and(|error| error > 0.0)
            && self.volatility.is_some_and(|volatility| volatility > 0.0)
            && self.returns.len() >= MIN_COMMON_PERIODS
    }

    pub(super) fn check(&self, asset: usize) -> Result<(), ForecastError> {
        let fraction = |x: f64| (0.0..=1.0).contains(&x);
        let scale = |x: Option<f64>| x.is_none_or(|x| x >= 0.0 && (x * x).is_finite());
        let fault = |field, value, expected| Err(ForecastError::TiltAsset { asset, field, value, expected });
        if !fraction(self.target_weight) {
            return fault("target_weight", self.target_weight, "0 to 1");
        }
        if !fraction(self.reliability) {
            return fault("reliability", self.reliability, "0 to 1");
        }
        if !(self.expected_return * self.expected_return).is_finite() {
            return fault("expected_return", self.expected_return, "a number with a finite square");
        }
        for (field, value) in [("standard_error", self.standard_error), ("volatility", self.volatility)] {
            if !scale(value) {
                return fault(field, value.unwrap_or_default(), "0 or more, with a finite square");
            }
        }
        if !sum(self.returns, |x| x * x).is_finite() {
            let bad = self.returns.iter().position(|x| !(x * x).is_finite()).unwrap_or(0);
            return Err(ForecastError::Return { asset, index: bad, value: self.returns[bad] });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_posterior_the_tilt_takes_what_the_data_say_beyond_the_policy() {
        let posterior = AssetForecast {
            expected_return: 0.0005,
            standard_error: Some(0.0002),
            confidence: 0.25,
            implied_return: Some(0.0003),
            ..AssetForecast::default()
        };
        let asset = TiltAsset::new(0.5, &posterior, &[]);
        assert!((asset.expected_return - 0.0008).abs() < 1e-18);
        assert_eq!((asset.standard_error, asset.reliability), (Some(0.0004), 0.25));
        // Nothing is known beyond the policy.
        let prior = AssetForecast { confidence: 0.0, standard_error: None, ..posterior };
        let asset = TiltAsset::new(0.5, &prior, &[]);
        assert_eq!((asset.expected_return, asset.standard_error), (0.0, None));
    }
}
