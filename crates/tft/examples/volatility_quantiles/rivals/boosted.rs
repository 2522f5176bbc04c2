//! Boosted trees, one ensemble for each step and level.

use std::error::Error;

use portfolio_core::Seed;
use trees::{Ensemble, GbdtSpec, Loss, Rows, Validation};

use super::{Asked, Quantiles, Rival};
use crate::series::Index;

/// What the trees read: what the network reads of a day, and the day of the week of the target.
const FEATURES: [&str; 5] = ["variance", "variance_of_a_week", "variance_of_a_month", "return", "weekday"];
/// Days that the features look back.
const LOOKBACK: usize = 22;
/// Share of the days, the latest ones, whose loss stops the boosting, as for the network.
const FOLD: f64 = 0.15;

/// Ensembles by step, then by level.
pub(super) struct Boosted {
    ahead: Vec<Vec<Ensemble>>,
}

/// The features of a day for the day `step` later.
fn features(index: &Index, t: usize, step: usize) -> [f64; 5] {
    let mean = |days: usize| index.log_variance[t + 1 - days..=t].iter().sum::<f64>() / days as f64;
    [mean(1), mean(5), mean(LOOKBACK), index.returns[t], index.weekdays[t + step] as f64]
}

impl Boosted {
    /// Fitted to days before `end`.
    pub(super) fn fit(index: &Index, end: usize, asked: Asked<'_>) -> Result<Self, Box<dyn Error>> {
        let mut ahead = Vec::new();
        for step in 1..=asked.horizon {
            let days: Vec<usize> = (LOOKBACK - 1..end - step).collect();
            let cut = ((1.0 - FOLD) * days.len() as f64) as usize;
            let sample = |days: &[usize]| {
                let rows = days.iter().flat_map(|t| features(index, *t, step)).collect();
                let targets: Vec<f64> = days.iter().map(|t| index.log_variance[t + step]).collect();
                Rows::new(FEATURES.len(), rows).map(|rows| (rows, targets))
            };
            // No target of a row that is trained on is later than the first day whose loss stops the training.
            let (rows, targets) = sample(&days[..cut - step])?;
            let (latest, outcomes) = sample(&days[cut..])?;
            let mut levels = Vec::new();
            for level in asked.levels {
                let spec = GbdtSpec {
                    loss: Loss::Quantile(*level),
                    rounds: 200,
                    learning_rate: 0.05,
                    leaves: 8,
                    rows_in_leaf: 50,
                    patience: Some(20),
                    ..GbdtSpec::default()
                };
                let watched = Validation { rows: &latest, targets: &outcomes };
                levels.push(Ensemble::fit(&FEATURES, &rows, &targets, &spec, Seed(24), Some(watched))?.ensemble);
            }
            ahead.push(levels);
        }
        Ok(Self { ahead })
    }
}

impl Rival for Boosted {
    fn forecast(&self, index: &Index, origin: usize) -> Result<Quantiles, Box<dyn Error>> {
        let of = |(at, levels): (usize, &Vec<Ensemble>)| -> Result<Vec<f64>, Box<dyn Error>> {
            let row = Rows::new(FEATURES.len(), features(index, origin, at + 1).to_vec())?;
            let mut all: Vec<f64> = Vec::new();
            for ensemble in levels {
                all.extend(ensemble.predict(&row)?);
            }
            // Each level has trees of its own, so they may cross; in order they lose no more (Chernozhukov et al.
            // 2010).
            all.sort_unstable_by(f64::total_cmp);
            Ok(all)
        };
        self.ahead.iter().enumerate().map(of).collect()
    }
}
