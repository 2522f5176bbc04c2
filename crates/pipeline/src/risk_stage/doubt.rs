//! The error of a figure from completed histories, relative to the policy's own figure on the same periods.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::limit_check::Measure;

/// The standard error of a figure from `n` normal returns relative to the figure, times `√n`: `1/√2` of a volatility,
/// `√(p(1 − p))/(φ(z)·z)` of the empirical quantile `z` with `p = 5 %` beyond it, and for the mean of what is beyond it
/// `sd((X − z)⁺)/φ(z)` (Manistre and Hancock 2005).
pub(super) fn standard_error(measure: Measure) -> f64 {
    match measure {
        Measure::Var95 => 1.284_7,
        Measure::Cvar95 => 1.195_3,
        _ => FRAC_1_SQRT_2,
    }
}

/// The error of a figure divided by the policy's on the same periods, as a multiple of the error of the figure alone. `apart` is
/// the tracking error over the volatility of the policy.
///
/// Levels are multiples of the policy's figure, which also has an error. If both are computed from the same returns the
/// ratio has no error. The correlation `ρ` of two returns has `1 − ρ² ≤ apart²`, and the logarithm of the ratio of
/// their volatilities `2(1 − ρ²)` times the variance of either. For quantiles the correlation of the days beyond them
/// takes the place of `ρ²`; it is at least `1 − √(1 − ρ²)` in a normal law. The errors of a tracking error and of the
/// policy's volatility are treated as independent.
pub(super) fn beside_policy(measure: Measure, apart: f64) -> f64 {
    let share = match measure {
        Measure::Volatility => apart,
        Measure::Var95 | Measure::Cvar95 => apart.sqrt(),
        _ => 1.0,
    };
    SQRT_2 * share.min(1.0)
}

#[cfg(test)]
mod tests {
    use risk::{normal_density, normal_quantile};

    use super::*;

    #[test]
    fn the_standard_errors_are_those_of_a_normal_law() {
        let (p, z) = (0.05_f64, normal_quantile(0.95).unwrap());
        let density = normal_density(z);
        let quantile = (p * (1.0 - p)).sqrt() / (density * z);
        assert!((standard_error(Measure::Var95) - quantile).abs() < 1e-4, "{quantile}");
        let (mean, square) = (density - p * z, p * (1.0 + z * z) - z * density);
        let tail = (square - mean * mean).sqrt() / density;
        assert!((standard_error(Measure::Cvar95) - tail).abs() < 1e-4, "{tail}");
    }

    #[test]
    fn beside_the_policy_itself_no_history_leaves_a_doubt() {
        let at = |apart| [Measure::Volatility, Measure::Var95, Measure::TrackingError].map(|m| beside_policy(m, apart));
        assert_eq!(at(0.0), [0.0, 0.0, SQRT_2]);
        assert_eq!(at(0.25), [SQRT_2 / 4.0, SQRT_2 / 2.0, SQRT_2]);
        assert_eq!(at(3.0), [SQRT_2; 3]);
    }
}
