//! A proven lower bound of a covariance.

use std::cell::Cell;

use portfolio_core::Confidence;
use statrs::distribution::{ChiSquared, Continuous, ContinuousCDF};

use crate::error::{RiskInput, check_returns, check_series};
use crate::parametric::student_quantile;
use crate::reason::finite;
use crate::spread::Spread;
use crate::sums::sum_map2;
use crate::{RiskError, UnavailableReason};

/// A lower bound of the covariance of two return series, if the sample proves that it is positive.
///
/// Let the pairs `(x, y)` be independent draws from one normal law, `β` the slope of `y` on `x`, and `Cov(x, y) =
/// β·σₓ²`. Both factors have an exact one-sided bound:
///
/// ```text
/// β  ≥ b − t·s/√Sₓₓ        Sₓₓ = Σ(x − x̄)²,  b = Sₓᵧ/Sₓₓ,  s² = (Sᵧᵧ − b·Sₓᵧ)/(T − 2),  t: Student, T − 2
/// σₓ² ≥ Sₓₓ/q              q: χ² with T − 1 degrees of freedom
/// ```
///
/// Given `x`, the error of `b` over its standard error has a Student law that does not depend on `x`, so the two bounds
/// hold independently of each other. With `t` and `q` at probability `√level` both hold with probability `level`. Their
/// product is the bound; where the first factor is not positive there is none. The probability that a reported bound
/// exceeds the covariance is at most `1 − level`, for every correlation and every `T ≥ 3`. Two series that are multiples
/// of each other have `s = 0`, and the bound is that of a variance.
///
/// Returns with fat tails or clusters of volatility carry less information than their number suggests, and the bound
/// then holds less often than `level`.
///
/// `x`, `y`: returns over the same periods, length `T ≥ 3`. Result: per period; `None` when the sample does not prove a
/// positive covariance.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::LengthMismatch`]; [`RiskError::Unavailable`] for fewer
/// than three returns or overflow.
///
/// # Reference
/// Anderson (2003), "An Introduction to Multivariate Statistical Analysis", sections 4.2 and 7.3.
///
/// # Example
/// ```
/// use risk::{Confidence, inference::proven_covariance};
///
/// let x = [0.01, -0.01, 0.02, -0.02, 0.01, -0.01];
/// // The variance of one series: Sₓₓ = 0.0012, and 12.8 is the quantile of χ² with 5 degrees of freedom at √0.95.
/// let bound = proven_covariance(&x, &x, Confidence::P95)?.expect("a positive variance");
/// assert!((bound - 0.0012 / 12.800_619_738).abs() < 1e-12);
/// // The opposite sign proves nothing.
/// assert_eq!(proven_covariance(&x, &x.map(|r| -r), Confidence::P95)?, None);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn proven_covariance(x: &[f64], y: &[f64], level: Confidence) -> Result<Option<f64>, RiskError> {
    check_returns(x)?;
    check_series(RiskInput::Benchmark, x.len(), y)?;
    if x.len() < 3 {
        return Err(UnavailableReason::TooFewReturns.into());
    }
    let (spread_x, spread_y) = (Spread::of(x), Spread::of(y));
    let cross = sum_map2(x, y, |x, y| (x - spread_x.mean) * (y - spread_y.mean));
    // A series that varies by rounding alone has no covariance.
    if spread_x.divisor().is_err() || spread_y.divisor().is_err() || cross <= 0.0 {
        return Ok(None);
    }
    let each = level.get().sqrt();
    let periods = x.len() as f64;
    let slope = cross / spread_x.squares;
    let residual = (spread_y.squares - slope * cross).max(0.0);
    let error = (residual / (periods - 2.0) / spread_x.squares).sqrt();
    let [student, chi_squared] = quantiles(each, periods);
    let slope = slope - student * error;
    let variance = spread_x.squares / chi_squared;
    Ok(Some(finite(slope * variance)?).filter(|bound| *bound > 0.0))
}

thread_local! {
    /// The quantiles of the last call on this thread, and the probability and the number of periods that they are of:
    /// plans of one book, or of many, ask again for the same ones, which cost more than all the rest.
    static LAST: Cell<Option<([f64; 2], [f64; 2])>> = const { Cell::new(None) };
}

