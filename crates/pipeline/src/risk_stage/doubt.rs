//! The error of a figure from completed histories, relative to the policy's own figure on the same periods.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::limit_check::{LimitCheck, Measure};
use crate::limits::Severity;
use crate::market_data::Evidence;

/// The relative errors of a figure because a history was completed, beside the level of each severity.
///
/// A warning changes no decision, so it allows for returns with fat tails. A critical check is a review, and allows for normal ones.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Doubt {
    pub(crate) critical: f64,
    pub(crate) warning: f64,
}

impl Doubt {
    /// `share` is the error of the figure beside the policy's ([`beside_policy`]).
    pub(super) fn of(evidence: Evidence, measure: Measure, share: f64) -> Self {
        let [normal, fat] = standard_errors(measure).map(|error| evidence.doubt(error) * share);
        Self { critical: normal, warning: fat }
    }

    /// Nothing is known of a figure of a short history.
    pub(crate) const WHOLE: Self = Self { critical: 1.0, warning: 1.0 };

    /// Two independent errors of this size: of the figure, and of the trades that the same histories chose.
    pub(crate) fn of_chosen_trades(self) -> Self {
        Self { critical: SQRT_2 * self.critical, warning: SQRT_2 * self.warning }
    }

    /// The severity that the figure of whole histories may have.
    pub(crate) fn severity(self, check: &LimitCheck) -> Severity {
        match check.value {
            Some(value) if (1.0 + self.critical) * value > check.critical_above => Severity::Critical,
            Some(value) if (1.0 + self.warning) * value > check.warning_above => Severity::Warning,
            _ => Severity::Clear,
        }
    }
}

/// The standard errors of a figure from `n` returns relative to the figure, times `√n`, for normal returns and for those of Student's law with five
/// degrees of freedom, a usual one for daily returns (Blattberg and Gonedes 1974).
///
/// `√(κ − 1)/2` of a volatility, `κ` the kurtosis: 3 and 9. `√(p(1 − p))/(f(z)·z)` of the empirical quantile `z` with `p = 5 %` beyond it and the
/// density `f`, and for the mean of what is beyond it `sd((X − z)⁺)/E[X·1(X > z)]` (Manistre and Hancock 2005).
fn standard_errors(measure: Measure) -> [f64; 2] {
    match measure {
        Measure::Var95 => [1.284_7, 1.695_4],
        Measure::Cvar95 => [1.195_3, 2.079_7],
        _ => [FRAC_1_SQRT_2, SQRT_2],
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
        assert!((standard_errors(Measure::Var95)[0] - quantile).abs() < 1e-4, "{quantile}");
        let (mean, square) = (density - p * z, p * (1.0 + z * z) - z * density);
        let tail = (square - mean * mean).sqrt() / density;
        assert!((standard_errors(Measure::Cvar95)[0] - tail).abs() < 1e-4, "{tail}");
        assert!((standard_errors(Measure::Volatility)[0] - 2.0_f64.sqrt() / 2.0).abs() < 1e-15);
    }

    /// The density of Student's law with five degrees is `8/(3√5·π)·(1 + t²/5)^(−3)`, and 2.015 is its 95 % quantile in every table. The tail is summed
    /// in steps of `u`, `t = z + u/(1 − u)`.
    #[test]
    fn and_those_of_students_law_with_five_degrees() {
        let density = |t: f64| 8.0 / (3.0 * 5.0_f64.sqrt() * std::f64::consts::PI) * (1.0 + t * t / 5.0).powi(-3);
        let (p, z) = (0.05_f64, 2.015_048);
        let steps = 20_000;
        let tail = |of: &dyn Fn(f64) -> f64| -> f64 {
            let at = |k: usize| (k as f64 + 0.5) / steps as f64;
            let part = |u: f64| of(z + u / (1.0 - u)) * density(z + u / (1.0 - u)) / (1.0 - u).powi(2);
            (0..steps).map(|k| part(at(k)) / steps as f64).sum()
        };
        assert!((tail(&|_| 1.0) - p).abs() < 1e-6);
        let quantile = (p * (1.0 - p)).sqrt() / (density(z) * z);
        assert!((standard_errors(Measure::Var95)[1] - quantile).abs() < 1e-4, "{quantile}");
        let beyond = (tail(&|t| (t - z).powi(2)) - tail(&|t| t - z).powi(2)).sqrt() / tail(&|t| t);
        assert!((standard_errors(Measure::Cvar95)[1] - beyond).abs() < 1e-3, "{beyond}");
        // Its kurtosis is 3 + 6/(5 − 4).
        assert!((standard_errors(Measure::TrackingError)[1] - (9.0_f64 - 1.0).sqrt() / 2.0).abs() < 1e-15);
    }

    #[test]
    fn beside_the_policy_itself_no_history_leaves_a_doubt() {
        let at = |apart| [Measure::Volatility, Measure::Var95, Measure::TrackingError].map(|m| beside_policy(m, apart));
        assert_eq!(at(0.0), [0.0, 0.0, SQRT_2]);
        assert_eq!(at(0.25), [SQRT_2 / 4.0, SQRT_2 / 2.0, SQRT_2]);
        assert_eq!(at(3.0), [SQRT_2; 3]);
    }
}
