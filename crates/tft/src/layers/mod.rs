//! The building blocks of the network. Each consists of tensors that it names, and of operations of the tape.

mod attention;
mod dense;
mod gated;
mod lstm;
mod pass;
mod selection;

pub(crate) use attention::Attention;
pub(crate) use dense::Dense;
pub(crate) use gated::{Gate, Grn, Widths};
pub(crate) use lstm::Lstm;
pub(crate) use pass::{Noise, Pass};
pub(crate) use selection::Selection;
