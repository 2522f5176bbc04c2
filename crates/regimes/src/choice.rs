//! Choosing the number of states by out-of-sample forecasts.

use portfolio_core::Seed;
use serde::Serialize;

use crate::error::{RegimeParameter, require};
use crate::{Filtered, GaussianHmm, HmmSpec, Observations, RegimeError, fit};

/// Required median duration of regimes, in periods: shorter ones cannot be traded.
pub const LEAST_DWELL: f64 = 10.0;

/// When models are fitted, and on which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WalkForward {
    /// Rows before the first forecast: the smallest number of rows that a model is fitted on.
    pub train_rows: usize,
    /// Rows from one fit to the next; each fit knows all rows before it.
    pub refit_every: usize,
}

impl WalkForward {
    fn check(self, rows: usize) -> Result<(), RegimeError> {
        require(self.train_rows < rows, RegimeParameter::TrainRows, self.train_rows as f64)?;
        require(self.refit_every > 0, RegimeParameter::RefitEvery, self.refit_every as f64)
    }
}

/// A candidate number of states.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatesOnTrial {
    /// Number of states.
    pub states: usize,
    /// Mean log density of the rows that were forecast, one row ahead, in nats per row; higher is better.
    pub log_score: f64,
    /// Median over the states of their expected durations in the last fit, in periods; infinite when most states are
    /// never left.
    pub median_dwell: f64,
    /// Whether the median duration is long enough for regimes.
    pub lasting: bool,
}

/// A choice of the number of states.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StateChoice {
    /// The candidates, in the given order.
    pub trials: Vec<StatesOnTrial>,
    /// Number of rows that were forecast.
    pub forecasts: usize,
    /// Number of states with the best score among those whose regimes last long enough; `None` when there are none.
    pub states: Option<usize>,
}

/// Chooses the number of states by the one-step-ahead log score on rows outside the sample of the fit, among models
/// whose median regime duration is at least `least_dwell` periods.
///
/// An information criterion on all rows would choose more states for every sample of returns: further states fit the
/// fat tails and last three days.
///
/// # Errors
/// As [`walk_forward`](fn@walk_forward); [`RegimeError::Empty`] without candidates.
pub fn choose_states(
    rows: &Observations,
    candidates: &[HmmSpec],
    plan: WalkForward,
    least_dwell: f64,
    seed: Seed,
) -> Result<StateChoice, RegimeError> {
    if candidates.is_empty() {
        return Err(RegimeError::Empty);
    }
    require(least_dwell >= 0.0 && least_dwell.is_finite(), RegimeParameter::Dwell, least_dwell)?;
    let mut trials = Vec::with_capacity(candidates.len());
    for spec in candidates {
        let steps = walk_forward(rows, spec, plan, seed)?;
        let forecasts: usize = steps.iter().map(|step| step.log_scores.len()).sum();
        let sum: f64 = steps.iter().flat_map(|step| &step.log_scores).sum();
        let median_dwell = steps.last().map_or(0.0, |step| median_dwell(&step.model));
        trials.push(StatesOnTrial {
            states: spec.states,
            log_score: sum / forecasts as f64,
            median_dwell,
            lasting: median_dwell >= least_dwell,
        });
    }
    let best = trials.iter().filter(|trial| trial.lasting).max_by(|a, b| a.log_score.total_cmp(&b.log_score));
    Ok(StateChoice { forecasts: rows.rows() - plan.train_rows, states: best.map(|trial| trial.states), trials })
}

/// One fit of a walk, and its forecasts up to the next one.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkStep {
    /// The first row after the sample of the fit.
    pub from: usize,
    /// The model, fitted on the rows before `from`.
    pub model: GaussianHmm,
    /// Filtered probabilities of all rows up to the next fit, by this model; those before `from` are in its sample.
    pub filtered: Filtered,
    /// Log density of each row from `from` to the next fit, given the rows before it.
    pub log_scores: Vec<f64>,
}

/// Fits a model repeatedly, each time on the rows so far, and filters the rows up to the next fit: neither parameters
/// nor probabilities use the future.
///
/// # Errors
/// [`RegimeError::OutOfRange`] for training rows that leave nothing to forecast; as [`fit`].
pub fn walk_forward(
    rows: &Observations,
    spec: &HmmSpec,
    plan: WalkForward,
    seed: Seed,
) -> Result<Vec<WalkStep>, RegimeError> {
    plan.check(rows.rows())?;
    (plan.train_rows..rows.rows())
        .step_by(plan.refit_every)
        .map(|from| {
            let to = (from + plan.refit_every).min(rows.rows());
            let model = fit(&rows.window(0..from)?, spec, seed)?.model;
            let filtered = model.filter(&rows.window(0..to)?)?;
            let log_scores = filtered.log_scores()[from..].to_vec();
            Ok(WalkStep { from, model, filtered, log_scores })
        })
        .collect()
}

/// Median over the states of `1/(1 − a_ii)`.
fn median_dwell(model: &GaussianHmm) -> f64 {
    let mut dwells: Vec<f64> =
        (0..model.states()).map(|state| model.expected_duration(state).unwrap_or(f64::INFINITY)).collect();
    dwells.sort_by(f64::total_cmp);
    let middle = dwells.len() / 2;
    if dwells.len() % 2 == 1 { dwells[middle] } else { 0.5 * (dwells[middle - 1] + dwells[middle]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stretches of forty calm and forty rough rows.
    fn rows() -> Observations {
        let size = |t: usize| if (t / 40).is_multiple_of(2) { 0.4 } else { 2.0 };
        let series: Vec<f64> = (0..800).map(|t| size(t) * ((t * t * 7919 % 1009) as f64 / 504.5 - 1.0)).collect();
        Observations::of_series(&series).unwrap()
    }

    #[test]
    fn two_lasting_states_win_where_there_are_two() {
        let spec = |states| HmmSpec { restarts: 3, max_iterations: 100, ..HmmSpec::new(states) };
        let plan = WalkForward { train_rows: 480, refit_every: 160 };
        let choice = choose_states(&rows(), &[spec(1), spec(2), spec(3)], plan, LEAST_DWELL, Seed(1)).unwrap();
        let [one, two, _] = &choice.trials[..] else { panic!() };
        assert!(two.log_score > one.log_score + 0.1, "{choice:?}");
        assert!(two.lasting && two.median_dwell > 20.0, "{choice:?}");
        assert_eq!(choice.forecasts, 320);
        assert!(choice.states.unwrap() >= 2);
        let impatient = choose_states(&rows(), &[spec(2)], plan, 1e6, Seed(1)).unwrap();
        assert_eq!(impatient.states, None, "no regime lasts that long");
    }

    #[test]
    fn a_walk_does_not_know_what_comes() {
        let rows = rows();
        let spec = HmmSpec { restarts: 2, max_iterations: 60, ..HmmSpec::new(2) };
        let plan = WalkForward { train_rows: 400, refit_every: 150 };
        let whole = walk_forward(&rows, &spec, plan, Seed(3)).unwrap();
        assert_eq!(whole.iter().map(|step| step.from).collect::<Vec<_>>(), [400, 550, 700]);
        let shorter = walk_forward(&rows.window(0..700).unwrap(), &spec, plan, Seed(3)).unwrap();
        assert_eq!(shorter, whole[..2]);
        assert!(walk_forward(&rows, &spec, WalkForward { train_rows: 800, refit_every: 1 }, Seed(3)).is_err());
    }
}
