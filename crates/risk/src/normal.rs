//! The standard normal law to the last digits.
//!
//! The complementary error function at hand is good to about 1e-10, which is not enough for the quantiles here.

use statrs::distribution::{ContinuousCDF, Normal};

/// `φ(z)`.
pub(crate) fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// `Φ(z)`, accurate relative to itself in the lower tail too.
///
/// Near the centre `Φ(z) = ½ + φ(z)·(z + z³/3 + z⁵/15 + …)`; in the tails the continued fraction of Mills' ratio,
/// `φ(z)/(z + 1/(z + 2/(z + 3/(z + …))))` (Abramowitz and Stegun 26.2.11 and 26.2.14).
pub(crate) fn normal_cdf(z: f64) -> f64 {
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
    let mut fraction = size;
    for k in (1..=120).rev() {
        fraction = size + f64::from(k) / fraction;
    }
    let tail = normal_density(size) / fraction;
    if z < 0.0 { tail } else { 1.0 - tail }
}

/// `Φ⁻¹(p)`, `0 < p < 1`: a library approximation and one Newton step on [`normal_cdf`].
pub(crate) fn normal_quantile(p: f64) -> f64 {
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
            assert!((normal_quantile(p) - z).abs() < 1e-14, "{p}: {}", normal_quantile(p));
        }
        assert_eq!(normal_cdf(0.0), 0.5);
        assert!((normal_cdf(-6.0) / 9.865_876_450_376_98e-10 - 1.0).abs() < 1e-12);
        assert_eq!((normal_cdf(-40.0), normal_cdf(40.0)), (0.0, 1.0));
    }

    #[test]
    fn both_branches_meet() {
        let (inside, outside) = (normal_cdf(-2.499_999_999_999), normal_cdf(-2.500_000_000_001));
        assert!((inside / outside - 1.0).abs() < 1e-11, "{inside} {outside}");
    }
}
