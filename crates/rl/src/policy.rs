//! A policy as a value.

use governance::Digest;
use serde::{Deserialize, Serialize};

use crate::environment::ActionSpace;
use crate::error::{RlError, length};
use crate::network::{Activation, Network, Tape};

/// The meaning of the outputs of a policy's network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Head {
    /// Log-odds of choices.
    Categorical,
    /// Means of normal numbers.
    Gaussian {
        /// Logarithm of the standard deviation of each.
        log_deviation: Vec<f64>,
    },
    /// Means, then logarithms of standard deviations, of normal numbers whose hyperbolic tangent is the action.
    SquashedGaussian,
}

/// A trained policy: a network and the meaning of its outputs. It is a value: it can be stored, compared, and
/// identified by its digest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub(crate) network: Network,
    pub(crate) head: Head,
}

impl Policy {
    /// A policy for an action space.
    pub(crate) fn new(network: Network, space: ActionSpace, log_deviation: f64) -> Self {
        let head = match space {
            ActionSpace::Discrete(_) => Head::Categorical,
            ActionSpace::Continuous(numbers) => Head::Gaussian { log_deviation: vec![log_deviation; numbers] },
        };
        Self { network, head }
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The meaning of its outputs.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The deterministic action: the likeliest choice, or the mean.
    ///
    /// # Errors
    /// [`RlError::Length`] for an observation of the wrong length.
    pub fn act(&self, observation: &[f64], tape: &mut Tape) -> Result<Vec<f64>, RlError> {
        length("the observation", observation.len(), self.network.inputs())?;
        let outputs = self.network.forward(observation, tape);
        Ok(match &self.head {
            Head::Categorical => {
                let better = |best: usize, i: usize| if outputs[i] > outputs[best] { i } else { best };
                vec![(0..outputs.len()).fold(0, better) as f64]
            }
            Head::Gaussian { .. } => outputs.to_vec(),
            Head::SquashedGaussian => outputs[..outputs.len() / 2].iter().map(|mean| mean.tanh()).collect(),
        })
    }

    /// SHA-256 of layers, activation, head and the bits of every parameter: two policies with the same digest act in
    /// the same way.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let sizes: Vec<u8> = self.network.sizes().iter().flat_map(|n| (*n as u64).to_le_bytes()).collect();
        let bits = |values: &[f64]| values.iter().flat_map(|v| v.to_bits().to_le_bytes()).collect::<Vec<u8>>();
        let activation = match self.network.activation() {
            Activation::Tanh => "tanh",
            Activation::Relu => "relu",
        };
        let (head, deviations) = match &self.head {
            Head::Categorical => ("categorical", Vec::new()),
            Head::Gaussian { log_deviation } => ("gaussian", bits(log_deviation)),
            Head::SquashedGaussian => ("squashed_gaussian", Vec::new()),
        };
        let fields =
            [&sizes[..], activation.as_bytes(), &bits(self.network.parameters()), head.as_bytes(), &deviations];
        Digest::of_fields("smart-portfolio-rebalancer/rl-policy/1", &fields)
    }
}
