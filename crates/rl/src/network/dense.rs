//! A dense network with one list of parameters.

use serde::{Deserialize, Serialize};

use super::product::{add_gradient, affine, backwards};
use crate::error::{RlError, length};
use crate::random::Random;

/// The activation of hidden units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// `tanh(x)`.
    Tanh,
    /// `max(x, 0)`.
    Relu,
}

impl Activation {
    fn apply(self, values: &mut [f64]) {
        match self {
            Self::Tanh => values.iter_mut().for_each(|v| *v = v.tanh()),
            Self::Relu => values.iter_mut().for_each(|v| *v = v.max(0.0)),
        }
    }

    /// Multiplies deltas by the derivative, which for both functions can be computed from their value.
    fn chain(self, values: &[f64], deltas: &mut [f64]) {
        let of = |v: f64| match self {
            Self::Tanh => 1.0 - v * v,
            Self::Relu => f64::from(u8::from(v > 0.0)),
        };
        deltas.iter_mut().zip(values).for_each(|(d, v)| *d *= of(*v));
    }
}

/// A dense network: hidden layers with one activation, and a linear last layer.
///
/// The parameters are one list, layer by layer: weights (`inputs × outputs`, row-major), then biases.
///
/// # Example
/// ```
/// use rl::{Activation, Network, Random, Tape};
///
/// let mut random = Random::new(7.into(), 0);
/// let network = Network::new(&[3, 16, 2], Activation::Tanh, 1.0, &mut random)?;
/// assert_eq!(network.parameters().len(), 3 * 16 + 16 + 16 * 2 + 2);
/// // Two rows of three inputs give two rows of two outputs.
/// let mut tape = Tape::default();
/// assert_eq!(network.forward(&[0.1, 0.2, 0.3, -0.1, 0.0, 0.5], &mut tape).len(), 4);
/// # Ok::<(), rl::RlError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Network {
    /// Units of each layer: inputs first, outputs last.
    sizes: Vec<usize>,
    activation: Activation,
    parameters: Vec<f64>,
}

/// A network as stored, before it is checked.
#[derive(Deserialize)]
struct Stored {
    sizes: Vec<usize>,
    activation: Activation,
    parameters: Vec<f64>,
}

impl TryFrom<Stored> for Network {
    type Error = RlError;

    fn try_from(stored: Stored) -> Result<Self, RlError> {
        let Stored { sizes, activation, parameters } = stored;
        length("the list of parameters", parameters.len(), count(&sizes)?)?;
        if parameters.iter().any(|v| !v.is_finite()) {
            return Err(RlError::NotFinite { name: "a stored parameter", steps: 0 });
        }
        Ok(Self { sizes, activation, parameters })
    }
}

/// The number of parameters of a network with these layers.
fn count(sizes: &[usize]) -> Result<usize, RlError> {
    if sizes.len() < 2 || sizes.contains(&0) {
        return Err(RlError::EmptyNetwork);
    }
    let layer = |(m, n): (&usize, &usize)| m.checked_add(1)?.checked_mul(*n);
    let all = sizes.iter().zip(&sizes[1..]).map(layer).try_fold(0_usize, |sum, n| sum.checked_add(n?));
    all.ok_or(RlError::EmptyNetwork)
}

/// The values of a forward pass, which the backward pass needs; it keeps its memory from one pass to the next.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    /// Inputs, and the values of each layer after its activation.
    values: Vec<Vec<f64>>,
    /// Derivatives with respect to the sums of the current layer, and of the one before it.
    deltas: [Vec<f64>; 2],
}

impl Tape {
    /// The outputs of the last forward pass, row by row; empty before the first.
    #[must_use]
    pub fn outputs(&self) -> &[f64] {
        self.values.last().map_or(&[], Vec::as_slice)
    }

    /// The derivative with respect to the inputs, after [`Network::backward_to_inputs`].
    #[must_use]
    pub fn input_gradient(&self) -> &[f64] {
        &self.deltas[0]
    }
}

