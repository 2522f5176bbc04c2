//! Portfolios without any risk, and the highest reward among them.

use portfolio_core::interrupt::checkpoint;

use super::WeightBounds;
use crate::model::{Kind, RiskModel};
use crate::{ExposureLimit, OptimizerError, RebalanceOutcome, RebalanceProblem, SolveOptions, solve};

/// Pivots of the correlation matrix below this, times the order of the matrix, are rounding.
const ROUNDING: f64 = 8.0 * f64::EPSILON;
/// A reward up to this share of the largest reward of an asset is rounding.
const REWARD_ROUNDING: f64 = 1e-12;

/// A variance above this share of the largest possible variance within the bounds is risk and not rounding. Equations
/// kept to 1e-8 and a factor cut off at [`ROUNDING`] leave less than a thousandth of this share, at 1,000 assets.
const RISKY: f64 = 1e-9;

/// The largest positive `aᵀw` over portfolios within the bounds that have no risk at all; `None` when there is no such
/// portfolio.
///
/// 1. If the least variance within the bounds is proven to be above rounding, every portfolio has risk, and the search
///    ends.
/// 2. A portfolio without variance satisfies `Σw = 0`. With `Σ = diag(σ)·L·Lᵀ·diag(σ)`, where `L` has as many columns
///    as the rank of the correlations, these equations are `Lᵀ·diag(σ)·w = 0`. If the matrix has full rank, zero is the
///    only solution, and nothing is solved.
/// 3. Maximise the reward under these equations.
pub(super) fn riskless_reward(
    a: &[f64],
    model: &RiskModel,
    bounds: &WeightBounds,
) -> Result<Option<f64>, OptimizerError> {
    if is_risky(model, bounds) {
        return Ok(None); // 1
    }
    let Some(rows) = risky_directions(model) else { return Ok(None) }; // 2
    let exposures =
        rows.into_iter().map(|loadings| ExposureLimit { name: String::new(), loadings, lower: 0.0, upper: 0.0 });
    let problem = RebalanceProblem {
        lower: bounds.lower.clone(),
        upper: bounds.upper.clone(),
        exposures: exposures.collect(),
        ..RebalanceProblem::long_only(a.to_vec(), 0.0)
    };
    // 3
    let reward = match solve(&problem, model, &SolveOptions::default()) {
        Ok(RebalanceOutcome::Optimal(s)) => s.weights.iter().zip(a).map(|(w, a)| w * a).sum::<f64>(),
        Ok(RebalanceOutcome::Infeasible(_)) | Err(OptimizerError::NeedsConic { .. }) => return Ok(None),
        Err(e) => return Err(e),
    };
    let largest = a.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    Ok((reward > REWARD_ROUNDING * largest).then_some(reward))
}

/// True when a lower bound on the variance over all portfolios within the bounds proves that every portfolio has risk.
fn is_risky(model: &RiskModel, bounds: &WeightBounds) -> bool {
    let n = model.assets();
    if is_risky_in_every_direction(model) {
        return true;
    }
    let problem = RebalanceProblem {
        lower: bounds.lower.clone(),
        upper: bounds.upper.clone(),
        ..RebalanceProblem::long_only(vec![0.0; n], 1.0)
    };
    let Ok(RebalanceOutcome::Optimal(least)) = solve(&problem, model, &SolveOptions::default()) else { return false };
    // Weights that sum to one have a gross exposure of at most one plus twice the amount sold short.
    let short: f64 = bounds.lower.iter().map(|l| (-l).max(0.0)).sum();
    let widest: f64 = bounds.lower.iter().zip(&bounds.upper).map(|(l, u)| l.abs().max(u.abs())).sum();
    let gross = (1.0 + 2.0 * short).min(widest);
    let largest = (0..n).map(|i| model.diagonal(i)).fold(0.0_f64, f64::max);
    least.certificate.dual_objective > RISKY * largest * gross * gross
}

/// With specific variance in every asset, every portfolio except the empty one has risk.
fn is_risky_in_every_direction(model: &RiskModel) -> bool {
    matches!(&model.0, Kind::Factor { specific, .. } if specific.iter().all(|s| *s > 0.0))
}

