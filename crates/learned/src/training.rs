//! From histories to a learned allocator.

use std::ops::ControlFlow;

use backtest::{Cadence, FixedWeights, ReplayOptions, Terms, Trial, TrialLedger, replay};
use governance::Digest;
use portfolio_core::Seed;
use rl::environments::HistoriesEnv;
use rl::{Environment, Policy, Ppo, Random, Tape};

use crate::allocator::{LearnedAllocator, LearningCurve, SeedPolicy};
use crate::error::LearnedError;
use crate::histories::{Histories, costs};
use crate::map::map;
use crate::rivals::rivals;
use crate::spec::{AllocatorSpec, YEAR};
use crate::state::State;
use crate::trial::{held_out, replay_rivals};

/// How far a training is.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Days lived through, over all seeds.
    pub done: usize,
    /// Days of all seeds.
    pub all: usize,
    /// At each point of a curve, what [`train`] goes on from when it is handed in: the bits are those of a training that was never stopped.
    pub state: Option<&'a [u8]>,
}

/// Trains an allocator on histories, and judges it on the days held out.
///
/// `trials`: trainings on these histories so far, this one included; at least 1. `seed`: of the first training; the others have the numbers
/// after it. `state`: what an earlier run of the same training handed out. `tell`: told after each iteration, and may ask to stop.
///
/// # Errors
/// [`LearnedError::OutOfRange`] for a setting; [`LearnedError::Shape`], [`LearnedError::Short`], [`LearnedError::Still`] or
/// [`LearnedError::Return`] for histories; [`LearnedError::Stopped`]; [`LearnedError::OtherState`]; and what learner, replay and tests
/// refuse.
pub fn train(
    histories: &Histories<'_>,
    spec: &AllocatorSpec,
    trials: u64,
    seed: Seed,
    state: Option<&[u8]>,
    tell: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<LearnedAllocator, LearnedError> {
    spec.check()?;
    histories.check(spec)?;
    let of = histories.identity(spec, seed.0);
    let mut state = state.map_or_else(|| Ok(State::default()), |bytes| State::from_bytes(bytes, of))?;
    let (history, first) = (histories.history()?, histories.first_held_out(spec));
    // What the plain policies refuse is refused before the long work.
    let plain = replay_rivals(&history, first, &rivals(histories.assets(), spec)?)?;
    let days = histories.training(spec);
    let environment = histories.environment(days.clone(), spec)?;
    while state.ended.len() < spec.seeds {
        learn(&environment, spec, seed, of, &mut state, tell)?;
    }
    let trial = held_out(&history, first, spec, &state.ended, &plain, trials.max(1), &histories.split(spec))?;
    let mut seen = vec![0.0; histories.seen(days.start)?.len()];
    for row in days.clone() {
        let share = 1.0 / days.len() as f64;
        seen.iter_mut().zip(histories.seen(row)?).for_each(|(mean, feature)| *mean += share * feature);
    }
    let batch = spec.options().batch();
    let looks = (1..=spec.iterations()).filter(|iteration| spec.is_looked_at(*iteration));
    let options = ReplayOptions { start: days.start, end: Some(days.end - 1), ..ReplayOptions::default() };
    let equal = FixedWeights::uniform(histories.assets(), Cadence::EveryRows(21));
    let equal = Trial::new("equal weights", equal, Terms::of(costs(histories.assets(), spec)?));
    let equal = replay(&history, &[equal], &options, &mut TrialLedger::default())?.runs;
    let wealth = equal.first().map_or(1.0, backtest::Run::terminal_wealth);
    Ok(LearnedAllocator {
        spec: *spec,
        assets: histories.names.iter().map(|name| (*name).to_owned()).collect(),
        curve: LearningCurve {
            steps: std::iter::once(0).chain(looks.map(|iteration| iteration * batch)).collect(),
            growth_annual: state.growth,
            equal_weights_growth_annual: wealth.ln() * YEAR as f64 / (days.len() - 1) as f64,
        },
        trial,
        map: map(histories.names, &state.ended, &seen, spec)?,
        policies: state.ended,
    })
}

/// One seed, from where the state has it.
fn learn(
    environment: &HistoriesEnv,
    spec: &AllocatorSpec,
    seed: Seed,
    of: Digest,
    state: &mut State,
    tell: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<(), LearnedError> {
    let (number, options) = (state.ended.len(), spec.options());
    let seed = seed.0.wrapping_add(number as u64);
    let batch = options.batch();
    let (all, before) = (spec.seeds * spec.iterations() * batch, number * spec.iterations() * batch);
    let whole = HistoriesEnv { episode: environment.histories.days() - 1, ..environment.clone() };
    let (mut training, mut iteration) = match state.run.take() {
        Some(checkpoint) => {
            let iteration = checkpoint.steps() / batch;
            (Ppo::resume(environment, checkpoint)?, iteration)
        }
        None => {
            let training = Ppo::new(environment, options, Seed(seed))?;
            state.growth.push(vec![growth_annual(&whole, training.policy())?]);
            (training, 0)
        }
    };
    while !training.is_done() {
        training.iterate()?;
        iteration += 1;
        let done = before + iteration * batch;
        let told = if spec.is_looked_at(iteration) {
            let growth = growth_annual(&whole, training.policy())?;
            state.growth.last_mut().ok_or(LearnedError::OtherState)?.push(growth);
            state.run = Some(training.checkpoint().clone());
            let bytes = state.to_bytes(of)?;
            tell(Step { done, all, state: Some(&bytes) })
        } else {
            tell(Step { done, all, state: None })
        };
        if told.is_break() {
            return Err(LearnedError::Stopped);
        }
    }
    state.run = None;
    state.ended.push(SeedPolicy { seed, policy: training.policy().clone() });
    Ok(())
}

/// Logarithmic growth a year of a policy over a whole environment, net of costs and without chance in its actions.
fn growth_annual(environment: &HistoriesEnv, policy: &Policy) -> Result<f64, LearnedError> {
    let (mut state, mut random) = (environment.open(0)?, Random::new(Seed(0), 0));
    let (mut tape, mut seen) = (Tape::default(), vec![0.0; environment.observation_size()]);
    let (initial, mut days) = (state.account.value, 0_usize);
    loop {
        environment.observe(&state, &mut seen);
        let transition = environment.step(&mut state, &policy.act(&seen, &mut tape)?, &mut random)?;
        days += 1;
        if transition.end.is_some() {
            return Ok((state.account.value / initial).ln() * YEAR as f64 / days as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocator::Replayed;

    #[test]
    fn what_was_learned_trades_in_a_replay_as_it_did_in_the_training() {
        let wave = |shift: f64| (0..820).map(|t| 0.02 * (0.03 * f64::from(t) + shift).sin()).collect();
        let returns: Vec<Vec<f64>> = vec![wave(0.0), wave(2.0), wave(4.5)];
        let returns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
        let histories = Histories { names: &["A", "B", "C"], returns: &returns };
        let spec = AllocatorSpec { seeds: 1, steps: 4_096, held_out: YEAR, ..AllocatorSpec::default() };
        let learned = train(&histories, &spec, 1, Seed(3), None, &mut |_| ControlFlow::Continue(())).unwrap();
        let days = histories.training(&spec);
        let trial = Trial::new("own", Replayed::new(learned.policies, 3), Terms::of(costs(3, &spec).unwrap()));
        let options = ReplayOptions { start: days.start, end: Some(days.end - 1), ..ReplayOptions::default() };
        let history = histories.history().unwrap();
        let run = &replay(&history, &[trial], &options, &mut TrialLedger::default()).unwrap().runs[0];
        let years = (days.len() - 1) as f64 / YEAR as f64;
        let own = learned.curve.growth_annual[0].last().unwrap() * years;
        // The environment ends before the trade of the last day, and the replay after it.
        let last = run.records.last().filter(|record| record.day == days.end - 1);
        let paid = last.map_or(0.0, backtest::DayRecord::cost_fraction);
        let between = own - run.terminal_wealth().ln();
        assert!((between + (-paid).ln_1p()).abs() < 1e-9, "{between} beside {paid}");
        assert!(run.costs().minor() > 10_000, "it trades: {}", run.costs().minor());
    }
}
