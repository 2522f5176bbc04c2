//! The stationary block bootstrap of any statistic of a return series.

use std::fmt;

use portfolio_core::interrupt::checkpoint;
use portfolio_core::{Confidence, Seed};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{suggest_block_length, write_interval};
use crate::error::check_returns;
use crate::quantile::QuantileRule;
use crate::spread::Spread;
use crate::{RiskError, RiskParameter, UnavailableReason};

/// Settings of a stationary block bootstrap.
///
/// | field | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `resamples` | 1000 | artificial histories drawn | 2 to 1,000,000 |
/// | `mean_block` | 0 | mean length of the blocks; 0 chooses it by [`suggest_block_length`] | at least 1, or 0 |
/// | `level` | 0.95 | coverage of the interval | |
/// | `seed` | 42 | seed of the random numbers | |
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BlockBootstrap {
    /// Artificial histories drawn.
    pub resamples: usize,
    /// Mean length of a block in periods; 0 chooses it from the data.
    pub mean_block: f64,
    /// Coverage of the interval.
    pub level: Confidence,
    /// Seed of the random numbers.
    pub seed: Seed,
}

/// The seed used when none is chosen.
const DEFAULT_SEED: Seed = Seed(42);

impl Default for BlockBootstrap {
    fn default() -> Self {
        Self { resamples: 1000, mean_block: 0.0, level: Confidence::P95, seed: DEFAULT_SEED }
    }
}

impl BlockBootstrap {
    fn check(&self) -> Result<(), RiskError> {
        if !(2..=1_000_000).contains(&self.resamples) {
            let value = self.resamples as f64;
            return Err(RiskError::OutOfRange { parameter: RiskParameter::Resamples, value });
        }
        if self.mean_block == 0.0 || (self.mean_block >= 1.0 && self.mean_block.is_finite()) {
            return Ok(());
        }
        Err(RiskError::OutOfRange { parameter: RiskParameter::MeanBlock, value: self.mean_block })
    }
}

/// A statistic with its spread over resampled histories.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapInterval {
    /// The statistic of the history itself.
    #[cfg_attr(feature = "openapi", schema(example = 0.194))]
    pub estimate: f64,
    /// Standard deviation of the statistic over the resampled histories.
    #[cfg_attr(feature = "openapi", schema(example = 0.041))]
    pub standard_error: f64,
    /// Lower end of the percentile interval.
    #[cfg_attr(feature = "openapi", schema(example = 0.121))]
    pub lower: f64,
    /// Upper end of the percentile interval.
    #[cfg_attr(feature = "openapi", schema(example = 0.283))]
    pub upper: f64,
    /// Requested coverage.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 0.95))]
    pub level: Confidence,
    /// Resampled histories for which the statistic exists.
    #[cfg_attr(feature = "openapi", schema(example = 1000))]
    pub resamples: usize,
    /// Mean block length used, in periods.
    #[cfg_attr(feature = "openapi", schema(example = 13.6))]
    pub mean_block: f64,
    /// Seed used.
    #[cfg_attr(feature = "openapi", schema(value_type = u64, example = 42))]
    pub seed: Seed,
}

impl fmt::Display for BootstrapInterval {
    /// Estimate, interval and coverage, as [`EstimateInterval`](super::EstimateInterval) prints them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_interval(f, self.estimate, Some(self.lower), Some(self.upper), self.level)
    }
}

