//! The environments on which implementations are compared.

use cpu_time::ThreadTime;
use rl::environments::{CartPole, Pendulum};
use rl::{Environment, Policy, Ppo, PpoOptions, Random, RlError, Sac, SacOptions, Tape, episode_returns};

use crate::{Extent, line};

const EPISODES: usize = 100;

/// The mean over episodes without chance in the actions.
fn greedy<E: Environment>(environment: &E, policy: &Policy) -> Result<f64, RlError> {
    let mut tape = Tape::default();
    let mut refused = None;
    let act = |seen: &[f64]| {
        policy.act(seen, &mut tape).unwrap_or_else(|fault| {
            refused = Some(fault);
            vec![0.0; environment.action_space().numbers()]
        })
    };
    let returns = episode_returns(environment, EPISODES, &mut Random::new(99.into(), 0), act)?;
    refused.map_or(Ok(returns.iter().sum::<f64>() / EPISODES as f64), Err)
}

pub(crate) fn cart_pole(extent: &Extent) -> Result<(), RlError> {
    for seed in extent.seeds(5) {
        let began = ThreadTime::now();
        let options = PpoOptions { steps: extent.steps(200_000), ..PpoOptions::default() };
        let mut training = Ppo::new(&CartPole, options, seed.into())?;
        while !training.is_done() {
            training.iterate()?;
        }
        let mean = greedy(&CartPole, training.policy())?;
        line("CartPole, PPO: mean of 100 episodes", seed, &format!("{mean:.1}"), &began);
    }
    Ok(())
}

pub(crate) fn pendulum(extent: &Extent) -> Result<(), RlError> {
    for seed in extent.seeds(5) {
        let began = ThreadTime::now();
        let steps = extent.steps(20_000);
        let options = SacOptions { steps, warm_up: 500.min(steps / 2), final_rate: 0.1, ..SacOptions::default() };
        let mut training = Sac::new(&Pendulum, options, seed.into())?;
        training.advance(usize::MAX)?;
        let mean = greedy(&Pendulum, training.policy())?;
        line("Pendulum, SAC: mean of 100 episodes", seed, &format!("{mean:.1}"), &began);
    }
    Ok(())
}
