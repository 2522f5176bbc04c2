//! The matrix of an iteration, `K = c·Σ + diag(d)`, stored as a diagonal, a Cholesky factor, or Woodbury for a factor
//! model.

use crate::cholesky::{cholesky_in_place, cholesky_solve};
use crate::model::{Kind, RiskModel};
use crate::vector::{axpy, dot};

/// `K = c·Σ + diag(d)`, factorised: a diagonal when `c = 0`, a Cholesky factor when `Σ` is dense, Woodbury's identity
/// when `Σ` is a factor model.
#[derive(Debug, Default)]
pub(crate) struct Hessian {
    kind: Form,
    /// Dense: the factor. Factor model: `√c·U` divided by `d`, column by column.
    matrix: Vec<f64>,
    /// Factor model: Cholesky factor of `I + c·Uᵀ d⁻¹ U`, and the effective diagonal.
    core: Vec<f64>,
    diagonal: Vec<f64>,
    scratch: Vec<f64>,
    rank: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Form {
    #[default]
    Diagonal,
    Dense,
    Woodbury,
}

impl Hessian {
    /// Factorises `c·Σ + diag(d)`. False when the sum is not positive definite.
    pub(crate) fn factorise(&mut self, model: &RiskModel, c: f64, d: &[f64]) -> bool {
        let n = d.len();
        self.diagonal.clear();
        if c == 0.0 {
            self.kind = Form::Diagonal;
            self.diagonal.extend_from_slice(d);
            return d.iter().all(|v| *v > 0.0);
        }
        match &model.0 {
            Kind::Dense { sigma, .. } => {
                self.kind = Form::Dense;
                self.matrix.resize(n * n, 0.0);
                for (j, (to, from)) in self.matrix.chunks_exact_mut(n).zip(sigma.chunks_exact(n)).enumerate() {
                    for (to, from) in to[j..].iter_mut().zip(&from[j..]) {
                        *to = c * from;
                    }
                    to[j] += d[j];
                }
                cholesky_in_place(&mut self.matrix, n)
            }
            Kind::Factor { k, u, specific, .. } => {
                self.kind = Form::Woodbury;
                self.rank = *k;
                self.diagonal.extend(d.iter().zip(specific).map(|(d, s)| d + c * s));
                if !self.diagonal.iter().all(|v| *v > 0.0) {
                    return false;
                }
                self.matrix.resize(n * k, 0.0);
                let root = c.sqrt();
                for (to, from) in self.matrix.chunks_exact_mut(n).zip(u.chunks_exact(n)) {
                    for ((to, from), d) in to.iter_mut().zip(from).zip(&self.diagonal) {
                        *to = root * from / d;
                    }
                }
                self.core.clear();
                self.core.resize(k * k, 0.0);
                for a in 0..*k {
                    for b in a..*k {
                        self.core[a * k + b] = root * dot(&self.matrix[a * n..(a + 1) * n], &u[b * n..(b + 1) * n]);
                    }
                    self.core[a * k + a] += 1.0;
                }
                cholesky_in_place(&mut self.core, *k)
            }
        }
    }

    /// `b ← K⁻¹ b` for each column of `b`.
    pub(crate) fn solve(&mut self, n: usize, b: &mut [f64]) {
        match self.kind {
            Form::Diagonal => {
                for x in b.chunks_exact_mut(n.max(1)) {
                    for (x, d) in x.iter_mut().zip(&self.diagonal) {
                        *x /= d;
                    }
                }
            }
            Form::Dense => cholesky_solve(&self.matrix, n, b),
            Form::Woodbury => {
                self.scratch.resize(self.rank, 0.0);
                for x in b.chunks_exact_mut(n.max(1)) {
                    // x − D⁻¹U (I + UᵀD⁻¹U)⁻¹ UᵀD⁻¹x, with D⁻¹U kept as `matrix`.
                    for (s, column) in self.scratch.iter_mut().zip(self.matrix.chunks_exact(n)) {
                        *s = dot(column, x);
                    }
                    cholesky_solve(&self.core, self.rank, &mut self.scratch);
                    for (x, d) in x.iter_mut().zip(&self.diagonal) {
                        *x /= d;
                    }
                    for (s, column) in self.scratch.iter().zip(self.matrix.chunks_exact(n)) {
                        axpy(-s, column, x);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn residual(model: &RiskModel, c: f64, d: &[f64]) -> f64 {
        let n = d.len();
        let mut h = Hessian::default();
        assert!(h.factorise(model, c, d));
        let b: Vec<f64> = (0..2 * n).map(|i| ((i * 7 % 11) as f64) - 5.0).collect();
        let mut x = b.clone();
        h.solve(n, &mut x);
        let mut worst = 0.0_f64;
        for (x, b) in x.chunks_exact(n).zip(b.chunks_exact(n)) {
            let mut kx = vec![0.0; n];
            model.multiply(x, &mut kx);
            for i in 0..n {
                worst = worst.max((c * kx[i] + d[i] * x[i] - b[i]).abs());
            }
        }
        worst
    }

    #[test]
    fn every_form_solves_its_system() {
        for n in [1, 5, 39, 40, 41, 90] {
            let loadings: Vec<Vec<f64>> =
                (0..n).map(|i| vec![1.0 + 0.1 * (i as f64).sin(), (0.3 * i as f64).cos()]).collect();
            let f = vec![vec![0.04, 0.01], vec![0.01, 0.02]];
            let s: Vec<f64> = (0..n).map(|i| 0.01 + 0.001 * (i % 7) as f64).collect();
            let factor = RiskModel::factor(&loadings, &f, &s).unwrap();
            let mut sigma = vec![vec![0.0; n]; n];
            for (j, row) in sigma.iter_mut().enumerate() {
                let mut e = vec![0.0; n];
                e[j] = 1.0;
                factor.multiply(&e, row);
            }
            let dense = RiskModel::dense(&sigma).unwrap();
            let d: Vec<f64> = (0..n).map(|i| 10f64.powi((i % 9) as i32 - 4)).collect();
            for c in [0.0, 10.0] {
                assert!(residual(&factor, c, &d) < 1e-8, "factor {n} {c}");
                assert!(residual(&dense, c, &d) < 1e-8, "dense {n} {c}");
            }
        }
    }
}
