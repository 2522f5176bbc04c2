//! The experience of one iteration.

use crate::environment::{ActionSpace, End, Environment};
use crate::error::RlError;
use crate::network::{Network, Tape};
use crate::policy::{Head, Policy};
use crate::ppo::advantage::generalised_advantages;
use crate::ppo::features::features;
use crate::ppo::options::PpoOptions;
use crate::ppo::surrogate::{log_likelihood, log_sum};
use crate::random::Random;

/// The steps of all copies, copy by copy: step `t` of copy `c` is row `c·horizon + t`.
#[derive(Debug, Clone, Default)]
pub(super) struct Rollout {
    pub(super) observations: Vec<f64>,
    /// The critic's inputs for them.
    pub(super) features: Vec<f64>,
    pub(super) actions: Vec<f64>,
    /// Logarithm of the likelihood of each action.
    pub(super) likelihoods: Vec<f64>,
    pub(super) advantages: Vec<f64>,
    /// The critic's target for each observation.
    pub(super) returns: Vec<f64>,
    /// Sums of rewards of the episodes that ended.
    pub(super) episodes: Vec<f64>,
}

/// One copy of the environment.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Copy<S> {
    pub(super) state: S,
    /// Rewards of the episode so far.
    pub(super) sum: f64,
    /// Of the environment and of the actions in it.
    pub(super) random: Random,
}

/// Draws an action.
fn draw(head: &Head, outputs: &[f64], random: &mut Random, action: &mut [f64]) {
    match head {
        Head::Gaussian { log_deviation } => {
            for ((a, mean), s) in action.iter_mut().zip(outputs).zip(log_deviation) {
                *a = mean + s.exp() * random.normal();
            }
        }
        _ => {
            let (total, u) = (log_sum(outputs), random.uniform());
            let mut below = 0.0;
            let passed = |x: &&f64| {
                below += (**x - total).exp();
                u >= below
            };
            action[0] = outputs.iter().take_while(passed).count().min(outputs.len() - 1) as f64;
        }
    }
}

/// Steps every copy `horizon` times under the policy. The policy sees all copies as the rows of one batch; each copy draws from its own
/// stream.
pub(super) fn collect<E: Environment>(
    environment: &E,
    copies: &mut [Copy<E::State>],
    policy: &Policy,
    critic: &Network,
    options: &PpoOptions,
    mean_reward: &mut Option<f64>,
) -> Result<Rollout, RlError> {
    let (size, numbers) = (environment.observation_size(), environment.action_space().numbers());
    let (horizon, rows) = (options.horizon, options.batch());
    let mut rollout = Rollout {
        observations: vec![0.0; rows * size],
        actions: vec![0.0; rows * numbers],
        likelihoods: vec![0.0; rows],
        advantages: vec![0.0; rows],
        ..Rollout::default()
    };
    let (mut rewards, mut ends) = (vec![0.0; rows], vec![None; rows]);
    // What is seen after each step, before a new episode begins.
    let mut after = vec![0.0; rows * size];
    let (mut now, mut tape) = (vec![0.0; copies.len() * size], Tape::default());
    for t in 0..horizon {
        for (copy, seen) in copies.iter().zip(now.chunks_exact_mut(size)) {
            environment.observe(&copy.state, seen);
        }
        let outputs = policy.network.forward(&now, &mut tape);
        let width = policy.network.outputs();
        for (c, copy) in copies.iter_mut().enumerate() {
            let row = c * horizon + t;
            let seen = &now[c * size..(c + 1) * size];
            rollout.observations[row * size..(row + 1) * size].copy_from_slice(seen);
            let outputs = &outputs[c * width..(c + 1) * width];
            let action = &mut rollout.actions[row * numbers..(row + 1) * numbers];
            draw(&policy.head, outputs, &mut copy.random, action);
            rollout.likelihoods[row] = log_likelihood(&policy.head, outputs, action);
            let transition = environment.step(&mut copy.state, action, &mut copy.random)?;
            environment.observe(&copy.state, &mut after[row * size..(row + 1) * size]);
            rewards[row] = transition.reward * options.reward_scale;
            ends[row] = transition.end;
            copy.sum += transition.reward;
            if transition.end.is_some() {
                rollout.episodes.push(copy.sum);
                copy.state = environment.reset(&mut copy.random)?;
                copy.sum = 0.0;
            }
        }
    }
    if options.centre_rewards {
        centre(&mut rewards, mean_reward);
    }
    rollout.features = features(&rollout.observations, size, options.critic_products);
    let values = critic.forward(&rollout.features, &mut tape).to_vec();
    // A step that does not end its episode is followed by the next row, whose value is known already.
    let mut following = values[1..].to_vec();
    following.push(0.0);
    value_ends(critic, options, size, &ends, &after, &mut following);
    for part in (0..rows).step_by(horizon).map(|first| first..first + horizon) {
        let of = |list: &'_ [f64]| list[part.clone()].to_vec();
        generalised_advantages(
            &of(&rewards),
            &of(&values),
            &of(&following),
            &ends[part.clone()],
            options.discount,
            options.trace,
            &mut rollout.advantages[part.clone()],
        );
    }
    rollout.returns = rollout.advantages.iter().zip(&values).map(|(a, v)| a + v).collect();
    Ok(rollout)
}

/// Subtracts a running mean, to which each iteration's mean contributes a tenth.
fn centre(rewards: &mut [f64], mean_reward: &mut Option<f64>) {
    const FOLLOW: f64 = 0.1;
    let now = rewards.iter().sum::<f64>() / rewards.len() as f64;
    let mean = mean_reward.map_or(now, |mean| mean + FOLLOW * (now - mean));
    *mean_reward = Some(mean);
    rewards.iter_mut().for_each(|reward| *reward -= mean);
}

/// Values of the states after the last step of each copy and after each step that was truncated.
fn value_ends(
    critic: &Network,
    options: &PpoOptions,
    size: usize,
    ends: &[Option<End>],
    after: &[f64],
    following: &mut [f64],
) {
    let is_open = |row: &usize| ends[*row] == Some(End::Truncated) || (row + 1).is_multiple_of(options.horizon);
    let rows: Vec<usize> = (0..ends.len()).filter(is_open).collect();
    let seen: Vec<f64> = rows.iter().flat_map(|row| &after[row * size..(row + 1) * size]).copied().collect();
    let mut tape = Tape::default();
    let values = critic.forward(&features(&seen, size, options.critic_products), &mut tape);
    rows.iter().zip(values).for_each(|(row, value)| following[*row] = *value);
}

/// Number of outputs of a policy's network.
pub(super) fn width(space: ActionSpace) -> usize {
    match space {
        ActionSpace::Discrete(choices) => choices,
        ActionSpace::Continuous(numbers) => numbers,
    }
}
