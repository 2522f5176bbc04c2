//! What the network is compared with.

mod boosted;
mod garch;
mod har;

use std::error::Error;

use crate::series::Index;

/// Days of the rolling quantiles.
const ROLLING: usize = 504;

/// Quantiles of the days after an origin: a row per step, a column per level, ascending.
pub(crate) type Quantiles = Vec<Vec<f64>>;

/// A forecast that was fitted to the days before some day.
pub(crate) trait Rival {
    /// Quantiles of the log-variances after `origin`, from the days up to it.
    fn forecast(&self, index: &Index, origin: usize) -> Result<Quantiles, Box<dyn Error>>;
}

/// What is forecast: steps ahead and levels.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) horizon: usize,
    pub(crate) levels: &'a [f64],
}

/// Their names, in the order of [`rivals`].
pub(crate) const NAMES: [&str; 4] = ["HAR of logarithms", "GARCH(1,1)", "boosted quantiles", "rolling quantiles"];

/// All of them, fitted to the days before `end`.
pub(crate) fn rivals(index: &Index, end: usize, asked: Asked<'_>) -> Result<[Box<dyn Rival>; 4], Box<dyn Error>> {
    Ok([
        Box::new(har::Har::fit(&index.log_variance, end, asked)?),
        Box::new(garch::Garch::fit(index, end, asked)?),
        Box::new(boosted::Boosted::fit(index, end, asked)?),
        Box::new(Rolling { horizon: asked.horizon, levels: asked.levels.to_vec() }),
    ])
}

/// The point forecast of HAR.
pub(crate) struct Median(har::Har);

impl Median {
    /// Fitted to the days before `end`.
    pub(crate) fn fit(index: &Index, end: usize, horizon: usize) -> Result<Self, Box<dyn Error>> {
        Ok(Self(har::Har::fit(&index.log_variance, end, Asked { horizon, levels: &[0.5] })?))
    }

    /// `step` days after `origin`, from the days up to it.
    pub(crate) fn at(&self, index: &Index, origin: usize, step: usize) -> Result<f64, Box<dyn Error>> {
        let row = self.0.forecast(index, origin)?.into_iter().nth(step - 1).ok_or("no such step")?;
        Ok(row.first().copied().ok_or("no median")?)
    }
}

/// The quantiles of the latest 504 days, for every step.
struct Rolling {
    horizon: usize,
    levels: Vec<f64>,
}

impl Rival for Rolling {
    fn forecast(&self, index: &Index, origin: usize) -> Result<Quantiles, Box<dyn Error>> {
        let latest = &index.log_variance[(origin + 1).saturating_sub(ROLLING)..=origin];
        Ok(vec![quantiles(latest.to_vec(), &self.levels); self.horizon])
    }
}

/// Order statistics nearest to the levels.
fn quantiles(mut sample: Vec<f64>, levels: &[f64]) -> Vec<f64> {
    sample.sort_unstable_by(f64::total_cmp);
    levels.iter().map(|level| sample[(level * (sample.len() - 1) as f64).round() as usize]).collect()
}
