//! Tests of VaR by the number and clustering of its violations.

use portfolio_core::Confidence;
use serde::Serialize;
use statrs::function::gamma::gamma_ur;

use crate::{RiskError, RiskInput, UnavailableReason};

/// A likelihood-ratio test of VaR violations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CoverageTest {
    /// Likelihood ratio, 0 or more; large values speak against the VaR.
    #[cfg_attr(feature = "openapi", schema(example = 1.42))]
    pub statistic: f64,
    /// Degrees of freedom of its chi-squared law.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub degrees_of_freedom: u32,
    /// Probability of a ratio at least this large when the VaR is right.
    #[cfg_attr(feature = "openapi", schema(example = 0.048))]
    pub p_value: f64,
    /// Violations seen.
    #[cfg_attr(feature = "openapi", schema(example = 16))]
    pub violations: usize,
    /// Violations expected, `(1 − level)·T`.
    #[cfg_attr(feature = "openapi", schema(example = 12.5))]
    pub expected: f64,
}

/// Kupiec's test of unconditional coverage: are there as many violations as the level implies?
///
/// With `x` violations in `T` periods and `p = 1 − level`,
///
/// ```text
/// LR = −2·ln[ (1−p)^{T−x}·p^x ] + 2·ln[ (1−x/T)^{T−x}·(x/T)^x ]  ~  χ²(1)
/// ```
///
/// # Errors
/// [`RiskError::Empty`] for no periods; [`RiskError::LengthMismatch`] for more violations than periods.
///
/// # Reference
/// Kupiec (1995), "Techniques for verifying the accuracy of risk measurement models", The Journal of Derivatives 3(2),
/// 73–84.
///
/// # Example
/// ```
/// use risk::backtest::kupiec_test;
/// use risk::Confidence;
///
/// // 20 exceptions in the 252 days of 1998 against a 95 % VaR (Jorion, "Value at Risk", chapter 6): 3.91, rejected.
/// let test = kupiec_test(20, 252, Confidence::P95)?;
/// assert!((test.statistic - 3.91).abs() < 0.005 && test.p_value < 0.05);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn kupiec_test(violations: usize, periods: usize, level: Confidence) -> Result<CoverageTest, RiskError> {
    if periods == 0 {
        return Err(RiskError::Empty);
    }
    if violations > periods {
        return Err(RiskError::LengthMismatch { input: RiskInput::Violations, expected: periods, got: violations });
    }
    let (hits, misses) = (violations as f64, (periods - violations) as f64);
    let seen = hits / periods as f64;
    let statistic = 2.0 * (log_likelihood(hits, misses, seen) - log_likelihood(hits, misses, level.tail()));
    Ok(test(statistic, 1, violations, level.tail() * periods as f64))
}

/// Christoffersen's test of conditional coverage: the right number of violations, without clustering.
///
/// `n_ij` counts periods in state `j` after state `i` (1: violation), `π_i = n_i1/(n_i0 + n_i1)`, `π = x/T` over the
/// `T − 1` transitions. The ratio is the sum of two:
///
/// ```text
/// independence   2·[ ln L(π₀, π₁) − ln L(π) ]  ~  χ²(1)
/// coverage       Kupiec's ratio                ~  χ²(1),     their sum ~ χ²(2)
/// ```
///
/// `violated`: whether the loss exceeded the VaR, one entry per period, oldest first, at least two.
/// Result: the test of independence, then the joint test.
///
/// # Errors
/// [`RiskError::Empty`] for no periods; [`RiskError::Unavailable`] for a single one.
///
/// # Reference
/// Christoffersen (1998), "Evaluating interval forecasts", International Economic Review 39(4), 841–862.
///
/// # Example
/// ```
/// use risk::backtest::christoffersen_test;
/// use risk::Confidence;
///
/// // Five violations in a hundred days, all in one week.
/// let mut violated = vec![false; 100];
/// violated[40..45].fill(true);
/// let (independence, joint) = christoffersen_test(&violated, Confidence::P95)?;
/// assert!(independence.p_value < 0.001);
/// assert_eq!(joint.violations, 5);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn christoffersen_test(violated: &[bool], level: Confidence) -> Result<(CoverageTest, CoverageTest), RiskError> {
    let violations = violated.iter().filter(|v| **v).count();
    let coverage = kupiec_test(violations, violated.len(), level)?;
    if violated.len() < 2 {
        return Err(RiskError::Unavailable(UnavailableReason::TooFewReturns));
    }
    let mut counts = [[0.0_f64; 2]; 2];
    for pair in violated.windows(2) {
        counts[usize::from(pair[0])][usize::from(pair[1])] += 1.0;
    }
    let separate: f64 = counts.iter().map(|&[misses, hits]| best_log_likelihood(hits, misses)).sum();
    let together = best_log_likelihood(counts[0][1] + counts[1][1], counts[0][0] + counts[1][0]);
    let ratio = (2.0 * (separate - together)).max(0.0);
    let independence = test(ratio, 1, violations, coverage.expected);
    let joint = test(ratio + coverage.statistic, 2, violations, coverage.expected);
    Ok((independence, joint))
}

