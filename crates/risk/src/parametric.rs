//! VaR and CVaR of fitted distributions.

use portfolio_core::Confidence;
use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};

use crate::UnavailableReason;
use crate::normal::{normal_density, quantile};
use crate::reason::{Figure, finite};
use crate::shape::Shape;
use crate::spread::Spread;

/// The lower tail of a distribution `location + scale·X`, where `X` is standard normal or Student-t.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LocationScale {
    pub(crate) location: f64,
    pub(crate) scale: f64,
    /// Degrees of freedom; `None` for the normal distribution.
    pub(crate) degrees_of_freedom: Option<f64>,
}

impl LocationScale {
    /// The normal distribution with the mean and sample deviation of the returns.
    pub(crate) fn normal(spread: &Spread) -> Result<Self, UnavailableReason> {
        Ok(Self { location: spread.mean, scale: spread.deviation()?, degrees_of_freedom: None })
    }

    /// The Student-t distribution with the mean, deviation and excess kurtosis `K` of the returns: `ν = 4 + 6/K`, and
    /// the normal distribution when the returns have no excess kurtosis.
    pub(crate) fn student_by_moments(spread: &Spread, shape: &Shape) -> Result<Self, UnavailableReason> {
        let normal = Self::normal(spread)?;
        let kurtosis = shape.excess_kurtosis_biased?;
        if kurtosis <= 0.0 {
            return Ok(normal);
        }
        let nu = 4.0 + 6.0 / kurtosis;
        if !nu.is_finite() {
            return Ok(normal);
        }
        let scale = normal.scale * ((nu - 2.0) / nu).sqrt();
        Ok(Self { scale, degrees_of_freedom: Some(nu), ..normal })
    }

    /// Minus the `tail` quantile.
    pub(crate) fn value_at_risk(&self, level: Confidence) -> Figure {
        finite(-(self.location + self.scale * self.standard_quantile(level.tail())))
    }

    /// Mean loss beyond the `tail` quantile, in closed form.
    pub(crate) fn conditional(&self, level: Confidence) -> Figure {
        let tail = level.tail();
        let q = self.standard_quantile(tail);
        let standard = match self.degrees_of_freedom {
            None => normal_density(q) / tail,
            Some(nu) if nu <= 1.0 => return Err(UnavailableReason::NoMean),
            Some(nu) => student_density(q, nu) / tail * (nu + q * q) / (nu - 1.0),
        };
        finite(-self.location + self.scale * standard)
    }

    fn standard_quantile(&self, p: f64) -> f64 {
        match self.degrees_of_freedom {
            None => quantile(p),
            Some(nu) => student_quantile(p, nu),
        }
    }
}

/// VaR of the normal distribution with its quantile corrected for the skewness `S` and excess kurtosis `K` of the
/// returns, `z + (z²−1)S/6 + (z³−3z)K/24 − (2z³−5z)S²/36` (Cornish and Fisher 1938).
///
/// The expansion is a quantile function only where it increases with `z`. Outside that domain the figure is
/// unavailable.
pub(crate) fn cornish_fisher(spread: &Spread, shape: &Shape, level: Confidence) -> Figure {
    let (s, k) = (shape.skew_biased?, shape.excess_kurtosis_biased?);
    if !expansion_is_monotone(s, k) {
        return Err(UnavailableReason::OutsideDomain);
    }
    finite(-(spread.mean + expansion(quantile(level.tail()), s, k) * spread.deviation()?))
}

/// The Cornish–Fisher expansion at the standard normal quantile `z`.
fn expansion(z: f64, skew: f64, excess_kurtosis: f64) -> f64 {
    let z2 = z * z;
    z + (z2 - 1.0) * skew / 6.0 + (z2 - 3.0) * z * excess_kurtosis / 24.0 - (2.0 * z2 - 5.0) * z * skew * skew / 36.0
}

