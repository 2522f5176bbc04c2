//! How a model is trained.

use serde::{Deserialize, Serialize};

use crate::error::require;
use crate::{Matrix, Panel, TftError, Window};

/// Steps, rates and limits of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSpec {
    /// Number of steps of the whole run, at least 1.
    pub steps: u64,
    /// Number of windows per step, 1 to 65,536.
    pub batch: usize,
    /// Largest learning rate, in (0, 1): it rises over the first twentieth of the steps and falls along half a cosine to a hundredth.
    pub rate: f64,
    /// Largest Euclidean norm of the gradient; a longer gradient is shortened to it. Positive.
    pub clip: f64,
    /// Steps between evaluations on the fold, at least 1.
    pub look_every: u64,
    /// Evaluations without an improvement after which a run stops, at least 1.
    pub patience: usize,
}

impl Default for TrainSpec {
    fn default() -> Self {
        Self { steps: 500, batch: 32, rate: 6e-3, clip: 1.0, look_every: 50, patience: 5 }
    }
}

impl TrainSpec {
    /// Checks that a run is possible with it.
    ///
    /// # Errors
    /// [`TftError::OutOfRange`] with the member.
    pub fn check(&self) -> Result<(), TftError> {
        require((1..=1 << 40).contains(&self.steps), "steps", self.steps as f64, "from 1 to 2^40")?;
        require((1..=65_536).contains(&self.batch), "batch", self.batch as f64, "from 1 to 65536")?;
        require(self.rate > 0.0 && self.rate < 1.0, "rate", self.rate, "inside (0, 1)")?;
        require(self.clip > 0.0 && self.clip.is_finite(), "clip", self.clip, "positive")?;
        require(self.look_every >= 1, "look_every", self.look_every as f64, "at least 1")?;
        require(self.patience >= 1, "patience", self.patience as f64, "at least 1")
    }

    /// The learning rate of a step, the first being 1.
    pub(super) fn rate_at(&self, step: u64) -> f64 {
        let (step, steps) = (step as f64, self.steps as f64);
        let rising = (steps / 20.0).max(1.0);
        if step <= rising {
            return self.rate * step / rising;
        }
        let share = (step - rising) / (steps - rising).max(1.0);
        self.rate * (0.01 + 0.99 * 0.5 * (1.0 + (std::f64::consts::PI * share).cos()))
    }
}

/// Spreads at which training works: within a factor of a hundred of one.
const SPREADS: std::ops::RangeInclusive<f64> = 0.01..=100.0;

/// Refuses a target or an input whose spread over the rows of the windows is far from one. An input that is constant
/// there carries no information and does no harm.
pub(super) fn check_scales(panel: &Panel, windows: &[Window]) -> Result<(), TftError> {
    let spec = panel.spec();
    let first_last = |series: usize| {
        let own = windows.iter().filter(|window| window.series == series).map(|window| window.origin);
        own.clone().min().zip(own.max())
    };
    let mut columns: Vec<Moments> = vec![Moments::default(); 1 + spec.observed.len() + spec.known.len()];
    for (at, series) in panel.series().iter().enumerate() {
        let Some((first, last)) = first_last(at) else { continue };
        for row in (first + 1).saturating_sub(spec.lookback)..(last + 1).min(series.target.len()) {
            let cells = |matrix: &Matrix| matrix.row(row).to_vec();
            let all = std::iter::once(series.target[row]).chain(cells(&series.observed)).chain(cells(&series.known));
            for (column, x) in columns.iter_mut().zip(all) {
                column.add(x);
            }
        }
    }
    let names = std::iter::once("target").chain(spec.past());
    // The number of a category has no scale.
    let is_category = |name: &str| spec.known_categories.iter().any(|one| one.name == name);
    for (name, column) in names.zip(&columns).filter(|(name, _)| !is_category(name)) {
        let spread = column.spread();
        if !(SPREADS.contains(&spread) || (spread == 0.0 && name != "target")) {
            return Err(TftError::Unscaled { input: name.to_owned(), spread });
        }
    }
    Ok(())
}

/// Count, mean and sum of squared deviations, updated one number at a time (Welford 1962).
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, x: f64) {
        self.count += 1.0;
        let before = x - self.mean;
        self.mean += before / self.count;
        self.squares += before * (x - self.mean);
    }

    fn spread(&self) -> f64 {
        (self.squares / self.count.max(1.0)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let spec = TrainSpec { steps: 100, rate: 0.01, ..TrainSpec::default() };
        assert!((spec.rate_at(1) - 0.002).abs() < 1e-15);
        assert!((spec.rate_at(5) - 0.01).abs() < 1e-15);
        assert!((spec.rate_at(100) - 1e-4).abs() < 1e-15);
        assert!((6..100).all(|step| spec.rate_at(step) > spec.rate_at(step + 1)));
    }
}
