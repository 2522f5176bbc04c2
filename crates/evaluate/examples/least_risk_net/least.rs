//! The long-only weights of least variance.

use crate::solve::Cholesky;

/// Weights that sum to one, none below zero, with the least `w'Σw`, by active sets: the weights of the shares that are held are `∝ Σ⁻¹1`, those below zero are
/// let go, and one that would lower the variance is taken in, until none would.
pub(crate) fn least_variance(size: usize, entry: impl Fn(usize, usize) -> f64) -> Result<Vec<f64>, String> {
    let mut held: Vec<usize> = (0..size).collect();
    // A set seldom changes more than a few times; the bound is there for a matrix of rounding errors.
    for _ in 0..10 * size {
        let factor = Cholesky::of(held.len(), |a, b| entry(held[a], held[b])).ok_or("not positive definite")?;
        let raw = factor.solve(&vec![1.0; held.len()]);
        let least = (0..held.len()).min_by(|a, b| raw[*a].total_cmp(&raw[*b])).ok_or("nothing is held")?;
        if raw[least] < 0.0 {
            held.remove(least);
            continue;
        }
        let sum: f64 = raw.iter().sum();
        let mut weights = vec![0.0; size];
        for (i, x) in held.iter().zip(&raw) {
            weights[*i] = x / sum;
        }
        // Σw is 1/sum for what is held; what has less would lower the variance.
        let gradient = |i: usize| held.iter().map(|j| entry(i, *j) * weights[*j]).sum::<f64>();
        let outside = (0..size).filter(|i| !held.contains(i)).map(|i| (i, gradient(i) * sum));
        match outside.filter(|(_, gradient)| *gradient < 1.0 - 1e-9).min_by(|a, b| a.1.total_cmp(&b.1)) {
            None => return Ok(weights),
            Some((i, _)) => held.push(i),
        }
    }
    Err("the active sets do not end".to_owned())
}
