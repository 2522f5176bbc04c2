//! Artificial histories made from blocks of the real one.

use portfolio_core::Seed;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use risk::inference::suggest_block_length;
use serde::Serialize;

use crate::EvaluateError;
use crate::error::{EvaluateParameter, require};

/// Consecutive rows of a history; the first row follows the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The first row.
    pub start: usize,
    /// Number of rows, at least 1.
    pub length: usize,
}

/// A way to draw artificial histories: an open trait, so that a test can also be run on histories drawn elsewhere.
pub trait Resampler {
    /// Number of artificial histories.
    fn resamples(&self) -> usize;

    /// Mean length of a block, at least 1. It decides which dependence the standard errors of a test allow for.
    fn mean_block(&self) -> f64;

    /// Replaces `blocks` by the artificial history `index`: blocks whose lengths sum to `rows`.
    fn draw(&self, rows: usize, index: usize, blocks: &mut Vec<Block>);
}

/// The stationary bootstrap: blocks that start anywhere and have geometrically distributed lengths.
///
/// History `i` comes from stream `i` of a ChaCha generator with 8 rounds, so it depends only on the seed and on `i`.
/// The length of a block is drawn at once, `1 + ⌊ln U/ln(1 − 1/b)⌋`, and the last block is cut.
///
/// # Reference
/// Politis and Romano (1994), "The stationary bootstrap", Journal of the American Statistical Association 89(428),
/// 1303–1313.
///
/// # Example
/// ```
/// use evaluate::{Resampler, StationaryBootstrap};
/// use portfolio_core::Seed;
///
/// let bootstrap = StationaryBootstrap::new(10.0, 999, Seed(7))?;
/// let mut blocks = Vec::new();
/// bootstrap.draw(250, 0, &mut blocks);
/// assert_eq!(blocks.iter().map(|block| block.length).sum::<usize>(), 250);
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StationaryBootstrap {
    mean_block: f64,
    resamples: usize,
    seed: Seed,
}

impl StationaryBootstrap {
    /// `mean_block`: mean length of a block, in periods; `resamples`: artificial histories. With 999 of them a p-value is a
    /// multiple of 0.001.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a mean below 1 or not finite, and for resamples outside 1 to 1,000,000.
    pub fn new(mean_block: f64, resamples: usize, seed: Seed) -> Result<Self, EvaluateError> {
        require(mean_block >= 1.0 && mean_block.is_finite(), EvaluateParameter::MeanBlock, mean_block)?;
        require((1..=1_000_000).contains(&resamples), EvaluateParameter::Resamples, resamples as f64)?;
        Ok(Self { mean_block, resamples, seed })
    }

    /// The mean length suggested for the most dependent of several series, by [`suggest_block_length`].
    ///
    /// # Errors
    /// As [`new`](Self::new); [`EvaluateError::Risk`] for an empty series or a number that is not finite.
    pub fn suited_to<S: AsRef<[f64]>>(series: &[S], resamples: usize, seed: Seed) -> Result<Self, EvaluateError> {
        let mut mean_block = 1.0_f64;
        for one in series {
            mean_block = mean_block.max(suggest_block_length(one.as_ref())?);
        }
        Self::new(mean_block, resamples, seed)
    }

    /// Seed of the random numbers.
    #[must_use]
    pub fn seed(&self) -> Seed {
        self.seed
    }
}

impl Resampler for StationaryBootstrap {
    fn resamples(&self) -> usize {
        self.resamples
    }

    fn mean_block(&self) -> f64 {
        self.mean_block
    }

    fn draw(&self, rows: usize, index: usize, blocks: &mut Vec<Block>) {
        blocks.clear();
        let mut random = ChaCha8Rng::seed_from_u64(self.seed.0);
        random.set_stream(index as u64);
        // `ln(1 − 1/b)`; with blocks of one row it is −∞, and every length is 1.
        let log_continue = (-1.0 / self.mean_block).ln_1p();
        let mut left = rows;
        while left > 0 {
            let start = random.random_range(0..rows);
            // From (0, 1]: the logarithm is finite.
            let uniform = 1.0 - random.random::<f64>();
            let further = (uniform.ln() / log_continue).min(left as f64) as usize;
            let length = (1 + further).min(left);
            blocks.push(Block { start, length });
            left -= length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_geometric_and_starts_uniform() {
        let bootstrap = StationaryBootstrap::new(8.0, 400, Seed(3)).unwrap();
        let (mut blocks, mut all) = (Vec::new(), Vec::new());
        for index in 0..400 {
            bootstrap.draw(1000, index, &mut blocks);
            assert_eq!(blocks.iter().map(|b| b.length).sum::<usize>(), 1000);
            // The last one is cut.
            all.extend_from_slice(&blocks[..blocks.len() - 1]);
        }
        let n = all.len() as f64;
        let mean = all.iter().map(|b| b.length as f64).sum::<f64>() / n;
        let ones = all.iter().filter(|b| b.length == 1).count() as f64 / n;
        let start = all.iter().map(|b| b.start as f64).sum::<f64>() / n;
        // 50,000 blocks: four standard errors are 0.14 of the mean, 0.006 of the share, 5 of the start.
        assert!((mean - 8.0).abs() < 0.14, "{mean}");
        assert!((ones - 0.125).abs() < 0.006, "{ones}");
        assert!((start - 499.5).abs() < 5.2, "{start}");
    }

    #[test]
    fn a_mean_of_one_takes_single_rows() {
        let bootstrap = StationaryBootstrap::new(1.0, 1, Seed(1)).unwrap();
        let mut blocks = Vec::new();
        bootstrap.draw(50, 0, &mut blocks);
        assert!(blocks.len() == 50 && blocks.iter().all(|b| b.length == 1));
    }

    #[test]
    fn the_seed_and_the_index_are_all_that_counts() {
        let draw = |seed, index| {
            let mut blocks = Vec::new();
            StationaryBootstrap::new(5.0, 10, Seed(seed)).unwrap().draw(100, index, &mut blocks);
            blocks
        };
        assert_eq!(draw(1, 3), draw(1, 3));
        assert!(draw(1, 3) != draw(1, 4) && draw(1, 3) != draw(2, 3));
        assert!(StationaryBootstrap::new(0.5, 10, Seed(1)).is_err());
        assert!(StationaryBootstrap::new(2.0, 0, Seed(1)).is_err());
    }
}
