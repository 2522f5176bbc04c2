//! Merton's problem: excess return 2.4 % a year, volatility 20 %, log utility, monthly, 1 % of what is traded.

use cpu_time::ThreadTime;
use rl::environments::{ActionForm, ProportionalCosts, ProportionalCostsState};
use rl::{Environment, Policy, Ppo, PpoOptions, Random, RlError, Tape};

use crate::{Extent, line};

/// Months of the path on which policies are compared; every policy meets the same returns.
const PATH: usize = 1_200_000;
const BPS_A_YEAR: f64 = 120_000.0;

pub(crate) fn trials(extent: &Extent) -> Result<(), RlError> {
    let band = ProportionalCosts::monthly(0.024, 0.2, 0.01, 1.0)?;
    let intensity = ProportionalCosts { form: ActionForm::TargetAndIntensity, ..band };
    let months = extent.steps(PATH);
    let half = portfolio_core::no_trade_half_width(band.merton_weight(), band.cost, band.risk_aversion);
    let (lower, upper) = (band.merton_weight() - half, band.merton_weight() + half);
    let best = BPS_A_YEAR * band.mean_reward(months, path(), |weight| weight.clamp(lower, upper));
    for (name, problem, seeds) in [("centre and half-width", &band, 4), ("target and intensity", &intensity, 2)] {
        for seed in extent.seeds(seeds) {
            let began = ThreadTime::now();
            let policy = trained(problem, options(extent.steps(800_000)), seed)?;
            let found = BPS_A_YEAR * problem.mean_reward(months, path(), rule(problem, &policy)?);
            let name = format!("Proportional costs, PPO, {name}: bp a year, of the band's {best:.2}");
            line(&name, seed, &format!("{found:.2}"), &began);
        }
    }
    let free = ProportionalCosts { cost: 0.0, ..band };
    for seed in extent.seeds(2) {
        let began = ThreadTime::now();
        let options = PpoOptions { discount: 0.9, ..options(extent.steps(200_000)) };
        let weight = rule(&free, &trained(&free, options, seed)?)?(free.merton_weight());
        line("No costs, PPO: weight after the trade, of 0.600", seed, &format!("{weight:.3}"), &began);
    }
    Ok(())
}

fn options(steps: usize) -> PpoOptions {
    PpoOptions {
        hidden: vec![32, 32],
        critic_hidden: vec![32, 32],
        steps,
        copies: 32,
        horizon: 128,
        epochs: 6,
        minibatch: 512,
        // A position is held for years: what a trade saves over a hundred months is not all that it saves.
        discount: 0.997,
        trace: 0.95,
        log_deviation: -1.5,
        reward_scale: 1_000.0,
        centre_rewards: true,
        average_from: 0.7,
        ..PpoOptions::default()
    }
}

fn path() -> Random {
    Random::new(77.into(), 0)
}

fn trained(problem: &ProportionalCosts, options: PpoOptions, seed: u64) -> Result<Policy, RlError> {
    let mut training = Ppo::new(problem, options, seed.into())?;
    while !training.is_done() {
        training.iterate()?;
    }
    Ok(training.policy().clone())
}

/// The weight after the trade, from a table of a thousandth.
fn rule(problem: &ProportionalCosts, policy: &Policy) -> Result<impl Fn(f64) -> f64 + use<>, RlError> {
    const POINTS: usize = 1_000;
    let (mut tape, mut seen) = (Tape::default(), [0.0]);
    let mut point = |i: usize| {
        let weight = i as f64 / POINTS as f64;
        problem.observe(&ProportionalCostsState { weight, period: 0 }, &mut seen);
        let action = policy.act(&seen, &mut tape)?;
        Ok(problem.traded(weight, [action[0], action[1]]))
    };
    let table = (0..=POINTS).map(&mut point).collect::<Result<Vec<f64>, RlError>>()?;
    Ok(move |weight: f64| {
        let at = weight.clamp(0.0, 1.0) * POINTS as f64;
        let below = (at as usize).min(POINTS - 1);
        table[below] + (at - below as f64) * (table[below + 1] - table[below])
    })
}
