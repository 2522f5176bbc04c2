//! The likeliest switching autoregression of a series.

use portfolio_core::Seed;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::model::SwitchingAutoregression;
use super::simplex::{SimplexLimits, minimise};
use crate::error::{RegimeParameter, require};
use crate::{Observations, RegimeError};

/// A first search from each start.
const FIRST: SimplexLimits = SimplexLimits { tolerance: 1e-3, evaluations: 1_500 };
/// A search that continues a first one.
const LATER: SimplexLimits = SimplexLimits { tolerance: 1e-12, evaluations: 6_000 };
/// First searches that are continued.
const CONTINUED: usize = 3;
/// Largest number of searches, each from the end of the one before.
const MOST_SEARCHES: usize = 10;
/// Gain at which searches from an end stop, in nats.
const LEAST_GAIN: f64 = 1e-10;
/// Ends this close in log-likelihood count as one maximum, in nats.
const SAME_MAXIMUM: f64 = 1e-4;
/// The smallest variance of the innovations, as a share of the variance of the series.
const VARIANCE_FLOOR: f64 = 1e-4;

/// A fitted switching autoregression.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SwitchingFit {
    /// The model.
    pub model: SwitchingAutoregression,
    /// Log-likelihood of the series from period `order` on, in nats.
    pub log_likelihood: f64,
    /// Number of starts.
    pub restarts: usize,
    /// Starts that were continued and reached this likelihood within 1e-4.
    pub agreeing: usize,
}

/// Maximises the likelihood of a switching autoregression by simplex searches from several starts, of which the best
/// few are continued to the end. One start in ten ends at a lower maximum on Hamilton's series: use ten or more.
///
/// # Errors
/// [`RegimeError::OutOfRange`] for an order above 8 or no starts, [`RegimeError::Empty`], [`RegimeError::NotFinite`],
/// [`RegimeError::Constant`], [`RegimeError::TooFewRows`] for fewer rows than parameters and lags, [`RegimeError::NoFit`].
pub fn fit_switching(series: &[f64], order: usize, restarts: usize, seed: Seed) -> Result<SwitchingFit, RegimeError> {
    require(order <= 8, RegimeParameter::Order, order as f64)?;
    require((1..=1_000).contains(&restarts), RegimeParameter::Restarts, restarts as f64)?;
    let rows = Observations::of_series(series)?;
    let parameters = 5 + order;
    if rows.rows() < parameters + order {
        return Err(RegimeError::TooFewRows { rows: rows.rows(), parameters: parameters + order });
    }
    let scale = rows.spread()?[0];
    let cost = |point: &[f64]| match model_of(point, scale) {
        Ok(model) => {
            let mut sum = 0.0;
            model.run(series, |_, _, score| sum += score);
            -sum
        }
        Err(_) => f64::INFINITY,
    };
    let mut ends: Vec<(Vec<f64>, f64)> =
        (0..restarts).map(|index| minimise(&start(index, order, seed), 0.3, FIRST, cost)).collect();
    let best_first = |a: &(Vec<f64>, f64), b: &(Vec<f64>, f64)| a.1.total_cmp(&b.1);
    ends.sort_by(best_first);
    ends.truncate(CONTINUED);
    for end in &mut ends {
        for search in 0..MOST_SEARCHES {
            // Steps shrink: the simplex of a later search is near its end from the start.
            let step = 0.2 * 0.5_f64.powi(search as i32);
            let next = minimise(&end.0, step, LATER, cost);
            let gain = end.1 - next.1;
            if gain > 0.0 {
                *end = next;
            }
            if gain < LEAST_GAIN {
                break;
            }
        }
    }
    ends.sort_by(best_first);
    let (point, value) = ends.first().filter(|(_, value)| value.is_finite()).ok_or(RegimeError::NoFit)?;
    Ok(SwitchingFit {
        model: model_of(point, scale)?,
        log_likelihood: -value,
        restarts,
        agreeing: ends.iter().filter(|end| end.1 - value < SAME_MAXIMUM).count(),
    })
}

/// The model at an unconstrained point: log odds of staying, means and log deviation in units of the series,
/// coefficients.
fn model_of(point: &[f64], (mean, variance): (f64, f64)) -> Result<SwitchingAutoregression, RegimeError> {
    let stay = |log_odds: f64| 1.0 / (1.0 + (-log_odds).exp());
    let deviation = variance.sqrt();
    SwitchingAutoregression::new(
        [stay(point[0]), stay(point[1])],
        [mean + deviation * point[2], mean + deviation * point[3]],
        variance * (2.0 * point[4]).exp().max(VARIANCE_FLOOR),
        &point[5..],
    )
}

/// Start number `index`.
fn start(index: usize, order: usize, seed: Seed) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed.0);
    random.set_stream(index as u64);
    let mut point = vec![
        random.random_range(0.0..3.0),
        random.random_range(0.0..3.0),
        random.random_range(-1.5..0.0),
        random.random_range(0.0..1.5),
        random.random_range(-1.0..0.0),
    ];
    point.extend((0..order).map(|_| random.random_range(-0.3..0.3)));
    point
}
