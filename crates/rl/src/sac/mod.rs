//! Soft actor-critic.

mod options;
mod replay;
mod squashed;
mod trainer;

pub use options::SacOptions;
pub use trainer::{Sac, SacCheckpoint, SacProgress};