/// The rows of `Lᵀ·diag(σ)`, each scaled so that its largest entry is one; `None` when the covariance has full rank.
fn risky_directions(model: &RiskModel) -> Option<Vec<Vec<f64>>> {
    let n = model.assets();
    let deviations: Vec<f64> = (0..n).map(|i| model.diagonal(i).max(0.0).sqrt()).collect();
    let columns = match &model.0 {
        Kind::Factor { n, u, specific, .. } => {
            let own = (0..*n).filter(|&i| specific[i] > 0.0).map(|i| {
                let mut unit = vec![0.0; *n];
                unit[i] = 1.0;
                unit
            });
            u.chunks_exact(*n).map(<[f64]>::to_vec).chain(own).collect()
        }
        Kind::Dense { sigma, .. } => {
            let columns = pivoted_factor(sigma, &deviations);
            if columns.len() == n {
                return None;
            }
            columns
        }
    };
    let scaled = columns.into_iter().filter_map(|mut row| {
        let largest = row.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        row.iter_mut().for_each(|v| *v /= largest);
        (largest > 0.0).then_some(row)
    });
    Some(scaled.collect())
}

/// Columns of `diag(σ)·L`, from a Cholesky factorisation of the correlations that takes the largest pivot first and
/// stops when only rounding is left.
fn pivoted_factor(sigma: &[f64], deviations: &[f64]) -> Vec<Vec<f64>> {
    let n = deviations.len();
    let correlation = |i: usize, j: usize| sigma[j * n + i] / deviations[i] / deviations[j];
    let mut left: Vec<f64> = deviations.iter().map(|d| if *d > 0.0 { 1.0 } else { 0.0 }).collect();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for _ in 0..n {
        checkpoint();
        let pivot = (0..n).fold(0, |best, i| if left[i] > left[best] { i } else { best });
        if left[pivot] <= ROUNDING * n as f64 {
            break;
        }
        let root = left[pivot].sqrt();
        let column: Vec<f64> = (0..n)
            .map(|i| {
                if deviations[i] <= 0.0 {
                    return 0.0;
                }
                let known: f64 = columns.iter().map(|c| c[i] * c[pivot]).sum();
                (correlation(i, pivot) - known) / root
            })
            .collect();
        for i in 0..n {
            left[i] = if i == pivot { 0.0 } else { left[i] - column[i] * column[i] };
        }
        columns.push(column);
    }
    columns.into_iter().map(|c| c.iter().zip(deviations).map(|(c, d)| c * d).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_assets_make_a_riskless_mix_of_known_reward() {
        // Volatilities of 0.2 and 0.1 with correlation −1: one third and two thirds.
        let model = RiskModel::dense(&[[0.04, -0.02], [-0.02, 0.01]]).unwrap();
        let bounds = WeightBounds::long_only(2);
        let reward = riskless_reward(&[0.03, 0.06], &model, &bounds).unwrap().unwrap();
        assert!((reward - 0.05).abs() < 1e-14, "{reward}");
        let capped = WeightBounds { lower: vec![0.0; 2], upper: vec![1.0, 0.6] };
        assert_eq!(riskless_reward(&[0.03, 0.06], &model, &capped), Ok(None));
        assert_eq!(riskless_reward(&[-0.06, 0.03], &model, &bounds), Ok(None));
    }

    #[test]
    fn the_least_variance_rules_a_riskless_mix_out_only_where_it_is_above_rounding() {
        let model = RiskModel::dense(&[[0.04, -0.02], [-0.02, 0.01]]).unwrap();
        let upper = |second: f64| WeightBounds { lower: vec![0.0; 2], upper: vec![1.0, second] };
        // (0.4, 0.6): (0.2·0.4 − 0.1·0.6)² = 4e-4.
        assert!(is_risky(&model, &upper(0.6)));
        // (1/3, 2/3) has no variance, and a cap 1e-5 below leaves (0.3·1e-5)² = 9e-12, a share of 2e-10 of the largest.
        assert!(!is_risky(&model, &upper(1.0)) && !is_risky(&model, &upper(2.0 / 3.0 - 1e-5)));
        assert_eq!(riskless_reward(&[0.03, 0.06], &model, &upper(2.0 / 3.0 - 1e-5)), Ok(None));
    }

    #[test]
    fn a_full_rank_has_no_riskless_mix_and_a_rank_is_found_whatever_the_scale() {
        let definite = RiskModel::dense(&[[0.04, 0.0], [0.0, 1e-20]]).unwrap();
        assert_eq!(risky_directions(&definite), None);
        let opposite = RiskModel::dense(&[[0.04, -2e-10], [-2e-10, 1e-18]]).unwrap();
        assert_eq!(risky_directions(&opposite).unwrap().len(), 1);
        let specific = RiskModel::factor(&[[1.0], [2.0]], &[[0.04]], &[1e-20, 0.01]).unwrap();
        assert!(is_risky_in_every_direction(&specific));
        let factor = RiskModel::factor(&[[1.0], [2.0]], &[[0.04]], &[0.0, 0.01]).unwrap();
        assert_eq!(risky_directions(&factor).unwrap(), [[0.5, 1.0], [0.0, 1.0]]);
    }
}