fn test(statistic: f64, degrees_of_freedom: u32, violations: usize, expected: f64) -> CoverageTest {
    let statistic = statistic.max(0.0);
    // Survival function of chi-squared.
    let p_value = if statistic == 0.0 { 1.0 } else { gamma_ur(0.5 * f64::from(degrees_of_freedom), 0.5 * statistic) };
    CoverageTest { statistic, degrees_of_freedom, p_value, violations, expected }
}

/// `x·ln p + y·ln(1 − p)` with `0·ln 0 = 0`.
fn log_likelihood(hits: f64, misses: f64, p: f64) -> f64 {
    let term = |count: f64, log: f64| if count == 0.0 { 0.0 } else { count * log };
    term(hits, p.ln()) + term(misses, (-p).ln_1p())
}

/// The maximum of the same over `p`; 0 without observations.
fn best_log_likelihood(hits: f64, misses: f64) -> f64 {
    let total = hits + misses;
    if total == 0.0 { 0.0 } else { log_likelihood(hits, misses, hits / total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_jorion() {
        // The same 252 days: 6 of the 20 exceptions follow another exception, 14 do not. Published: 9.53 and 13.44.
        let mut violated = Vec::new();
        // 14 clusters, six of which are one longer: 20 violations, 6 of them after another violation.
        for cluster in 0..14 {
            violated.extend(std::iter::repeat_n(false, 16));
            violated.extend(std::iter::repeat_n(true, if cluster < 6 { 2 } else { 1 }));
        }
        violated.extend(std::iter::repeat_n(false, 252 - violated.len()));
        let (independence, joint) = christoffersen_test(&violated, Confidence::P95).unwrap();
        assert_eq!(joint.violations, 20);
        assert!((independence.statistic - 9.53).abs() < 0.06, "{independence:?}");
        assert!((joint.statistic - 13.44).abs() < 0.06, "{joint:?}");
    }

    #[test]
    fn the_regions_of_kupiec() {
        // Non-rejection at 5 %, 255 days: fewer than 7 at 99 %, more than 6 and fewer than 21 at 95 %.
        let rejected = |x, level| kupiec_test(x, 255, level).unwrap().p_value < 0.05;
        assert!(!rejected(6, Confidence::P99) && rejected(7, Confidence::P99));
        assert!(rejected(6, Confidence::P95) && !rejected(7, Confidence::P95));
        assert!(!rejected(20, Confidence::P95) && rejected(21, Confidence::P95));
    }

    #[test]
    fn none_and_all_violated_are_defined() {
        let none = kupiec_test(0, 100, Confidence::P95).unwrap();
        assert!((none.statistic + 200.0 * 0.95_f64.ln()).abs() < 1e-12);
        assert!(kupiec_test(100, 100, Confidence::P95).unwrap().p_value < 1e-12);
        let exact = kupiec_test(5, 100, Confidence::P95).unwrap();
        assert!(exact.statistic < 1e-12 && exact.p_value > 0.999_999);
        let (independence, _) = christoffersen_test(&[false; 50], Confidence::P95).unwrap();
        assert_eq!((independence.statistic, independence.p_value), (0.0, 1.0));
        assert!(kupiec_test(3, 2, Confidence::P95).is_err());
    }
}
