//! The settings of a training on returns, and how much work it is.

use serde::{Deserialize, Serialize};

use crate::error::require;
use crate::{TftError, TrainSpec};

/// Days of the longer size of returns that the network reads.
pub const MONTH: usize = 22;
/// Days that the first training has at least, besides the first window.
const FIRST: usize = 252;
/// Windows of a step.
const BATCH: usize = 32;
/// Most windows that early stopping looks at.
pub(super) const LOOKED_AT: usize = 512;
/// Looks of a training.
const LOOKS: u64 = 20;
/// Tensors and evaluations of the examination, times the windows of each: rounded up.
const EXAMINED: u64 = 12_000;

/// What is trained, and on how much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnsSpec {
    /// Days ahead, 1 to 63.
    pub horizon: usize,
    /// Days up to the origin that are read, 5 to 252.
    pub lookback: usize,
    /// Length of each vector of the network, 4 to 64 and a multiple of 4.
    pub width: usize,
    /// Steps of each training, 1 to 5,000.
    pub steps: u64,
    /// Largest learning rate, in (0, 1).
    pub rate: f64,
    /// Trainings, each on all days before its forecasts, 1 to 20.
    pub refits: usize,
    /// Days between two trainings, all of which the earlier one forecasts, 63 to 504.
    pub refit_days: usize,
}

impl Default for ReturnsSpec {
    fn default() -> Self {
        Self { horizon: 21, lookback: 22, width: 16, steps: 400, rate: 3e-3, refits: 4, refit_days: 252 }
    }
}

impl ReturnsSpec {
    /// Checks that a training is possible with it.
    ///
    /// # Errors
    /// [`TftError::OutOfRange`] with the member.
    pub fn check(&self) -> Result<(), TftError> {
        let Self { horizon, lookback, width, steps, rate, refits, refit_days } = *self;
        require((1..=63).contains(&horizon), "horizon", horizon as f64, "from 1 to 63")?;
        require((5..=252).contains(&lookback), "lookback", lookback as f64, "from 5 to 252")?;
        let fits = (4..=64).contains(&width) && width.is_multiple_of(4);
        require(fits, "width", width as f64, "from 4 to 64 and a multiple of 4")?;
        require((1..=5_000).contains(&steps), "steps", steps as f64, "from 1 to 5000")?;
        require(rate > 0.0 && rate < 1.0, "rate", rate, "inside (0, 1)")?;
        require((1..=20).contains(&refits), "refits", refits as f64, "from 1 to 20")?;
        require((63..=504).contains(&refit_days), "refit_days", refit_days as f64, "from 63 to 504")
    }

    /// Days that a history needs: a year and a window before the first training, and what is forecast.
    #[must_use]
    pub fn days_min(&self) -> usize {
        self.refits.saturating_mul(self.refit_days).saturating_add(FIRST + self.lookback + self.horizon)
    }

    /// Days that a forecast needs: a window whose first day has a month before it.
    #[must_use]
    pub fn days_asked(lookback: usize) -> usize {
        lookback.saturating_add(MONTH)
    }

    /// Work of [`super::train`] in elementary steps of about ten nanoseconds, to be compared with other work.
    #[must_use]
    pub fn work(&self, assets: usize) -> u64 {
        let (rows, width) = ((self.lookback + self.horizon) as u64, self.width as u64);
        // A row of a window: what does not depend on the width, dense layers, and attention. Fitted to times of widths 4 to 32.
        let row = 1_000 + 4 * width * width + width * rows / 2;
        let forecast = rows.saturating_mul(row) / 12;
        let out_of_sample = (assets as u64).saturating_mul(self.refit_days as u64);
        let looked_at = (self.steps.min(LOOKS) + 1) * LOOKED_AT as u64;
        // A step takes three times as long as a forecast: the loss, and back.
        let training = 3 * self.steps * BATCH as u64 + looked_at + out_of_sample;
        let windows = (self.refits as u64).saturating_mul(training).saturating_add(out_of_sample + EXAMINED);
        windows.saturating_mul(forecast)
    }

    /// How each model is trained.
    pub(super) fn train(&self) -> TrainSpec {
        let look_every = self.steps.div_ceil(LOOKS).max(1);
        TrainSpec { steps: self.steps, batch: BATCH, rate: self.rate, look_every, ..TrainSpec::default() }
    }
}