/// Whether the expansion increases with `z` everywhere: its slope `a·z² + S·z/3 + c`, with `a = K/8 − S²/6` and
/// `c = 1 − K/8 + 5S²/36`, does not have two roots and opens upwards (Maillard 2012, "A user's guide to the Cornish
/// Fisher expansion", SSRN 1997178).
///
/// Without skewness, the excess kurtosis may be from 0 to 8; at `|S| = 1`, from 1.6 to 8.9.
fn expansion_is_monotone(skew: f64, excess_kurtosis: f64) -> bool {
    let square = skew * skew;
    let a = excess_kurtosis / 8.0 - square / 6.0;
    let c = 1.0 - excess_kurtosis / 8.0 + 5.0 * square / 36.0;
    a >= 0.0 && square / 9.0 <= 4.0 * a * c
}

/// Above this many degrees of freedom, the expansions in `1/ν` are exact to the last digits, while the incomplete beta
/// function is not.
const LARGE_NU: f64 = 1000.0;

/// Density of the standard Student-t distribution.
fn student_density(t: f64, nu: f64) -> f64 {
    if nu > LARGE_NU {
        // Γ((ν+1)/2)/Γ(ν/2)·√(2/ν) = exp(−1/(4ν) + 1/(24ν³) − …).
        let constant = -0.25 / nu + 1.0 / (24.0 * nu.powi(3));
        let kernel = -0.5 * (nu + 1.0) * (t * t / nu).ln_1p();
        return (constant + kernel).exp() / (2.0 * std::f64::consts::PI).sqrt();
    }
    StudentsT::new(0.0, 1.0, nu).map_or(f64::NAN, |law| law.pdf(t))
}

