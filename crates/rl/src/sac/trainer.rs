//! The training: a step of the environment, then an update from the memory.

use portfolio_core::Seed;
use serde::{Deserialize, Serialize};

use crate::environment::{ActionSpace, End, Environment};
use crate::error::{RlError, length};
use crate::network::{Activation, Adam, Network, Tape};
use crate::policy::{Head, Policy};
use crate::random::Random;
use crate::sac::options::SacOptions;
use crate::sac::replay::{Batch, Replay};
use crate::sac::squashed::{Draw, draw_row};

/// The complete state of a training between two steps. It can be serialised, and [`Sac::resume`] continues from it to
/// the same bytes that the training would have reached without a stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SacCheckpoint<S> {
    options: SacOptions,
    policy: Policy,
    critics: [Network; 2],
    followers: [Network; 2],
    log_temperature: f64,
    /// Of the policy, of the critics, and of the temperature.
    optimisers: [Adam; 4],
    replay: Replay,
    state: S,
    /// Rewards of the episode so far.
    sum: f64,
    /// Of the environment and the actions in it, and of the updates.
    random: [Random; 2],
    steps: usize,
}

/// The figures of a stretch of the training.
#[derive(Debug, Clone, PartialEq)]
pub struct SacProgress {
    /// Steps of the environment so far.
    pub steps: usize,
    /// Sums of rewards of the episodes that ended.
    pub episodes: Vec<f64>,
    /// Mean square of the first critic's error in the last update, in scaled rewards.
    pub value_loss: f64,
    /// The worth of a nat of entropy, in scaled rewards.
    pub temperature: f64,
}

/// A training by soft actor-critic: two critics, of which the lower value is used, targets that follow them slowly, and
/// a temperature that is adjusted automatically. Actions are numbers from −1 to 1.
///
/// One training uses one thread and a fixed order of summation: environment, options and seed determine every bit.
///
/// # Reference
/// Haarnoja and others (2018), "Soft Actor-Critic Algorithms and Applications".
///
/// # Example
/// ```
/// use rl::environments::Pendulum;
/// use rl::{Sac, SacOptions};
///
/// let options = SacOptions { steps: 300, warm_up: 100, hidden: vec![8], minibatch: 16, ..SacOptions::default() };
/// let mut training = Sac::new(&Pendulum, options, 1.into())?;
/// let progress = training.advance(300)?;
/// assert!(training.is_done() && progress.episodes.len() == 1 && progress.temperature > 0.0);
/// # Ok::<(), rl::RlError>(())
/// ```
#[derive(Debug)]
pub struct Sac<'e, E: Environment> {
    environment: &'e E,
    checkpoint: SacCheckpoint<E::State>,
    scratch: Scratch,
}

/// Buffers of an update.
#[derive(Debug, Default)]
struct Scratch {
    tape: Tape,
    batch: Batch,
    draws: Vec<Draw>,
    inputs: Vec<f64>,
    gradient: Vec<f64>,
}

impl<'e, E: Environment> Sac<'e, E> {
    /// The beginning of a training.
    ///
    /// # Errors
    /// [`RlError::DiscreteActions`], [`RlError::OutOfRange`], [`RlError::EmptyNetwork`], or an error of the environment.
    pub fn new(environment: &'e E, options: SacOptions, seed: Seed) -> Result<Self, RlError> {
        options.check()?;
        let ActionSpace::Continuous(numbers) = environment.action_space() else {
            return Err(RlError::DiscreteActions);
        };
        let size = environment.observation_size();
        let mut random = Random::new(seed, 0);
        let mut network = |inputs: usize, outputs: usize, last: f64| {
            Network::new(&[&[inputs][..], &options.hidden, &[outputs]].concat(), Activation::Relu, last, &mut random)
        };
        let actor = network(size, 2 * numbers, 0.1)?;
        let critics = [network(size + numbers, 1, 1.0)?, network(size + numbers, 1, 1.0)?];
        let critic = critics[0].parameters().len();
        let optimisers = [actor.parameters().len(), critic, critic, 1].map(Adam::new);
        let mut random = [Random::new(seed, 1), Random::new(seed, 2)];
        let state = environment.reset(&mut random[0])?;
        let checkpoint = SacCheckpoint {
            log_temperature: options.temperature.ln(),
            replay: Replay::new(options.memory, size, numbers),
            policy: Policy { network: actor, head: Head::SquashedGaussian },
            followers: critics.clone(),
            options,
            critics,
            optimisers,
            state,
            sum: 0.0,
            random,
            steps: 0,
        };
        Ok(Self { environment, checkpoint, scratch: Scratch::default() })
    }

