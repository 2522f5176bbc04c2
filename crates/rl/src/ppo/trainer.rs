//! The training: collecting experience, epochs over it, and so on.

use portfolio_core::Seed;
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::error::{RlError, length};
use crate::network::{Activation, Adam, Network, Tape, limit_norm};
use crate::policy::{Head, Policy};
use crate::ppo::advantage::normalise;
use crate::ppo::features::count;
use crate::ppo::options::PpoOptions;
use crate::ppo::rollout::{Copy, Rollout, collect, width};
use crate::ppo::surrogate::{Sample, loss};
use crate::random::Random;

/// The complete state of a training between two iterations. It can be serialised, and [`Ppo::resume`] continues from it
/// to the same bytes that the training would have reached without a stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PpoCheckpoint<S> {
    options: PpoOptions,
    policy: Policy,
    critic: Network,
    /// Of the network, of the deviations, and of the critic.
    optimisers: [Adam; 3],
    copies: Vec<Copy<S>>,
    /// Of the order of minibatches.
    random: Random,
    steps: usize,
    /// Running mean of scaled rewards, when they are centred.
    mean_reward: Option<f64>,
    /// Mean policy, and the number of its iterations.
    average: Option<(Policy, usize)>,
}

impl<S> PpoCheckpoint<S> {
    /// Steps of an environment so far.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }
}

/// The figures of an iteration.
#[derive(Debug, Clone, PartialEq)]
pub struct PpoProgress {
    /// Steps of an environment so far.
    pub steps: usize,
    /// Sums of rewards of the episodes that ended in the iteration.
    pub episodes: Vec<f64>,
    /// Mean loss of the policy over the last epoch.
    pub policy_loss: f64,
    /// Mean square of the critic's error over the last epoch, in scaled rewards.
    pub value_loss: f64,
    /// Mean divergence from the policy before the iteration, over the last epoch, nats.
    pub divergence: f64,
}

/// A training by proximal policy optimisation with two separate networks: advantages by [GAE](PpoOptions::trace), normalised over each
/// minibatch, a clipped objective, a step of the optimiser that falls linearly.
///
/// One training uses one thread and a fixed order of summation: environment, options and seed determine every bit,
/// however many trainings run at the same time.
///
/// # Reference
/// Schulman, Wolski, Dhariwal, Radford, Klimov (2017), "Proximal Policy Optimization Algorithms".
///
/// # Example
/// ```
/// use rl::environments::CartPole;
/// use rl::{Ppo, PpoOptions};
///
/// let options = PpoOptions { steps: 1_000, hidden: vec![16], ..PpoOptions::default() };
/// let mut training = Ppo::new(&CartPole, options, 1.into())?;
/// while !training.is_done() {
///     let progress = training.iterate()?;
///     assert!(progress.divergence >= 0.0);
/// }
/// println!("{}", training.policy().digest());
/// # Ok::<(), rl::RlError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ppo<'e, E: Environment> {
    environment: &'e E,
    checkpoint: PpoCheckpoint<E::State>,
}

/// Streams of the seed: parameters, minibatches, then the copies.
const STREAMS: u64 = 2;

impl<'e, E: Environment> Ppo<'e, E> {
    /// The beginning of a training.
    ///
    /// # Errors
    /// [`RlError::OutOfRange`] for a setting, [`RlError::EmptyNetwork`] for a layer without units, or an error of the
    /// environment.
    pub fn new(environment: &'e E, options: PpoOptions, seed: Seed) -> Result<Self, RlError> {
        options.check()?;
        let (size, space) = (environment.observation_size(), environment.action_space());
        let layers = |inputs: usize, hidden: &[usize], outputs: usize| [&[inputs][..], hidden, &[outputs]].concat();
        let mut random = Random::new(seed, 0);
        let actor = Network::new(&layers(size, &options.hidden, width(space)), Activation::Tanh, 0.01, &mut random)?;
        let seen = count(size, options.critic_products);
        let critic = Network::new(&layers(seen, &options.critic_hidden, 1), Activation::Tanh, 1.0, &mut random)?;
        let copy = |c: usize| {
            let mut random = Random::new(seed, STREAMS + c as u64);
            Ok(Copy { state: environment.reset(&mut random)?, sum: 0.0, random })
        };
        let copies = (0..options.copies).map(copy).collect::<Result<_, RlError>>()?;
        let optimisers = [actor.parameters().len(), space.numbers(), critic.parameters().len()].map(Adam::new);
        let policy = Policy::new(actor, space, options.log_deviation);
        let random = Random::new(seed, 1);
        Ok(Self {
            environment,
            checkpoint: PpoCheckpoint {
                options,
                policy,
                critic,
                optimisers,
                copies,
                random,
                steps: 0,
                mean_reward: None,
                average: None,
            },
        })
    }

