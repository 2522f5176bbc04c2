//! Shrinkage of the biased sample covariance towards a simple target.
//!
//! The weights need sums of fourth moments over all pairs of assets. They are not formed pair by pair:
//! `Σᵢⱼ Σ_t xᵢ²xⱼ² = Σ_t (Σᵢ xᵢ²)²`, and likewise for the third-order sums, so they cost `O(nT)`.

use super::panel::{Panel, STRIP};
use crate::sums::{sum_map, sum_map2};

/// Turns `S₁` into `(1 − δ)·S₁ + δ·μI` and gives `δ`.
pub(super) fn ledoit_wolf_identity(matrix: &mut [f64], data: &Panel) -> f64 {
    let (n, count) = (data.order as f64, data.observations as f64);
    let mean_variance = trace(matrix, data.order) / n;
    let squares = sum_map(matrix, |s| s * s);
    // ‖S₁ − μI‖²/n
    let distance = (squares - n * mean_variance * mean_variance).max(0.0) / n;
    let noise = (pair_moments(data) / count - squares) / (n * count);
    let noise = noise.clamp(0.0, distance);
    let weight = if distance > 0.0 { noise / distance } else { 0.0 };
    blend_identity(matrix, data.order, weight, mean_variance);
    weight
}

/// The same target with the weight of oracle approximating shrinkage.
pub(super) fn oas(matrix: &mut [f64], data: &Panel) -> f64 {
    let (n, count) = (data.order as f64, data.observations as f64);
    let mean_variance = trace(matrix, data.order) / n;
    let mean_square = sum_map(matrix, |s| s * s) / (n * n);
    let numerator = mean_square + mean_variance * mean_variance;
    let denominator = (count + 1.0) * (mean_square - mean_variance * mean_variance / n);
    let weight = if denominator > 0.0 { (numerator / denominator).min(1.0) } else { 1.0 };
    blend_identity(matrix, data.order, weight, mean_variance);
    weight
}

/// Turns `S₁` into `(1 − δ)·S₁ + δ·F`, `F` with one correlation for all pairs, and gives `δ`.
///
/// Up to two assets `F` is `S₁`, and `δ` is 0. Every variance must be positive.
pub(super) fn ledoit_wolf_constant_correlation(matrix: &mut [f64], data: &Panel) -> f64 {
    let order = data.order;
    if order < 3 {
        return 0.0;
    }
    let count = data.observations as f64;
    let deviations: Vec<f64> = (0..order).map(|i| matrix[i * order + i].sqrt()).collect();
    let pairs = || (0..order).flat_map(|i| (0..order).map(move |j| (i, j))).filter(|(i, j)| i != j);
    let correlations: f64 = pairs().map(|(i, j)| matrix[i * order + j] / (deviations[i] * deviations[j])).sum();
    let mean_correlation = correlations / (order * (order - 1)) as f64;

    // π = Σᵢⱼ AsyVar(sᵢⱼ)
    let pi = pair_moments(data) / count - sum_map(matrix, |s| s * s);
    // ρ = Σᵢ AsyVar(sᵢᵢ) + r̄·Σ_{i≠j} (σⱼ/σᵢ)·AsyCov(sᵢᵢ, sᵢⱼ)
    let strips = || (0..data.strips()).map(|s| data.strip(s));
    let fourth = strips().map(|strip| strip_sum(strip, |x| x * x * x * x)).sum::<f64>() / count;
    let diagonal = fourth - (0..order).map(|i| matrix[i * order + i].powi(2)).sum::<f64>();
    let mut cubes = vec![0.0; data.observations];
    let mut sums = vec![0.0; data.observations];
    for (s, strip) in strips().enumerate() {
        // Columns that fill up the last strip are zero, whatever they are divided by.
        let deviation: [f64; STRIP] = std::array::from_fn(|k| deviations.get(s * STRIP + k).copied().unwrap_or(1.0));
        for ((cube, sum), row) in cubes.iter_mut().zip(&mut sums).zip(strip) {
            for (x, deviation) in row.iter().zip(deviation) {
                *cube += x * x * x / deviation;
                *sum += deviation * x;
            }
        }
    }
    let third = sum_map2(&cubes, &sums, |c, s| c * s) / count - fourth;
    let cross: f64 = pairs().map(|(i, j)| deviations[i] * deviations[j] * matrix[i * order + j]).sum();
    let rho = diagonal + mean_correlation * (third - cross);

    let target = |i: usize, j: usize| mean_correlation * (deviations[i] * deviations[j]);
    // γ = ‖F − S₁‖²; the diagonals are equal.
    let gamma: f64 = pairs().map(|(i, j)| (target(i, j) - matrix[i * order + j]).powi(2)).sum();
    let weight = if gamma > 0.0 { ((pi - rho) / gamma / count).clamp(0.0, 1.0) } else { 0.0 };
    for (i, j) in pairs() {
        let entry = &mut matrix[i * order + j];
        *entry = weight * target(i, j) + (1.0 - weight) * *entry;
    }
    weight
}

/// `Σᵢⱼ Σ_t xᵢ²xⱼ²`.
fn pair_moments(data: &Panel) -> f64 {
    let mut rows = vec![0.0; data.observations];
    for s in 0..data.strips() {
        for (total, row) in rows.iter_mut().zip(data.strip(s)) {
            *total += row.iter().map(|x| x * x).sum::<f64>();
        }
    }
    sum_map(&rows, |r| r * r)
}

/// `Σ f(x)` over a strip; `f(0)` has to be 0.
fn strip_sum(strip: &[[f64; STRIP]], f: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; STRIP];
    for row in strip {
        for (lane, &x) in lanes.iter_mut().zip(row) {
            *lane += f(x);
        }
    }
    lanes.iter().sum()
}

fn trace(matrix: &[f64], order: usize) -> f64 {
    (0..order).map(|i| matrix[i * order + i]).sum()
}

fn blend_identity(matrix: &mut [f64], order: usize, weight: f64, level: f64) {
    for (k, entry) in matrix.iter_mut().enumerate() {
        *entry *= 1.0 - weight;
        if k % (order + 1) == 0 {
            *entry += weight * level;
        }
    }
}
