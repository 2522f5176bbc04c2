//! The settings of a training.

use serde::{Deserialize, Serialize};

use crate::error::{RlError, within};

/// The settings of SAC. The defaults suit Pendulum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SacOptions {
    /// Units of each hidden layer, the same for actor and critics.
    pub hidden: Vec<usize>,
    /// Steps of the environment in the whole training.
    pub steps: usize,
    /// Steps with random actions before the first update.
    pub warm_up: usize,
    /// Number of steps that are remembered; older ones are overwritten.
    pub memory: usize,
    /// Number of remembered steps in one update.
    pub minibatch: usize,
    /// Steps of the environment between two updates.
    pub interval: usize,
    /// `γ`: the worth of a reward one step later, below 1.
    pub discount: f64,
    /// The fraction of the way by which the target critics follow at each update.
    pub follow: f64,
    /// Step of the optimisers at the beginning.
    pub rate: f64,
    /// Step of the optimisers at the end, as a fraction of `rate`; it falls linearly.
    pub final_rate: f64,
    /// Factor applied to rewards before the critics learn them.
    pub reward_scale: f64,
    /// Temperature at the beginning: the worth of a nat of entropy, in scaled rewards.
    pub temperature: f64,
    /// Target entropy of each number of an action, towards which the temperature is adjusted, nats.
    pub target_entropy: f64,
}

impl Default for SacOptions {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            steps: 20_000,
            warm_up: 500,
            memory: 50_000,
            minibatch: 128,
            interval: 1,
            discount: 0.99,
            follow: 0.005,
            rate: 1e-3,
            final_rate: 1.0,
            reward_scale: 1.0,
            temperature: 1.0,
            target_entropy: -1.0,
        }
    }
}

impl SacOptions {
    pub(super) fn check(&self) -> Result<(), RlError> {
        for (name, value) in [
            ("steps", self.steps),
            ("memory", self.memory),
            ("minibatch", self.minibatch),
            ("interval", self.interval),
            ("warm_up", self.warm_up),
        ] {
            within(name, value as f64, value > 0, "at least 1")?;
        }
        within("discount", self.discount, (0.0..1.0).contains(&self.discount), "at least 0 and below 1")?;
        within("follow", self.follow, self.follow > 0.0 && self.follow <= 1.0, "above 0 and at most 1")?;
        within("final_rate", self.final_rate, (0.0..=1.0).contains(&self.final_rate), "from 0 to 1")?;
        within("target_entropy", self.target_entropy, true, "a finite number")?;
        for (name, value) in
            [("rate", self.rate), ("reward_scale", self.reward_scale), ("temperature", self.temperature)]
        {
            within(name, value, value > 0.0, "above 0")?;
        }
        Ok(())
    }
}