impl Network {
    /// A network with these layers, inputs first, outputs last. Weights are normal with variance `1/inputs` of the
    /// layer, those of the last layer `last` times as large; biases are zero.
    ///
    /// # Errors
    /// [`RlError::EmptyNetwork`] for fewer than two layers or a layer without units.
    pub fn new(sizes: &[usize], activation: Activation, last: f64, random: &mut Random) -> Result<Self, RlError> {
        let mut parameters = Vec::with_capacity(count(sizes)?);
        for (layer, (&m, &n)) in sizes.iter().zip(&sizes[1..]).enumerate() {
            let gain = if layer + 2 == sizes.len() { last } else { 1.0 };
            let scale = gain / (m as f64).sqrt();
            parameters.extend((0..m * n).map(|_| scale * random.normal()));
            parameters.resize(parameters.len() + n, 0.0);
        }
        Ok(Self { sizes: sizes.to_vec(), activation, parameters })
    }

    /// Number of inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.sizes[0]
    }

    /// Number of outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.sizes[self.sizes.len() - 1]
    }

    /// Units of each layer: inputs first, outputs last.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The activation of hidden units.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// All parameters.
    #[must_use]
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// All parameters, mutable; their number is fixed.
    pub fn parameters_mut(&mut self) -> &mut [f64] {
        &mut self.parameters
    }

    /// Number of inputs and outputs of each layer, with the position of its parameters.
    fn layers(&self) -> impl DoubleEndedIterator<Item = (usize, usize, usize)> + '_ {
        let mut start = 0;
        let layers: Vec<_> = (self.sizes.iter().zip(&self.sizes[1..]))
            .map(|(&m, &n)| {
                let at = start;
                start += (m + 1) * n;
                (m, n, at)
            })
            .collect();
        layers.into_iter()
    }

    /// Outputs of the rows in `inputs`; an incomplete last row is not read.
    pub fn forward<'t>(&self, inputs: &[f64], tape: &'t mut Tape) -> &'t [f64] {
        let rows = inputs.len() / self.inputs();
        tape.values.resize(self.sizes.len(), Vec::new());
        tape.values[0].clear();
        tape.values[0].extend_from_slice(&inputs[..rows * self.inputs()]);
        let last = self.sizes.len() - 2;
        for (layer, (m, n, at)) in self.layers().enumerate() {
            let (before, after) = tape.values.split_at_mut(layer + 1);
            after[0].resize(rows * n, 0.0);
            let (weights, bias) = self.parameters[at..at + (m + 1) * n].split_at(m * n);
            affine(&before[layer], weights, bias, &mut after[0]);
            if layer < last {
                self.activation.apply(&mut after[0]);
            }
        }
        tape.outputs()
    }

    /// Adds to `gradient` the derivative, with respect to every parameter, of a function of the outputs of the last
    /// forward pass, given its derivative with respect to those outputs.
    ///
    /// # Errors
    /// [`RlError::Length`] when a list does not fit the network or the last pass.
    pub fn backward(&self, tape: &mut Tape, of_outputs: &[f64], gradient: &mut [f64]) -> Result<(), RlError> {
        length("the gradient", gradient.len(), self.parameters.len())?;
        self.walk_back(tape, of_outputs, Some(gradient))
    }

    /// Computes the derivative, with respect to the inputs, of a function of the outputs of the last forward pass:
    /// [`Tape::input_gradient`].
    ///
    /// # Errors
    /// [`RlError::Length`] when a list does not fit the network or the last pass.
    pub fn backward_to_inputs(&self, tape: &mut Tape, of_outputs: &[f64]) -> Result<(), RlError> {
        self.walk_back(tape, of_outputs, None)
    }

    /// From the outputs to the first layer for parameters, or to the inputs without them.
    fn walk_back(&self, tape: &mut Tape, of_outputs: &[f64], mut gradient: Option<&mut [f64]>) -> Result<(), RlError> {
        length("the gradient by the outputs", of_outputs.len(), tape.outputs().len())?;
        length("the tape", tape.values.len(), self.sizes.len())?;
        let Tape { values, deltas: [delta, next] } = tape;
        delta.clear();
        delta.extend_from_slice(of_outputs);
        for (layer, (m, n, at)) in self.layers().enumerate().collect::<Vec<_>>().into_iter().rev() {
            if let Some(gradient) = gradient.as_deref_mut() {
                let (weights, bias) = gradient[at..at + (m + 1) * n].split_at_mut(m * n);
                add_gradient(&values[layer], delta, weights, bias);
                if layer == 0 {
                    break;
                }
            }
            next.resize(values[layer].len(), 0.0);
            backwards(delta, &self.parameters[at..at + m * n], n, next);
            if layer > 0 {
                self.activation.chain(&values[layer], next);
            }
            std::mem::swap(delta, next);
        }
        Ok(())
    }

    /// Moves every parameter by the fraction `rate` of the way to that of another network with the same layers.
    pub(crate) fn approach(&mut self, other: &Self, rate: f64) {
        for (p, q) in self.parameters.iter_mut().zip(&other.parameters) {
            *p += rate * (q - *p);
        }
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::Seed;

    use super::*;

    /// A function of all outputs: their weighted sum with fixed weights and half their squares.
    fn objective(outputs: &[f64]) -> (f64, Vec<f64>) {
        let weight = |i: usize| 0.3 + 0.1 * i as f64;
        let value = outputs.iter().enumerate().map(|(i, y)| weight(i) * y + y * y / 2.0).sum();
        (value, outputs.iter().enumerate().map(|(i, y)| weight(i) + y).collect())
    }

    #[test]
    fn the_backward_pass_agrees_with_finite_differences() {
        for activation in [Activation::Tanh, Activation::Relu] {
            let mut random = Random::new(Seed(11), 0);
            let mut network = Network::new(&[3, 7, 5, 2], activation, 1.0, &mut random).unwrap();
            network.parameters_mut().iter_mut().for_each(|p| *p += 0.1);
            let mut inputs: Vec<f64> = (0..12).map(|_| random.normal()).collect();
            let mut tape = Tape::default();
            let (_, of_outputs) = objective(network.forward(&inputs, &mut tape));
            let mut gradient = vec![0.0; network.parameters().len()];
            network.backward(&mut tape, &of_outputs, &mut gradient).unwrap();
            network.backward_to_inputs(&mut tape, &of_outputs).unwrap();
            let by_inputs = tape.input_gradient().to_vec();
            const H: f64 = 1e-6;
            for (i, slope) in gradient.iter().enumerate() {
                let mut value = |shift: f64| {
                    let mut moved = network.clone();
                    moved.parameters_mut()[i] += shift;
                    objective(moved.forward(&inputs, &mut tape)).0
                };
                let difference = (value(H) - value(-H)) / (2.0 * H);
                assert!((slope - difference).abs() < 1e-7, "{activation:?} {i}: {slope} {difference}");
            }
            assert_eq!(by_inputs.len(), inputs.len());
            for i in 0..inputs.len() {
                let before = inputs[i];
                let mut value = |shift: f64| {
                    inputs[i] = before + shift;
                    objective(network.forward(&inputs, &mut tape)).0
                };
                let difference = (value(H) - value(-H)) / (2.0 * H);
                inputs[i] = before;
                assert!((by_inputs[i] - difference).abs() < 1e-7, "{activation:?} {i}: {} {difference}", by_inputs[i]);
            }
            // Every parameter takes part: a layer that is never trained shows in no loss curve.
            let still = gradient.iter().filter(|g| **g == 0.0).count();
            assert!(still * 4 < gradient.len(), "{still} of {} gradients are zero", gradient.len());
        }
    }

    #[test]
    fn rows_of_a_batch_do_not_touch_each_other() {
        let mut random = Random::new(Seed(3), 0);
        let network = Network::new(&[2, 9, 3], Activation::Tanh, 1.0, &mut random).unwrap();
        let inputs: Vec<f64> = (0..8).map(|_| random.normal()).collect();
        let mut tape = Tape::default();
        let together = network.forward(&inputs, &mut tape).to_vec();
        let alone: Vec<f64> = inputs.chunks(2).flat_map(|row| network.forward(row, &mut tape).to_vec()).collect();
        assert_eq!(together, alone);
    }

    #[test]
    fn bad_layers_and_lists_are_refused() {
        let mut random = Random::new(Seed(3), 0);
        for sizes in [&[][..], &[3], &[3, 0, 1]] {
            assert_eq!(Network::new(sizes, Activation::Relu, 1.0, &mut random), Err(RlError::EmptyNetwork));
        }
        let network = Network::new(&[1, 1], Activation::Relu, 1.0, &mut random).unwrap();
        let mut tape = Tape::default();
        network.forward(&[1.0], &mut tape);
        assert!(matches!(network.backward(&mut tape, &[1.0], &mut [0.0]), Err(RlError::Length { .. })));
        let text = r#"{"sizes":[1,1],"activation":"relu","parameters":[1.0]}"#;
        assert!(serde_json::from_str::<Network>(text).is_err());
    }
}
