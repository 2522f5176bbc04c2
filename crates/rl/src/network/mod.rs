//! Dense networks, their gradients, and the optimiser.

mod adam;
mod dense;
mod product;

pub use adam::Adam;
pub(crate) use adam::limit_norm;
pub use dense::{Activation, Network, Tape};
