//! Friedman's first function (1991): five of the features matter, the noise has unit variance.

use std::f64::consts::PI;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use trees::Rows;

/// Rows of `features` uniform numbers, and their targets.
pub(crate) fn friedman(seed: u64, rows: usize, features: usize) -> (Rows, Vec<f64>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut values = Vec::with_capacity(rows * features);
    let mut targets = Vec::with_capacity(rows);
    for _ in 0..rows {
        let x: Vec<f64> = (0..features).map(|_| random.random()).collect();
        // Box and Muller.
        let (radius, angle): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
        let noise = (-2.0 * radius.ln()).sqrt() * (2.0 * PI * angle).cos();
        targets.push(10.0 * (PI * x[0] * x[1]).sin() + 20.0 * (x[2] - 0.5).powi(2) + 10.0 * x[3] + 5.0 * x[4] + noise);
        values.extend(x);
    }
    (Rows::new(features, values).unwrap_or_else(|error| unreachable!("{error}")), targets)
}

/// Names of the features.
pub(crate) fn names(features: usize) -> Vec<String> {
    (0..features).map(|i| format!("x{i}")).collect()
}

/// Root of the mean squared error.
pub(crate) fn rmse(predictions: &[f64], targets: &[f64]) -> f64 {
    let sum: f64 = predictions.iter().zip(targets).map(|(p, y)| (p - y) * (p - y)).sum();
    (sum / targets.len() as f64).sqrt()
}
