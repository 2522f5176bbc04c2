//! The gradient of the free weights as they change during the polish.

use crate::lagrangian::smooth_gradient;
use crate::model::RiskModel;
use crate::multipliers::Multipliers;
use crate::program::Program;
use crate::vector::axpy;

/// The weights of a guess that are at no limit and no kink, and their own risk model.
pub(super) struct FreeWeights {
    pub(super) indices: Vec<usize>,
    pub(super) model: RiskModel,
}

impl FreeWeights {
    pub(super) fn new(p: &Program<'_>, indices: Vec<usize>) -> Self {
        let model = p.model.select(&indices);
        Self { indices, model }
    }
}

/// Gradient of the smooth part of the Lagrangian with respect to the free weights of a guess.
///
/// Without a tracking cap it changes by `2λ·Σ_FF` times the change of the free weights since the first evaluation, so
/// the product with the whole matrix is computed once per guess. With a cap it is evaluated in full every time.
pub(super) struct FreeGradient<'a> {
    p: &'a Program<'a>,
    free: &'a FreeWeights,
    /// Free weights at the first evaluation, and the gradient there without the rows.
    start: Vec<f64>,
    base: Vec<f64>,
    moved: Vec<f64>,
    rows: Vec<f64>,
    gradient: Vec<f64>,
}

impl<'a> FreeGradient<'a> {
    pub(super) fn new(p: &'a Program<'a>, free: &'a FreeWeights) -> Self {
        let m = free.indices.len();
        Self {
            p,
            free,
            start: Vec::with_capacity(m),
            base: Vec::with_capacity(m),
            moved: vec![0.0; m],
            rows: vec![0.0; p.n()],
            gradient: vec![0.0; m],
        }
    }

    /// The gradient at `w` under `multipliers`, and the squared tracking error if it is capped.
    pub(super) fn evaluate(&mut self, w: &[f64], multipliers: &Multipliers) -> (&[f64], Option<f64>) {
        let p = self.p;
        let indices = &self.free.indices;
        if p.tracking.is_some() {
            let (g, _, tracking) = smooth_gradient(p, w, multipliers);
            self.gradient.iter_mut().zip(indices).for_each(|(to, &i)| *to = g[i]);
            return (&self.gradient, tracking);
        }
        if self.base.is_empty() {
            let mut sigma_w = vec![0.0; p.n()];
            p.model.multiply(w, &mut sigma_w);
            self.start.extend(indices.iter().map(|&i| w[i]));
            self.base.extend(indices.iter().map(|&i| 2.0 * p.lambda * sigma_w[i] - p.mu[i]));
            self.gradient.copy_from_slice(&self.base);
        } else {
            for ((moved, &i), start) in self.moved.iter_mut().zip(indices).zip(&self.start) {
                *moved = w[i] - start;
            }
            self.free.model.multiply(&self.moved, &mut self.gradient);
            self.gradient.iter_mut().for_each(|g| *g *= 2.0 * p.lambda);
            axpy(1.0, &self.base, &mut self.gradient);
        }
        self.rows.fill(0.0);
        for (row, y) in p.rows.iter().zip(&multipliers.rows) {
            row.a.add_to(*y, &mut self.rows);
        }
        for (g, &i) in self.gradient.iter_mut().zip(indices) {
            *g += self.rows[i];
        }
        (&self.gradient, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::RebalanceProblem;

    #[test]
    fn it_is_the_gradient_of_the_whole_at_the_free_weights() {
        let sigma = [vec![0.04, 0.01, 0.02], vec![0.01, 0.09, 0.0], vec![0.02, 0.0, 0.06]];
        let model = RiskModel::dense(&sigma).unwrap();
        let long = RebalanceProblem::long_only(vec![0.05, 0.02, 0.03], 3.0);
        let capped =
            RebalanceProblem { benchmark: Some(vec![0.3, 0.3, 0.4]), tracking_error_max: Some(0.1), ..long.clone() };
        for problem in [long, capped] {
            let p = Program::new(&problem, &model);
            let free = FreeWeights::new(&p, vec![0, 2]);
            let mut gradient = FreeGradient::new(&p, &free);
            let duals = |y: f64| Multipliers { rows: vec![y], tracking: 0.2, ..Multipliers::default() };
            for (w, y) in [([0.2, 0.5, 0.3], 0.1), ([0.4, 0.5, 0.1], -0.2), ([0.0, 0.5, 0.5], 0.0)] {
                let (whole, _, value) = smooth_gradient(&p, &w, &duals(y));
                let (part, same) = gradient.evaluate(&w, &duals(y));
                assert_eq!(value, same);
                assert!((part[0] - whole[0]).abs() < 1e-16 && (part[1] - whole[2]).abs() < 1e-16);
            }
        }
    }
}