/// The quantiles of Student's law with `periods − 2` degrees of freedom and of the χ² law with one more, at the
/// probability `p`.
fn quantiles(p: f64, periods: f64) -> [f64; 2] {
    let of = [p, periods];
    if let Some((_, found)) = LAST.get().filter(|(last, _)| *last == of) {
        return found;
    }
    let found = [student_quantile(p, periods - 2.0), chi_squared_quantile(p, periods - 1.0)];
    LAST.set(Some((of, found)));
    found
}

/// Quantile of the χ² law, the library's value refined by Newton steps on its distribution function.
fn chi_squared_quantile(p: f64, freedom: f64) -> f64 {
    let Ok(law) = ChiSquared::new(freedom) else { return f64::NAN };
    let mut q = law.inverse_cdf(p);
    for _ in 0..3 {
        let step = (law.cdf(q) - p) / law.pdf(q);
        if !step.is_finite() {
            break;
        }
        q -= step;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn quantiles_are_those_of_the_last_call_only_where_it_asked_for_the_same() {
        for (p, periods) in [(0.975, 20.0), (0.975, 252.0), (0.9, 252.0), (0.9, 252.0), (0.975, 20.0)] {
            let computed = [student_quantile(p, periods - 2.0), chi_squared_quantile(p, periods - 1.0)];
            assert_eq!(quantiles(p, periods), computed, "{p} {periods}");
        }
    }

    /// Two standard normal numbers (Box and Muller).
    fn normals(random: &mut ChaCha8Rng) -> [f64; 2] {
        let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
        let angle = std::f64::consts::TAU * random.random::<f64>();
        [radius * angle.cos(), radius * angle.sin()]
    }

    /// The share of samples whose bound does not exceed the covariance, and of those that have a bound.
    fn coverage(periods: usize, correlation: f64, samples: usize) -> (f64, f64) {
        let mut random = ChaCha8Rng::seed_from_u64(periods as u64);
        let rest = (1.0 - correlation * correlation).sqrt();
        let (mut covered, mut bounded) = (0, 0);
        for _ in 0..samples {
            let draws: Vec<[f64; 2]> = (0..periods).map(|_| normals(&mut random)).collect();
            let x: Vec<f64> = draws.iter().map(|[a, _]| 0.004 * a).collect();
            let y: Vec<f64> = draws.iter().map(|[a, b]| 0.01 * (correlation * a + rest * b)).collect();
            let bound = proven_covariance(&x, &y, Confidence::P95).unwrap();
            covered += usize::from(bound.is_none_or(|bound| bound <= 0.004 * 0.01 * correlation));
            bounded += usize::from(bound.is_some());
        }
        (covered as f64 / samples as f64, bounded as f64 / samples as f64)
    }

    #[test]
    fn it_covers_at_least_at_its_level_under_normal_returns() {
        // Four standard errors of a share of 0.95 in 4,000 samples.
        let least = 0.95 - 4.0 * (0.95_f64 * 0.05 / 4000.0).sqrt();
        for periods in [5, 20, 60, 250] {
            for correlation in [-0.5, 0.0, 0.1, 0.5, 0.9, 0.99, 1.0] {
                let (covered, _) = coverage(periods, correlation, 4000);
                assert!(covered >= least, "{periods} periods, correlation {correlation}: {covered}");
            }
        }
    }

    #[test]
    fn a_quarter_of_a_year_proves_a_close_relation_and_its_bound_is_not_empty() {
        let (covered, bounded) = coverage(60, 0.9, 2000);
        assert!(bounded > 0.999 && covered < 0.999, "{bounded}, {covered}");
    }

    #[test]
    fn quantiles_of_printed_tables() {
        for (p, freedom, printed) in [(0.95, 1.0, 3.841_459), (0.975, 10.0, 20.483_18), (0.99, 250.0, 304.939_6)] {
            assert!((chi_squared_quantile(p, freedom) - printed).abs() < 1e-4, "{p} {freedom}");
        }
    }

    #[test]
    fn constants_short_series_and_opposite_ones_prove_nothing() {
        let x = [0.01, -0.02, 0.03, 0.0];
        assert_eq!(proven_covariance(&x, &[0.01; 4], Confidence::P95), Ok(None));
        assert_eq!(proven_covariance(&[0.01; 4], &x, Confidence::P95), Ok(None));
        assert_eq!(proven_covariance(&x, &x.map(|r| -2.0 * r), Confidence::P95), Ok(None));
        assert!(proven_covariance(&x[..2], &x[..2], Confidence::P95).is_err());
        assert!(proven_covariance(&x, &x[..3], Confidence::P95).is_err());
    }
}
