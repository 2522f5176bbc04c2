//! Where the climbs start.

use portfolio_core::Seed;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::parameters::Parameters;
use crate::Observations;

/// Windows over which starts average the activity, in rows.
const WINDOWS: [usize; 4] = [21, 1, 5, 63];
/// Probability of staying in a state in the first start.
const STAY: f64 = 0.95;

/// Start number `index`; the first one does not depend on the seed.
///
/// Most starts cut the rows into groups by their activity, the squared standardised distance from the mean averaged
/// over some rows, and take the moments of the groups: states then differ mainly in variance. Every third start takes
/// its means from rows drawn at random: states then differ in level.
pub(super) fn start<const K: usize>(
    index: usize,
    rows: &Observations,
    spread: &[(f64, f64)],
    seed: Seed,
) -> Parameters<K> {
    let mut random = ChaCha8Rng::seed_from_u64(seed.0);
    random.set_stream(index as u64);
    let stay = if index == 0 { STAY } else { random.random_range(0.7..0.99) };
    let transition = std::array::from_fn(|j| {
        std::array::from_fn(|k| match (K, j == k) {
            (1, _) => 1.0,
            (_, true) => stay,
            (_, false) => (1.0 - stay) / (K - 1) as f64,
        })
    });
    let mut parameters =
        Parameters { start: [1.0 / K as f64; K], transition, means: Vec::new(), variances: Vec::new() };
    if index % 3 == 2 {
        let drawn: [usize; K] = std::array::from_fn(|_| random.random_range(0..rows.rows()));
        for (column, (_, variance)) in rows.columns().zip(spread) {
            parameters.means.push(drawn.map(|t| column[t]));
            parameters.variances.push(std::array::from_fn(|_| variance * random.random_range(0.2..1.2)));
        }
        return parameters;
    }
    let mut shares: [f64; K] = [1.0; K];
    if index > 0 {
        shares = std::array::from_fn(|_| random.random_range(0.1..1.0));
    }
    let groups = groups(&activity(rows, spread, WINDOWS[index % WINDOWS.len()]), &shares);
    for (column, (mean, variance)) in rows.columns().zip(spread) {
        let mut sums = [[0.0; 3]; K];
        for (x, group) in column.iter().zip(&groups) {
            let away = x - mean;
            let [count, first, second] = &mut sums[*group];
            *count += 1.0;
            *first += away;
            *second += away * away;
        }
        parameters.means.push(sums.map(|[count, first, _]| if count > 0.0 { mean + first / count } else { *mean }));
        parameters.variances.push(sums.map(|[count, first, second]| {
            let own = if count > 1.0 { second / count - (first / count) * (first / count) } else { *variance };
            // A group of equal rows would start on the floor and stay there.
            own.max(0.01 * variance)
        }));
    }
    parameters
}

/// Squared standardised distance of each row from the mean, averaged over a centred window.
fn activity(rows: &Observations, spread: &[(f64, f64)], window: usize) -> Vec<f64> {
    let mut sums = vec![0.0; rows.rows() + 1];
    for (column, (mean, variance)) in rows.columns().zip(spread) {
        for (t, x) in column.iter().enumerate() {
            sums[t + 1] += (x - mean) * (x - mean) / variance;
        }
    }
    for t in 0..rows.rows() {
        sums[t + 1] += sums[t];
    }
    let average = |t: usize| {
        let (from, to) = (t.saturating_sub(window / 2), (t + window / 2 + 1).min(rows.rows()));
        (sums[to] - sums[from]) / (to - from) as f64
    };
    (0..rows.rows()).map(average).collect()
}

/// The group of each row, from the least to the most active; sizes are proportional to `shares`.
fn groups<const K: usize>(activity: &[f64], shares: &[f64; K]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..activity.len()).collect();
    order.sort_by(|a, b| activity[*a].total_cmp(&activity[*b]));
    let total: f64 = shares.iter().sum();
    let mut groups = vec![0; activity.len()];
    for (rank, row) in order.into_iter().enumerate() {
        let position = (rank as f64 + 0.5) / activity.len() as f64 * total;
        let mut reached = 0.0;
        groups[row] = shares
            .iter()
            .take(K - 1)
            .filter(|share| {
                reached += **share;
                reached < position
            })
            .count();
    }
    groups
}
