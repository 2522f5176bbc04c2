//! Training: blocks of labels, tried walk-forward with purged labels, then trees on all of them.

use std::ops::ControlFlow;

use evaluate::split::{Purge, TrainWindow, WalkForward};
use portfolio_core::Seed;
use trees::{GbdtSpec, Monotone, Rows};

use crate::booster::{BoostedModel, Booster, BoosterError};
use crate::features::{FEATURES, HISTORY, compound, rows_of};
use crate::report::{Tested, WalkForwardReport};
use crate::weights::Weights;

/// Blocks of the first training.
const TRAINED_FIRST: usize = 24;
/// Blocks between two trainings, at least: a year of months.
const REFIT: usize = 12;
/// Trainings of a trial, at most.
const MOST_FOLDS: usize = 40;
/// Blocks that a verdict needs.
const TESTED_MIN: usize = 12;
/// Blocks that a training needs: those of the first training, one whose label meets the first test, and those that are tested.
pub const BLOCKS_MIN: usize = TRAINED_FIRST + 1 + TESTED_MIN;

/// A feature whose effect may have one sign only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonotoneFeature {
    /// Its place in [`FEATURES`].
    pub feature: usize,
    /// How the forecast may change with it.
    pub direction: Monotone,
}

/// What to train.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingSpec {
    /// Periods that the trees look ahead, and the length of a block; at least 1.
    pub horizon: usize,
    /// Trees.
    pub rounds: usize,
    /// Share of each tree's step that is taken, above 0 and up to 1.
    pub learning_rate: f64,
    /// Leaves of each tree, at least 2.
    pub leaves: usize,
    /// Fewest rows in a leaf.
    pub rows_in_leaf: usize,
    /// Share of the features that each tree may ask for, above 0 and up to 1: what the seed draws.
    pub feature_fraction: f64,
    /// Features whose sign is known; the others are free.
    pub monotone: Vec<MonotoneFeature>,
}

impl Default for TrainingSpec {
    /// A month ahead; 200 small trees at 0.02, each of at most half of the features. No sign is presumed: momentum and reversal
    /// are both in the literature.
    fn default() -> Self {
        Self {
            horizon: 21,
            rounds: 200,
            learning_rate: 0.02,
            leaves: 8,
            rows_in_leaf: 100,
            feature_fraction: 0.5,
            monotone: Vec::new(),
        }
    }
}

/// Trained weights, and what they were worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The weights, trained on every block.
    pub weights: Weights,
    /// What the same training was worth out of sample.
    pub report: WalkForwardReport,
}

/// Why nothing is trained.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// Fewer than two assets.
    #[error("a rank needs at least two assets")]
    TooFewAssets,
    /// A history of another length than the first one.
    #[error("asset {asset} has {periods} returns, and the first has {first}")]
    Ragged {
        /// The asset, from 0.
        asset: usize,
        /// Its returns.
        periods: usize,
        /// Returns of the first one.
        first: usize,
    },
    /// Histories too short for a trial.
    #[error("a horizon of {horizon} needs at least {needed} returns of each asset, and there are {periods}")]
    TooShort {
        /// The horizon.
        horizon: usize,
        /// Returns that it needs.
        needed: usize,
        /// Returns that there are.
        periods: usize,
    },
    /// A member of the specification is out of its range.
    #[error("{0}")]
    Spec(String),
    /// The outcomes do not vary, or a figure overflows.
    #[error("the trial has no verdict: {0}")]
    NoVerdict(String),
    /// It was told to stop.
    #[error("it was stopped")]
    Stopped,
}

/// Returns of each asset that a horizon needs.
#[must_use]
pub fn periods_min(horizon: usize) -> usize {
    HISTORY.saturating_add(BLOCKS_MIN.saturating_mul(horizon))
}

/// Work of [`train`] in elementary steps, to be compared with other work: rows times features times rounds, over all trainings.
#[must_use]
pub fn work(assets: usize, periods: usize, spec: &TrainingSpec) -> u64 {
    let blocks = blocks_in(periods, spec.horizon);
    let folds = blocks.saturating_sub(TRAINED_FIRST).div_ceil(refit(blocks)) as u64;
    let rows = (blocks as u64).saturating_mul(assets as u64);
    // Rows of a fold are half of all in the mean.
    let seen = rows.saturating_mul(folds + 2) / 2;
    seen.saturating_mul((FEATURES.len() * spec.rounds) as u64)
}

