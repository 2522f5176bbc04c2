//! A weak panel, as returns are: of 30 rank features four matter, and what they say explains 0.6 % of the variance.

use std::f64::consts::PI;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use trees::Rows;

/// Features of a row.
pub(crate) const FEATURES: usize = 30;
/// Rows that train, and rows that test.
pub(crate) const ROWS: [usize; 2] = [40_000, 20_000];
/// Size of the signal: its variance is `SIZE²·(1/12 + 1/9 + 1/48)`, 0.00578 beside noise of variance 1.
const SIZE: f64 = 0.163_9;

/// A panel: rows of ranks between −1/2 and 1/2, the signal of each, and its target, the signal and noise of variance 1.
pub(crate) struct Weak {
    pub(crate) rows: Rows,
    pub(crate) signal: Vec<f64>,
    pub(crate) targets: Vec<f64>,
}

pub(crate) fn weak(seed: u64, rows: usize) -> Weak {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut values = Vec::with_capacity(rows * FEATURES);
    let (mut signal, mut targets) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    for _ in 0..rows {
        let x: Vec<f64> = (0..FEATURES).map(|_| random.random::<f64>() - 0.5).collect();
        let (radius, angle): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
        let noise = (-2.0 * radius.ln()).sqrt() * (2.0 * PI * angle).cos();
        let own = SIZE * (x[0] + 4.0 * x[1] * x[2] + x[3].abs() - 0.25);
        signal.push(own);
        targets.push(own + noise);
        values.extend(x);
    }
    Weak { rows: Rows::new(FEATURES, values).unwrap_or_else(|error| unreachable!("{error}")), signal, targets }
}

/// Out-of-sample R² against forecasting zero.
pub(crate) fn r_squared(predictions: &[f64], targets: &[f64]) -> f64 {
    let errors: f64 = predictions.iter().zip(targets).map(|(p, y)| (p - y) * (p - y)).sum();
    1.0 - errors / targets.iter().map(|y| y * y).sum::<f64>()
}
