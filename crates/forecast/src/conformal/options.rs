//! The settings of a forecaster with conformal intervals.

use online::{Conformal, ConformalSpec};
use portfolio_core::{ModelParameter, ReturnPanel};

use crate::error::{ForecastError, require};
use crate::forecaster::Forecaster;

/// Settings of [`ConformalForecaster`](super::ConformalForecaster).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConformalOptions {
    /// Coverage, window, warm-up and rate of the intervals.
    pub intervals: ConformalSpec,
    /// Weight of the past in the volatility by which the errors are scaled, in [0, 1).
    pub decay: f64,
    /// Errors from which that volatility starts, at least 2.
    pub first: usize,
    /// The model is refitted to the history so far whenever it has grown by this factor, above 1.
    pub growth: f64,
}

impl Default for ConformalOptions {
    /// 90 %, adaptive; decay 0.94 from 20 errors; a new fit after a tenth more.
    fn default() -> Self {
        Self { intervals: ConformalSpec::default(), decay: 0.94, first: 20, growth: 1.1 }
    }
}

impl ConformalOptions {
    /// Checks every member.
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first that is out of its range.
    pub fn check(&self) -> Result<(), ForecastError> {
        let spec = self.intervals;
        require(spec.coverage > 0.0 && spec.coverage < 1.0, "intervals.coverage", spec.coverage, "between 0 and 1")?;
        require((0.0..1.0).contains(&spec.rate), "intervals.rate", spec.rate, "from 0 and below 1")?;
        let (window, warm_up) = (spec.window as f64, spec.warm_up as f64);
        require(spec.window >= 1, "intervals.window", window, "1 or more")?;
        require((1..=spec.window).contains(&spec.warm_up), "intervals.warm_up", warm_up, "from 1 to the window")?;
        require((0.0..1.0).contains(&self.decay), "decay", self.decay, "from 0 and below 1")?;
        require(self.first >= 2, "first", self.first as f64, "2 or more")?;
        require(self.growth > 1.0 && self.growth.is_finite(), "growth", self.growth, "above 1 and finite")
    }

    /// Every setting, in a fixed order.
    pub(super) fn parameters(&self) -> Vec<ModelParameter> {
        let spec = self.intervals;
        vec![
            ModelParameter::new("intervals.coverage", spec.coverage),
            ModelParameter::new("intervals.window", spec.window as f64),
            ModelParameter::new("intervals.warm_up", spec.warm_up as f64),
            ModelParameter::new("intervals.rate", spec.rate),
            ModelParameter::new("decay", self.decay),
            ModelParameter::new("first", self.first as f64),
            ModelParameter::new("growth", self.growth),
        ]
    }

    /// The work of a model with intervals: the fits along the history cost as much as a fit to all of it times 1 / (1 − 1/growth), and
    /// each score a pass over the window.
    pub(super) fn work(&self, model: &impl Forecaster, panel: &ReturnPanel) -> u64 {
        let fits = 1 + (1.0 / (1.0 - 1.0 / self.growth)).ceil() as u64;
        let scores = panel.columns().map(|returns| returns.len() as u64).sum::<u64>();
        fits.saturating_mul(model.work(panel)) + scores.saturating_mul(self.intervals.window as u64) / 4
    }

    /// Intervals before the first outcome.
    pub(super) fn start(&self) -> Result<Conformal, ForecastError> {
        Conformal::new(self.intervals).map_err(|error| ForecastError::forecaster("ensemble_v4", error))
    }
}
