//! The steps of Baum and Welch: expectation, then maximisation.

use super::parameters::Parameters;
use super::passes::Workspace;
use crate::{HmmSpec, Observations};

/// Expected rows of a state below which its mean and variances are left unchanged: their sums are only rounding.
const LEAST_WEIGHT: f64 = 1e-8;

/// A climb of the likelihood from one start.
#[derive(Debug, Clone)]
pub(super) struct Climb<const K: usize> {
    pub(super) parameters: Parameters<K>,
    /// Log-likelihood of the parameters.
    pub(super) log_likelihood: f64,
    /// The objective before each step: the log-likelihood, plus the term of the prior if it is sticky.
    pub(super) trace: Vec<f64>,
    /// Whether the last gain was below the tolerance.
    pub(super) converged: bool,
    /// Expected rows of the state with the fewest.
    pub(super) least_rows: f64,
}

/// Repeats steps from `parameters` until the gain is below the tolerance, at most `iterations` times.
///
/// `floors`: the least variance per feature. No step lowers the objective, up to rounding. `None` when `stop` says so before a step.
pub(super) fn climb<const K: usize>(
    mut parameters: Parameters<K>,
    rows: &Observations,
    floors: &[f64],
    spec: &HmmSpec,
    (tolerance, iterations): (f64, usize),
    work: &mut Workspace<K>,
    stop: &dyn Fn() -> bool,
) -> Option<Climb<K>> {
    let mut trace = Vec::with_capacity(iterations + 1);
    loop {
        if stop() {
            return None;
        }
        work.densities(&parameters, rows);
        work.forward(&parameters);
        let log_likelihood = work.log_likelihood();
        let objective = log_likelihood + prior(&parameters, spec.sticky);
        let converged = trace.last().is_some_and(|before| objective - before < tolerance);
        trace.push(objective);
        if converged || trace.len() > iterations || !objective.is_finite() {
            work.backward(&parameters);
            let least_rows = weights(work).into_iter().fold(f64::INFINITY, f64::min);
            return Some(Climb { parameters, log_likelihood, trace, converged, least_rows });
        }
        let moves = work.backward(&parameters);
        maximise(&mut parameters, rows, floors, spec.sticky, &moves, work);
    }
}

/// The log prior of the stays, up to a constant: `κ Σ ln a_ii`.
fn prior<const K: usize>(parameters: &Parameters<K>, sticky: f64) -> f64 {
    if sticky == 0.0 {
        return 0.0;
    }
    sticky * (0..K).map(|k| parameters.transition[k][k].ln()).sum::<f64>()
}

/// Expected rows of each state.
fn weights<const K: usize>(work: &Workspace<K>) -> [f64; K] {
    let mut weights = [0.0; K];
    for row in &work.smoothed {
        for k in 0..K {
            weights[k] += row[k];
        }
    }
    weights
}

/// Replaces the parameters by those that maximise the expected log-likelihood.
fn maximise<const K: usize>(
    parameters: &mut Parameters<K>,
    rows: &Observations,
    floors: &[f64],
    sticky: f64,
    moves: &[[f64; K]; K],
    work: &Workspace<K>,
) {
    if let Some(first) = work.smoothed.first() {
        let sum: f64 = first.iter().sum();
        parameters.start = first.map(|p| p / sum);
    }
    for (j, counts) in moves.iter().enumerate() {
        let sum = counts.iter().sum::<f64>() + sticky;
        if sum > 0.0 {
            for (k, (next, count)) in parameters.transition[j].iter_mut().zip(counts).enumerate() {
                *next = (count + if j == k { sticky } else { 0.0 }) / sum;
            }
        }
    }
    let weights = weights(work);
    let features = rows.columns().zip(&mut parameters.means).zip(&mut parameters.variances).zip(floors);
    for (((column, means), variances), floor) in features {
        // Sums of differences from the mean before: they lose no digits when the mean is large beside the spread.
        let (mut first, mut second) = ([0.0; K], [0.0; K]);
        for (x, smoothed) in column.iter().zip(&work.smoothed) {
            for k in 0..K {
                let away = x - means[k];
                let weighted = smoothed[k] * away;
                first[k] += weighted;
                second[k] += weighted * away;
            }
        }
        for k in 0..K {
            if weights[k] > LEAST_WEIGHT {
                let moved = first[k] / weights[k];
                means[k] += moved;
                variances[k] = (second[k] / weights[k] - moved * moved).max(*floor);
            }
        }
    }
}
