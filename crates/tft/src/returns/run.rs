//! The run: walk-forward trainings, their trial, and the examination of the last one.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use evaluate::{EvaluateError, diebold_mariano};
use governance::Digest;
use portfolio_core::Seed;

use super::rivals::{RIVALS, Rivals};
use super::spec::LOOKED_AT;
use super::stored::{State, identity};
use super::{Histories, ReturnsError, ReturnsSpec};
use crate::registry::{Facts, RegistryError, Rival, TftVersion, Trial};
use crate::tape::pinball;
use crate::{Admitted, Ended, Examination, ExaminationSpec, Leg, Panel, Refusal, TftError, Walk, Window, examine};

/// Share of the known origins that early stopping looks at.
const FOLD: f64 = 0.15;
/// Looks between two states that are handed out to be stored.
const LOOKS_OF_STATE: usize = 4;
/// Level of all tests together.
const LEVEL: f64 = 0.05;
/// Windows over which a version is explained and from which its golden cases come, and those of which the examination takes outcomes.
const EXPLAINED: usize = 256;
const COMPARED: usize = 4_000_000;

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Steps taken, over all trainings.
    pub done: u64,
    /// Steps of all trainings.
    pub all: u64,
    /// From time to time, what [`train`] goes on from when it is handed in: the bits are those of a run that was never
    /// stopped.
    pub state: Option<&'a [u8]>,
}

/// A model without a fault, and what it is sealed with.
#[derive(Debug, Clone)]
pub struct Trained {
    admitted: Admitted,
    trial: Trial,
    panel: Panel,
    windows: Vec<Window>,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The last model was examined and has no fault.
    Admitted(Box<Trained>),
    /// It was refused, for these reasons.
    Refused {
        /// The reasons, at least one.
        refusals: Vec<Refusal>,
        /// The examination.
        examination: Box<Examination>,
        /// The trial of all trainings.
        trial: Trial,
    },
}

impl Trained {
    /// The model and its examination.
    #[must_use]
    pub fn admitted(&self) -> &Admitted {
        &self.admitted
    }

    /// The trial out of sample.
    #[must_use]
    pub fn trial(&self) -> &Trial {
        &self.trial
    }

    /// Seals the model.
    ///
    /// # Errors
    /// As [`TftVersion::seal`].
    pub fn seal(&self, facts: Facts) -> Result<TftVersion, RegistryError> {
        TftVersion::seal(&self.admitted, facts, &self.trial, &self.panel, &self.windows)
    }
}

