//! Hierarchical risk parity: capital is split down a tree of correlations.

use portfolio_core::interrupt::checkpoint;
use serde::{Deserialize, Serialize};

use super::{AllocationPortfolio, WeightBounds, check_risky};
use crate::{AsRiskModel, OptimizerError, RiskModel};

/// The name of the method in errors.
const METHOD: &str = "hierarchical_risk_parity";

/// The distance used by the single linkage of hierarchical risk parity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HierarchicalLinkage {
    /// The correlation distance `dᵢⱼ = √((1 − ρᵢⱼ)/2)` itself.
    Distance,
    /// The Euclidean distance between the columns of `d`, as the code printed with the paper does.
    DistanceOfDistances,
}

/// Hierarchical risk parity: orders the assets by a tree of correlations and splits capital top-down by inverse
/// variance.
///
/// The tree is built by single linkage, and its leaves are listed in tree order. Each list of leaves is cut in half,
/// with the shorter half on the left. The halves share their capital inversely to the variances of their
/// inverse-variance portfolios, or evenly where both variances are zero. No matrix is inverted, so the covariance may
/// be singular. Bounds are kept at every split: a half gets at most the sum of its upper bounds and at least the sum of
/// its lower bounds, and the other half gets the rest. Objective: annual volatility.
///
/// # Errors
/// [`OptimizerError::OutOfRange`] when an asset has no variance. An error for bounds that have the wrong length, are
/// crossed or leave no portfolio.
///
/// # Reference
/// López de Prado (2016), "Building diversified portfolios that outperform out of sample", Journal of Portfolio
/// Management 42(4), 59–69; Pfitzinger and Katzke (2019), "A constrained hierarchical risk parity algorithm with
/// cluster-based capital allocation", Stellenbosch Economic Working Papers 14/2019 (bounds at the splits).
///
/// # Example
/// ```
/// use optimizer::{HierarchicalLinkage, RiskModel, WeightBounds, hierarchical_risk_parity};
///
/// // Two assets share inversely to their variances of 0.01 and 0.04, as far as the bounds let them.
/// let model = RiskModel::dense(&[[0.01, 0.0], [0.0, 0.04]])?;
/// let free = hierarchical_risk_parity(&model, &WeightBounds::long_only(2), HierarchicalLinkage::Distance)?;
/// assert!((free.weights[0] - 0.8).abs() < 1e-15);
/// let bounds = WeightBounds { lower: vec![0.0; 2], upper: vec![0.6; 2] };
/// let capped = hierarchical_risk_parity(&model, &bounds, HierarchicalLinkage::Distance)?;
/// assert_eq!(capped.weights, [0.6, 0.4]);
/// # Ok::<(), optimizer::OptimizerError>(())
/// ```
pub fn hierarchical_risk_parity(
    model: &impl AsRiskModel,
    bounds: &WeightBounds,
    linkage: HierarchicalLinkage,
) -> Result<AllocationPortfolio, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    let n = model.assets();
    bounds.check(METHOD, n)?;
    check_risky(model)?;
    let covariance = dense(model);
    let mut distance = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            if i != j {
                let scale = (covariance[i * n + i] * covariance[j * n + j]).sqrt();
                let rho = (covariance[i * n + j] / scale).clamp(-1.0, 1.0);
                distance[i * n + j] = (0.5 * (1.0 - rho)).sqrt();
            }
        }
    }
    if linkage == HierarchicalLinkage::DistanceOfDistances {
        let d = distance.clone();
        for i in 0..n {
            checkpoint();
            for j in 0..n {
                let sum: f64 = (0..n).map(|k| (d[i * n + k] - d[j * n + k]).powi(2)).sum();
                distance[i * n + j] = sum.sqrt();
            }
        }
    }
    let order = leaves(&distance, n);
    let weights = split(&covariance, &order, bounds);
    Ok(AllocationPortfolio { objective: model.variance(&weights).sqrt(), weights })
}

/// The covariance of a model, column by column.
fn dense(model: &RiskModel) -> Vec<f64> {
    let n = model.assets();
    let mut covariance = vec![0.0; n * n];
    let mut unit = vec![0.0; n];
    for (j, column) in covariance.chunks_exact_mut(n).enumerate() {
        checkpoint();
        unit[j] = 1.0;
        model.multiply(&unit, column);
        unit[j] = 0.0;
    }
    covariance
}

