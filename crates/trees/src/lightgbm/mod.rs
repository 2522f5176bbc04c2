//! LightGBM text models.

mod error;
mod members;
mod read;
mod tree;
mod write;

pub use error::{Place, ReadError, Unsupported};
pub use read::ReadLimits;
