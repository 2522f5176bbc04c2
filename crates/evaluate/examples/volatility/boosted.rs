//! Boosted trees as a forecaster of variance.

use std::error::Error;

use portfolio_core::Seed;
use trees::{Ensemble, GbdtSpec, Rows};

/// Latest days of each average: a day, a week, a month and a year.
const AVERAGES: [usize; 4] = [1, 5, 22, 252];
const FEATURES: [&str; 4] = ["day", "week", "month", "year"];
/// What a logarithm of a day without a move is taken of.
const LEAST: f64 = 1e-8;
/// The least forecast, a share of the mean of the month.
const FLOOR: f64 = 0.1;

/// Trees that forecast the next square as a multiple of the mean of the latest month, from the logarithms of the averages of HAR in units of it.
/// One setting, which was not tuned.
pub(crate) struct Boosted(Ensemble);

impl Boosted {
    /// Trains on every day whose features and next square are known.
    pub(crate) fn fit(measures: &[f64], squares: &[f64]) -> Result<Self, Box<dyn Error>> {
        let longest = AVERAGES[3];
        let (mut rows, mut targets) = (Vec::new(), Vec::new());
        for (t, square) in squares.iter().enumerate().skip(longest) {
            let (features, month) = row(&measures[..t]);
            rows.extend(features);
            targets.push(square / month);
        }
        let spec = GbdtSpec { rounds: 100, learning_rate: 0.05, leaves: 8, rows_in_leaf: 100, ..GbdtSpec::default() };
        let rows = Rows::new(FEATURES.len(), rows)?;
        Ok(Self(Ensemble::fit(&FEATURES, &rows, &targets, &spec, Seed(1), None)?.ensemble))
    }

    /// The variance of the day after these measures.
    pub(crate) fn forecast(&self, measures: &[f64]) -> Result<f64, Box<dyn Error>> {
        let (features, month) = row(measures);
        let multiple = self.0.predict(&Rows::new(FEATURES.len(), features)?)?;
        Ok(month * multiple.first().copied().unwrap_or(1.0).max(FLOOR))
    }
}

/// The features after these measures, and the mean of the latest month.
fn row(measures: &[f64]) -> (Vec<f64>, f64) {
    let mean = |days: usize| {
        let latest = &measures[measures.len() - days..];
        (latest.iter().sum::<f64>() / days as f64).max(LEAST)
    };
    let month = mean(AVERAGES[2]);
    (AVERAGES.iter().map(|days| (mean(*days) / month).ln()).collect(), month)
}