/// Halves the list of leaves and divides the capital between the halves, until every asset has its own share.
fn split(covariance: &[f64], order: &[usize], bounds: &WeightBounds) -> Vec<f64> {
    let n = order.len();
    let mut weights = vec![0.0; n];
    let mut open = vec![(0, n, 1.0)];
    while let Some((from, to, capital)) = open.pop() {
        if to - from < 2 {
            let asset = order[from];
            weights[asset] = f64::clamp(capital, bounds.lower[asset], bounds.upper[asset]);
            continue;
        }
        let cut = from + (to - from) / 2;
        let (left, right) = (&order[from..cut], &order[cut..to]);
        let (a, b) = (cluster_variance(covariance, n, left), cluster_variance(covariance, n, right));
        let share = if a + b > 0.0 { 1.0 - a / (a + b) } else { 0.5 };
        let (mut to_left, mut to_right) = (capital * share, capital * (1.0 - share));
        let sum = |bound: &[f64], half: &[usize]| half.iter().map(|&i| bound[i]).sum::<f64>();
        let least = sum(&bounds.lower, left).max(capital - sum(&bounds.upper, right));
        let most = sum(&bounds.upper, left).min(capital - sum(&bounds.lower, right));
        if to_left < least {
            (to_left, to_right) = (least, capital - least);
        } else if to_left > most {
            (to_left, to_right) = (most, capital - most);
        }
        open.push((from, cut, to_left));
        open.push((cut, to, to_right));
    }
    weights
}

/// Variance of the inverse-variance portfolio of some assets.
fn cluster_variance(covariance: &[f64], n: usize, items: &[usize]) -> f64 {
    // Rounding can give a riskless mix a variance of either sign.
    let inverse: Vec<f64> = items.iter().map(|&i| 1.0 / covariance[i * n + i]).collect();
    let total: f64 = inverse.iter().sum();
    let mut sum = 0.0;
    for (a, &i) in items.iter().enumerate() {
        for (b, &j) in items.iter().enumerate() {
            sum += inverse[a] * inverse[b] * covariance[i * n + j];
        }
    }
    (sum / (total * total)).max(0.0)
}

/// Leaves of the single-linkage tree, from left to right. The edges of a minimum spanning tree, shortest first, join
/// clusters; the cluster that was formed earlier is the left branch.
fn leaves(distance: &[f64], n: usize) -> Vec<usize> {
    let mut near = vec![f64::INFINITY; n];
    let mut done = vec![false; n];
    let mut edges = Vec::with_capacity(n.saturating_sub(1));
    let mut at = 0;
    for _ in 1..n {
        done[at] = true;
        let (mut next, mut best) = (0, f64::INFINITY);
        for i in (0..n).filter(|&i| !done[i]) {
            near[i] = near[i].min(distance[at * n + i]);
            if near[i] < best {
                (next, best) = (i, near[i]);
            }
        }
        edges.push((at, next, best));
        at = next;
    }
    edges.sort_by(|a, b| a.2.total_cmp(&b.2));
    // Every cluster keeps its leaves and its number: the assets are 0..n, later clusters are numbered in order of
    // creation.
    let mut number: Vec<usize> = (0..n).collect();
    let mut members: Vec<Vec<usize>> = (0..n).map(|i| vec![i]).collect();
    for (i, j, _) in edges {
        let (a, b) = (number[i].min(number[j]), number[i].max(number[j]));
        let mut joined = std::mem::take(&mut members[a]);
        joined.append(&mut members[b]);
        let born = members.len();
        joined.iter().for_each(|&k| number[k] = born);
        members.push(joined);
    }
    members.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uncorrelated_twins_of_two_pairs_share_evenly() {
        // Two pairs, correlated within and uncorrelated across, of equal variances: a quarter each.
        let s = |i: usize, j: usize| {
            if i == j {
                0.04
            } else if i / 2 == j / 2 {
                0.03
            } else {
                0.0
            }
        };
        let rows: Vec<Vec<f64>> = (0..4).map(|i| (0..4).map(|j| s(i, j)).collect()).collect();
        let model = RiskModel::dense(&rows).unwrap();
        for linkage in [HierarchicalLinkage::Distance, HierarchicalLinkage::DistanceOfDistances] {
            let p = hierarchical_risk_parity(&model, &WeightBounds::long_only(4), linkage).unwrap();
            assert!(p.weights.iter().all(|w| (w - 0.25).abs() < 1e-15), "{:?}", p.weights);
        }
        let one = hierarchical_risk_parity(
            &RiskModel::dense(&[[0.04]]).unwrap(),
            &WeightBounds::long_only(1),
            HierarchicalLinkage::Distance,
        );
        assert_eq!(one.unwrap().weights, [1.0]);
    }
}