    /// A training that continues from a checkpoint.
    ///
    /// # Errors
    /// [`RlError`] when the checkpoint does not fit the environment.
    pub fn resume(environment: &'e E, checkpoint: SacCheckpoint<E::State>) -> Result<Self, RlError> {
        checkpoint.options.check()?;
        let network = checkpoint.policy.network();
        length("the observation", environment.observation_size(), network.inputs())?;
        let ActionSpace::Continuous(numbers) = environment.action_space() else {
            return Err(RlError::DiscreteActions);
        };
        length("the action", 2 * numbers, network.outputs())?;
        for critic in checkpoint.critics.iter().chain(&checkpoint.followers) {
            length("what a critic sees", network.inputs() + numbers, critic.inputs())?;
            length("what a critic says", 1, critic.outputs())?;
        }
        checkpoint.replay.check([network.inputs(), numbers])?;
        Ok(Self { environment, checkpoint, scratch: Scratch::default() })
    }

    /// The state of the training between two steps.
    #[must_use]
    pub fn checkpoint(&self) -> &SacCheckpoint<E::State> {
        &self.checkpoint
    }

    /// The policy so far.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.checkpoint.policy
    }

    /// Whether the steps of the options have been made.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.checkpoint.steps >= self.checkpoint.options.steps
    }

    /// Makes this many steps, or as many as are left, with an update after each [`interval`](SacOptions::interval).
    ///
    /// # Errors
    /// An error of the environment, or [`RlError::NotFinite`] when the training has diverged.
    pub fn advance(&mut self, steps: usize) -> Result<SacProgress, RlError> {
        let (mut episodes, mut value_loss) = (Vec::new(), 0.0);
        let left = self.checkpoint.options.steps.saturating_sub(self.checkpoint.steps);
        for _ in 0..steps.min(left) {
            episodes.extend(self.experience()?);
            let SacCheckpoint { steps, options, .. } = &self.checkpoint;
            if *steps > options.warm_up && *steps % options.interval == 0 {
                value_loss = self.update()?;
            }
        }
        let steps = self.checkpoint.steps;
        if !value_loss.is_finite() {
            return Err(RlError::NotFinite { name: "a loss", steps });
        }
        Ok(SacProgress { steps, episodes, value_loss, temperature: self.checkpoint.log_temperature.exp() })
    }

    /// One step of the environment. Returns the sum of rewards if an episode ends.
    fn experience(&mut self) -> Result<Option<f64>, RlError> {
        let SacCheckpoint { options, policy, replay, state, sum, random: [random, _], steps, .. } =
            &mut self.checkpoint;
        let (size, numbers) = (self.environment.observation_size(), self.environment.action_space().numbers());
        let (mut now, mut next) = (vec![0.0; size], vec![0.0; size]);
        self.environment.observe(state, &mut now);
        let action: Vec<f64> = if *steps < options.warm_up {
            (0..numbers).map(|_| random.between(-1.0, 1.0)).collect()
        } else {
            self.scratch.draws.clear();
            draw_row(policy.network.forward(&now, &mut self.scratch.tape), random, &mut self.scratch.draws);
            self.scratch.draws.iter().map(|draw| draw.action).collect()
        };
        let transition = self.environment.step(state, &action, random)?;
        self.environment.observe(state, &mut next);
        let goes_on = transition.end != Some(End::Terminated);
        replay.remember(&now, &action, options.reward_scale * transition.reward, &next, goes_on);
        *sum += transition.reward;
        *steps += 1;
        if transition.end.is_none() {
            return Ok(None);
        }
        *state = self.environment.reset(random)?;
        Ok(Some(std::mem::take(sum)))
    }

    /// One update of everything. Returns the mean squared error of the first critic.
    fn update(&mut self) -> Result<f64, RlError> {
        let SacCheckpoint {
            options,
            policy,
            critics,
            followers,
            log_temperature,
            optimisers,
            replay,
            random,
            steps,
            ..
        } = &mut self.checkpoint;
        let Scratch { tape, batch, draws, inputs, gradient } = &mut self.scratch;
        let [_, random] = random;
        let done = (*steps as f64 / options.steps as f64).min(1.0);
        let rate = options.rate * (1.0 - done * (1.0 - options.final_rate));
        let temperature = log_temperature.exp();
        let numbers = policy.network.outputs() / 2;
        let count = options.minibatch;
        let weight = 1.0 / count as f64;
        replay.draw(count, random, batch);

        // What the critics are to say: the reward and the lower of the followers' values of what the policy would do next.
        act(&policy.network, &batch.next, tape, random, draws);
        join(&batch.next, draws.iter().map(|draw| draw.action), numbers, inputs);
        let first = followers[0].forward(inputs, tape).to_vec();
        let second = followers[1].forward(inputs, tape);
        let likelihoods = || draws.chunks_exact(numbers).map(|row| row.iter().map(|d| d.likelihood).sum::<f64>());
        let targets: Vec<f64> = (first.iter().zip(second).zip(likelihoods()).enumerate())
            .map(|(i, ((a, b), likelihood))| {
                batch.rewards[i] + options.discount * batch.goes_on[i] * (a.min(*b) - temperature * likelihood)
            })
            .collect();
        join(&batch.observations, batch.actions.iter().copied(), numbers, inputs);
        let mut loss = [0.0; 2];
        for (i, critic) in critics.iter_mut().enumerate() {
            let errors: Vec<f64> =
                critic.forward(inputs, tape).iter().zip(&targets).map(|(value, target)| value - target).collect();
            loss[i] = weight * errors.iter().map(|e| e * e).sum::<f64>();
            let of_outputs: Vec<f64> = errors.iter().map(|e| weight * e).collect();
            clear(gradient, critic.parameters().len());
            critic.backward(tape, &of_outputs, gradient)?;
            optimisers[1 + i].step(critic.parameters_mut(), gradient, rate);
        }

        // What the policy is worth: the lower of the critics' values of its actions, and their entropy.
        act(&policy.network, &batch.observations, tape, random, draws);
        join(&batch.observations, draws.iter().map(|draw| draw.action), numbers, inputs);
        let by_action = worth_by_action(critics, inputs, numbers)?;
        let mut of_outputs = vec![0.0; count * 2 * numbers];
        for (row, of_row) in of_outputs.chunks_exact_mut(2 * numbers).enumerate() {
            for i in 0..numbers {
                let draw = &draws[row * numbers + i];
                let [by_mean, by_deviation] = draw.derivative(temperature, by_action[row * numbers + i]);
                (of_row[i], of_row[numbers + i]) = (weight * by_mean, weight * by_deviation);
            }
        }
        clear(gradient, policy.network.parameters().len());
        policy.network.backward(tape, &of_outputs, gradient)?;
        optimisers[0].step(policy.network.parameters_mut(), gradient, rate);

        // The temperature rises while the policy is surer than it should be.
        let entropy = -weight * draws.iter().map(|d| d.likelihood).sum::<f64>();
        let excess = entropy - options.target_entropy * numbers as f64;
        optimisers[3].step(std::slice::from_mut(log_temperature), &[excess], rate);
        for (follower, critic) in followers.iter_mut().zip(critics) {
            follower.approach(critic, options.follow);
        }
        Ok(loss[0])
    }
}

