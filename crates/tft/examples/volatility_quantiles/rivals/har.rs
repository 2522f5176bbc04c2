//! A heterogeneous autoregression of logarithms.

use std::error::Error;

use risk::volatility::{HarFit, fit_har};

use super::{Asked, Quantiles, Rival, quantiles};
use crate::series::Index;

/// Added to logarithms of variances, so that they are positive as `fit_har` asks; the constant of the regression takes
/// it off again.
const SHIFT: f64 = 40.0;

/// A regression for each step ahead (Corsi 2009), with the quantiles of its residuals.
pub(super) struct Har {
    ahead: Vec<(HarFit, Vec<f64>)>,
}

impl Har {
    /// Fitted to days before `end`.
    pub(super) fn fit(y: &[f64], end: usize, asked: Asked<'_>) -> Result<Self, Box<dyn Error>> {
        let shifted: Vec<f64> = y[..end].iter().map(|y| y + SHIFT).collect();
        let mut ahead = Vec::new();
        for step in 1..=asked.horizon {
            // The target of row t is the day `step` after the last one that its regressors read.
            let (measures, targets) = (&shifted[..end - step + 1], &shifted[step - 1..]);
            let fit = fit_har(measures, targets)?;
            let rows = targets.iter().enumerate();
            let residuals = rows.filter_map(|(t, target)| Some(target - fit.forecast(&measures[..t])?)).collect();
            ahead.push((fit, quantiles(residuals, asked.levels)));
        }
        Ok(Self { ahead })
    }
}

impl Rival for Har {
    fn forecast(&self, index: &Index, origin: usize) -> Result<Quantiles, Box<dyn Error>> {
        let y = &index.log_variance;
        let latest: Vec<f64> = y[(origin + 1).saturating_sub(22)..=origin].iter().map(|y| y + SHIFT).collect();
        let of = |(fit, residuals): &(HarFit, Vec<f64>)| {
            let centre = fit.forecast(&latest).ok_or("too few days")? - SHIFT;
            Ok(residuals.iter().map(|residual| centre + residual).collect())
        };
        self.ahead.iter().map(of).collect()
    }
}
