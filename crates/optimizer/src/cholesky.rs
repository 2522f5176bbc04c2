//! Cholesky factors of dense matrices: a plain loop for small matrices, blocks of matrix products for larger ones.

use nalgebra::{DMatrixView, DMatrixViewMut, Dyn};
use portfolio_core::interrupt::checkpoint;

use crate::vector::{axpy, dot};

/// Up to this many rows, a plain loop is faster than matrix products.
const SMALL: usize = 40;
/// Columns factorised together: wide panels first, narrow ones inside each of them.
const PANELS: [usize; 2] = [64, 8];

/// Replaces the lower triangle of a column-major `n × n` matrix by its Cholesky factor; false when there is none.
///
/// The strict upper triangle is not read and holds no meaningful numbers afterwards.
pub(crate) fn cholesky_in_place(a: &mut [f64], n: usize) -> bool {
    factorise(a, n, 0, n, if n > SMALL { &PANELS } else { &[] })
}

/// Factorises the columns `from..to`; the columns before `from` have already been subtracted.
fn factorise(a: &mut [f64], n: usize, from: usize, to: usize, panels: &[usize]) -> bool {
    let Some((&width, narrower)) = panels.split_first() else { return factorise_plain(a, n, from, to) };
    (from..to).step_by(width).all(|start| {
        checkpoint();
        let end = (start + width).min(to);
        subtract(a, n, from, start, end);
        factorise(a, n, start, end, narrower)
    })
}

/// Subtracts the contribution of the columns `from..start` from the columns `start..end`: `C ← C − A·Bᵀ`.
fn subtract(a: &mut [f64], n: usize, from: usize, start: usize, end: usize) {
    if from == start {
        return;
    }
    let (done, rest) = a.split_at_mut(start * n);
    let factor = &done[from * n + start..];
    let (rows, inner, width) = (n - start, start - from, end - start);
    let left = DMatrixView::<f64, Dyn, Dyn>::from_slice_with_strides(factor, rows, inner, 1, n);
    let right = DMatrixView::<f64, Dyn, Dyn>::from_slice_with_strides(factor, inner, width, n, 1);
    let panel = &mut rest[start..];
    DMatrixViewMut::<f64, Dyn, Dyn>::from_slice_with_strides_mut(panel, rows, width, 1, n)
        .gemm(-1.0, &left, &right, 1.0);
}

/// Factorises column by column.
fn factorise_plain(a: &mut [f64], n: usize, from: usize, to: usize) -> bool {
    for j in from..to {
        let (done, rest) = a.split_at_mut(j * n);
        let column = &mut rest[j..n];
        // Four columns per pass: the new one is read and written a quarter as often, and its terms are subtracted in the same order.
        let fours = done[from * n..].chunks_exact(4 * n);
        let others = fours.remainder();
        for four in fours {
            let (a, b, c, d) = (&four[j..n], &four[n + j..2 * n], &four[2 * n + j..3 * n], &four[3 * n + j..]);
            let (u, v, w, x) = (a[0], b[0], c[0], d[0]);
            for ((((y, a), b), c), d) in column.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *y = *y - u * a - v * b - w * c - x * d;
            }
        }
        for previous in others.chunks_exact(n) {
            let p = &previous[j..n];
            axpy(-p[0], p, column);
        }
        let pivot = column[0];
        if !(pivot > 0.0 && pivot < f64::INFINITY) {
            return false;
        }
        let root = 1.0 / pivot.sqrt();
        for v in column.iter_mut() {
            *v *= root;
        }
    }
    true
}

/// Solves `L Lᵀ x = b` in place for each column of `b`.
pub(crate) fn cholesky_solve(l: &[f64], n: usize, b: &mut [f64]) {
    if n == 0 {
        return;
    }
    for x in b.chunks_exact_mut(n) {
        let fours = n / 4 * 4;
        for j in (0..fours).step_by(4) {
            // Four unknowns, then their columns in one pass over the rest: the terms are subtracted in the same order as one by one.
            let column: [&[f64]; 4] = std::array::from_fn(|k| &l[(j + k) * n + j..(j + k + 1) * n]);
            let (found, rest) = x[j..].split_at_mut(4);
            for k in 0..4 {
                let v = found[k] / column[k][k];
                found[k] = v;
                for m in k + 1..4 {
                    found[m] -= v * column[k][m];
                }
            }
            let tails = column[0][4..].iter().zip(&column[1][4..]).zip(&column[2][4..]).zip(&column[3][4..]);
            for (x, (((a, b), c), d)) in rest.iter_mut().zip(tails) {
                *x = *x - found[0] * a - found[1] * b - found[2] * c - found[3] * d;
            }
        }
        for j in fours..n {
            let column = &l[j * n..(j + 1) * n];
            let v = x[j] / column[j];
            x[j] = v;
            axpy(-v, &column[j + 1..], &mut x[j + 1..]);
        }
        for j in (0..n).rev() {
            let column = &l[j * n..(j + 1) * n];
            x[j] = (x[j] - dot(&column[j + 1..], &x[j + 1..])) / column[j];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_made_of_a_known_factor_gives_the_factor_back() {
        // L has ones below the diagonal and twos on it, so that (L·Lᵀ)ᵢⱼ = min(i, j) + 2 off the diagonal, i + 4 on it.
        for n in [1, 3, 40, 41, 64, 65, 150] {
            let mut a = vec![0.0; n * n];
            for j in 0..n {
                for i in 0..n {
                    a[j * n + i] = if i == j { i as f64 + 4.0 } else { i.min(j) as f64 + 2.0 };
                }
            }
            assert!(cholesky_in_place(&mut a, n));
            for j in 0..n {
                for i in j..n {
                    let exact = if i == j { 2.0 } else { 1.0 };
                    assert!((a[j * n + i] - exact).abs() < 1e-12, "{n}: {i}, {j}");
                }
            }
        }
    }

    #[test]
    fn an_indefinite_matrix_has_no_factor() {
        assert!(!cholesky_in_place(&mut [1.0, 2.0, 2.0, 1.0], 2));
        for bad in [0, 30, 49] {
            let n = 50;
            let mut a = vec![0.0; n * n];
            for i in 0..n {
                a[i * n + i] = if i == bad { -1.0 } else { 1.0 };
            }
            assert!(!cholesky_in_place(&mut a, n));
        }
    }
}
