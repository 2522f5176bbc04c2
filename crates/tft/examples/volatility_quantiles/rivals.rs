//! What the network is compared with.

use std::error::Error;

use risk::volatility::fit_har;

/// Days of the rolling quantiles.
const ROLLING: usize = 504;
/// Added to logarithms of variances, so that they are positive as `fit_har` asks; the constant of the regression takes it off again.
const SHIFT: f64 = 40.0;

fn quantiles(mut sample: Vec<f64>, levels: &[f64]) -> Vec<f64> {
    sample.sort_unstable_by(f64::total_cmp);
    levels.iter().map(|level| sample[(level * (sample.len() - 1) as f64).round() as usize]).collect()
}

/// The quantiles of the latest 504 days up to `origin`, for every step.
pub(crate) fn rolling(y: &[f64], origin: usize, levels: &[f64]) -> Vec<f64> {
    quantiles(y[(origin + 1).saturating_sub(ROLLING)..=origin].to_vec(), levels)
}

/// A heterogeneous autoregression of logarithms for each step ahead (Corsi 2009), with the quantiles of its residuals.
pub(crate) struct Har {
    ahead: Vec<(risk::volatility::HarFit, Vec<f64>)>,
}

impl Har {
    /// Fitted to days before `end`.
    pub(crate) fn fit(y: &[f64], end: usize, horizon: usize, levels: &[f64]) -> Result<Self, Box<dyn Error>> {
        let shifted: Vec<f64> = y[..end].iter().map(|y| y + SHIFT).collect();
        let mut ahead = Vec::new();
        for step in 1..=horizon {
            // The target of row t is the day `step` after the last one that its regressors read.
            let (measures, targets) = (&shifted[..end - step + 1], &shifted[step - 1..]);
            let fit = fit_har(measures, targets)?;
            let rows = targets.iter().enumerate();
            let residuals = rows.filter_map(|(t, target)| Some(target - fit.forecast(&measures[..t])?)).collect();
            ahead.push((fit, quantiles(residuals, levels)));
        }
        Ok(Self { ahead })
    }

    /// Quantiles of each step after `origin`.
    pub(crate) fn forecast(&self, y: &[f64], origin: usize) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
        let latest: Vec<f64> = y[(origin + 1).saturating_sub(22)..=origin].iter().map(|y| y + SHIFT).collect();
        let of = |(fit, residuals): &(risk::volatility::HarFit, Vec<f64>)| {
            let centre = fit.forecast(&latest).ok_or("too few days")? - SHIFT;
            Ok(residuals.iter().map(|residual| centre + residual).collect())
        };
        self.ahead.iter().map(of).collect()
    }
}
