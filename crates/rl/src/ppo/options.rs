//! The settings of a training.

use serde::{Deserialize, Serialize};

use crate::error::{RlError, within};

/// Largest number of steps of an iteration, which are all in memory.
const MOST_STEPS: usize = 1 << 24;

/// The settings of PPO. The defaults suit CartPole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PpoOptions {
    /// Units of each hidden layer of the actor.
    pub hidden: Vec<usize>,
    /// Units of each hidden layer of the critic; without one it is linear in its inputs.
    pub critic_hidden: Vec<usize>,
    /// Whether the critic also sees the products of two observed numbers: where rewards are quadratic, values are too.
    pub critic_products: bool,
    /// Steps of an environment in the whole training; it ends with the first iteration that reaches them.
    pub steps: usize,
    /// Number of copies of the environment that are stepped in parallel.
    pub copies: usize,
    /// Steps of each copy between two updates.
    pub horizon: usize,
    /// Passes over the steps of an iteration.
    pub epochs: usize,
    /// Steps in one step of the optimiser.
    pub minibatch: usize,
    /// `γ`: the worth of a reward one step later, below 1.
    pub discount: f64,
    /// `λ` of the generalised advantage: 0 trusts the critic, 1 the rewards.
    pub trace: f64,
    /// How far the probability of an action may move in an iteration before its gradient becomes zero: a fraction.
    pub clip: f64,
    /// Step of the optimiser at the beginning.
    pub rate: f64,
    /// Step of the optimiser at the end, as a fraction of `rate`; it falls linearly.
    pub final_rate: f64,
    /// Weight of a unit of entropy in the objective.
    pub entropy: f64,
    /// Largest norm of the gradient; a longer one is scaled down.
    pub gradient_norm: f64,
    /// Factor applied to rewards before the critic learns them, so that values are of the order of 1.
    pub reward_scale: f64,
    /// Whether the running mean of rewards is subtracted, so that the critic learns differences and not the sum of
    /// rewards that are earned in any case. Only for environments that never terminate, where it changes every value by
    /// the same number.
    pub centre_rewards: bool,
    /// The fraction of the training after which the policy is the mean of the parameters of all iterations since. The
    /// mean is closer to the point around which they move than the last of them (Polyak, Juditsky 1992); 1 for the
    /// last.
    pub average_from: f64,
    /// Logarithm of the standard deviation of continuous actions at the beginning.
    pub log_deviation: f64,
}

impl Default for PpoOptions {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            critic_hidden: vec![64, 64],
            critic_products: false,
            steps: 200_000,
            copies: 4,
            horizon: 128,
            epochs: 4,
            minibatch: 128,
            discount: 0.99,
            trace: 0.95,
            clip: 0.2,
            rate: 1e-3,
            final_rate: 0.0,
            entropy: 0.0,
            gradient_norm: 0.5,
            reward_scale: 1.0,
            centre_rewards: false,
            average_from: 1.0,
            log_deviation: 0.0,
        }
    }
}

impl PpoOptions {
    /// Settings for policies of a book on real prices: two layers of 32 units, 32 copies, and daily rewards, which are of the order of 0.01, in
    /// units of a hundredth and beyond their mean. An iteration has 2,048 steps, or `steps` where those are fewer.
    ///
    /// ```
    /// let options = rl::PpoOptions::on_prices(100_000);
    /// assert_eq!((options.batch(), options.steps), (2_048, 100_000));
    /// ```
    #[must_use]
    pub fn on_prices(steps: usize) -> Self {
        Self {
            hidden: vec![32, 32],
            critic_hidden: vec![32, 32],
            steps,
            copies: 32,
            horizon: (steps / 32).clamp(1, 64),
            epochs: 4,
            minibatch: 512,
            discount: 0.99,
            trace: 0.95,
            log_deviation: -1.0,
            reward_scale: 100.0,
            centre_rewards: true,
            average_from: 0.7,
            ..Self::default()
        }
    }

    /// Steps of all copies between two updates.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.copies * self.horizon
    }

    pub(crate) fn check(&self) -> Result<(), RlError> {
        let counts = [
            ("copies", self.copies),
            ("horizon", self.horizon),
            ("epochs", self.epochs),
            ("minibatch", self.minibatch),
            ("steps", self.steps),
        ];
        for (name, value) in counts {
            within(name, value as f64, value > 0, "at least 1")?;
        }
        let batch = self.copies.checked_mul(self.horizon).filter(|batch| *batch <= MOST_STEPS);
        within("copies times horizon", batch.map_or(f64::MAX, |batch| batch as f64), batch.is_some(), "at most 2^24")?;
        within("discount", self.discount, (0.0..1.0).contains(&self.discount), "at least 0 and below 1")?;
        within("trace", self.trace, (0.0..=1.0).contains(&self.trace), "from 0 to 1")?;
        within("final_rate", self.final_rate, (0.0..=1.0).contains(&self.final_rate), "from 0 to 1")?;
        within("average_from", self.average_from, (0.0..=1.0).contains(&self.average_from), "from 0 to 1")?;
        within("entropy", self.entropy, self.entropy >= 0.0, "at least 0")?;
        within("log_deviation", self.log_deviation, self.log_deviation.abs() <= 10.0, "from −10 to 10")?;
        for (name, value) in [
            ("clip", self.clip),
            ("rate", self.rate),
            ("gradient_norm", self.gradient_norm),
            ("reward_scale", self.reward_scale),
        ] {
            within(name, value, value > 0.0, "above 0")?;
        }
        Ok(())
    }
}
