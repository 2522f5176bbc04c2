//! Attention whose heads share their values.

use super::softmax::{backward_row, forward_row};
use super::{Backward, Tape, Var};
use crate::Matrix;

/// The layout of queries and keys: rows are steps of all windows, step by step; columns are the heads side by side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heads {
    pub(crate) windows: usize,
    pub(crate) heads: usize,
    /// Steps of the keys before the first query's own: query `t` sees keys up to step `before + t`.
    pub(crate) before: usize,
}

impl Heads {
    /// Number of keys that a query sees.
    fn seen(self, query: usize) -> usize {
        self.before + query + 1
    }
}

/// The weights of each head, one after the other.
struct Weigh {
    layout: Heads,
    each: Vec<Matrix>,
}

impl Backward for Weigh {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let Heads { windows, heads, .. } = self.layout;
        let (queries, keys) = (inputs[0], inputs[1]);
        let width = queries.cols() / heads;
        let scale = 1.0 / (width as f64).sqrt();
        let (mut to_queries, mut to_keys) = (Matrix::like(queries), Matrix::like(keys));
        for (head, weights) in self.each.iter().enumerate() {
            let columns = head * width..(head + 1) * width;
            for row in 0..queries.rows() {
                let seen = self.layout.seen(row / windows);
                let mut g: Vec<f64> = gradient.row(row)[..seen].iter().map(|g| g / heads as f64).collect();
                backward_row(&weights.row(row)[..seen], &mut g);
                let q = &queries.row(row)[columns.clone()];
                let to_query = &mut to_queries.row_mut(row)[columns.clone()];
                for (step, g) in g.iter().enumerate() {
                    let at = step * windows + row % windows;
                    let by = g * scale;
                    for (to, k) in to_query.iter_mut().zip(&keys.row(at)[columns.clone()]) {
                        *to += by * k;
                    }
                    for (to, q) in to_keys.row_mut(at)[columns.clone()].iter_mut().zip(q) {
                        *to += by * q;
                    }
                }
            }
        }
        vec![Some(to_queries), Some(to_keys)]
    }
}

/// The number of windows.
struct Apply(usize);

impl Backward for Apply {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let (weights, values) = (inputs[0], inputs[1]);
        let (mut to_weights, mut to_values) = (Matrix::like(weights), Matrix::like(values));
        for row in 0..weights.rows() {
            let g = gradient.row(row);
            for (step, w) in weights.row(row).iter().enumerate() {
                let at = step * self.0 + row % self.0;
                to_weights.row_mut(row)[step] = values.row(at).iter().zip(g).map(|(v, g)| v * g).sum();
                for (to, g) in to_values.row_mut(at).iter_mut().zip(g) {
                    *to += w * g;
                }
            }
        }
        vec![Some(to_weights), Some(to_values)]
    }
}

impl Tape<'_> {
    /// The attention that each query pays to each step, the mean of its heads: `softmax(q·kᵀ/√d)` of each, over the
    /// steps that the query sees, and zero beyond. A row per query, a column per step of the keys.
    pub(crate) fn attend(&mut self, queries: Var, keys: Var, layout: Heads) -> Var {
        let (q, k) = (self.value(queries), self.value(keys));
        let Heads { windows, heads, .. } = layout;
        let (width, steps) = (q.cols() / heads, k.rows() / windows);
        let scale = 1.0 / (width as f64).sqrt();
        let mut mean = Matrix::zeros(q.rows(), steps);
        let mut each = Vec::with_capacity(heads);
        for head in 0..heads {
            let columns = head * width..(head + 1) * width;
            let mut weights = Matrix::zeros(q.rows(), steps);
            for row in 0..q.rows() {
                let own = &q.row(row)[columns.clone()];
                let scores = &mut weights.row_mut(row)[..layout.seen(row / windows)];
                for (step, score) in scores.iter_mut().enumerate() {
                    let key = &k.row(step * windows + row % windows)[columns.clone()];
                    *score = scale * own.iter().zip(key).map(|(q, k)| q * k).sum::<f64>();
                }
                forward_row(scores);
            }
            for (sum, w) in mean.data_mut().iter_mut().zip(weights.data()) {
                *sum += w / heads as f64;
            }
            each.push(weights);
        }
        self.record(mean, vec![queries, keys], Weigh { layout, each })
    }

    /// `Σ weights[row][step]·values[step]`, of the same window: a row per row of `weights`.
    pub(crate) fn attended(&mut self, weights: Var, values: Var, windows: usize) -> Var {
        let (w, v) = (self.value(weights), self.value(values));
        let mut out = Matrix::zeros(w.rows(), v.cols());
        for row in 0..w.rows() {
            for (step, w) in w.row(row).iter().enumerate() {
                for (sum, v) in out.row_mut(row).iter_mut().zip(v.row(step * windows + row % windows)) {
                    *sum += w * v;
                }
            }
        }
        self.record(out, vec![weights, values], Apply(windows))
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};
    use super::*;

    #[test]
    fn their_derivatives_are_those_of_differences() {
        // Two windows, two heads of width three, four steps of which the last two ask.
        let layout = Heads { windows: 2, heads: 2, before: 2 };
        check(vec![some(4, 6, 1), some(8, 6, 2)], |tape, v| tape.attend(v[0], v[1], layout));
        check(vec![some(4, 4, 1), some(8, 3, 2)], |tape, v| tape.attended(v[0], v[1], 2));
    }

    #[test]
    fn no_query_sees_a_later_step_and_its_weights_sum_to_one() {
        let mut tape = Tape::default();
        let (q, k) = (tape.constant(some(4, 6, 1)), tape.constant(some(8, 6, 2)));
        let weights = tape.attend(q, k, Heads { windows: 2, heads: 2, before: 2 });
        let weights = tape.value(weights);
        for row in 0..4 {
            assert!((weights.row(row).iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(weights.row(row)[..3 + row / 2].iter().all(|w| *w > 0.0));
        }
        assert_eq!((weights.row(0)[3], weights.row(1)[3]), (0.0, 0.0));
    }
}
