//! The interface of an environment.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::RlError;
use crate::random::Random;

/// The actions that an agent may take in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActionSpace {
    /// One of this number of choices: an action is one number, the index of the choice.
    Discrete(usize),
    /// This many numbers. The environment defines the meaning of each; the range from −1 to 1 covers all sensible
    /// actions.
    Continuous(usize),
}

impl ActionSpace {
    /// Number of numbers in an action.
    #[must_use]
    pub fn numbers(self) -> usize {
        match self {
            Self::Discrete(_) => 1,
            Self::Continuous(numbers) => numbers,
        }
    }
}

/// How an episode ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// Nothing follows: the value after the end is zero.
    Terminated,
    /// The time was up: the steps that would have followed have a value, which the learner estimates.
    Truncated,
}

/// The result of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transition {
    /// The reward of the step, in the unit of the environment.
    pub reward: f64,
    /// How the episode ended; `None` while it continues.
    pub end: Option<End>,
}

/// A Markov decision process. The environment is its definition and never changes; its state changes, and is a value
/// that a checkpoint contains. Randomness is an argument.
///
/// # Example
/// ```
/// use rl::{ActionSpace, End, Environment, Random, RlError, Transition};
///
/// /// Guess the sign of a number, ten times.
/// #[derive(Debug)]
/// struct Signs;
///
/// impl Environment for Signs {
///     type State = (f64, u32);
///     fn observation_size(&self) -> usize { 1 }
///     fn action_space(&self) -> ActionSpace { ActionSpace::Discrete(2) }
///     fn reset(&self, random: &mut Random) -> Result<Self::State, RlError> { Ok((random.normal(), 0)) }
///     fn observe(&self, state: &Self::State, observation: &mut [f64]) { observation[0] = state.0; }
///     fn step(&self, state: &mut Self::State, action: &[f64], random: &mut Random) -> Result<Transition, RlError> {
///         let right = (action[0] == 1.0) == (state.0 > 0.0);
///         *state = (random.normal(), state.1 + 1);
///         Ok(Transition { reward: f64::from(u8::from(right)), end: (state.1 == 10).then_some(End::Truncated) })
///     }
/// }
///
/// let mut random = Random::new(1.into(), 0);
/// let mut state = Signs.reset(&mut random)?;
/// let guess = f64::from(u8::from(state.0 > 0.0));
/// assert_eq!(Signs.step(&mut state, &[guess], &mut random)?.reward, 1.0);
/// # Ok::<(), RlError>(())
/// ```
pub trait Environment: Sync {
    /// The part that changes from step to step.
    type State: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send;

    /// Number of numbers in an observation. They should be of the order of 1.
    fn observation_size(&self) -> usize;

    /// The actions that an agent may take.
    fn action_space(&self) -> ActionSpace;

    /// The state at the beginning of an episode.
    ///
    /// # Errors
    /// Errors of the environment.
    fn reset(&self, random: &mut Random) -> Result<Self::State, RlError>;

    /// Writes the observation of a state into a list of [`observation_size`](Self::observation_size) numbers.
    fn observe(&self, state: &Self::State, observation: &mut [f64]);

    /// Takes an action of [`ActionSpace::numbers`] numbers.
    ///
    /// # Errors
    /// Errors of the environment.
    fn step(&self, state: &mut Self::State, action: &[f64], random: &mut Random) -> Result<Transition, RlError>;
}

/// The sum of rewards of each of the given number of episodes under a rule that maps an observation to an action.
///
/// # Errors
/// Errors of the environment.
pub fn episode_returns<E: Environment>(
    environment: &E,
    episodes: usize,
    random: &mut Random,
    mut act: impl FnMut(&[f64]) -> Vec<f64>,
) -> Result<Vec<f64>, RlError> {
    let mut observation = vec![0.0; environment.observation_size()];
    let mut episode = || {
        let mut state = environment.reset(random)?;
        let mut sum = 0.0;
        loop {
            environment.observe(&state, &mut observation);
            let transition = environment.step(&mut state, &act(&observation), random)?;
            sum += transition.reward;
            if transition.end.is_some() {
                return Ok(sum);
            }
        }
    };
    (0..episodes).map(|_| episode()).collect()
}