/// Draws an action for each row of observations.
fn act(network: &Network, observations: &[f64], tape: &mut Tape, random: &mut Random, draws: &mut Vec<Draw>) {
    draws.clear();
    let width = network.outputs();
    network.forward(observations, tape).chunks_exact(width).for_each(|row| draw_row(row, random, draws));
}

/// Rows of observations, each followed by the numbers of its action: the inputs of a critic.
fn join(observations: &[f64], actions: impl ExactSizeIterator<Item = f64>, numbers: usize, inputs: &mut Vec<f64>) {
    inputs.clear();
    let rows = actions.len() / numbers;
    let size = observations.len() / rows.max(1);
    let mut actions = actions;
    for row in observations.chunks_exact(size) {
        inputs.extend_from_slice(row);
        inputs.extend(actions.by_ref().take(numbers));
    }
}

/// The derivative of the lower of two critics' values with respect to each number of each action.
fn worth_by_action(critics: &[Network; 2], inputs: &[f64], numbers: usize) -> Result<Vec<f64>, RlError> {
    let width = critics[0].inputs();
    let (mut values, mut derivatives) = (Vec::new(), Vec::new());
    for critic in critics {
        let mut tape = Tape::default();
        values.push(critic.forward(inputs, &mut tape).to_vec());
        let ones = vec![1.0; inputs.len() / width];
        critic.backward_to_inputs(&mut tape, &ones)?;
        derivatives.push(tape.input_gradient().to_vec());
    }
    let rows = values[0].iter().zip(&values[1]).enumerate();
    let lower = rows.flat_map(|(row, (a, b))| {
        let of = &derivatives[usize::from(b < a)];
        of[(row + 1) * width - numbers..(row + 1) * width].iter().copied()
    });
    Ok(lower.collect())
}

fn clear(list: &mut Vec<f64>, entries: usize) {
    list.clear();
    list.resize(entries, 0.0);
}
