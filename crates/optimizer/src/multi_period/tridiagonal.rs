//! Block-tridiagonal systems whose blocks are bordered by the linear limits of a period.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use portfolio_core::interrupt::checkpoint;

/// What couples the weights of a period to those of the period before: `M = diag(e) + κ·q·qᵀ`.
///
/// The diagonal comes from the costs of single trades, the other part from the limit on their sum.
pub(super) struct Coupling {
    pub(super) diagonal: DVector<f64>,
    /// `κ ≥ 0` and `q`.
    pub(super) joint: Option<(f64, DVector<f64>)>,
}

impl Coupling {
    /// `M·x`.
    pub(super) fn of(&self, x: &DVector<f64>) -> DVector<f64> {
        let mut product = self.diagonal.component_mul(x);
        if let Some((kappa, q)) = &self.joint {
            product.axpy(kappa * q.dot(x), q, 1.0);
        }
        product
    }

    /// Adds `M` to a block.
    pub(super) fn add_to(&self, block: &mut DMatrix<f64>) {
        for (i, e) in self.diagonal.iter().enumerate() {
            block[(i, i)] += e;
        }
        if let Some((kappa, q)) = &self.joint {
            block.ger(*kappa, q, q, 1.0);
        }
    }

    /// Takes `M·V·M` from a block, for a symmetric `V`.
    fn take_from(&self, block: &mut DMatrix<f64>, v: &DMatrix<f64>) {
        let (n, e) = (block.nrows(), &self.diagonal);
        for j in 0..n {
            for i in 0..n {
                block[(i, j)] -= e[i] * v[(i, j)] * e[j];
            }
        }
        if let Some((kappa, q)) = &self.joint {
            let v_q = v * q;
            let cross = e.component_mul(&v_q);
            block.ger(-kappa, &cross, q, 1.0);
            block.ger(-kappa, q, &cross, 1.0);
            block.ger(-kappa * kappa * q.dot(&v_q), q, q, 1.0);
        }
    }
}

/// The factors of the system
///
/// ```text
/// K_h·x_h − M_h·x_{h−1} − M_{h+1}·x_{h+1} + A_h·ν_h = r_h
/// A_hᵀx_h − δ_h·ν_h = s_h
/// ```
///
/// with a column of `A_h` for each linear limit and diagonal `δ_h ≥ 0`. Eliminating the periods one by one costs one
/// Cholesky factor and one inverse of an `n × n` matrix per period.
pub(super) struct Factors {
    blocks: Vec<Block>,
}

struct Block {
    /// `T⁻¹` of the block that remains after the earlier periods were eliminated.
    inverse: DMatrix<f64>,
    /// `A` of the period.
    rows: DMatrix<f64>,
    /// `T⁻¹·A`.
    reached: DMatrix<f64>,
    /// The factor of `δ + AᵀT⁻¹A`.
    pivot: Cholesky<f64, Dyn>,
}

impl Factors {
    /// Factors from `K_h`, the couplings `M_h` (that of the first period is not used here), `A_h` and `δ_h`. `None`
    /// when a block is not positive definite in floating point.
    pub(super) fn new(
        diagonal: Vec<DMatrix<f64>>,
        coupling: &[Coupling],
        rows: &[DMatrix<f64>],
        give: &[Vec<f64>],
    ) -> Option<Self> {
        let mut blocks: Vec<Block> = Vec::with_capacity(diagonal.len());
        for (h, mut t) in diagonal.into_iter().enumerate() {
            checkpoint();
            if let Some(before) = blocks.last() {
                coupling[h].take_from(&mut t, &before.remaining());
            }
            let inverse = t.cholesky()?.inverse();
            let reached = &inverse * &rows[h];
            let mut pivot = rows[h].tr_mul(&reached);
            for (r, give) in give[h].iter().enumerate() {
                pivot[(r, r)] += give;
            }
            blocks.push(Block { inverse, rows: rows[h].clone(), reached, pivot: pivot.cholesky()? });
        }
        Some(Self { blocks })
    }

