//! Attention whose heads share their values.

use super::softmax::{backward_row, forward_row};
use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::wide::{Kernel, vectorised};

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
    #[inline(always)]
    fn seen(self, query: usize) -> usize {
        self.before + query + 1
    }
}

/// The weights of each head, one after the other.
struct Weigh {
    layout: Heads,
    each: Vec<Matrix>,
}

/// The numbers of a window in some columns: by step, or by column with the steps of a column together.
#[derive(Debug, Clone, Copy)]
struct Place {
    window: usize,
    windows: usize,
    first: usize,
    width: usize,
}

impl Place {
    #[inline(always)]
    fn row(self, rows: &Matrix, step: usize) -> &[f64] {
        &rows.row(step * self.windows + self.window)[self.first..self.first + self.width]
    }

    #[inline(always)]
    fn row_mut(self, rows: &mut Matrix, step: usize) -> &mut [f64] {
        &mut rows.row_mut(step * self.windows + self.window)[self.first..self.first + self.width]
    }

    #[inline(always)]
    fn by_step(self, rows: &Matrix, out: &mut [f64]) {
        for (step, out) in out.chunks_exact_mut(self.width).enumerate() {
            out.copy_from_slice(self.row(rows, step));
        }
    }

    #[inline(always)]
    fn by_column(self, rows: &Matrix, out: &mut [f64]) {
        let steps = out.len() / self.width;
        for step in 0..steps {
            let row = self.row(rows, step);
            for d in 0..self.width {
                out[d * steps + step] = row[d];
            }
        }
    }
}

/// `sums[s] += by·x[s]`.
#[inline(always)]
fn add_scaled(sums: &mut [f64], by: f64, x: &[f64]) {
    let x = &x[..sums.len()];
    for s in 0..sums.len() {
        sums[s] += by * x[s];
    }
}

/// `sums[d] += Σₛ by[s]·rows[s][d]`, step by step.
#[inline(always)]
fn add_weighted(sums: &mut [f64], by: &[f64], rows: &[f64]) {
    let width = sums.len();
    for s in 0..by.len() {
        add_scaled(sums, by[s], &rows[s * width..(s + 1) * width]);
    }
}

/// The weights of all heads, and their mean.
struct Weighing<'a> {
    layout: Heads,
    queries: &'a Matrix,
    keys: &'a Matrix,
    mean: &'a mut Matrix,
    each: &'a mut [Matrix],
}

impl Kernel for Weighing<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { layout, queries, keys, mean, each } = self;
        let Heads { windows, heads, .. } = layout;
        let (width, steps) = (queries.cols() / heads, mean.cols());
        let scale = 1.0 / (width as f64).sqrt();
        let mut columns = vec![0.0; width * steps];
        for (head, weights) in each.iter_mut().enumerate() {
            for window in 0..windows {
                let place = Place { window, windows, first: head * width, width };
                place.by_column(keys, &mut columns);
                for query in 0..queries.rows() / windows {
                    let (row, seen) = (query * windows + window, layout.seen(query));
                    let scores = &mut weights.row_mut(row)[..seen];
                    let own = place.row(queries, query);
                    for d in 0..width {
                        add_scaled(scores, own[d], &columns[d * steps..(d + 1) * steps]);
                    }
                    for score in scores.iter_mut() {
                        *score *= scale;
                    }
                    forward_row(scores);
                    let mean = &mut mean.row_mut(row)[..seen];
                    for s in 0..seen {
                        mean[s] += scores[s] / heads as f64;
                    }
                }
            }
        }
    }
}

/// The derivatives of queries and keys, from that of the mean.
struct BackWeighing<'a> {
    own: &'a Weigh,
    queries: &'a Matrix,
    keys: &'a Matrix,
    gradient: &'a Matrix,
    to_queries: &'a mut Matrix,
    to_keys: &'a mut Matrix,
}

impl Kernel for BackWeighing<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { own, queries, keys, gradient, to_queries, to_keys } = self;
        let Heads { windows, heads, .. } = own.layout;
        let (width, steps) = (queries.cols() / heads, gradient.cols());
        let scale = 1.0 / (width as f64).sqrt();
        let (mut rows, mut columns, mut g) = (vec![0.0; width * steps], vec![0.0; width * steps], vec![0.0; steps]);
        for (head, weights) in own.each.iter().enumerate() {
            for window in 0..windows {
                let place = Place { window, windows, first: head * width, width };
                place.by_step(keys, &mut rows);
                columns.fill(0.0);
                for query in 0..queries.rows() / windows {
                    let (row, seen) = (query * windows + window, own.layout.seen(query));
                    let (g, from) = (&mut g[..seen], &gradient.row(row)[..seen]);
                    for s in 0..seen {
                        g[s] = from[s] / heads as f64;
                    }
                    backward_row(&weights.row(row)[..seen], g);
                    for g in g.iter_mut() {
                        *g *= scale;
                    }
                    add_weighted(place.row_mut(to_queries, query), g, &rows);
                    let own = place.row(queries, query);
                    for d in 0..width {
                        add_scaled(&mut columns[d * steps..d * steps + seen], own[d], g);
                    }
                }
                for step in 0..steps {
                    let to = place.row_mut(to_keys, step);
                    for d in 0..width {
                        to[d] = columns[d * steps + step];
                    }
                }
            }
        }
    }
}

