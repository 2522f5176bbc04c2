//! Parts shared by the shrinkage estimators: the target `μI`, and fourth moments over all pairs of assets.
//!
//! The moments are not computed pair by pair: `Σᵢⱼ Σ_t xᵢ²xⱼ² = Σ_t (Σᵢ xᵢ²)²`, and likewise for the third-order sums,
//! so they cost `O(NT)`.

use super::columns::{STRIP, Strips};
use crate::sums::sum_map;

/// `Σᵢⱼ Σ_t xᵢ²xⱼ²`.
pub(super) fn pair_moments(data: &Strips) -> f64 {
    let mut rows = vec![0.0; data.observations];
    for s in 0..data.strips() {
        for (total, row) in rows.iter_mut().zip(data.strip(s)) {
            *total += row.iter().map(|x| x * x).sum::<f64>();
        }
    }
    sum_map(&rows, |r| r * r)
}

/// `Σ f(x)` over a strip; `f(0)` must be 0.
pub(super) fn strip_sum(strip: &[[f64; STRIP]], f: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; STRIP];
    for row in strip {
        for (lane, &x) in lanes.iter_mut().zip(row) {
            *lane += f(x);
        }
    }
    lanes.iter().sum()
}

/// Sum of the variances.
pub(super) fn trace(matrix: &[f64], order: usize) -> f64 {
    (0..order).map(|i| matrix[i * order + i]).sum()
}

/// Replaces `S` by `(1 − δ)·S + δ·μI`, where `δ` is the weight and `μ` the level.
pub(super) fn blend_identity(matrix: &mut [f64], order: usize, weight: f64, level: f64) {
    for (k, entry) in matrix.iter_mut().enumerate() {
        *entry *= 1.0 - weight;
        if k % (order + 1) == 0 {
            *entry += weight * level;
        }
    }
}
