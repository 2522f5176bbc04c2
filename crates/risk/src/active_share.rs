//! Active share: how much of a portfolio differs from its benchmark.

use crate::error::{RiskInput, check_finite, check_series};
use crate::reason::finite;
use crate::sums::sum_map2;
use crate::{RiskError, UnavailableReason};

/// Active share: half the sum of the absolute differences from the benchmark's weights, including cash.
///
/// ```text
/// ½·( Σ |wᵢ − bᵢ| + |c_w − c_b| ),   c = 1 − Σ weights: cash
/// ```
///
/// `weights`, `benchmark_weights`: fractions of wealth, one per asset in the same order, of any sign; one minus their
/// sum is cash. Result: a fraction; 0 for the benchmark itself, 1 for a portfolio that has nothing in common with it,
/// and above 1 only with short positions or borrowed cash. It equals the one-way turnover from the portfolio to the
/// benchmark.
///
/// # Errors
/// [`RiskError::Empty`] for no assets; [`RiskError::LengthMismatch`], [`RiskError::NotFinite`]; [`RiskError::Unavailable`] on
/// overflow.
///
/// # Reference
/// Cremers and Petajisto (2009), "How active is your fund manager? A new measure that predicts performance", The Review of
/// Financial Studies 22(9), 3329–3365.
///
/// # Example
/// ```
/// use risk::active_share;
///
/// // 10 % moved from the second asset to the first, and 10 % of it to cash.
/// assert!((active_share(&[0.6, 0.3], &[0.5, 0.5])? - 0.2).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn active_share(weights: &[f64], benchmark_weights: &[f64]) -> Result<f64, RiskError> {
    if weights.is_empty() {
        return Err(RiskError::Empty);
    }
    check_finite(RiskInput::Weights, weights)?;
    check_series(RiskInput::BenchmarkWeights, weights.len(), benchmark_weights)?;
    Ok(share(weights, benchmark_weights)?)
}

/// [`active_share`] of checked weights.
pub(crate) fn share(weights: &[f64], benchmark_weights: &[f64]) -> Result<f64, UnavailableReason> {
    let assets = sum_map2(weights, benchmark_weights, |w, b| (w - b).abs());
    let cash = sum_map2(weights, benchmark_weights, |w, b| w - b).abs();
    finite(0.5 * (assets + cash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_share_of_what_is_held_differently() {
        for (weights, benchmark, share) in [
            (vec![0.5, 0.5], vec![0.5, 0.5], 0.0),
            (vec![1.0, 0.0], vec![0.0, 1.0], 1.0),
            (vec![0.0, 0.0], vec![0.5, 0.5], 1.0),
            (vec![0.4], vec![0.9], 0.5),
            (vec![1.3, -0.3], vec![0.5, 0.5], 0.8),
        ] {
            let found = active_share(&weights, &benchmark).unwrap();
            assert!((found - share).abs() < 1e-15, "{weights:?} {benchmark:?}: {found}");
            assert_eq!(found, active_share(&benchmark, &weights).unwrap());
        }
    }

    #[test]
    fn bad_weights_are_refused() {
        assert_eq!(active_share(&[], &[]), Err(RiskError::Empty));
        let short = RiskError::LengthMismatch { input: RiskInput::BenchmarkWeights, expected: 2, got: 1 };
        assert_eq!(active_share(&[0.5, 0.5], &[1.0]), Err(short));
        let bad = RiskError::NotFinite { input: RiskInput::BenchmarkWeights, index: 0 };
        assert_eq!(active_share(&[0.5], &[f64::NAN]), Err(bad));
        assert_eq!(active_share(&[1e308], &[-1e308]), Err(RiskError::Unavailable(UnavailableReason::Overflow)));
    }
}
