//! Which state of a new fit corresponds to which state of the previous one.

use serde::Serialize;

use crate::error::require_size;
use crate::{GaussianHmm, RegimeError};

/// Distance from which a matched state counts as moved: two normal laws of equal width whose means are 1.5 standard
/// deviations apart are 0.5 from each other, as are two with equal means of which one is 3.2 times as wide.
pub const MOVED: f64 = 0.5;

/// Why a decision should not treat the states of a new fit as those of the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum LabelJump {
    /// A state's position in the order of variances has changed.
    Reordered {
        /// Its position in the previous fit.
        previous: usize,
        /// Its position in the new fit.
        next: usize,
    },
    /// A state's name has changed.
    Renamed {
        /// Its position in the previous fit.
        previous: usize,
        /// Its position in the new fit.
        next: usize,
    },
    /// The nearest state is far from the previous one.
    Moved {
        /// Its position in the previous fit.
        previous: usize,
        /// Its position in the new fit.
        next: usize,
        /// Distance between the two, from [`MOVED`] to 1.
        distance: f64,
    },
}

/// States of a new fit matched to those of the previous one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StateMatching {
    /// For each state of the previous fit, its state in the new one.
    pub next: Vec<usize>,
    /// For each state of the previous fit, its distance from that state: 0 (the same law) to 1.
    pub distances: Vec<f64>,
    /// The warnings; empty when the states are those of the previous fit.
    pub jumps: Vec<LabelJump>,
}

/// Matches the states of two fits so that the sum of their distances is the smallest over all assignments.
///
/// The distance between two states is the Hellinger distance, `√(1 − ∫√(fg))`: it has no unit and does not change when
/// returns are scaled.
///
/// # Errors
/// [`RegimeError::SizeMismatch`] when the models differ in their number of states or features.
///
/// # Example
/// ```
/// use regimes::{GaussianHmm, match_states};
///
/// let law = [[0.9, 0.1], [0.1, 0.9]];
/// let before = GaussianHmm::new(&[0.5, 0.5], &law, &[[0.05], [-0.1]], &[[0.5], [4.0]])?;
/// let after = GaussianHmm::new(&[0.5, 0.5], &law, &[[0.04], [-0.2]], &[[0.6], [5.0]])?;
/// let matching = match_states(&before, &after)?;
/// assert_eq!(matching.next, [0, 1]);
/// assert!(matching.jumps.is_empty());
/// # Ok::<(), regimes::RegimeError>(())
/// ```
pub fn match_states(previous: &GaussianHmm, next: &GaussianHmm) -> Result<StateMatching, RegimeError> {
    require_size("states", previous.states(), next.states())?;
    require_size("features", previous.features(), next.features())?;
    let states = previous.states();
    let costs: Vec<Vec<f64>> =
        (0..states).map(|i| (0..states).map(|j| distance(previous, i, next, j)).collect()).collect();
    let assigned = cheapest(&costs);
    let (old_names, new_names) = (previous.names(), next.names());
    let mut jumps = Vec::new();
    let distances: Vec<f64> = assigned.iter().enumerate().map(|(i, j)| costs[i][*j]).collect();
    for (previous, (&next, &distance)) in assigned.iter().zip(&distances).enumerate() {
        if previous != next {
            jumps.push(LabelJump::Reordered { previous, next });
        }
        if old_names[previous] != new_names[next] {
            jumps.push(LabelJump::Renamed { previous, next });
        }
        if distance > MOVED {
            jumps.push(LabelJump::Moved { previous, next, distance });
        }
    }
    Ok(StateMatching { next: assigned, distances, jumps })
}

/// Hellinger distance between two distributions with independent normal features.
fn distance(previous: &GaussianHmm, i: usize, next: &GaussianHmm, j: usize) -> f64 {
    let means = previous.means()[i].iter().zip(&next.means()[j]);
    let variances = previous.variances()[i].iter().zip(&next.variances()[j]);
    let log_overlap: f64 = means
        .zip(variances)
        .map(|((m, n), (v, w))| {
            // As products of deviations: the square of a small variance could vanish.
            let (s, t) = (v.sqrt(), w.sqrt());
            0.5 * (2.0 * (s / (v + w).sqrt()) * (t / (v + w).sqrt())).ln() - 0.25 * (m - n) * ((m - n) / (v + w))
        })
        .sum();
    (-log_overlap.exp_m1()).max(0.0).sqrt()
}

