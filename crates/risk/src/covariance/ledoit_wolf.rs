//! The shrinkage estimators of Ledoit and Wolf.

use std::fmt;

use portfolio_core::{ModelParameter, ReturnPanel};
use serde::Serialize;

use super::columns::{Columns, STRIP, Strips, rescale};
use super::gram::gram;
use super::riskless::{self, Kernel, Matrix};
use super::shrinkage::{blend_identity, pair_moments, strip_sum, trace};
use super::{CovarianceEstimate, CovarianceEstimator};
use crate::RiskError;
use crate::sums::{sum_map, sum_map2};

/// Ledoit and Wolf's shrinkage of the sample covariance towards a target, `(1 − δ)·S₁ + δ·F`.
///
/// `S₁` is the covariance with denominator `T`. The weight `δ` minimises the expected squared distance from the true
/// covariance and is estimated from the same returns. An asset that does not vary by more than rounding error has a row
/// of zeros and does not enter the target. Requires `T ≥ 2`; cost `O(N²T)`, of which the weight takes only `O(NT)`.
///
/// # Example
/// ```
/// use portfolio_core::{ReturnPanel, Universe};
/// use risk::{CovarianceEstimator, LedoitWolf, ShrinkageTarget};
///
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// let panel = ReturnPanel::new(assets, vec![vec![0.01, 0.02, 0.03], vec![0.06, 0.04, 0.02]])?;
/// let estimator = LedoitWolf { target: ShrinkageTarget::Identity };
/// let shrunk = estimator.estimate(&panel, 252.0)?;
/// assert!((0.0..=1.0).contains(&shrunk.shrinkage.unwrap()));
/// assert_eq!(shrunk.estimator.to_string(), "ledoit_wolf 1 (target identity)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LedoitWolf {
    /// The shrinkage target.
    pub target: ShrinkageTarget,
}

/// The target of [`LedoitWolf`] shrinkage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShrinkageTarget {
    /// `μI`, where `μ` is the mean variance: Ledoit and Wolf (2004), "A well-conditioned estimator for
    /// large-dimensional covariance matrices", Journal of Multivariate Analysis 88(2), 365–411.
    Identity,
    /// The variances of `S₁` and one correlation for all pairs, their mean: Ledoit and Wolf (2004), "Honey, I shrunk
    /// the sample covariance matrix", The Journal of Portfolio Management 30(4), 110–119. It preserves the variances,
    /// which matters for a portfolio of shares and bonds. With fewer than three varying assets the target is `S₁`
    /// itself.
    #[default]
    ConstantCorrelation,
}

impl fmt::Display for ShrinkageTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl ShrinkageTarget {
    const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::ConstantCorrelation => "constant_correlation",
        }
    }
}

impl CovarianceEstimator for LedoitWolf {
    fn id(&self) -> &str {
        "ledoit_wolf"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("target", self.target.name())]
    }

    fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError> {
        riskless::estimate(self, panel, periods_per_year, Kernel { fewest: 2, shrinks: true }, |columns| {
            self.kernel(columns)
        })
    }
}

impl LedoitWolf {
    pub(super) fn kernel(self, columns: &Columns<'_>) -> Matrix {
        let data = columns.centred();
        let mut matrix = gram(&data);
        rescale(&mut matrix, 1.0 / columns.observations as f64);
        let weight = match self.target {
            ShrinkageTarget::Identity => to_identity(&mut matrix, &data),
            ShrinkageTarget::ConstantCorrelation => to_constant_correlation(&mut matrix, &data),
        };
        Matrix { values: data.in_returns(matrix), shrinkage: Some(weight) }
    }
}

/// Replaces `S₁` by `(1 − δ)·S₁ + δ·μI` and returns `δ`.
fn to_identity(matrix: &mut [f64], data: &Strips) -> f64 {
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

/// Replaces `S₁` by `(1 − δ)·S₁ + δ·F` and returns `δ`. `F` has one correlation for all pairs.
///
/// For up to two assets `F` is `S₁`, and `δ` is 0. Every variance must be positive.
fn to_constant_correlation(matrix: &mut [f64], data: &Strips) -> f64 {
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
        // Columns that pad the last strip are zero, whatever they are divided by.
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
