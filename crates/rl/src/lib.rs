//! Reinforcement learning with small dense networks, and environments whose optimum is known.
//!
//! An [`Environment`] is a definition; its state is a value. [`Ppo`] learns choices and numbers, [`Sac`] numbers; what they learn is a
//! [`Policy`], a value with a digest. The environments of trading are held against closed forms first: an allocator that does not find
//! the optimum where it is known is not to be believed where it is not.
//!
//! # Conventions
//! Rewards are in the unit of their environment, positive is good. Nothing is drawn that the seed does not determine; a training uses
//! one thread and a fixed order of summation, so that its bytes do not depend on what runs beside it.

mod environment;
pub mod environments;
mod error;
mod network;
mod policy;
mod ppo;
mod random;
mod sac;

pub use environment::{ActionSpace, End, Environment, Transition, episode_returns};
pub use error::RlError;
pub use network::{Activation, Adam, Network, Tape};
pub use policy::{Head, Policy};
pub use ppo::{Ppo, PpoCheckpoint, PpoOptions, PpoProgress};
pub use random::Random;
pub use sac::{Sac, SacCheckpoint, SacOptions, SacProgress};