/// Quantile of the standard Student-t distribution, refined by Newton steps on its distribution function.
///
/// For many degrees of freedom it uses the expansion around the normal quantile, Abramowitz and Stegun 26.7.5.
pub(crate) fn student_quantile(p: f64, nu: f64) -> f64 {
    if nu > LARGE_NU {
        let z = quantile(p);
        let z2 = z * z;
        let terms = [
            (z2 + 1.0) / 4.0,
            ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0,
            (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0,
            ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92160.0,
        ];
        return z * terms.iter().rev().fold(0.0, |sum, term| (sum + term) / nu) + z;
    }
    let Ok(law) = StudentsT::new(0.0, 1.0, nu) else { return f64::NAN };
    let mut t = law.inverse_cdf(p);
    for _ in 0..3 {
        let density = law.pdf(t);
        if density <= 0.0 || density.is_nan() {
            break;
        }
        let step = (law.cdf(t) - p) / density;
        t -= step;
        if step.abs() <= 1e-15 * t.abs() {
            break;
        }
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_known_to_many_digits() {
        // Closed forms. Cauchy: tan(π(p − ½)); ν = 2: (2p−1)/√(2p(1−p)).
        for p in [0.05, 0.01, 0.3] {
            let cauchy = (std::f64::consts::PI * (p - 0.5)).tan();
            assert!((student_quantile(p, 1.0) / cauchy - 1.0).abs() < 1e-12, "{p}");
            let two = (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt();
            assert!((student_quantile(p, 2.0) / two - 1.0).abs() < 1e-12, "{p}");
        }
        assert!((student_quantile(0.05, 1e9) - quantile(0.05)).abs() < 1e-8);
    }

    #[test]
    fn the_expansions_meet_the_exact_law() {
        for p in [0.05, 0.01] {
            let (exact, expanded) = (student_quantile(p, LARGE_NU), student_quantile(p, LARGE_NU * (1.0 + 1e-13)));
            assert!((exact / expanded - 1.0).abs() < 1e-12, "{p}: {exact} {expanded}");
            let (exact, expanded) = (student_density(-2.0, LARGE_NU), student_density(-2.0, LARGE_NU * (1.0 + 1e-13)));
            assert!((exact / expanded - 1.0).abs() < 1e-11, "{p}: {exact} {expanded}");
        }
    }

    #[test]
    fn the_tail_mean_of_a_normal_law_is_phi_over_alpha() {
        let law = LocationScale { location: 0.0, scale: 1.0, degrees_of_freedom: None };
        assert!((law.conditional(Confidence::P95).unwrap() - 2.062_712_807_507_084).abs() < 1e-9);
        let cauchy = LocationScale { degrees_of_freedom: Some(1.0), ..law };
        assert_eq!(cauchy.conditional(Confidence::P95), Err(UnavailableReason::NoMean));
    }

    /// Whether the expansion never decreases over `|z| ≤ 60`, checked step by step.
    fn rises(skew: f64, kurtosis: f64) -> bool {
        let step = 1e-3;
        let values = (-60_000..=60_000).map(|i| expansion(f64::from(i) * step, skew, kurtosis));
        values.scan(f64::NEG_INFINITY, |last, value| Some(value >= std::mem::replace(last, value))).all(|rose| rose)
    }

    #[test]
    fn the_domain_is_where_the_quantiles_rise() {
        let (mut inside, mut outside) = (0, 0);
        for i in -8..=8 {
            let skew = 0.35 * f64::from(i);
            for j in -2..=20 {
                // Off the boundary: where the slope is only just negative, the steps miss it.
                let kurtosis = 0.637 * f64::from(j) + 0.0101;
                let monotone = expansion_is_monotone(skew, kurtosis);
                assert_eq!(monotone, rises(skew, kurtosis), "S = {skew}, K = {kurtosis}");
                *(if monotone { &mut inside } else { &mut outside }) += 1;
            }
        }
        assert!(inside > 50 && outside > 50, "{inside} {outside}");
    }

    #[test]
    fn the_domain_ends_where_the_slope_has_one_root() {
        assert!(expansion_is_monotone(0.0, 0.0) && expansion_is_monotone(0.0, 8.0));
        assert!(!expansion_is_monotone(0.0, -1e-9) && !expansion_is_monotone(0.0, 8.0 + 1e-9));
        // The roots in x = K/8 of (x − S²/6)(1 + 5S²/36 − x) = S²/36.
        for skew in [0.1_f64, -0.4, 0.9, -1.2] {
            let square = skew * skew;
            let (sum, product) =
                (1.0 + 11.0 * square / 36.0, square / 6.0 * (1.0 + 5.0 * square / 36.0) + square / 36.0);
            let root = (sum * sum / 4.0 - product).sqrt();
            let (low, high) = (8.0 * (sum / 2.0 - root), 8.0 * (sum / 2.0 + root));
            assert!(expansion_is_monotone(skew, low + 1e-9) && expansion_is_monotone(skew, high - 1e-9), "{skew}");
            assert!(!expansion_is_monotone(skew, low - 1e-9) && !expansion_is_monotone(skew, high + 1e-9), "{skew}");
        }
        // Maillard: no kurtosis is admissible for a skewness beyond 6(√2 − 1).
        let most = 6.0 * (2.0_f64.sqrt() - 1.0);
        let some = |skew: f64| (0..4000).any(|i| expansion_is_monotone(skew, f64::from(i) * 0.01));
        assert!(some(most - 0.01) && !some(most + 0.01));
    }

    #[test]
    fn tails_heavier_or_lighter_than_the_domain_have_no_figure() {
        // One loss of a tenth among four hundred quiet days.
        let mut returns: Vec<f64> = (0..400).map(|i| f64::from((i * 37) % 101) / 5000.0 - 0.01).collect();
        let var = |returns: &[f64]| {
            let spread = Spread::of(returns);
            cornish_fisher(&spread, &Shape::of(returns, &spread), Confidence::P99)
        };
        returns[200] = -0.1;
        assert_eq!(var(&returns), Err(UnavailableReason::OutsideDomain));
        // Without it the tails are lighter than those of the normal distribution.
        returns[200] = 0.0;
        assert_eq!(var(&returns), Err(UnavailableReason::OutsideDomain));
    }
}
