//! A pendulum to be swung up.

use std::f64::consts::{PI, TAU};

use serde::{Deserialize, Serialize};

use crate::environment::{ActionSpace, End, Environment, Transition};
use crate::error::{RlError, length};
use crate::random::Random;

/// Swing a pendulum up and keep it there with a torque of at most 2, which is too weak to lift it directly. The action
/// is the torque as a fraction of 2, clamped to −1 to 1. A step costs `angle² + 0.1·velocity² + 0.001·torque²`, so that
/// rewards are at most 0; an episode has 200 steps.
///
/// The observation is cosine and sine of the angle, 0 upright, and an eighth of the angular velocity.
///
/// # Reference
/// Constants, limits and start are those that Gymnasium documents for `Pendulum-v1`, whose observation contains the
/// unscaled velocity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pendulum;

/// The pendulum and the number of steps made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PendulumState {
    /// Angle in radians, 0 upright.
    pub angle: f64,
    /// Radians per second, between −8 and 8.
    pub velocity: f64,
    /// Steps made in the episode.
    pub steps: u32,
}

const GRAVITY: f64 = 10.0;
const MASS: f64 = 1.0;
const LENGTH: f64 = 1.0;
const SECONDS: f64 = 0.05;
const TORQUE: f64 = 2.0;
const SPEED: f64 = 8.0;
const STEPS: u32 = 200;

impl Environment for Pendulum {
    type State = PendulumState;

    fn observation_size(&self) -> usize {
        3
    }

    fn action_space(&self) -> ActionSpace {
        ActionSpace::Continuous(1)
    }

    fn reset(&self, random: &mut Random) -> Result<PendulumState, RlError> {
        Ok(PendulumState { angle: random.between(-PI, PI), velocity: random.between(-1.0, 1.0), steps: 0 })
    }

    fn observe(&self, state: &PendulumState, observation: &mut [f64]) {
        let seen = [state.angle.cos(), state.angle.sin(), state.velocity / SPEED];
        observation.iter_mut().zip(seen).for_each(|(o, v)| *o = v);
    }

    fn step(&self, state: &mut PendulumState, action: &[f64], _: &mut Random) -> Result<Transition, RlError> {
        length("the action", action.len(), 1)?;
        let torque = TORQUE * action[0].clamp(-1.0, 1.0);
        let angle = (state.angle + PI).rem_euclid(TAU) - PI;
        let cost = angle * angle + 0.1 * state.velocity * state.velocity + 0.001 * torque * torque;
        let turning = 3.0 * GRAVITY / (2.0 * LENGTH) * state.angle.sin() + 3.0 / (MASS * LENGTH * LENGTH) * torque;
        state.velocity = (state.velocity + SECONDS * turning).clamp(-SPEED, SPEED);
        state.angle += SECONDS * state.velocity;
        state.steps += 1;
        Ok(Transition { reward: -cost, end: (state.steps >= STEPS).then_some(End::Truncated) })
    }
}
