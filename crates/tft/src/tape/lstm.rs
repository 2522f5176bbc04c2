//! A long short-term memory over a whole sequence.

use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::exponential::{sigmoid, tanh};
use crate::wide::{Kernel, vectorised};

/// Values that the backward pass needs.
struct Lstm {
    windows: usize,
    /// The gates after activation, `[i f g o]`: rows like those of the sequence, `4h` columns.
    gates: Matrix,
}

/// One step of the cell for a row: gates before activation are replaced by those after it, `c` by the new state.
struct Step<'a> {
    gates: &'a mut [f64],
    before: &'a [f64],
    state: &'a mut [f64],
}

impl Kernel for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let h = self.before.len();
        let (hidden, c) = self.state.split_at_mut(h);
        let (i, rest) = self.gates.split_at_mut(h);
        let (f, rest) = rest.split_at_mut(h);
        let (g, o) = rest.split_at_mut(h);
        let o = &mut o[..h];
        for x in i.iter_mut() {
            *x = sigmoid(*x);
        }
        for x in f.iter_mut() {
            *x = sigmoid(*x);
        }
        for x in g.iter_mut() {
            *x = tanh(*x);
        }
        for x in o.iter_mut() {
            *x = sigmoid(*x);
        }
        for j in 0..h {
            c[j] = f[j] * self.before[j] + i[j] * g[j];
        }
        for j in 0..h {
            hidden[j] = o[j] * tanh(c[j]);
        }
    }
}

/// `h` and `c` of all windows before a step: those of the previous step, or the initial ones.
fn before(output: &Matrix, initial: (&Matrix, &Matrix), step: usize, windows: usize) -> (Matrix, Matrix) {
    let Some(last) = step.checked_sub(1) else { return (initial.0.clone(), initial.1.clone()) };
    let width = initial.0.cols();
    let (mut h, mut c) = (Matrix::zeros(windows, width), Matrix::zeros(windows, width));
    for w in 0..windows {
        let row = output.row(last * windows + w);
        h.row_mut(w).copy_from_slice(&row[..width]);
        c.row_mut(w).copy_from_slice(&row[width..]);
    }
    (h, c)
}

impl Backward for Lstm {
    fn backward(&self, inputs: &[&Matrix], output: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let [x, from_input, from_hidden, bias, h0, c0] = inputs else { return Vec::new() };
        let (windows, width) = (self.windows, h0.cols());
        let recurrent = from_hidden.transposed();
        let mut to_gates = Matrix::like(&self.gates);
        let (mut to_hidden, mut to_state) = (Matrix::like(h0), Matrix::like(c0));
        let mut to_from_hidden = Matrix::like(from_hidden);
        for step in (0..x.rows() / windows).rev() {
            let (h, c) = before(output, (h0, c0), step, windows);
            let mut here = Matrix::zeros(windows, 4 * width);
            for w in 0..windows {
                let row = step * windows + w;
                let (own, gates, state) = (gradient.row(row), self.gates.row(row), output.row(row));
                let (to, dh, dc) = (here.row_mut(w), to_hidden.row(w), to_state.row_mut(w));
                for j in 0..width {
                    let (i, f, g, o) = (gates[j], gates[width + j], gates[2 * width + j], gates[3 * width + j]);
                    let squashed = tanh(state[width + j]);
                    let dh = dh[j] + own[j];
                    let d = dc[j] + own[width + j] + dh * o * (1.0 - squashed * squashed);
                    to[j] = d * g * i * (1.0 - i);
                    to[width + j] = d * c.row(w)[j] * f * (1.0 - f);
                    to[2 * width + j] = d * i * (1.0 - g * g);
                    to[3 * width + j] = dh * squashed * o * (1.0 - o);
                    dc[j] = d * f;
                }
            }
            to_from_hidden.add(&h.transposed_times(&here));
            to_hidden = here.times(&recurrent);
            let length = here.data().len();
            to_gates.data_mut()[step * length..(step + 1) * length].copy_from_slice(here.data());
        }
        let mut to_bias = Matrix::like(bias);
        for row in to_gates.data().chunks_exact(4 * width) {
            for (sum, g) in to_bias.data_mut().iter_mut().zip(row) {
                *sum += g;
            }
        }
        let (to_x, to_from_input) = (to_gates.times(&from_input.transposed()), x.transposed_times(&to_gates));
        [to_x, to_from_input, to_from_hidden, to_bias, to_hidden, to_state].into_iter().map(Some).collect()
    }
}

/// Weights of a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    /// `k × 4h`, the gates in the order input, forget, candidate, output.
    pub(crate) from_input: Var,
    /// `h × 4h`.
    pub(crate) from_hidden: Var,
    /// `1 × 4h`.
    pub(crate) bias: Var,
}

impl Tape<'_> {
    /// Runs a cell (Hochreiter and Schmidhuber 1997, with a forget gate) over a sequence.
    ///
    /// ```text
    /// i, f, o = σ(·), g = tanh(·) of x·W + h·U + b;   c' = f⊙c + i⊙g;   h' = o⊙tanh c'
    /// ```
    ///
    /// `x` of `steps·windows × k`, all windows of a step together; `start`: the states `h` and `c` before it,
    /// `windows × h`. The result has a row `[h' c']` for each row of `x`.
    pub(crate) fn lstm(&mut self, x: Var, cell: Cell, start: (Var, Var)) -> Var {
        let (h0, c0) = (self.value(start.0), self.value(start.1));
        let (windows, width) = (h0.rows(), h0.cols());
        let mut gates = self.value(x).times(self.value(cell.from_input));
        let mut out = Matrix::zeros(gates.rows(), 2 * width);
        let (recurrent, bias) = (self.value(cell.from_hidden), self.value(cell.bias).data());
        for step in 0..gates.rows() / windows.max(1) {
            let (h, c) = before(&out, (h0, c0), step, windows);
            let fed = h.times(recurrent);
            for w in 0..windows {
                let row = step * windows + w;
                for ((gate, fed), bias) in gates.row_mut(row).iter_mut().zip(fed.row(w)).zip(bias) {
                    *gate += fed + bias;
                }
                vectorised(Step { gates: gates.row_mut(row), before: c.row(w), state: out.row_mut(row) });
            }
        }
        let inputs = vec![x, cell.from_input, cell.from_hidden, cell.bias, start.0, start.1];
        self.record(out, inputs, Lstm { windows, gates })
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};
    use super::*;

    #[test]
    fn its_derivatives_are_those_of_differences() {
        let inputs = vec![some(6, 3, 1), some(3, 8, 2), some(2, 8, 3), some(1, 8, 4), some(2, 2, 5), some(2, 2, 6)];
        check(inputs, |tape, v| {
            tape.lstm(v[0], Cell { from_input: v[1], from_hidden: v[2], bias: v[3] }, (v[4], v[5]))
        });
    }
}
