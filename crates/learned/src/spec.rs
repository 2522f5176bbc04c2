//! The settings of a training.

use rl::PpoOptions;
use serde::{Deserialize, Serialize};

use crate::error::LearnedError;
use crate::features::FEATURES;

/// Trading days of a year: what a feature looks back, the length of an episode, and what annual figures are scaled by.
pub const YEAR: usize = 252;
/// Days between the last one of the training and the first one held out.
pub const PURGED_DAYS: usize = 21;

/// Looks at each seed: points of its curve after the first.
const LOOKS: usize = 20;
/// Elementary steps of [`AllocatorSpec::work`] for one step of the environment beside those of the networks.
const WORK_OF_STEP: u64 = 1_500;
/// Multiplications of the networks in one elementary step.
const PRODUCTS_OF_WORK: u64 = 8;

/// The settings of a training.
///
/// | field | default | meaning |
/// |---|---|---|
/// | `cost_bps` | 10 | cost of each side of a trade, basis points |
/// | `risk_aversion` | 5 | of the closed-form band that the allocator is compared with; the learner has none beside the logarithm |
/// | `seeds` | 3 | trainings; the allocator takes the mean decision of all |
/// | `steps` | 100,000 | days that each training lives through, in whole iterations of 2,048 |
/// | `held_out` | 504 | returns at the end that no training sees |
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocatorSpec {
    /// Cost of each side of a trade, basis points, 0 to 1,000.
    pub cost_bps: f64,
    /// Risk aversion of the closed-form band, above 0 and up to 100.
    pub risk_aversion: f64,
    /// Trainings, 1 to 10.
    pub seeds: usize,
    /// Days that each training lives through, 2,048 to 2,000,000.
    pub steps: usize,
    /// Returns at the end that no training sees, 252 to 5,040.
    pub held_out: usize,
}

impl Default for AllocatorSpec {
    fn default() -> Self {
        Self { cost_bps: 10.0, risk_aversion: 5.0, seeds: 3, steps: 100_000, held_out: 2 * YEAR }
    }
}

impl AllocatorSpec {
    /// Checks every setting.
    ///
    /// # Errors
    /// [`LearnedError::OutOfRange`] with the first setting outside its range.
    pub fn check(&self) -> Result<(), LearnedError> {
        let checks = [
            ("cost_bps", self.cost_bps, (0.0..=1_000.0).contains(&self.cost_bps), "from 0 to 1,000"),
            (
                "risk_aversion",
                self.risk_aversion,
                self.risk_aversion > 0.0 && self.risk_aversion <= 100.0,
                "above 0 and at most 100",
            ),
            ("seeds", self.seeds as f64, (1..=10).contains(&self.seeds), "from 1 to 10"),
            ("steps", self.steps as f64, (2_048..=2_000_000).contains(&self.steps), "from 2,048 to 2,000,000"),
            ("held_out", self.held_out as f64, (YEAR..=20 * YEAR).contains(&self.held_out), "from 252 to 5,040"),
        ];
        let bad = checks.into_iter().find(|(_, _, is_good, _)| !is_good);
        bad.map_or(Ok(()), |(name, value, _, range)| Err(LearnedError::OutOfRange { name, value, range }))
    }

    /// Returns that a history needs: a year before the first decision, a year of training, the purged days, and the days held out.
    #[must_use]
    pub fn days_min(&self) -> usize {
        2 * YEAR + PURGED_DAYS + self.held_out
    }

    /// Iterations of each training.
    pub(crate) fn iterations(&self) -> usize {
        self.steps.div_ceil(self.options().batch())
    }

    /// After which iterations of a training there is a point of its curve: at most twenty, the last among them.
    pub(crate) fn is_looked_at(&self, iteration: usize) -> bool {
        let all = self.iterations();
        let looks = all.min(LOOKS);
        iteration * looks / all > (iteration.saturating_sub(1)) * looks / all
    }

    /// Rough number of elementary steps for `assets` histories of `days` returns, a hundred million of which take about a second.
    #[must_use]
    pub fn work(&self, assets: usize, days: usize) -> u64 {
        let (inputs, outputs) = (assets * (1 + FEATURES), assets + 1);
        let options = self.options();
        let products = |outputs: usize| {
            let layers = || std::iter::once(inputs).chain(options.hidden.iter().copied()).chain([outputs]);
            layers().zip(layers().skip(1)).map(|(from, to)| from * to).sum::<usize>() as u64
        };
        // Forwards once when it lives, then forwards and twice backwards in each epoch.
        let of_networks = (products(outputs) + products(1)) * (1 + 3 * options.epochs as u64);
        let of_sizing = WORK_OF_STEP + 150 * assets as u64;
        let lived = (self.iterations() * options.batch()) as u64;
        let looked = (self.iterations().min(LOOKS) + 1) as u64 * days as u64;
        let each = lived * (of_networks / PRODUCTS_OF_WORK + of_sizing) + looked * of_sizing;
        // The replays: of each rival, each seed and the mean of them, with a year of features for each day.
        let replayed = self.held_out as u64 * (6 + 2 * self.seeds as u64) * (of_sizing + 252 * assets as u64);
        (self.seeds as u64 * each).saturating_add(replayed).saturating_add((assets * days * YEAR) as u64)
    }

    /// The settings of the learner.
    pub(crate) fn options(&self) -> PpoOptions {
        PpoOptions::on_prices(self.steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_outside_its_range_is_named() {
        let base = AllocatorSpec::default();
        assert!(base.check().is_ok());
        for (name, spec) in [
            ("cost_bps", AllocatorSpec { cost_bps: -1.0, ..base }),
            ("cost_bps", AllocatorSpec { cost_bps: f64::NAN, ..base }),
            ("risk_aversion", AllocatorSpec { risk_aversion: 0.0, ..base }),
            ("seeds", AllocatorSpec { seeds: 0, ..base }),
            ("steps", AllocatorSpec { steps: 2_047, ..base }),
            ("held_out", AllocatorSpec { held_out: 251, ..base }),
        ] {
            assert!(
                matches!(spec.check(), Err(LearnedError::OutOfRange { name: found, .. }) if found == name),
                "{name}"
            );
        }
    }

    #[test]
    fn looks_are_at_most_twenty_and_the_last_iteration_is_one() {
        for steps in [2_048, 5_000, 40_960, 100_000, 2_000_000] {
            let spec = AllocatorSpec { steps, ..AllocatorSpec::default() };
            let all = spec.iterations();
            let looks: Vec<usize> = (1..=all).filter(|iteration| spec.is_looked_at(*iteration)).collect();
            assert_eq!(looks.len(), all.min(20), "{steps}");
            assert_eq!(looks.last(), Some(&all), "{steps}");
        }
    }
}
