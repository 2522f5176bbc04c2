//! Proximal policy optimisation.

mod advantage;
mod features;
mod options;
mod rollout;
mod surrogate;
mod trainer;

pub use options::PpoOptions;
pub use trainer::{Ppo, PpoCheckpoint, PpoProgress};
