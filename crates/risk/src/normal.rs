//! The standard normal distribution to full precision.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::{RiskError, RiskParameter};

/// Density of the standard normal distribution, `φ(z) = e^(−z²/2)/√(2π)`.
///
/// # Example
/// ```
/// assert!((risk::normal_density(0.0) - 0.398_942_280_401_432_7).abs() < 1e-16);
/// ```
#[must_use]
pub fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Distribution function of the standard normal distribution, `Φ(z)`, the probability of a value up to `z`.
///
/// Near the centre `Φ(z) = ½ + φ(z)·(z + z³/3 + z⁵/15 + …)`; in the tails the continued fraction of Mills' ratio,
/// `φ(z)/(z + 1/(z + 2/(z + 3/(z + …))))`. The relative error is about 1e-14, in the lower tail too. The error function
/// follows as `erf(x) = 2Φ(x√2) − 1`. A NaN gives NaN.
///
/// # Reference
/// Abramowitz and Stegun (1964), "Handbook of Mathematical Functions", 26.2.11 and 26.2.14.
///
/// # Example
/// ```
/// assert_eq!(risk::normal_cdf(0.0), 0.5);
/// assert!((risk::normal_cdf(1.959_963_984_540_054) - 0.975).abs() < 1e-15);
/// ```
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    let size = z.abs();
    if size < 2.5 {
        let (mut term, mut sum, mut odd) = (z, z, 1.0);
        while term.abs() > 1e-17 * sum.abs() {
            odd += 2.0;
            term *= z * z / odd;
            sum += term;
        }
        return 0.5 + normal_density(z) * sum;
    }
    // More terms change no bit of the fraction: 83 suffice at 2.5, 30 at 5 and 13 at 10 (`enough_terms_are_taken`).
    let terms = (16.0 + 700.0 / (size * size)).min(120.0) as u32;
    let mut fraction = size;
    for k in (1..=terms).rev() {
        fraction = size + f64::from(k) / fraction;
    }
    let tail = normal_density(size) / fraction;
    if z < 0.0 { tail } else { 1.0 - tail }
}

/// Quantile of the standard normal distribution, `Φ⁻¹(p)`: the value that a share `p` of outcomes does not exceed.
///
/// A library approximation, refined by one Newton step on [`normal_cdf`].
///
/// # Errors
/// [`RiskError::OutOfRange`] unless `p` lies strictly between 0 and 1.
///
/// # Example
/// ```
/// // The z of a two-sided interval at 95 %.
/// assert!((risk::normal_quantile(0.975)? - 1.959_963_984_540_054).abs() < 1e-14);
/// assert!(risk::normal_quantile(1.0).is_err());
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn normal_quantile(p: f64) -> Result<f64, RiskError> {
    if p > 0.0 && p < 1.0 {
        Ok(quantile(p))
    } else {
        Err(RiskError::OutOfRange { parameter: RiskParameter::Probability, value: p })
    }
}

/// [`normal_quantile`] of a probability known to lie strictly between 0 and 1.
pub(crate) fn quantile(p: f64) -> f64 {
    let z = Normal::standard().inverse_cdf(p);
    let density = normal_density(z);
    if density > 0.0 { z - (normal_cdf(z) - p) / density } else { z }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_values() {
        for (p, z) in [
            (0.05, -1.644_853_626_951_472_7),
            (0.01, -2.326_347_874_040_841),
            (0.001, -3.090_232_306_167_813_5),
            (0.975, 1.959_963_984_540_054_2),
        ] {
            let found = normal_quantile(p).unwrap();
            assert!((found - z).abs() < 1e-14, "{p}: {found}");
        }
        assert_eq!(normal_cdf(0.0), 0.5);
        assert!((normal_cdf(-6.0) / 9.865_876_450_376_98e-10 - 1.0).abs() < 1e-12);
        assert_eq!((normal_cdf(-40.0), normal_cdf(40.0)), (0.0, 1.0));
    }

    #[test]
    fn the_error_function_follows_to_full_precision() {
        // Abramowitz and Stegun, table 7.1.
        for (x, erf) in [(0.1, 0.112_462_916_0), (0.5, 0.520_499_877_8), (1.0, 0.842_700_792_9), (2.0, 0.995_322_265_0)]
        {
            let found = 2.0 * normal_cdf(x * std::f64::consts::SQRT_2) - 1.0;
            assert!((found - erf).abs() < 1e-10, "{x}: {found}");
        }
    }

    #[test]
    fn both_branches_meet() {
        let (inside, outside) = (normal_cdf(-2.499_999_999_999), normal_cdf(-2.500_000_000_001));
        assert!((inside / outside - 1.0).abs() < 1e-11, "{inside} {outside}");
    }

    #[test]
    fn enough_terms_are_taken() {
        for step in 0..40_000 {
            let z = 2.5 + 1e-3 * f64::from(step);
            let fraction = (1..=200).rev().fold(z, |fraction, k| z + f64::from(k) / fraction);
            assert_eq!(normal_cdf(-z), normal_density(z) / fraction, "{z}");
        }
    }

    #[test]
    fn every_number_has_an_answer() {
        assert_eq!((normal_cdf(f64::NEG_INFINITY), normal_cdf(f64::INFINITY)), (0.0, 1.0));
        assert!(normal_cdf(f64::NAN).is_nan());
        for p in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(normal_quantile(p).is_err(), "{p}");
        }
        for p in [f64::MIN_POSITIVE, 5e-324, 1.0 - f64::EPSILON] {
            assert!(normal_quantile(p).unwrap().is_finite(), "{p}");
        }
    }
}
