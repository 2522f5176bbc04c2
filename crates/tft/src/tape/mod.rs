//! Reverse-mode differentiation: operations are recorded, and the record is read backwards once.

mod activation;
mod affine;
mod attention;
mod columns;
mod embedding;
mod gate;
mod lstm;
mod norm;
mod pinball;
mod pointwise;
mod quantiles;
mod rows;
mod selection;
mod softmax;

use std::borrow::Cow;

pub(crate) use attention::Heads;
pub(crate) use lstm::Cell;
pub(crate) use pinball::pinball;

use crate::Matrix;

/// A value on the tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Var(usize);

/// The derivative of one operation.
trait Backward {
    /// The derivative of the loss with respect to each input, given the one with respect to the output: `None` for an
    /// input without one. `inputs` are the values that the operation read, `output` is its result, and `gradient` the
    /// derivative of the loss with respect to the result, in its shape.
    fn backward(&self, inputs: &[&Matrix], output: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>>;
}

struct Node<'p> {
    value: Cow<'p, Matrix>,
    inputs: Vec<Var>,
    operation: Option<Box<dyn Backward>>,
    /// Whether a parameter is upstream.
    live: bool,
}

/// Values with the operations that produced them. Parameters are borrowed.
#[derive(Default)]
pub(crate) struct Tape<'p> {
    nodes: Vec<Node<'p>>,
}

impl<'p> Tape<'p> {
    /// A value without derivatives.
    pub(crate) fn constant(&mut self, value: Matrix) -> Var {
        self.push(Cow::Owned(value), Vec::new(), None, false)
    }

    /// A value with respect to which derivatives are computed.
    pub(crate) fn parameter(&mut self, value: &'p Matrix) -> Var {
        self.push(Cow::Borrowed(value), Vec::new(), None, true)
    }

    pub(crate) fn value(&self, var: Var) -> &Matrix {
        &self.nodes[var.0].value
    }

    fn is_live(&self, var: Var) -> bool {
        self.nodes[var.0].live
    }

    fn push(
        &mut self,
        value: Cow<'p, Matrix>,
        inputs: Vec<Var>,
        operation: Option<Box<dyn Backward>>,
        live: bool,
    ) -> Var {
        self.nodes.push(Node { value, inputs, operation, live });
        Var(self.nodes.len() - 1)
    }

    fn record<B: Backward + 'static>(&mut self, value: Matrix, inputs: Vec<Var>, operation: B) -> Var {
        let live = inputs.iter().any(|input| self.is_live(*input));
        let operation: Option<Box<dyn Backward>> = if live { Some(Box::new(operation)) } else { None };
        self.push(Cow::Owned(value), inputs, operation, live)
    }

    /// The derivative of the `1 × 1` value `of` with respect to each of `by`; `None` where `of` does not depend on it.
    pub(crate) fn gradients(&self, of: Var, by: &[Var]) -> Vec<Option<Matrix>> {
        let mut gradients: Vec<Option<Matrix>> = vec![None; self.nodes.len()];
        let mut one = Matrix::zeros(1, 1);
        one.data_mut().fill(1.0);
        gradients[of.0] = Some(one);
        for (at, node) in self.nodes.iter().enumerate().take(of.0 + 1).rev() {
            let Some(operation) = &node.operation else { continue };
            let Some(gradient) = gradients[at].take() else { continue };
            let values: Vec<&Matrix> = node.inputs.iter().map(|input| self.value(*input)).collect();
            let gained = operation.backward(&values, &node.value, gradient);
            for (input, gained) in node.inputs.iter().zip(gained) {
                let Some(gained) = gained.filter(|_| self.is_live(*input)) else { continue };
                match &mut gradients[input.0] {
                    Some(sum) => sum.add(&gained),
                    none => *none = Some(gained),
                }
            }
        }
        by.iter().map(|var| gradients[var.0].take()).collect()
    }
}

#[cfg(test)]
mod differences {
    //! The test of every operation: its derivatives agree with central differences.

    use super::*;

    /// Numbers that look random, of the order of one.
    pub(super) fn some(rows: usize, cols: usize, salt: u64) -> Matrix {
        let number = |i: usize| ((i as u64 + 1) as f64 * 12.9898 + salt as f64 * 78.233).sin() * 1.3;
        Matrix::from_rows(rows, cols, (0..rows * cols).map(number).collect()).unwrap()
    }

    /// Checks the derivatives of `Σ wᵢⱼ·f(inputs)ᵢⱼ` with respect to every entry of every input, for fixed weights that
    /// look random.
    pub(super) fn check(inputs: Vec<Matrix>, f: impl Fn(&mut Tape<'_>, &[Var]) -> Var) {
        let loss = |inputs: &[Matrix]| {
            let mut tape = Tape::default();
            let vars: Vec<Var> = inputs.iter().map(|input| tape.parameter(input)).collect();
            let out = f(&mut tape, &vars);
            let out = tape.value(out);
            let weights = some(out.rows(), out.cols(), 99);
            out.data().iter().zip(weights.data()).map(|(x, w)| x * w).sum::<f64>()
        };
        let mut tape = Tape::default();
        let vars: Vec<Var> = inputs.iter().map(|input| tape.parameter(input)).collect();
        let out = f(&mut tape, &vars);
        let (rows, cols) = (tape.value(out).rows(), tape.value(out).cols());
        let weighted = tape.weighted_sum(out, some(rows, cols, 99));
        let gradients = tape.gradients(weighted, &vars);
        for (at, gradient) in gradients.iter().enumerate() {
            let gradient = gradient.as_ref().unwrap_or_else(|| panic!("input {at} has no gradient"));
            assert!(gradient.data().iter().any(|g| *g != 0.0), "input {at} has gradient zero");
            for entry in 0..inputs[at].data().len() {
                let moved = |step: f64| {
                    let mut inputs = inputs.clone();
                    inputs[at].data_mut()[entry] += step;
                    loss(&inputs)
                };
                let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                let own = gradient.data()[entry];
                let wrong = (own - difference).abs();
                assert!(wrong < 1e-7 * (1.0 + own.abs()), "input {at}, entry {entry}: {own} and {difference}");
            }
        }
    }

    #[test]
    fn a_value_that_is_read_twice_gains_twice_and_a_constant_nothing() {
        let x = some(1, 1, 1);
        let mut tape = Tape::default();
        let (x, c) = (tape.parameter(&x), tape.constant(some(1, 1, 2)));
        let twice = tape.add(x, x);
        let sum = tape.add(twice, c);
        let gradients = tape.gradients(sum, &[x, c]);
        assert_eq!(gradients[0].as_ref().unwrap().data(), [2.0]);
        assert_eq!(gradients[1], None);
    }
}
