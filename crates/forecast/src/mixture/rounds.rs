//! The rounds of a history: weights issued before each, and losses that come a horizon later.

use std::collections::VecDeque;

use online::{Aggregator, Pending, Rule};
use portfolio_core::interrupt::checkpoint;

use super::experts;
use super::options::MixtureOptions;
use crate::error::ForecastError;
use crate::member::spread;
use crate::sample::Sample;

/// One round of a mixture.
#[derive(Debug, Clone, PartialEq)]
pub struct MixtureRound {
    /// Periods before it: its forecasts and weights are functions of these.
    pub at: usize,
    /// The weight of each expert.
    pub weights: Vec<f64>,
    /// What each expert forecast, a simple return per period.
    pub forecasts: Vec<f64>,
    /// The loss of each expert; `None` while the periods that it is of are not over.
    pub losses: Option<Vec<f64>>,
}

/// A round that waits for its outcome.
struct Waiting {
    round: usize,
    pending: Pending,
    /// Standard deviation of the mean of a horizon, as it was known.
    scale: f64,
}

/// Every round of a history, and the weights after it.
///
/// # Errors
/// What the aggregation refuses, which would be a bug.
pub(super) fn replay(
    id: &str,
    rule: Rule,
    options: &MixtureOptions,
    returns: &[f64],
) -> Result<(Vec<MixtureRound>, Vec<f64>), ForecastError> {
    let failed = |error| ForecastError::forecaster(id, error);
    let MixtureOptions { horizon, step, first, largest, .. } = *options;
    let mut weights = Aggregator::new(rule, experts::IDS.len(), largest).map_err(failed)?;
    let mut rounds: Vec<MixtureRound> = Vec::new();
    let mut waiting: VecDeque<Waiting> = VecDeque::new();
    let learn =
        |now: usize, rounds: &mut Vec<MixtureRound>, waiting: &mut VecDeque<Waiting>, weights: &mut Aggregator| {
            while let Some(due) = waiting.pop_front_if(|due| rounds[due.round].at + horizon <= now) {
                let round = &mut rounds[due.round];
                let outcome = &returns[round.at..round.at + horizon];
                let mean = outcome.iter().sum::<f64>() / horizon as f64;
                let loss = |forecast: &f64| ((mean - forecast) / due.scale).powi(2).min(largest);
                let losses: Vec<f64> = round.forecasts.iter().map(loss).collect();
                weights.settle(due.pending, &losses)?;
                round.losses = Some(losses);
            }
            Ok(())
        };
    for at in (first..returns.len()).step_by(step) {
        checkpoint();
        learn(at, &mut rounds, &mut waiting, &mut weights).map_err(failed)?;
        let history = Sample::of(&returns[..at]);
        // A history that has not moved has no scale for an error.
        let Ok(deviation) = spread(&history, 2) else { continue };
        let pending = weights.issue();
        let forecasts = experts::numbers(&experts::opinions(&options.experts, &history)).to_vec();
        rounds.push(MixtureRound { at, weights: pending.weights().to_vec(), forecasts, losses: None });
        waiting.push_back(Waiting { round: rounds.len() - 1, pending, scale: deviation / (horizon as f64).sqrt() });
    }
    learn(returns.len(), &mut rounds, &mut waiting, &mut weights).map_err(failed)?;
    let last = weights.issue().weights().to_vec();
    Ok((rounds, last))
}
