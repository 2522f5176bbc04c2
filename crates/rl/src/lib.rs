//! Reinforcement learning with small dense networks, and environments whose optimum is known.
//!
//! An [`Environment`] is a definition; its state is a value. [`Ppo`] learns choices and numbers, [`Sac`] only numbers;
//! the result is a [`Policy`], a value with a digest. The trading environments are first compared with closed forms: an
//! allocator that does not find a known optimum cannot be trusted where the optimum is unknown.
//!
//! # Conventions
//! Rewards are in the unit of their environment; larger is better. The seed determines every random number; a training
//! uses one thread and a fixed order of summation, so that its bytes do not depend on other work running at the same
//! time.

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
