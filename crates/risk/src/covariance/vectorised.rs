//! `XᵀX` by faer, which picks the widest vector instructions at run time.
//!
//! Sums differ in their last digits from machine to machine.

use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, MatMut, MatRef, Par};

/// The full symmetric `n × n` matrix of dot products of `n` columns of length `rows`.
pub(super) fn gram(columns: &[f64], n: usize, rows: usize) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    let x = MatRef::from_column_major_slice(columns, rows, n);
    matmul(
        MatMut::from_column_major_slice_mut(&mut out, n, n),
        BlockStructure::TriangularUpper,
        Accum::Replace,
        x.transpose(),
        BlockStructure::Rectangular,
        x,
        BlockStructure::Rectangular,
        1.0,
        Par::Seq,
    );
    // The upper half by columns is the lower half by rows.
    for i in 0..n {
        for j in 0..i {
            out[j * n + i] = out[i * n + j];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::covariance::portable;

    #[test]
    fn both_kernels_agree() {
        for (n, rows) in [(1, 1), (2, 3), (7, 257), (40, 600)] {
            let columns: Vec<f64> = (0..n * rows).map(|i| ((i * 7919) % 1013) as f64 / 1013.0 - 0.5).collect();
            for (a, b) in gram(&columns, n, rows).iter().zip(portable::gram(&columns, n, rows)) {
                assert!((a - b).abs() < 1e-11, "{n} {rows}: {a} {b}");
            }
        }
    }
}