/// The assignment of rows to columns with the smallest sum, found by trying all of them, at most 720. Of equal ones,
/// the first in lexicographic order.
fn cheapest(costs: &[Vec<f64>]) -> Vec<usize> {
    let mut best = (f64::INFINITY, (0..costs.len()).collect());
    extend(costs, &mut Vec::new(), 0.0, &mut best);
    best.1
}

fn extend(costs: &[Vec<f64>], assigned: &mut Vec<usize>, sum: f64, best: &mut (f64, Vec<usize>)) {
    if sum >= best.0 {
        return;
    }
    let Some(row) = costs.get(assigned.len()) else {
        *best = (sum, assigned.clone());
        return;
    };
    for (column, cost) in row.iter().enumerate() {
        if !assigned.contains(&column) {
            assigned.push(column);
            extend(costs, assigned, sum + cost, best);
            assigned.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(means: [f64; 3], variances: [f64; 3]) -> GaussianHmm {
        let law = [1.0 / 3.0; 3];
        GaussianHmm::new(&law, &[law; 3], &means.map(|m| [m]), &variances.map(|v| [v])).unwrap()
    }

    #[test]
    fn states_that_change_places_raise_an_alarm() {
        // A calm state falls and the next one calms down further: the order of variances turns over.
        let before = model([1.0, -1.0, 0.0], [0.10, 0.12, 4.0]);
        let after = model([1.0, -1.0, 0.0], [0.12, 0.10, 4.0]);
        let matching = match_states(&before, &after).unwrap();
        assert_eq!(matching.next, [1, 0, 2]);
        assert!(matching.jumps.contains(&LabelJump::Reordered { previous: 0, next: 1 }));
        assert_eq!(match_states(&before, &before).unwrap().jumps, []);
    }

    #[test]
    fn a_state_that_moves_or_changes_sign_raises_an_alarm() {
        let before = model([0.1, 0.0, -0.1], [0.5, 1.0, 4.0]);
        let turned = match_states(&before, &model([-0.1, 0.0, -0.1], [0.5, 1.0, 4.0])).unwrap();
        assert_eq!(turned.jumps, [LabelJump::Renamed { previous: 0, next: 0 }]);
        let wide = match_states(&before, &model([0.1, 0.0, -0.1], [0.5, 1.0, 90.0])).unwrap();
        assert!(matches!(wide.jumps[..], [LabelJump::Moved { previous: 2, next: 2, distance }] if distance > 0.5));
    }

    #[test]
    fn distances_are_those_of_their_closed_form() {
        let at = |mean: f64, variance: f64| GaussianHmm::new(&[1.0], &[[1.0]], &[[mean]], &[[variance]]).unwrap();
        let between = |a: &GaussianHmm, b: &GaussianHmm| distance(a, 0, b, 0);
        // Equal variances: the overlap is exp(−d²/8).
        assert!((between(&at(0.0, 1.0), &at(1.5, 1.0)) - (1.0 - (-1.5_f64 * 1.5 / 8.0).exp()).sqrt()).abs() < 1e-15);
        // Equal means: the overlap is √(2st/(s² + t²)).
        assert!((between(&at(0.0, 1.0), &at(0.0, 9.0)) - (1.0 - 0.6_f64.sqrt()).sqrt()).abs() < 1e-15);
        assert_eq!(between(&at(0.3, 2.0), &at(0.3, 2.0)), 0.0);
        assert!((between(&at(0.0, 1e-180), &at(0.0, 9e-180)) - (1.0 - 0.6_f64.sqrt()).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_cheapest_assignment_is_not_the_greedy_one() {
        let costs = vec![vec![1.0, 2.0], vec![1.5, 9.0]];
        assert_eq!(cheapest(&costs), [1, 0]);
    }
}
