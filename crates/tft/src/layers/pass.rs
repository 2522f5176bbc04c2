//! One forward pass of the network.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::Matrix;
use crate::parameters::{Id, Parameters};
use crate::tape::{Tape, Var};

/// The source of dropout's random numbers.
pub(crate) struct Noise {
    /// Share of the dropped entries, below one.
    pub(crate) rate: f64,
    pub(crate) random: ChaCha8Rng,
}

/// A tape with the tensors of a model on it.
pub(crate) struct Pass<'p> {
    pub(crate) tape: Tape<'p>,
    bound: Vec<Var>,
    noise: Option<Noise>,
}

impl<'p> Pass<'p> {
    /// With `noise` for training, without it for use.
    pub(crate) fn new(parameters: &'p Parameters, noise: Option<Noise>) -> Self {
        let mut tape = Tape::default();
        let bound = parameters.values().iter().map(|value| tape.parameter(value)).collect();
        Self { tape, bound, noise: noise.filter(|noise| noise.rate > 0.0) }
    }

    /// Every tensor, in the order of the model.
    pub(crate) fn bound(&self) -> &[Var] {
        &self.bound
    }

    pub(crate) fn of(&self, id: Id) -> Var {
        self.bound[id.0]
    }

    /// Drops entries and scales the others up, in training (Srivastava et al. 2014).
    pub(crate) fn dropout(&mut self, x: Var) -> Var {
        let Some(noise) = &mut self.noise else { return x };
        let kept = 1.0 - noise.rate;
        let mut factors = Matrix::like(self.tape.value(x));
        for factor in factors.data_mut() {
            *factor = if noise.random.random::<f64>() < kept { 1.0 / kept } else { 0.0 };
        }
        self.tape.scale(x, factors)
    }
}
