//! A pole on a cart.

use serde::{Deserialize, Serialize};

use crate::environment::{ActionSpace, End, Environment, Transition};
use crate::error::{RlError, length};
use crate::random::Random;

/// Keep a pole upright on a cart by pushing it to the left (0) or to the right (1). Every step is worth 1; an episode ends when the pole
/// leans more than 12° or the cart leaves its track of ±2.4, and after 500 steps.
///
/// The observation is position, velocity, angle and angular velocity.
///
/// # Reference
/// Barto, Sutton, Anderson (1983), "Neuronlike adaptive elements that can solve difficult learning control problems";
/// constants and limits are those that Gymnasium documents for `CartPole-v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CartPole;

/// Cart, pole and the number of steps made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CartPoleState {
    /// Position, velocity, angle (radians) and angular velocity.
    pub motion: [f64; 4],
    /// Steps made in the episode.
    pub steps: u32,
}

const GRAVITY: f64 = 9.8;
const POLE_MASS: f64 = 0.1;
const TOTAL_MASS: f64 = 1.1;
/// Half the length of the pole.
const LENGTH: f64 = 0.5;
const FORCE: f64 = 10.0;
const SECONDS: f64 = 0.02;
const TRACK: f64 = 2.4;
const LEAN: f64 = 12.0 * std::f64::consts::TAU / 360.0;
const STEPS: u32 = 500;

impl Environment for CartPole {
    type State = CartPoleState;

    fn observation_size(&self) -> usize {
        4
    }

    fn action_space(&self) -> ActionSpace {
        ActionSpace::Discrete(2)
    }

    fn reset(&self, random: &mut Random) -> Result<CartPoleState, RlError> {
        Ok(CartPoleState { motion: std::array::from_fn(|_| random.between(-0.05, 0.05)), steps: 0 })
    }

    fn observe(&self, state: &CartPoleState, observation: &mut [f64]) {
        observation.iter_mut().zip(state.motion).for_each(|(o, v)| *o = v);
    }

    fn step(&self, state: &mut CartPoleState, action: &[f64], _: &mut Random) -> Result<Transition, RlError> {
        length("the action", action.len(), 1)?;
        let [x, v, angle, turn] = state.motion;
        let force = if action[0] >= 0.5 { FORCE } else { -FORCE };
        let (sin, cos) = angle.sin_cos();
        let push = (force + POLE_MASS * LENGTH * turn * turn * sin) / TOTAL_MASS;
        let turning = (GRAVITY * sin - cos * push) / (LENGTH * (4.0 / 3.0 - POLE_MASS * cos * cos / TOTAL_MASS));
        let pushing = push - POLE_MASS * LENGTH * turning * cos / TOTAL_MASS;
        state.motion = [x + SECONDS * v, v + SECONDS * pushing, angle + SECONDS * turn, turn + SECONDS * turning];
        state.steps += 1;
        let fallen = state.motion[0].abs() > TRACK || state.motion[2].abs() > LEAN;
        let end = if fallen { Some(End::Terminated) } else { (state.steps >= STEPS).then_some(End::Truncated) };
        Ok(Transition { reward: 1.0, end })
    }
}
