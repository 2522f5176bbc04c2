//! The tensors of a model, by name.

use governance::Digest;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::Matrix;

/// The tensors of a model, in the order in which its layers name them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Parameters {
    names: Vec<String>,
    values: Vec<Matrix>,
}

/// A tensor of [`Parameters`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) usize);

impl Parameters {
    /// Names and tensors.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Matrix)> {
        self.names.iter().map(String::as_str).zip(&self.values)
    }

    /// Number of tensors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Number of weights in all tensors.
    #[must_use]
    pub fn weights(&self) -> usize {
        self.values.iter().map(|value| value.data().len()).sum()
    }

    /// SHA-256 over name, shape and bits of every tensor, each preceded by its length.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut bytes = b"tft-weights/1".to_vec();
        for (name, value) in self.iter() {
            for size in [name.len(), value.rows(), value.cols()] {
                bytes.extend((size as u64).to_le_bytes());
            }
            bytes.extend(name.as_bytes());
            bytes.extend(value.data().iter().flat_map(|x| x.to_bits().to_le_bytes()));
        }
        Digest::of_bytes(&bytes)
    }

    pub(crate) fn name(&self, at: usize) -> &str {
        &self.names[at]
    }

    pub(crate) fn values(&self) -> &[Matrix] {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut [Matrix] {
        &mut self.values
    }

    /// Whether the other has the same tensors in the same shapes, and only finite weights.
    pub(crate) fn fits(&self, other: &Self) -> bool {
        let shape = |m: &Matrix| (m.rows(), m.cols());
        self.names == other.names
            && self.values.len() == other.values.len()
            && self.values.iter().zip(&other.values).all(|(a, b)| shape(a) == shape(b) && b.is_sound())
    }
}

/// Names tensors and draws their initial weights.
pub(crate) struct Builder {
    pub(crate) parameters: Parameters,
    random: ChaCha8Rng,
}

impl Builder {
    pub(crate) fn new(random: ChaCha8Rng) -> Self {
        Self { parameters: Parameters::default(), random }
    }

    /// Uniform weights with the variance of Glorot and Bengio (2010): between ∓√(6/(rows + cols)).
    pub(crate) fn drawn(&mut self, name: String, rows: usize, cols: usize) -> Id {
        let most = (6.0 / (rows + cols) as f64).sqrt();
        let mut value = Matrix::zeros(rows, cols);
        for x in value.data_mut() {
            *x = most * (2.0 * self.random.random::<f64>() - 1.0);
        }
        self.push(name, value)
    }

    /// One row filled with a number.
    pub(crate) fn filled(&mut self, name: String, cols: usize, with: f64) -> Id {
        let mut value = Matrix::zeros(1, cols);
        value.data_mut().fill(with);
        self.push(name, value)
    }

    pub(crate) fn push(&mut self, name: String, value: Matrix) -> Id {
        self.parameters.names.push(name);
        self.parameters.values.push(value);
        Id(self.parameters.values.len() - 1)
    }
}