    /// Solves in place: `x` holds `r_h` and becomes `x_h`, `nu` holds `s_h` and becomes `ν_h`.
    pub(super) fn solve(&self, coupling: &[Coupling], x: &mut [DVector<f64>], nu: &mut [DVector<f64>]) {
        let periods = self.blocks.len();
        for h in 0..periods {
            if h > 0 {
                let (before, rest) = x.split_at_mut(h);
                rest[0] += coupling[h].of(&before[h - 1]);
            }
            self.blocks[h].solve(&mut x[h], &mut nu[h]);
        }
        for h in (0..periods.saturating_sub(1)).rev() {
            let mut change = coupling[h + 1].of(&x[h + 1]);
            let mut price = DVector::zeros(nu[h].len());
            self.blocks[h].solve(&mut change, &mut price);
            x[h] += change;
            nu[h] += price;
        }
    }
}

impl Block {
    /// `V = T⁻¹ − T⁻¹A·(δ + AᵀT⁻¹A)⁻¹·AᵀT⁻¹`.
    fn remaining(&self) -> DMatrix<f64> {
        let mut v = self.inverse.clone();
        v.gemm(-1.0, &self.reached, &self.pivot.solve(&self.reached.transpose()), 1.0);
        v
    }

    fn solve(&self, x: &mut DVector<f64>, nu: &mut DVector<f64>) {
        let plain = &self.inverse * &*x;
        *nu = self.pivot.solve(&(self.rows.tr_mul(&plain) - &*nu));
        *x = plain - &self.reached * &*nu;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solution_satisfies_the_system() {
        let (n, periods) = (3, 4);
        let wave = |i: usize, j: usize| ((i * 7 + j * 3) % 11) as f64 / 11.0;
        let coupling: Vec<Coupling> = (0..periods)
            .map(|h| Coupling {
                diagonal: DVector::from_fn(n, |i, _| 0.2 + wave(h, i)),
                joint: (h != 1).then(|| (0.3 + wave(h, 5), DVector::from_fn(n, |i, _| wave(i, h) - 0.6))),
            })
            .collect();
        let mut blocks = Vec::new();
        for h in 0..periods {
            let root = DMatrix::from_fn(n, n, |i, j| wave(h + i, j));
            let mut block = &root * root.transpose();
            (0..n).for_each(|i| block[(i, i)] += 0.1);
            coupling[h].add_to(&mut block);
            if let Some(next) = coupling.get(h + 1) {
                next.add_to(&mut block);
            }
            blocks.push(block);
        }
        // A row of ones, and in every other period a second one.
        let rows: Vec<DMatrix<f64>> = (0..periods)
            .map(|h| DMatrix::from_fn(n, 1 + h % 2, |i, r| if r == 0 { 1.0 } else { wave(i + h, 2) - 0.3 }))
            .collect();
        let give: Vec<Vec<f64>> = vec![vec![0.0], vec![0.3, 0.0], vec![0.0], vec![1.0, 0.7]];
        let right: Vec<DVector<f64>> = (0..periods).map(|h| DVector::from_fn(n, |i, _| wave(i, h) - 0.4)).collect();
        let sums: Vec<DVector<f64>> =
            give.iter().map(|g| DVector::from_fn(g.len(), |r, _| 0.1 - 0.2 * r as f64)).collect();
        let factors = Factors::new(blocks.clone(), &coupling, &rows, &give).unwrap();
        let (mut x, mut nu) = (right.clone(), sums.clone());
        factors.solve(&coupling, &mut x, &mut nu);
        for h in 0..periods {
            let mut left = &blocks[h] * &x[h] + &rows[h] * &nu[h];
            if h > 0 {
                left -= coupling[h].of(&x[h - 1]);
            }
            if h + 1 < periods {
                left -= coupling[h + 1].of(&x[h + 1]);
            }
            assert!((left - &right[h]).amax() < 1e-12);
            for (r, give) in give[h].iter().enumerate() {
                assert!((rows[h].column(r).dot(&x[h]) - give * nu[h][r] - sums[h][r]).abs() < 1e-12);
            }
        }
    }
}