    /// A training that continues from a checkpoint.
    ///
    /// # Errors
    /// [`RlError`] when the checkpoint does not fit the environment.
    pub fn resume(environment: &'e E, checkpoint: PpoCheckpoint<E::State>) -> Result<Self, RlError> {
        checkpoint.options.check()?;
        let network = checkpoint.policy.network();
        length("the observation", environment.observation_size(), network.inputs())?;
        length("the action", width(environment.action_space()), network.outputs())?;
        length("the list of copies", checkpoint.copies.len(), checkpoint.options.copies)?;
        let seen = count(network.inputs(), checkpoint.options.critic_products);
        length("what the critic sees", seen, checkpoint.critic.inputs())?;
        if let Head::Gaussian { log_deviation } = checkpoint.policy.head() {
            length("the deviations", log_deviation.len(), environment.action_space().numbers())?;
        }
        Ok(Self { environment, checkpoint })
    }

    /// The state of the training between two iterations.
    #[must_use]
    pub fn checkpoint(&self) -> &PpoCheckpoint<E::State> {
        &self.checkpoint
    }

    /// The policy so far: the mean of its iterations once there is one, otherwise the last.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.checkpoint.average.as_ref().map_or(&self.checkpoint.policy, |(policy, _)| policy)
    }

    /// Whether the steps of the options have been made.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.checkpoint.steps >= self.checkpoint.options.steps
    }

    /// Runs one iteration: collects experience and learns from it.
    ///
    /// # Errors
    /// An error of the environment, or [`RlError::NotFinite`] when the training has diverged.
    pub fn iterate(&mut self) -> Result<PpoProgress, RlError> {
        let PpoCheckpoint { options, policy, critic, optimisers, copies, random, steps, mean_reward, average } =
            &mut self.checkpoint;
        let mut rollout = collect(self.environment, copies, policy, critic, options, mean_reward)?;
        let done = (*steps as f64 / options.steps as f64).min(1.0);
        let rate = options.rate * (1.0 - done * (1.0 - options.final_rate));
        *steps += options.batch();
        let mut order: Vec<usize> = (0..options.batch()).collect();
        let mut sums = [0.0; 3];
        let mut scratch = Scratch::default();
        for _ in 0..options.epochs {
            random.shuffle(&mut order);
            sums = [0.0; 3];
            for rows in order.chunks(options.minibatch) {
                let [first, second, third] = optimisers;
                let parts = [
                    learn_policy(policy, [first, second], &rollout, rows, options, rate, &mut scratch)?,
                    learn_values(critic, third, &rollout, rows, options, rate, &mut scratch)?,
                ];
                let [[policy_loss, divergence], [value_loss, _]] = parts;
                sums = [sums[0] + policy_loss, sums[1] + value_loss, sums[2] + divergence];
            }
        }
        let [policy_loss, value_loss, divergence] = sums.map(|sum| sum / options.batch() as f64);
        if !(policy_loss.is_finite() && value_loss.is_finite()) {
            return Err(RlError::NotFinite { name: "a loss", steps: *steps });
        }
        if done >= options.average_from {
            let (mean, count) = average.get_or_insert_with(|| (policy.clone(), 0));
            *count += 1;
            mean.head.clone_from(&policy.head);
            mean.network.approach(&policy.network, 1.0 / *count as f64);
        }
        let episodes = std::mem::take(&mut rollout.episodes);
        Ok(PpoProgress { steps: *steps, episodes, policy_loss, value_loss, divergence })
    }
}

