//! The stationary block bootstrap.

use portfolio_core::ModelParameter;

use super::{DailyLaw, DailyPaths, LogHistory, block_length::automatic_block_length};
use crate::{LANES, LaneStream, Lanes, StressError};

/// Days of the history in blocks of random length: after each day a path continues to the next day of the history, or
/// with probability `1/L` jumps to any day. All assets use the same day, so their joint distribution is that of the
/// history, and the dependence of neighbouring days is preserved within blocks. The first day follows the last.
///
/// The sum of `h` days has the variance `h·γ₀ + 2·Σₖ (h − k)·(1 − 1/L)ᵏ·γₖ` with the circular autocovariances `γₖ` of the history.
///
/// # Reference
/// Politis and Romano (1994), "The stationary bootstrap", Journal of the American Statistical Association 89(428), 1303–1313.
#[derive(Debug, Clone)]
pub struct StationaryBootstrap {
    history: LogHistory,
    mean_block_length: f64,
    convexity: Vec<f64>,
}

impl StationaryBootstrap {
    /// Resamples `history`. `mean_block_length`: `L`, in days, from 1 (independent days) to the length of the history; `None` chooses the
    /// largest [`automatic_block_length`] of the squared log-returns of the assets, whose dependence is the clustering of volatility.
    ///
    /// # Errors
    /// [`StressError::BlockLength`].
    pub fn new(history: LogHistory, mean_block_length: Option<f64>) -> Result<Self, StressError> {
        let periods = history.periods();
        let squares = |column: &Vec<f64>| column.iter().map(|x| x * x).collect::<Vec<f64>>();
        let automatic = || history.centred().iter().map(|c| automatic_block_length(&squares(c))).fold(1.0, f64::max);
        let mean_block_length = mean_block_length.unwrap_or_else(automatic);
        if !(1.0..=periods as f64).contains(&mean_block_length) {
            return Err(StressError::BlockLength { value: mean_block_length, periods });
        }
        let convexity = (0..history.centred().len()).map(|asset| history.convexity(asset)).collect();
        Ok(Self { history, mean_block_length, convexity })
    }

    /// `L`, in days.
    #[must_use]
    pub fn mean_block_length(&self) -> f64 {
        self.mean_block_length
    }
}

impl DailyLaw for StationaryBootstrap {
    fn id(&self) -> &'static str {
        "bootstrap"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("mean_block_length", self.mean_block_length)]
    }

    fn assets(&self) -> usize {
        self.convexity.len()
    }

    fn periods_per_year(&self) -> f64 {
        self.history.periods_per_year()
    }

    fn convexity(&self, asset: usize, _: usize) -> f64 {
        self.convexity[asset]
    }

    fn paths(&self) -> Box<dyn DailyPaths + '_> {
        Box::new(Paths { law: self, day: None })
    }
}

struct Paths<'a> {
    law: &'a StationaryBootstrap,
    /// Day of the history of each lane; none before the first step.
    day: Option<[usize; LANES]>,
}

/// A day of the history from a random word, each of `periods` with the same probability up to 2⁻⁶⁴.
pub(super) fn any_day(word: u64, periods: usize) -> usize {
    ((u128::from(word) * periods as u128) >> 64) as usize
}

impl DailyPaths for Paths<'_> {
    fn restart(&mut self) {
        self.day = None;
    }

    fn step(&mut self, stream: &mut LaneStream, log_returns: &mut [Lanes]) {
        let periods = self.law.history.periods();
        let mut jump = [0.0; LANES];
        stream.uniforms(&mut jump);
        let words = stream.words();
        let threshold = 1.0 / self.law.mean_block_length;
        let day: [usize; LANES] = std::array::from_fn(|lane| match &self.day {
            Some(day) if jump[lane] > threshold => (day[lane] + 1) % periods,
            _ => any_day(words[lane], periods),
        });
        for (row, column) in log_returns.iter_mut().zip(self.law.history.centred()) {
            row.iter_mut().zip(&day).for_each(|(x, day)| *x = column[*day]);
        }
        self.day = Some(day);
    }
}
