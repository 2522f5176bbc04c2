//! The choice of a method from a small trial of each.

use super::{
    VarianceReduction,
    figures::{CVAR, FIGURES, LOSS},
};
use crate::Estimate;

/// Replications of a trial, and points of each.
pub(super) const TRIALS: usize = 16;
pub(super) const TRIAL_POINTS: usize = 128;
/// A method is used if its variance ratios for the probability of a loss and for CVaR are below this: a trial is
/// uncertain, while plain points need no trial.
const CLEARLY_BETTER: f64 = 0.5;
/// No other figure may be less precise than with plain points.
const NOT_WORSE: f64 = 0.9;

/// A trial of a method.
#[derive(Clone, Copy)]
pub(super) struct Trial {
    pub(super) method: VarianceReduction,
    pub(super) figures: [Estimate; FIGURES],
    /// Points that the simulation is asked for, per point that the method may take: 1 or more.
    pub(super) asked_per_point: f64,
}

impl Trial {
    /// The variance of a figure, times the points that the method lacks. Dependent points gain at least as much from
    /// more of them as independent ones do, so relative to all plain points that are asked for it is at most this.
    fn variance(&self, of: usize) -> f64 {
        self.figures[of].standard_error.unwrap_or_default().powi(2) * self.asked_per_point
    }
}

/// The method with the lowest variance relative to plain points: the lowest product of the ratios of the probability of a loss and of CVaR,
/// among the methods for which both are clearly better and no figure is worse.
pub(super) fn choose(trials: &[Trial]) -> VarianceReduction {
    let plain = trials.iter().find(|trial| trial.method == VarianceReduction::Plain);
    let Some(plain) = plain else { return VarianceReduction::Plain };
    let ratio = |trial: &Trial, of: usize| (plain.variance(of) > 0.0).then(|| trial.variance(of) / plain.variance(of));
    trials
        .iter()
        .filter(|trial| trial.method != VarianceReduction::Plain)
        .filter(|trial| (0..FIGURES).filter_map(|of| ratio(trial, of)).all(|ratio| ratio < NOT_WORSE))
        .map(|trial| (trial.method, [LOSS, CVAR].map(|of| ratio(trial, of))))
        .filter(|(_, ratios)| ratios.iter().all(|ratio| ratio.is_some_and(|ratio| ratio < CLEARLY_BETTER)))
        .min_by(|a, b| product(&a.1).total_cmp(&product(&b.1)))
        .map_or(VarianceReduction::Plain, |(method, _)| method)
}

fn product(ratios: &[Option<f64>]) -> f64 {
    ratios.iter().flatten().product()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(method: VarianceReduction, loss: f64, cvar: f64, other: f64) -> Trial {
        let mut errors = [other; FIGURES];
        (errors[LOSS], errors[CVAR]) = (loss, cvar);
        let figures = errors.map(|error| Estimate { value: 1.0, standard_error: Some(error) });
        Trial { method, figures, asked_per_point: 1.0 }
    }

    #[test]
    fn a_method_is_better_in_both_figures_and_worse_in_none_or_is_not_taken() {
        let plain = trial(VarianceReduction::Plain, 1.0, 1.0, 1.0);
        let lopsided = trial(VarianceReduction::Importance, 2.0, 0.01, 0.5);
        let even = trial(VarianceReduction::Sobol, 0.1, 0.2, 0.5);
        let slight = trial(VarianceReduction::Antithetic, 0.9, 0.9, 0.9);
        let above = trial(VarianceReduction::SobolImportance, 0.01, 0.01, 1.1);
        assert_eq!(choose(&[plain, lopsided, even, slight, above]), VarianceReduction::Sobol);
        assert_eq!(choose(&[plain, lopsided, slight, above]), VarianceReduction::Plain);
        // A figure that never varies decides nothing.
        let flat = |method| trial(method, 0.0, 0.0, 0.0);
        assert_eq!(choose(&[flat(VarianceReduction::Plain), flat(VarianceReduction::Sobol)]), VarianceReduction::Plain);
        assert_eq!(choose(&[plain]), VarianceReduction::Plain);
    }

    /// Errors of a tenth are worth a hundred times the points, but not where the method may take only a 64th of them.
    #[test]
    fn a_method_that_may_take_fewer_points_makes_up_for_them() {
        let plain = trial(VarianceReduction::Plain, 1.0, 1.0, 1.0);
        let sobol = trial(VarianceReduction::Sobol, 0.4, 0.4, 0.4);
        let few =
            |asked_per_point: f64| Trial { asked_per_point, ..trial(VarianceReduction::Preintegration, 0.1, 0.1, 0.1) };
        assert_eq!(choose(&[plain, sobol, few(8.0)]), VarianceReduction::Preintegration);
        assert_eq!(choose(&[plain, sobol, few(32.0)]), VarianceReduction::Sobol);
        assert_eq!(choose(&[plain, few(32.0)]), VarianceReduction::Preintegration);
        assert_eq!(choose(&[plain, few(64.0)]), VarianceReduction::Plain);
        assert_eq!(choose(&[plain, few(128.0)]), VarianceReduction::Plain);
    }
}