/// Trains on histories.
///
/// The last `refits · refit_days` days are forecast out of sample: each training knows the days before its forecasts,
/// and no more; its scales are theirs alone; it stops early on the last 15 % of them, purged. All forecasts are compared with
/// rolling quantiles and with quantiles of returns over an exponentially weighted volatility, by the tests of Diebold and Mariano at a level of 5 %
/// for all comparisons of all `trials`. The last model is examined on its own forecasts, and is the one that can be sealed.
///
/// `trials`: trainings on these histories so far, this one included. `state`: what an earlier run of the same training
/// handed out. `tell`: told of every look, and may ask to stop.
///
/// # Errors
/// [`ReturnsError::Short`], [`ReturnsError::Shape`], [`ReturnsError::Still`] for histories; [`ReturnsError::Stopped`];
/// [`ReturnsError::OtherState`] for a state of another training; those of the network.
pub fn train(
    histories: &Histories<'_>,
    spec: &ReturnsSpec,
    trials: u64,
    seed: Seed,
    state: Option<&[u8]>,
    tell: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<Outcome, ReturnsError> {
    spec.check()?;
    let days = histories.days()?;
    let needed = spec.days_min();
    if days < needed {
        return Err(ReturnsError::Short { found: days, needed });
    }
    let of = identity(histories, spec, seed)?;
    let mut state = state.map_or_else(|| Ok(State::default()), |bytes| State::from_bytes(bytes, of, spec))?;
    loop {
        let known = days - (spec.refits - state.ended) * spec.refit_days;
        let panel = histories.panel(spec, known)?;
        let leg = leg(histories, spec, seed, (known, &panel, of), &mut state, tell)?;
        score(histories, &leg, &panel, &mut state.days)?;
        state.ended += 1;
        if state.ended == spec.refits {
            return concluded(histories, spec, trials, leg, panel, &state.days);
        }
    }
}

/// One training, from where the state has it.
fn leg(
    histories: &Histories<'_>,
    spec: &ReturnsSpec,
    seed: Seed,
    (known, panel, of): (usize, &Panel, Digest),
    state: &mut State,
    tell: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<Leg, ReturnsError> {
    let days = histories.days()?;
    let walk = Walk {
        first: known,
        every: spec.refit_days,
        end: days - spec.horizon,
        fold: FOLD,
        thin: thin(known, spec, histories.names.len()),
        train: spec.train(),
        seed,
    };
    let (fresh, fold) = walk.begin(known, panel)?;
    let begun = state.ended as u64 * spec.steps;
    let all = spec.refits as u64 * spec.steps;
    let mut run = state.run.take().unwrap_or(fresh);
    if run.latest().spec() != panel.spec() {
        return Err(ReturnsError::OtherState);
    }
    loop {
        let (mut looks, mut is_stopped) = (0, false);
        let ended = run.run(panel, &fold, &mut |told| {
            looks += 1;
            is_stopped = tell(Step { done: begun + told.step, all, state: None }).is_break();
            if is_stopped || looks == LOOKS_OF_STATE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        match ended {
            Ended::Stopped => {
                let done = begun + run.step();
                state.run = Some(run);
                let bytes = state.to_bytes(of)?;
                let told = tell(Step { done, all, state: Some(&bytes) });
                if is_stopped || told.is_break() {
                    return Err(ReturnsError::Stopped);
                }
                let Some(kept) = state.run.take() else { return Err(ReturnsError::OtherState) };
                run = kept;
            }
            Ended::Completed | Ended::EarlyStop => return Ok(walk.finish(known, panel, &run, fold)?),
        }
    }
}

/// Every how many windows of the fold one is looked at; it has no factor in common with the number of assets, so that
/// all of them are.
fn thin(known: usize, spec: &ReturnsSpec, assets: usize) -> usize {
    let origins = known.saturating_sub(spec.horizon + spec.lookback) as f64 * FOLD;
    let mut thin = ((origins * assets as f64 / LOOKED_AT as f64).ceil() as usize).max(1);
    while divisor(thin, assets) > 1 {
        thin += 1;
    }
    thin
}

/// The greatest common divisor.
fn divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// Adds the mean losses of each origin of a training: of the network and of its rivals, in units of the spread of each
/// asset.
fn score(histories: &Histories<'_>, leg: &Leg, panel: &Panel, days: &mut Vec<[f64; 3]>) -> Result<(), ReturnsError> {
    let (levels, scales) = (&leg.model.spec().quantiles, &leg.model.spec().series);
    let rivals: Vec<Rivals<'_>> = histories.returns.iter().map(|own| Rivals::fit(own, leg.known, levels)).collect();
    let horizon = panel.spec().horizon;
    let share = 1.0 / (histories.names.len() * horizon * levels.len()) as f64;
    let mut by_origin: BTreeMap<usize, [f64; 3]> = BTreeMap::new();
    for forecast in &leg.forecasts {
        let Window { origin, series } = forecast.window;
        let (Some(rivals), Some(scale)) = (rivals.get(series), scales.get(series)) else {
            return Err(ReturnsError::Shape);
        };
        let scaled = |q: &f64| (q - scale.mean) / scale.spread;
        let plain = rivals.at(origin).map(|quantiles| quantiles.iter().map(scaled).collect::<Vec<f64>>());
        let sums = by_origin.entry(origin).or_default();
        for (step, outcome) in panel.outcomes(forecast.window)?.iter().enumerate() {
            let rows = [forecast.quantiles.row(step), &plain[0], &plain[1]];
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum += row.iter().zip(levels).map(|(q, level)| share * pinball(*level, *outcome, *q)).sum::<f64>();
            }
        }
    }
    days.extend(by_origin.into_values());
    Ok(())
}

/// The trial of all trainings, and the examination of the last.
fn concluded(
    histories: &Histories<'_>,
    spec: &ReturnsSpec,
    trials: u64,
    leg: Leg,
    panel: Panel,
    days: &[[f64; 3]],
) -> Result<Outcome, ReturnsError> {
    let trial = trial(histories.names.len(), spec, trials, days)?;
    let test: Vec<Window> = leg.forecasts.iter().map(|forecast| forecast.window).collect();
    // Of long histories of many assets some origins are left out: every asset keeps its share.
    let every = (leg.fold.train.len() * spec.horizon).div_ceil(COMPARED).max(1);
    let train: Vec<Window> = leg.fold.train.iter().copied().filter(|window| window.origin % every == 0).collect();
    let asked = ExaminationSpec { level: LEVEL, trials, ..ExaminationSpec::default() };
    let found = examine(&leg.model, &panel, &train, &test, &asked)?;
    let mut every = test.len().div_ceil(EXPLAINED).max(1);
    while divisor(every, histories.names.len()) > 1 {
        every += 1;
    }
    let windows = test.into_iter().step_by(every).collect();
    match found.clone().admit(leg.model) {
        Ok(admitted) => Ok(Outcome::Admitted(Box::new(Trained { admitted, trial, panel, windows }))),
        Err(refusals) => Ok(Outcome::Refused { refusals, examination: Box::new(found), trial }),
    }
}

fn trial(assets: usize, spec: &ReturnsSpec, trials: u64, days: &[[f64; 3]]) -> Result<Trial, ReturnsError> {
    let column = |of: usize| days.iter().map(|day| day[of]).collect::<Vec<f64>>();
    let mean = |of: usize| column(of).iter().sum::<f64>() / days.len().max(1) as f64;
    let refused = |error: EvaluateError| ReturnsError::Tft(TftError::Comparison(error.to_string()));
    let comparisons = trials.saturating_mul(RIVALS.len() as u64);
    let rival = |(of, name): (usize, &str)| {
        let test = diebold_mariano(&column(0), &column(of), spec.horizon).map_err(refused)?;
        let judgement = test.judge(LEVEL, comparisons).map_err(refused)?;
        Ok(Rival { name: name.to_owned(), loss: mean(of), judgement })
    };
    let rivals: Result<Vec<Rival>, ReturnsError> = (1..).zip(RIVALS).map(rival).collect();
    let of = if assets == 1 { "asset" } else { "assets" };
    Ok(Trial {
        data: format!("{assets} {of} over the last {} days", spec.refits * spec.refit_days),
        origins: days.len(),
        loss: mean(0),
        rivals: rivals?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_at_is_of_every_asset() {
        let spec = ReturnsSpec::default();
        for assets in [1, 2, 7, 10, 60] {
            let thin = thin(5_000, &spec, assets);
            assert_eq!(divisor(thin, assets), 1, "{assets}");
            let seen = 0.15 * 4_957.0 * assets as f64 / thin as f64;
            assert!(seen <= LOOKED_AT as f64, "{assets}: {seen}");
        }
        assert_eq!(thin(300, &spec, 1), 1);
    }
}
