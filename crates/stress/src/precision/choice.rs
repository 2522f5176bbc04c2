//! The choice of a method from a small trial of each.

use super::{
    VarianceReduction,
    figures::{CVAR, FIGURES, LOSS},
};

/// Replications of a trial, and points of each.
pub(super) const TRIALS: usize = 16;
pub(super) const TRIAL_POINTS: usize = 128;
/// A method is taken when both of its ratios are below this: a trial is uncertain, and plain points have errors that need no trial.
const CLEARLY_BETTER: f64 = 0.5;

/// The method with the lowest variance relative to plain points: the lowest product of the ratios of the probability of a loss and of CVaR,
/// among the methods for which both are clearly better.
pub(super) fn choose(trials: &[(VarianceReduction, Vec<[f64; FIGURES]>)]) -> VarianceReduction {
    let plain = trials.iter().find(|(method, _)| *method == VarianceReduction::Plain).map(|(_, figures)| figures);
    let Some(plain) = plain else { return VarianceReduction::Plain };
    let ratios = |figures: &[[f64; FIGURES]]| -> Vec<f64> {
        [LOSS, CVAR]
            .into_iter()
            .filter(|of| variance(plain, *of) > 0.0)
            .map(|of| variance(figures, of) / variance(plain, of))
            .collect()
    };
    trials
        .iter()
        .filter(|(method, _)| *method != VarianceReduction::Plain)
        .map(|(method, figures)| (*method, ratios(figures)))
        .filter(|(_, ratios)| !ratios.is_empty() && ratios.iter().all(|ratio| *ratio < CLEARLY_BETTER))
        .min_by(|a, b| a.1.iter().product::<f64>().total_cmp(&b.1.iter().product()))
        .map_or(VarianceReduction::Plain, |(method, _)| method)
}

/// Variance of one figure over replications.
pub(super) fn variance(figures: &[[f64; FIGURES]], of: usize) -> f64 {
    let n = figures.len() as f64;
    let mean = figures.iter().map(|f| f[of]).sum::<f64>() / n;
    figures.iter().map(|f| (f[of] - mean) * (f[of] - mean)).sum::<f64>() / (n - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(loss: f64, cvar: f64) -> Vec<[f64; FIGURES]> {
        let at = |sign: f64| {
            let mut figures = [0.0; FIGURES];
            (figures[LOSS], figures[CVAR]) = (sign * loss, sign * cvar);
            figures
        };
        vec![at(1.0), at(-1.0), at(1.0), at(-1.0)]
    }

    #[test]
    fn a_method_is_better_in_both_figures_or_is_not_taken() {
        let plain = (VarianceReduction::Plain, trial(1.0, 1.0));
        let lopsided = (VarianceReduction::Importance, trial(2.0, 0.01));
        let even = (VarianceReduction::Sobol, trial(0.1, 0.2));
        let slight = (VarianceReduction::Antithetic, trial(0.9, 0.9));
        assert_eq!(choose(&[plain.clone(), lopsided.clone(), even, slight.clone()]), VarianceReduction::Sobol);
        assert_eq!(choose(&[plain.clone(), lopsided, slight]), VarianceReduction::Plain);
        // A figure that never varies decides nothing.
        let flat = (VarianceReduction::Plain, trial(0.0, 0.0));
        assert_eq!(choose(&[flat, (VarianceReduction::Sobol, trial(0.0, 0.0))]), VarianceReduction::Plain);
        assert_eq!(choose(&[plain]), VarianceReduction::Plain);
    }
}
