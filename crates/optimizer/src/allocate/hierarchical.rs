use serde::{Deserialize, Serialize};

use super::AllocationPortfolio;
use crate::{OptimizerError, RiskModel};

/// What the single linkage of hierarchical risk parity joins by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HierarchicalLinkage {
    /// The correlation distance `dᵢⱼ = √((1 − ρᵢⱼ)/2)` itself.
    Distance,
    /// The Euclidean distance between the columns of `d`, as the code printed with the paper does.
    DistanceOfDistances,
}

/// Hierarchical risk parity: assets ordered by a tree of correlations, capital split top-down by inverse variance.
///
/// Single linkage; leaves in the order of the tree; each list of leaves is cut in halves (the left one the shorter), and
/// the halves share their capital inversely to the variances of their inverse-variance portfolios. No matrix is
/// inverted, so a singular covariance will do. Objective: annual volatility. Bounds do not apply.
///
/// # Errors
/// [`OptimizerError::OutOfRange`] when an asset has no variance.
///
/// # Reference
/// López de Prado (2016), "Building diversified portfolios that outperform out of sample", Journal of Portfolio
/// Management 42(4), 59–69.
pub fn hierarchical_risk_parity(
    model: &RiskModel,
    linkage: HierarchicalLinkage,
) -> Result<AllocationPortfolio, OptimizerError> {
    let n = model.assets();
    let mut covariance = vec![0.0; n * n];
    let mut unit = vec![0.0; n];
    for (j, column) in covariance.chunks_exact_mut(n).enumerate() {
        unit[j] = 1.0;
        model.multiply(&unit, column);
        unit[j] = 0.0;
    }
    for index in 0..n {
        let value = covariance[index * n + index];
        if value <= 0.0 {
            return Err(OptimizerError::OutOfRange { what: "variance", index, requirement: "above 0", value });
        }
    }
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
            for j in 0..n {
                let sum: f64 = (0..n).map(|k| (d[i * n + k] - d[j * n + k]).powi(2)).sum();
                distance[i * n + j] = sum.sqrt();
            }
        }
    }
    let order = leaves(&distance, n);
    let mut weights = vec![1.0; n];
    let mut open = vec![(0, n)];
    while let Some((from, to)) = open.pop() {
        if to - from < 2 {
            continue;
        }
        let cut = from + (to - from) / 2;
        let left = cluster_variance(&covariance, n, &order[from..cut]);
        let right = cluster_variance(&covariance, n, &order[cut..to]);
        let share = 1.0 - left / (left + right);
        order[from..cut].iter().for_each(|&i| weights[i] *= share);
        order[cut..to].iter().for_each(|&i| weights[i] *= 1.0 - share);
        open.push((from, cut));
        open.push((cut, to));
    }
    Ok(AllocationPortfolio { objective: model.variance(&weights).sqrt(), weights })
}

/// Variance of the inverse-variance portfolio of some assets.
fn cluster_variance(covariance: &[f64], n: usize, items: &[usize]) -> f64 {
    let inverse: Vec<f64> = items.iter().map(|&i| 1.0 / covariance[i * n + i]).collect();
    let total: f64 = inverse.iter().sum();
    let mut sum = 0.0;
    for (a, &i) in items.iter().enumerate() {
        for (b, &j) in items.iter().enumerate() {
            sum += inverse[a] * inverse[b] * covariance[i * n + j];
        }
    }
    sum / (total * total)
}

/// Leaves of the single-linkage tree, from left to right: the edges of a minimum spanning tree, shortest first, join
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
    // Every cluster keeps its number (assets 0..n, then in order of birth) and its leaves.
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
        // Two pairs, correlated within, not across; equal variances: a quarter each.
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
            let p = hierarchical_risk_parity(&model, linkage).unwrap();
            assert!(p.weights.iter().all(|w| (w - 0.25).abs() < 1e-15), "{:?}", p.weights);
        }
        let one = hierarchical_risk_parity(&RiskModel::dense(&[vec![0.04]]).unwrap(), HierarchicalLinkage::Distance);
        assert_eq!(one.unwrap().weights, [1.0]);
    }
}
