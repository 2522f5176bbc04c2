//! Sums over all periods, by doubling.

use nalgebra::DMatrix;

/// Doublings after which a sum of `2^ROUNDS` terms counts as without bound.
const ROUNDS: usize = 60;
/// Relative size of what the last doubling added.
const TOLERANCE: f64 = 1e-16;

/// `Σ_j left^j·first·right^j` over all `j ≥ 0`: the solution of `X = first + left·X·right`. `None` when it does not exist.
///
/// Each round doubles the number of terms, so that sums of slowly decaying terms take few rounds.
pub(crate) fn discounted_sum(left: &DMatrix<f64>, first: &DMatrix<f64>, right: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let (mut left, mut sum, mut right) = (left.clone(), first.clone(), right.clone());
    for _ in 0..ROUNDS {
        let more = &left * &sum * &right;
        let (added, size) = (more.amax(), sum.amax());
        sum += more;
        if !sum.iter().all(|v| v.is_finite()) {
            return None;
        }
        if added <= TOLERANCE * size {
            return Some(sum);
        }
        left = &left * &left;
        right = &right * &right;
    }
    None
}