fn blocks_in(periods: usize, horizon: usize) -> usize {
    periods.saturating_sub(HISTORY) / horizon.max(1)
}

fn refit(blocks: usize) -> usize {
    REFIT.max(blocks.div_ceil(MOST_FOLDS))
}

/// Trains trees on histories and tries them walk-forward.
///
/// The blocks are the last whole ones of `horizon` periods. A row holds the ranks of an asset on the first day of a block, its label the
/// return over the block less the mean over all assets. In the trial the trees are trained again before each twelve blocks (or more, so that
/// there are at most 40 trainings) on labels of earlier blocks, without the block whose label ends where the first test begins. The
/// weights are trained on every block.
///
/// `series`: simple returns per period, oldest first, of one length and ending on one day; `trials`: configurations that were tried on
/// these data, this one included; `tell` is called with the trainings that are done and all of them, and ends the training by a break.
///
/// # Errors
/// What cannot be trained on, what of the specification is out of range, [`TrainingError::Stopped`].
pub fn train(
    series: &[Vec<f64>],
    spec: &TrainingSpec,
    trials: u64,
    seed: Seed,
    tell: impl FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<Trained, TrainingError> {
    let (trees, report) = walk_forward(series, &gbdt(spec)?, spec.horizon, trials, seed, tell)?;
    let standard_error = report.slope.map(|slope| slope.standard_error()).filter(|error| *error > 0.0);
    let weights = Weights { trees, horizon: spec.horizon, confidence: report.confidence, standard_error };
    Ok(Trained { weights, report })
}

/// As [`train`], with any library of boosted trees: its model of every block, and what the same training was worth out of sample.
///
/// `horizon`: periods of a block; the others as for [`train`].
///
/// # Errors
/// As [`train`].
pub fn walk_forward<B: Booster>(
    series: &[Vec<f64>],
    booster: &B,
    horizon: usize,
    trials: u64,
    seed: Seed,
    mut tell: impl FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<(B::Model, WalkForwardReport), TrainingError> {
    let sample = Sample::of(series, horizon)?;
    let of_spec = |BoosterError(error)| TrainingError::Spec(error);
    let fit = |blocks: std::ops::Range<usize>| sample.fit(blocks, booster, seed).map_err(of_spec);
    let splits = WalkForward {
        window: TrainWindow::Expanding { least: TRAINED_FIRST },
        test: refit(sample.blocks()),
        step: refit(sample.blocks()),
        purge: Purge { label_horizon: 1, embargo: 0 },
    }
    .splits(sample.blocks())
    .map_err(|error| TrainingError::Spec(error.to_string()))?;
    let all = splits.len() + 1;
    let mut tested = Vec::new();
    for (done, split) in splits.iter().enumerate() {
        if tell(done, all).is_break() {
            return Err(TrainingError::Stopped);
        }
        let model = fit(split.train.first().cloned().unwrap_or_default())?;
        for block in split.test.iter().cloned().flatten() {
            tested.push(sample.test(block, &model)?);
        }
    }
    if tell(splits.len(), all).is_break() {
        return Err(TrainingError::Stopped);
    }
    let model = fit(0..sample.blocks())?;
    let rows = sample.blocks() * sample.assets;
    let report = WalkForwardReport::of(&tested, splits.len(), rows, trials)?;
    if tell(all, all).is_break() {
        return Err(TrainingError::Stopped);
    }
    Ok((model, report))
}

fn gbdt(spec: &TrainingSpec) -> Result<GbdtSpec, TrainingError> {
    let mut monotone = Vec::new();
    if !spec.monotone.is_empty() {
        monotone.resize(FEATURES.len(), Monotone::Free);
        for constraint in &spec.monotone {
            let place = monotone.get_mut(constraint.feature);
            *place.ok_or_else(|| TrainingError::Spec("a constraint names no feature".to_owned()))? =
                constraint.direction;
        }
    }
    Ok(GbdtSpec {
        rounds: spec.rounds,
        learning_rate: spec.learning_rate,
        leaves: spec.leaves,
        rows_in_leaf: spec.rows_in_leaf,
        feature_fraction: spec.feature_fraction,
        monotone,
        ..GbdtSpec::default()
    })
}

/// Rows and labels by block.
struct Sample {
    assets: usize,
    /// Rows of features, by block and asset.
    rows: Vec<f64>,
    /// Labels, by block and asset.
    labels: Vec<f64>,
}

impl Sample {
    fn of(series: &[Vec<f64>], horizon: usize) -> Result<Self, TrainingError> {
        let first = series.first().map_or(0, Vec::len);
        if series.len() < 2 {
            return Err(TrainingError::TooFewAssets);
        }
        if let Some((asset, other)) = series.iter().enumerate().find(|(_, returns)| returns.len() != first) {
            return Err(TrainingError::Ragged { asset, periods: other.len(), first });
        }
        let (blocks, needed) = (blocks_in(first, horizon), periods_min(horizon));
        if horizon == 0 || blocks < BLOCKS_MIN {
            return Err(TrainingError::TooShort { horizon, needed, periods: first });
        }
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for block in 0..blocks {
            let day = first - (blocks - block) * horizon;
            let years: Vec<&[f64]> = series.iter().map(|returns| &returns[day - HISTORY..day]).collect();
            rows.extend(rows_of(&years));
            let came: Vec<f64> = series.iter().map(|returns| compound(&returns[day..day + horizon])).collect();
            let mean = came.iter().sum::<f64>() / came.len() as f64;
            labels.extend(came.iter().map(|came| came - mean));
        }
        Ok(Self { assets: series.len(), rows, labels })
    }

    fn blocks(&self) -> usize {
        self.labels.len() / self.assets
    }

    fn rows(&self, blocks: std::ops::Range<usize>) -> Result<Rows, BoosterError> {
        let width = FEATURES.len() * self.assets;
        let values = self.rows[blocks.start * width..blocks.end * width].to_vec();
        // Ranks are finite, and there is one for each feature.
        Rows::new(FEATURES.len(), values).map_err(|error| BoosterError(error.to_string()))
    }

    fn fit<B: Booster>(
        &self,
        blocks: std::ops::Range<usize>,
        booster: &B,
        seed: Seed,
    ) -> Result<B::Model, BoosterError> {
        let labels = &self.labels[blocks.start * self.assets..blocks.end * self.assets];
        booster.fit(&FEATURES, &self.rows(blocks)?, labels, seed)
    }

    fn test(&self, block: usize, model: &impl BoostedModel) -> Result<Tested, TrainingError> {
        let of_spec = |error: &dyn std::fmt::Display| TrainingError::Spec(error.to_string());
        let rows = self.rows(block..block + 1).map_err(|error| of_spec(&error))?;
        let told = model.predict(&rows).map_err(|error| of_spec(&error))?;
        Ok(Tested { told, came: self.labels[block * self.assets..(block + 1) * self.assets].to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_of_a_training_meets_a_day_of_its_test() {
        // 40 blocks of 5: block `b` decides on day 252 + 5b and its label ends before day 257 + 5b.
        let splits = WalkForward {
            window: TrainWindow::Expanding { least: TRAINED_FIRST },
            test: refit(40),
            step: refit(40),
            purge: Purge { label_horizon: 1, embargo: 0 },
        }
        .splits(40)
        .unwrap();
        assert_eq!(splits.len(), 2);
        for split in &splits {
            let last_trained = HISTORY + 5 * (split.train[0].end - 1) + 5;
            assert!(last_trained + 5 <= HISTORY + 5 * split.test[0].start, "{split:?}");
        }
    }

    #[test]
    fn what_cannot_be_trained_on_is_named() {
        let of = |series: &[Vec<f64>], horizon| Sample::of(series, horizon).err();
        let long = vec![0.0; periods_min(5)];
        assert_eq!(of(std::slice::from_ref(&long), 5), Some(TrainingError::TooFewAssets));
        assert_eq!(of(&[long.clone(), long.clone()], 5), None);
        let short = long[1..].to_vec();
        let ragged = TrainingError::Ragged { asset: 1, periods: short.len(), first: long.len() };
        assert_eq!(of(&[long.clone(), short.clone()], 5), Some(ragged));
        let told = of(&[short.clone(), short], 5).unwrap().to_string();
        assert_eq!(told, "a horizon of 5 needs at least 437 returns of each asset, and there are 436");
        assert!(matches!(of(&[long.clone(), long], 0), Some(TrainingError::TooShort { .. })));
    }
}