/// Buffers of an update.
#[derive(Default)]
struct Scratch {
    tape: Tape,
    inputs: Vec<f64>,
    of_outputs: Vec<f64>,
    gradient: Vec<f64>,
}

impl Scratch {
    /// Gathers some rows of the observations, and clears the lists of derivatives.
    fn prepare(&mut self, network: &Network, seen: &[f64], rows: &[usize]) {
        let size = network.inputs();
        self.inputs.clear();
        rows.iter().for_each(|r| self.inputs.extend_from_slice(&seen[r * size..(r + 1) * size]));
        for (list, n) in
            [(&mut self.gradient, network.parameters().len()), (&mut self.of_outputs, rows.len() * network.outputs())]
        {
            list.clear();
            list.resize(n, 0.0);
        }
        network.forward(&self.inputs, &mut self.tape);
    }
}

/// One step of the policy. Returns the sums of its loss and of the divergence.
fn learn_policy(
    policy: &mut Policy,
    optimisers: [&mut Adam; 2],
    rollout: &Rollout,
    rows: &[usize],
    options: &PpoOptions,
    rate: f64,
    scratch: &mut Scratch,
) -> Result<[f64; 2], RlError> {
    let Policy { network, head } = policy;
    scratch.prepare(network, &rollout.observations, rows);
    let numbers = rollout.actions.len() / rollout.likelihoods.len();
    let mut advantages: Vec<f64> = rows.iter().map(|row| rollout.advantages[*row]).collect();
    normalise(&mut advantages);
    let (weight, outputs) = (1.0 / rows.len() as f64, network.outputs());
    let mut of_deviations = vec![0.0; numbers];
    let mut sums = [0.0; 2];
    for (i, (row, advantage)) in rows.iter().zip(advantages).enumerate() {
        let action = &rollout.actions[row * numbers..(row + 1) * numbers];
        let sample = Sample { action, before: rollout.likelihoods[*row], advantage };
        let place = i * outputs..(i + 1) * outputs;
        let found = loss(
            head,
            &scratch.tape.outputs()[place.clone()],
            sample,
            options.clip,
            options.entropy,
            weight,
            &mut scratch.of_outputs[place],
            &mut of_deviations,
        );
        sums = [sums[0] + found.value, sums[1] + found.divergence];
    }
    network.backward(&mut scratch.tape, &scratch.of_outputs, &mut scratch.gradient)?;
    limit_norm(&mut scratch.gradient, options.gradient_norm);
    let [first, second] = optimisers;
    first.step(network.parameters_mut(), &scratch.gradient, rate);
    if let Head::Gaussian { log_deviation } = head {
        limit_norm(&mut of_deviations, options.gradient_norm);
        second.step(log_deviation, &of_deviations, rate);
    }
    Ok(sums)
}

/// One step of the critic towards the returns. Returns the sum of its squared errors.
fn learn_values(
    critic: &mut Network,
    optimiser: &mut Adam,
    rollout: &Rollout,
    rows: &[usize],
    options: &PpoOptions,
    rate: f64,
    scratch: &mut Scratch,
) -> Result<[f64; 2], RlError> {
    scratch.prepare(critic, &rollout.features, rows);
    let weight = 1.0 / rows.len() as f64;
    let mut sum = 0.0;
    let outputs = scratch.tape.outputs().iter().zip(&mut scratch.of_outputs);
    for ((value, derivative), row) in outputs.zip(rows) {
        let error = value - rollout.returns[*row];
        *derivative = weight * error;
        sum += error * error;
    }
    critic.backward(&mut scratch.tape, &scratch.of_outputs, &mut scratch.gradient)?;
    limit_norm(&mut scratch.gradient, options.gradient_norm);
    optimiser.step(critic.parameters_mut(), &scratch.gradient, rate);
    Ok([sum, 0.0])
}