impl Backward for Weigh {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let (queries, keys) = (inputs[0], inputs[1]);
        let (mut to_queries, mut to_keys) = (Matrix::like(queries), Matrix::like(keys));
        vectorised(BackWeighing {
            own: self,
            queries,
            keys,
            gradient: &gradient,
            to_queries: &mut to_queries,
            to_keys: &mut to_keys,
        });
        vec![Some(to_queries), Some(to_keys)]
    }
}

/// The number of windows.
struct Apply(usize);

/// Weighted sums of the values of each window.
struct Applying<'a> {
    windows: usize,
    weights: &'a Matrix,
    values: &'a Matrix,
    out: &'a mut Matrix,
}

impl Kernel for Applying<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { windows, weights, values, out } = self;
        let (width, steps) = (values.cols(), weights.cols());
        let mut rows = vec![0.0; width * steps];
        for window in 0..windows {
            let place = Place { window, windows, first: 0, width };
            place.by_step(values, &mut rows);
            for query in 0..weights.rows() / windows {
                add_weighted(place.row_mut(out, query), weights.row(query * windows + window), &rows);
            }
        }
    }
}

/// The derivatives of weights and values.
struct BackApplying<'a> {
    windows: usize,
    weights: &'a Matrix,
    values: &'a Matrix,
    gradient: &'a Matrix,
    to_weights: &'a mut Matrix,
    to_values: &'a mut Matrix,
}

impl Kernel for BackApplying<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { windows, weights, values, gradient, to_weights, to_values } = self;
        let (width, steps) = (values.cols(), weights.cols());
        let (mut columns, mut gained) = (vec![0.0; width * steps], vec![0.0; width * steps]);
        for window in 0..windows {
            let place = Place { window, windows, first: 0, width };
            place.by_column(values, &mut columns);
            gained.fill(0.0);
            for query in 0..weights.rows() / windows {
                let row = query * windows + window;
                let (g, w) = (place.row(gradient, query), weights.row(row));
                let to = to_weights.row_mut(row);
                for d in 0..width {
                    add_scaled(to, g[d], &columns[d * steps..(d + 1) * steps]);
                    add_scaled(&mut gained[d * steps..(d + 1) * steps], g[d], w);
                }
            }
            for step in 0..steps {
                let to = place.row_mut(to_values, step);
                for d in 0..width {
                    to[d] = gained[d * steps + step];
                }
            }
        }
    }
}

impl Backward for Apply {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let (weights, values) = (inputs[0], inputs[1]);
        let (mut to_weights, mut to_values) = (Matrix::like(weights), Matrix::like(values));
        vectorised(BackApplying {
            windows: self.0,
            weights,
            values,
            gradient: &gradient,
            to_weights: &mut to_weights,
            to_values: &mut to_values,
        });
        vec![Some(to_weights), Some(to_values)]
    }
}

impl Tape<'_> {
    /// The attention that each query pays to each step, the mean of its heads: `softmax(q·kᵀ/√d)` of each, over the
    /// steps that the query sees, and zero beyond. A row per query, a column per step of the keys.
    pub(crate) fn attend(&mut self, queries: Var, keys: Var, layout: Heads) -> Var {
        let (q, k) = (self.value(queries), self.value(keys));
        let mut mean = Matrix::zeros(q.rows(), k.rows() / layout.windows);
        let mut each = vec![mean.clone(); layout.heads];
        vectorised(Weighing { layout, queries: q, keys: k, mean: &mut mean, each: &mut each });
        self.record(mean, vec![queries, keys], Weigh { layout, each })
    }

    /// `Σ weights[row][step]·values[step]`, of the same window: a row per row of `weights`.
    pub(crate) fn attended(&mut self, weights: Var, values: Var, windows: usize) -> Var {
        let (w, v) = (self.value(weights), self.value(values));
        let mut out = Matrix::zeros(w.rows(), v.cols());
        vectorised(Applying { windows, weights: w, values: v, out: &mut out });
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
