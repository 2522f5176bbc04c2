//! Entropic value at risk.

use portfolio_core::Confidence;

use crate::RiskError;
use crate::error::check_returns;
use crate::reason::{Figure, finite};
use crate::sums::sum_map;
use crate::tail::whole_within_rounding;

/// Maximum number of steps of the one-dimensional search, which first brackets the minimiser and then converges
/// quadratically.
const MAX_STEPS: usize = 200;

/// Relative accuracy of the minimiser. The function is flat there, so its value is accurate to about the square of this.
const TOLERANCE: f64 = 1e-7;

/// Entropic value at risk: the tightest upper bound on CVaR that follows from the moment generating function,
///
/// ```text
/// EVaR = inf_{z > 0}  z·ln( mean(e^{−r/z}) / (1 − level) )
/// ```
///
/// With `u = 1/z` and `K(u) = ln mean e^{−ur}`, the minimiser solves `u·K′(u) − K(u) = −ln(1 − level)`. The left side
/// increases in `u`, and Newton steps within a bracket find the solution. When the largest loss alone has probability
/// `1 − level` or more, the infimum is that loss.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 1`.
/// Result: positive for a loss, never below CVaR at the same level, never above the largest loss.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`]; [`RiskError::Unavailable`] on overflow.
///
/// # Reference
/// Ahmadi-Javid (2012), "Entropic value-at-risk: a new coherent risk measure", Journal of Optimization Theory and
/// Applications 155(3), 1105–1123.
///
/// # Example
/// ```
/// use risk::{Confidence, entropic_value_at_risk};
///
/// // Each return has probability 1/4, more than the tail of 5 %: the bound is the worst of them.
/// let evar = entropic_value_at_risk(&[0.01, -0.04, 0.02, 0.00], Confidence::P95)?;
/// assert_eq!(evar, 0.04);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn entropic_value_at_risk(returns: &[f64], level: Confidence) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Ok(entropic(returns, level)?)
}

pub(crate) fn entropic(returns: &[f64], level: Confidence) -> Figure {
    let count = returns.len() as f64;
    let worst = returns.iter().copied().fold(f64::INFINITY, f64::min);
    let best = returns.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let ties = returns.iter().filter(|&&r| r == worst).count() as f64;
    if ties >= whole_within_rounding(level.tail() * count) {
        return Ok(0.0 - worst);
    }
    let width = finite(best - worst)?;
    let target = -level.tail().ln();

    // Gaps to the worst return in units of the range, so that every exponent is at most 0.
    let gaps: Vec<f64> = returns.iter().map(|r| (r - worst) / width).collect();
    let at = |u: f64| {
        let mut sums = [0.0_f64; 3];
        for &gap in &gaps {
            let e = (-u * gap).exp();
            sums[0] += e;
            sums[1] += gap * e;
            sums[2] += gap * gap * e;
        }
        let mean_gap = sums[1] / sums[0];
        let log_mean = (sums[0] / count).ln();
        let value = -u * mean_gap - log_mean;
        let slope = u * (sums[2] / sums[0] - mean_gap * mean_gap);
        (value, slope, log_mean)
    };

    // For a normal distribution the solution is √(2·target)/σ.
    let mean = sum_map(&gaps, |g| g) / count;
    let deviation = (sum_map(&gaps, |g| (g - mean) * (g - mean)) / count).sqrt();
    let mut u = (2.0 * target).sqrt() / deviation.max(f64::MIN_POSITIVE.sqrt());
    let (mut low, mut high) = (0.0_f64, f64::INFINITY);
    let mut log_mean = 0.0;
    for _ in 0..MAX_STEPS {
        let (value, slope, log) = at(u);
        log_mean = log;
        if value < target {
            low = u
        } else {
            high = u
        }
        let newton = u - (value - target) / slope;
        let inside = newton > low && newton < high && newton.is_finite();
        let next = match (inside, high.is_finite()) {
            // A step of more than a decade comes from a flat slope: bracket first.
            (true, _) if newton < 8.0 * u && newton > u / 8.0 => newton,
            (_, false) => 4.0 * u,
            (_, true) if low == 0.0 => u / 4.0,
            (_, true) => 0.5 * (low + high),
        };
        if (next - u).abs() <= TOLERANCE * u {
            break;
        }
        u = next;
    }
    finite(0.0 - worst + width * (log_mean + target) / u)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditional_value_at_risk;
    use crate::normal::quantile;

    #[test]
    fn a_normal_sample_has_the_closed_form() {
        // EVaR of N(0, σ²) is σ·√(−2 ln α); a grid of normal quantiles, cut off at 4σ, represents the distribution.
        let returns: Vec<f64> = (0..20_000).map(|i| 0.01 * quantile((f64::from(i) + 0.5) / 20_000.0)).collect();
        let evar = entropic_value_at_risk(&returns, Confidence::P95).unwrap();
        let closed = 0.01 * (-2.0 * 0.05_f64.ln()).sqrt();
        assert!((evar / closed - 1.0).abs() < 5e-3, "{evar} {closed}");
    }

    #[test]
    fn it_lies_between_cvar_and_the_worst_loss() {
        for seed in 0..50_u64 {
            let returns: Vec<f64> = (0..100_u64)
                .map(|i| ((i * 2_654_435_761 + seed * 40_503) % 1009) as f64 / 1009.0 - 0.5)
                .map(|x| x * x * x)
                .collect();
            let evar = entropic_value_at_risk(&returns, Confidence::P95).unwrap();
            let cvar = conditional_value_at_risk(&returns, Confidence::P95).unwrap();
            let worst = -returns.iter().copied().fold(f64::INFINITY, f64::min);
            assert!(cvar <= evar + 1e-12 && evar <= worst + 1e-12, "{cvar} {evar} {worst}");
        }
    }

    #[test]
    fn one_outlier_among_many_equal_returns() {
        // Two-point law: probability p of a loss of 1. The infimum over a fine grid of z is the reference.
        let mut returns = vec![0.0; 999];
        returns.push(-1.0);
        let evar = entropic_value_at_risk(&returns, Confidence::P95).unwrap();
        let grid = (1..200_000).map(|i| {
            let z = f64::from(i) * 1e-5;
            z * ((0.999 + 0.001 * (1.0 / z).exp()) / 0.05).ln()
        });
        let reference = grid.filter(|v| v.is_finite()).fold(f64::INFINITY, f64::min);
        assert!((evar - reference).abs() < 1e-8, "{evar} {reference}");
    }
}
