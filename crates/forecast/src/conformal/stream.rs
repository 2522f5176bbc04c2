//! The intervals of a model along a history: issued before each return, and settled by it.

use online::{Conformal, EwmaScale, NoInterval};
use portfolio_core::ReturnPanel;

use super::options::ConformalOptions;
use crate::asset::AssetForecast;
use crate::error::ForecastError;
use crate::features::AssetFeatures;
use crate::forecaster::Forecaster;
use crate::note::ForecastBasis;
use crate::outcome::{OutcomeInterval, OutcomeIntervalAbsence};

/// A return that was forecast from the returns before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SettledReturn {
    /// Index of the period in the panel, from its first one.
    pub period: usize,
    /// Half of the width of the interval, or why there was none.
    pub half_width: Result<f64, NoInterval>,
    /// Whether the return was inside; `None` during the warm-up. An unbounded interval contains everything, an empty
    /// one nothing.
    pub hit: Option<bool>,
}

/// The forecast that a model would have made of each return of a panel beforehand, for every asset.
///
/// The model is refitted to the history so far whenever it has grown by the factor of the options, and its forecasts
/// are used until then. Errors are scaled by their exponentially weighted standard deviation. No forecast of a period
/// depends on that period or on a later one.
#[derive(Debug, Clone)]
pub struct OutcomeStreams {
    assets: Vec<Stream>,
}

#[derive(Debug, Clone)]
struct Stream {
    intervals: Conformal,
    /// Errors until the scale starts; empty afterwards.
    first: Vec<f64>,
    scale: Option<EwmaScale>,
    settled: Vec<SettledReturn>,
}

impl OutcomeStreams {
    /// Replays a model over a panel.
    ///
    /// `features`: policy, rate and risk aversion as they are at the end; the caller's market returns concern the next
    /// period and are not used for earlier ones.
    ///
    /// # Errors
    /// The errors of the model, and an option outside its range.
    pub fn replay(
        model: &impl Forecaster,
        options: &ConformalOptions,
        panel: &ReturnPanel,
        features: &AssetFeatures<'_>,
    ) -> Result<Self, ForecastError> {
        options.check()?;
        let features = features.with_market_returns(&[]);
        let intervals = options.start()?;
        let stream = || Stream { intervals: intervals.clone(), first: Vec::new(), scale: None, settled: Vec::new() };
        let mut streams: Vec<Stream> = (0..panel.assets()).map(|_| stream()).collect();
        let periods = panel.periods();
        let mut fitted = options.first;
        while fitted < periods {
            // At least one more, so that the loop ends.
            let next = ((fitted as f64 * options.growth) as usize).clamp(fitted + 1, periods);
            let forecasts = model.forecast(&panel.window(0..fitted).map_err(failed)?, &features)?;
            for ((stream, forecast), returns) in streams.iter_mut().zip(&forecasts).zip(panel.columns()) {
                // Histories end together, so a short one begins later.
                let start = periods - returns.len();
                if forecast.basis != ForecastBasis::History {
                    continue;
                }
                for period in fitted..next {
                    if let Some(outcome) = period.checked_sub(start).and_then(|t| returns.get(t)) {
                        stream.learn(options, period, forecast.expected_return, *outcome)?;
                    }
                }
            }
            fitted = next;
        }
        Ok(Self { assets: streams })
    }

    /// The forecast returns of an asset, oldest first; empty for an asset that is not in the panel.
    #[must_use]
    pub fn settled(&self, asset: usize) -> &[SettledReturn] {
        self.assets.get(asset).map_or(&[], |stream| &stream.settled)
    }

    /// Adds to a forecast the interval for the next return, or why there is none.
    pub(super) fn surround(&self, asset: usize, coverage: f64, mut forecast: AssetForecast) -> AssetForecast {
        let stated = match self.assets.get(asset) {
            Some(stream) => stream.next(forecast.expected_return, coverage, forecast.observations),
            None => Err(OutcomeIntervalAbsence::ShortHistory),
        };
        forecast.outcome_interval_reason = stated.err();
        forecast.outcome_interval = stated.ok();
        forecast
    }

    /// Adds to a forecast the interval for the next return and the confidence that follows from it.
    pub(super) fn complete(&self, asset: usize, coverage: f64, forecast: AssetForecast) -> AssetForecast {
        let mut forecast = self.surround(asset, coverage, forecast);
        let point = forecast.expected_return;
        // Without a prior, no view is a forecast of zero.
        let view = (point - forecast.implied_return.unwrap_or(0.0)).abs();
        let level = self
            .assets
            .get(asset)
            .and_then(|stream| stream.scale.and_then(|scale| stream.intervals.exclusion(view / scale.scale())));
        forecast.shrinkage = forecast.implied_return.map(|_| forecast.confidence);
        forecast.confidence = level.unwrap_or(0.0);
        forecast
    }
}

impl Stream {
    fn learn(
        &mut self,
        options: &ConformalOptions,
        period: usize,
        point: f64,
        outcome: f64,
    ) -> Result<(), ForecastError> {
        let error = outcome - point;
        let Some(scale) = &mut self.scale else {
            self.first.push(error);
            if self.first.len() >= options.first {
                // A history that begins with equal prices has no scale yet.
                self.scale = EwmaScale::new(options.decay, &self.first).ok();
            }
            return Ok(());
        };
        let issued = self.intervals.issue(point, scale.scale()).map_err(failed)?;
        let half_width = issued.half_width();
        let hit = self.intervals.settle(issued, outcome).map_err(failed)?.hit;
        scale.observe(error).map_err(failed)?;
        self.settled.push(SettledReturn { period, half_width, hit });
        Ok(())
    }

    fn next(&self, point: f64, coverage: f64, observations: usize) -> Result<OutcomeInterval, OutcomeIntervalAbsence> {
        let Some(scale) = self.scale else {
            let constant = observations > self.first.len() && self.first.iter().all(|error| *error == 0.0);
            let tried = !self.first.is_empty() && constant;
            return Err(if tried { OutcomeIntervalAbsence::NoErrors } else { OutcomeIntervalAbsence::ShortHistory });
        };
        let issued = self.intervals.issue(point, scale.scale()).map_err(|_| OutcomeIntervalAbsence::NoErrors)?;
        let half_width = issued.half_width()?;
        Ok(OutcomeInterval { coverage, lower: point - half_width, upper: point + half_width })
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ForecastError {
    ForecastError::forecaster("conformal intervals", error)
}
