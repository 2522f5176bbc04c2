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

/// The method with the lowest variance relative to plain points: the lowest product of the ratios of the probability of a loss and of CVaR,
/// among the methods for which both are clearly better and no figure is worse.
pub(super) fn choose(trials: &[(VarianceReduction, [Estimate; FIGURES])]) -> VarianceReduction {
    let variance = |figures: &[Estimate; FIGURES], of: usize| figures[of].standard_error.unwrap_or_default().powi(2);
    let plain = trials.iter().find(|(method, _)| *method == VarianceReduction::Plain).map(|(_, figures)| figures);
    let Some(plain) = plain else { return VarianceReduction::Plain };
    let ratio = |figures: &[Estimate; FIGURES], of: usize| {
        (variance(plain, of) > 0.0).then(|| variance(figures, of) / variance(plain, of))
    };
    trials
        .iter()
        .filter(|(method, _)| *method != VarianceReduction::Plain)
        .filter(|(_, figures)| (0..FIGURES).filter_map(|of| ratio(figures, of)).all(|ratio| ratio < NOT_WORSE))
        .map(|(method, figures)| (*method, [LOSS, CVAR].map(|of| ratio(figures, of))))
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

    fn trial(loss: f64, cvar: f64, other: f64) -> [Estimate; FIGURES] {
        let mut figures = [other; FIGURES];
        (figures[LOSS], figures[CVAR]) = (loss, cvar);
        figures.map(|error| Estimate { value: 1.0, standard_error: Some(error) })
    }

    #[test]
    fn a_method_is_better_in_both_figures_and_worse_in_none_or_is_not_taken() {
        let plain = (VarianceReduction::Plain, trial(1.0, 1.0, 1.0));
        let lopsided = (VarianceReduction::Importance, trial(2.0, 0.01, 0.5));
        let even = (VarianceReduction::Sobol, trial(0.1, 0.2, 0.5));
        let slight = (VarianceReduction::Antithetic, trial(0.9, 0.9, 0.9));
        let above = (VarianceReduction::SobolImportance, trial(0.01, 0.01, 1.1));
        assert_eq!(choose(&[plain, lopsided, even, slight, above]), VarianceReduction::Sobol);
        assert_eq!(choose(&[plain, lopsided, slight, above]), VarianceReduction::Plain);
        // A figure that never varies decides nothing.
        let flat = (VarianceReduction::Plain, trial(0.0, 0.0, 0.0));
        assert_eq!(choose(&[flat, (VarianceReduction::Sobol, trial(0.0, 0.0, 0.0))]), VarianceReduction::Plain);
        assert_eq!(choose(&[plain]), VarianceReduction::Plain);
    }
}
