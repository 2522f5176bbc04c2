//! Block-tridiagonal systems whose blocks are bordered by the cash of a period.

use nalgebra::{DMatrix, DVector};
use portfolio_core::interrupt::checkpoint;

/// The factors of the system
///
/// ```text
/// K_h·x_h − E_h·x_{h−1} − E_{h+1}·x_{h+1} + 1·ν_h = r_h
/// 1ᵀx_h − δ_h·ν_h = s_h
/// ```
///
/// with diagonal `E_h ≥ 0`. Eliminating the periods one by one costs one Cholesky factor and one inverse of an `n × n`
/// matrix per period.
pub(super) struct Factors {
    blocks: Vec<Block>,
}

struct Block {
    /// `T⁻¹` of the block that remains after the earlier periods were eliminated.
    inverse: DMatrix<f64>,
    /// `T⁻¹·1`.
    ones: DVector<f64>,
    /// `δ + 1ᵀT⁻¹1`.
    pivot: f64,
}

impl Factors {
    /// Factors from `K_h`, the couplings `E_h` (that of the first period is not used here) and `δ_h ≥ 0`. `None` when a block is not
    /// positive definite in floating point.
    pub(super) fn new(diagonal: Vec<DMatrix<f64>>, coupling: &[DVector<f64>], slack: &[f64]) -> Option<Self> {
        let mut blocks: Vec<Block> = Vec::with_capacity(diagonal.len());
        for (h, mut t) in diagonal.into_iter().enumerate() {
            checkpoint();
            let n = t.nrows();
            if let Some(before) = blocks.last() {
                // E·V·E with V = T⁻¹ − u·uᵀ/pivot of the period before.
                let e = &coupling[h];
                for j in 0..n {
                    for i in 0..n {
                        let v = before.inverse[(i, j)] - before.ones[i] * before.ones[j] / before.pivot;
                        t[(i, j)] -= e[i] * v * e[j];
                    }
                }
            }
            let inverse = t.cholesky()?.inverse();
            let ones = inverse.column_sum();
            let pivot = slack[h] + ones.sum();
            blocks.push(Block { inverse, ones, pivot });
        }
        Some(Self { blocks })
    }

    /// Solves in place: `x` holds `r_h` and becomes `x_h`, `nu` holds `s_h` and becomes `ν_h`.
    pub(super) fn solve(&self, coupling: &[DVector<f64>], x: &mut [DVector<f64>], nu: &mut [f64]) {
        let periods = self.blocks.len();
        for h in 0..periods {
            if h > 0 {
                let (before, rest) = x.split_at_mut(h);
                rest[0] += coupling[h].component_mul(&before[h - 1]);
            }
            self.blocks[h].solve(&mut x[h], &mut nu[h]);
        }
        for h in (0..periods.saturating_sub(1)).rev() {
            let mut change = coupling[h + 1].component_mul(&x[h + 1]);
            let mut price = 0.0;
            self.blocks[h].solve(&mut change, &mut price);
            x[h] += change;
            nu[h] += price;
        }
    }
}

impl Block {
    fn solve(&self, x: &mut DVector<f64>, nu: &mut f64) {
        let plain = &self.inverse * &*x;
        *nu = (plain.sum() - *nu) / self.pivot;
        *x = plain - &self.ones * *nu;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solution_satisfies_the_system() {
        let (n, periods) = (3, 4);
        let wave = |i: usize, j: usize| ((i * 7 + j * 3) % 11) as f64 / 11.0;
        let coupling: Vec<DVector<f64>> = (0..periods).map(|h| DVector::from_fn(n, |i, _| 0.2 + wave(h, i))).collect();
        let mut blocks = Vec::new();
        for h in 0..periods {
            let root = DMatrix::from_fn(n, n, |i, j| wave(h + i, j));
            let mut block = &root * root.transpose();
            for i in 0..n {
                block[(i, i)] += 0.1 + coupling[h][i] + coupling.get(h + 1).map_or(0.0, |e| e[i]);
            }
            blocks.push(block);
        }
        let slack = [0.0, 0.3, 0.0, 1.0];
        let right: Vec<DVector<f64>> = (0..periods).map(|h| DVector::from_fn(n, |i, _| wave(i, h) - 0.4)).collect();
        let sums = [0.1, -0.2, 0.0, 0.5];
        let factors = Factors::new(blocks.clone(), &coupling, &slack).unwrap();
        let (mut x, mut nu) = (right.clone(), sums.to_vec());
        factors.solve(&coupling, &mut x, &mut nu);
        for h in 0..periods {
            let mut left = &blocks[h] * &x[h] + DVector::repeat(n, nu[h]);
            if h > 0 {
                left -= coupling[h].component_mul(&x[h - 1]);
            }
            if h + 1 < periods {
                left -= coupling[h + 1].component_mul(&x[h + 1]);
            }
            assert!((left - &right[h]).amax() < 1e-12);
            assert!((x[h].sum() - slack[h] * nu[h] - sums[h]).abs() < 1e-12);
        }
    }
}