/// Stationary block bootstrap of any statistic of a return series.
///
/// A resampled history is a chain of blocks of the original history. Each block starts at a random date, has a
/// geometrically distributed length with mean `mean_block`, and wraps around at the end. Dependence within a block is
/// preserved, so the spread is also valid for statistics of paths (drawdown) and of dependent returns.
///
/// History `i` is drawn from stream `i` of a ChaCha generator, so the result depends only on the seed. A statistic that
/// does not exist for some history returns `None` there, and the interval describes the other histories.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::OutOfRange`]; [`RiskError::Unavailable`] when the statistic
/// does not exist for the history itself or for fewer than two resampled ones.
///
/// # Reference
/// Politis and Romano (1994), "The stationary bootstrap", Journal of the American Statistical Association 89(428),
/// 1303–1313.
///
/// # Example
/// ```
/// use risk::inference::{BlockBootstrap, block_bootstrap};
/// use risk::max_drawdown;
///
/// let returns: Vec<f64> = (0..250).map(|i| 0.02 * f64::from((i * 7919) % 101 - 49) / 50.0).collect();
/// let depth = |r: &[f64]| max_drawdown(r).ok().map(|d| d.depth);
/// let drawdown = block_bootstrap(&returns, depth, &BlockBootstrap::default())?;
/// assert!(drawdown.lower < drawdown.upper && drawdown.standard_error > 0.0);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn block_bootstrap(
    returns: &[f64],
    statistic: impl Fn(&[f64]) -> Option<f64>,
    options: &BlockBootstrap,
) -> Result<BootstrapInterval, RiskError> {
    options.check()?;
    check_returns(returns)?;
    let exists = |value: Option<f64>| value.filter(|v| v.is_finite());
    let estimate = exists(statistic(returns)).ok_or(UnavailableReason::TooFewReturns)?;
    let mean_block = if options.mean_block == 0.0 { suggest_block_length(returns)? } else { options.mean_block };

    let mut history = vec![0.0; returns.len()];
    let mut values = Vec::with_capacity(options.resamples);
    for stream in 0..options.resamples {
        checkpoint();
        let mut random = ChaCha8Rng::seed_from_u64(options.seed.0);
        random.set_stream(stream as u64);
        resample(returns, mean_block, &mut random, &mut history);
        values.extend(exists(statistic(&history)));
    }
    if values.len() < 2 {
        return Err(RiskError::Unavailable(UnavailableReason::TooFewReturns));
    }
    let standard_error = Spread::of(&values).deviation()?;
    values.sort_unstable_by(f64::total_cmp);
    let half = 0.5 * options.level.tail();
    Ok(BootstrapInterval {
        estimate,
        standard_error,
        lower: QuantileRule::Linear.read(&values, half),
        upper: QuantileRule::Linear.read(&values, 1.0 - half),
        level: options.level,
        resamples: values.len(),
        mean_block,
        seed: options.seed,
    })
}

fn resample(returns: &[f64], mean_block: f64, random: &mut ChaCha8Rng, history: &mut [f64]) {
    let new_block = 1.0 / mean_block;
    let mut at = 0;
    for (t, value) in history.iter_mut().enumerate() {
        if t == 0 || random.random::<f64>() < new_block {
            at = random.random_range(0..returns.len());
        } else {
            at = (at + 1) % returns.len();
        }
        *value = returns[at];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mean_return;

    fn noise(count: i32) -> Vec<f64> {
        (0..count).map(|i| f64::from((i * 7919) % 1009) / 1009.0 - 0.5).collect()
    }

    #[test]
    fn the_error_of_a_mean_is_the_textbook_one() {
        let returns = noise(1000);
        let options = BlockBootstrap { mean_block: 1.0, resamples: 4000, ..BlockBootstrap::default() };
        let interval = block_bootstrap(&returns, |r| mean_return(r).ok(), &options).unwrap();
        let expected = crate::standard_deviation(&returns).unwrap() / 1000.0_f64.sqrt();
        // Four standard errors of a standard error from 4,000 draws are 4.5 %.
        assert!((interval.standard_error / expected - 1.0).abs() < 0.045, "{interval:?} {expected}");
        assert!((interval.upper - interval.lower - 3.92 * expected).abs() < 0.3 * expected);
    }

    #[test]
    fn the_seed_is_all_that_counts() {
        let returns = noise(100);
        let run = |seed| {
            let options = BlockBootstrap { seed: Seed(seed), resamples: 50, ..BlockBootstrap::default() };
            block_bootstrap(&returns, |r| mean_return(r).ok(), &options).unwrap()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7).lower, run(8).lower);
    }

    #[test]
    fn long_blocks_keep_their_order() {
        let returns: Vec<f64> = (0..1000).map(f64::from).collect();
        let mut history = vec![0.0; 1000];
        let mut random = ChaCha8Rng::seed_from_u64(1);
        resample(&returns, 50.0, &mut random, &mut history);
        let breaks = history.windows(2).filter(|w| w[1] != (w[0] + 1.0) % 1000.0).count();
        // 999 chances of 1/50 each: about 20.
        assert!((8..=35).contains(&breaks), "{breaks}");
    }

    #[test]
    fn impossible_statistics_and_options_are_refused() {
        let returns = noise(10);
        assert!(block_bootstrap(&returns, |_| None, &BlockBootstrap::default()).is_err());
        let bad = BlockBootstrap { mean_block: 0.5, ..BlockBootstrap::default() };
        assert!(block_bootstrap(&returns, |_| Some(1.0), &bad).is_err());
    }
}
