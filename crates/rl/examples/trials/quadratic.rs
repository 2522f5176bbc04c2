//! The problem of Gârleanu and Pedersen with λ = 1e-3: one asset of 1 % volatility, a fast and a slow factor.

use std::error::Error;

use allocators::{DynamicProblem, closed_form};
use cpu_time::ThreadTime;
use rl::environments::{QuadraticCosts, QuadraticCostsState};
use rl::{Environment, Policy, Ppo, PpoOptions, Random, RlError, Sac, SacOptions, Tape};

use crate::{Extent, line};

const LOADINGS: [f64; 2] = [5e-4, 5e-4];
const COVARIANCE: [f64; 1] = [1e-4];
const COST: [f64; 1] = [1e-3];
/// Periods of the path on which policies are compared; every policy meets the same factors.
const PATH: usize = 400_000;
/// Steps of a training by PPO, and by SAC.
const STEPS: [usize; 2] = [300_000, 20_000];

pub(crate) fn trials(extent: &Extent) -> Result<(), Box<dyn Error>> {
    let trading = QuadraticCosts::new(&LOADINGS, &[0.2, 0.01], &COVARIANCE, &COST, 1.0)?.with_units(5.0, 1.0);
    let trading = trading.with_periods(100);
    let periods = extent.steps(PATH);
    let best = optimum(&trading, periods)?;
    for seed in extent.seeds(5) {
        let began = ThreadTime::now();
        let mut training = Ppo::new(&trading, ppo(extent.steps(STEPS[0])), seed.into())?;
        while !training.is_done() {
            training.iterate()?;
        }
        let share = 100.0 * earned(&trading, training.policy(), periods)? / best;
        line("Quadratic costs, PPO: share of the closed form", seed, &format!("{share:.2} %"), &began);
    }
    // Actions of SAC end at −1 and 1, which here are trades of six: four standard deviations of the best ones.
    let trading = trading.with_units(5.0, 6.0);
    for seed in extent.seeds(2) {
        let began = ThreadTime::now();
        let mut training = Sac::new(&trading, sac(extent.steps(STEPS[1])), seed.into())?;
        training.advance(usize::MAX)?;
        let share = 100.0 * earned(&trading, training.policy(), periods)? / best;
        line("Quadratic costs, SAC: share of the closed form", seed, &format!("{share:.2} %"), &began);
    }
    Ok(())
}

fn ppo(steps: usize) -> PpoOptions {
    PpoOptions {
        hidden: vec![32, 32],
        critic_hidden: vec![32, 32],
        steps,
        copies: 64,
        horizon: 32,
        epochs: 6,
        minibatch: 256,
        discount: 0.9,
        trace: 0.9,
        // Keeps the deviation of trades near one: what a trade is worth is seen against the noise of the factors.
        entropy: 0.3,
        reward_scale: 100.0,
        centre_rewards: true,
        average_from: 0.5,
        ..PpoOptions::default()
    }
}

fn sac(steps: usize) -> SacOptions {
    SacOptions {
        steps,
        warm_up: 1_000.min(steps / 2),
        discount: 0.9,
        reward_scale: 100.0,
        temperature: 0.1,
        target_entropy: -2.0,
        final_rate: 0.0,
        ..SacOptions::default()
    }
}

fn path() -> Random {
    Random::new(77.into(), 0)
}

/// Mean reward of the closed form.
fn optimum(trading: &QuadraticCosts, periods: usize) -> Result<f64, Box<dyn Error>> {
    let problem = DynamicProblem {
        loadings: &LOADINGS,
        decay: &[0.2, 0.0, 0.0, 0.01],
        covariance: &COVARIANCE,
        cost: &COST,
        risk_aversion: 1.0,
        discount_rate: 0.0,
    };
    let policy = closed_form(&problem)?.policy;
    let [rate, load] = [policy.rate()[0], policy.aim().ok_or("no aim")?[0]];
    let slow = policy.aim().ok_or("no aim")?[1];
    let rule = |state: &QuadraticCostsState| {
        Ok(vec![rate * (load * state.factors[0] + slow * state.factors[1] - state.positions[0])])
    };
    Ok(trading.mean_reward(periods, path(), rule)?)
}

/// Mean reward of a policy, without chance in its actions.
fn earned(trading: &QuadraticCosts, policy: &Policy, periods: usize) -> Result<f64, RlError> {
    let (mut tape, mut seen) = (Tape::default(), vec![0.0; trading.observation_size()]);
    let rule = |state: &QuadraticCostsState| {
        trading.observe(state, &mut seen);
        let action = policy.act(&seen, &mut tape)?;
        Ok(action.iter().map(|a| trading.trade_unit * a).collect())
    };
    trading.mean_reward(periods, path(), rule)
}
