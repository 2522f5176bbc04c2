//! GARCH(1,1) on returns, with the quantiles of what it missed.

use std::error::Error;

use risk::volatility::{GarchOptions, fit_garch};

use super::{Asked, Quantiles, Rival, quantiles};
use crate::series::Index;

/// Days whose forecasts still depend on how the recursion began.
const SETTLING: usize = 22;

/// The variance of each step ahead by the recursion, and the quantiles of `ln measure − ln variance` over the days of
/// the fit: they hold the law of the measure, and its proportion to the variance from close to close.
pub(super) struct Garch {
    /// The variance of the day after each day, given the days up to it.
    next: Vec<f64>,
    /// Limit of the forecasts, and the share of the distance to it that is left after a day.
    long_run: f64,
    persistence: f64,
    residuals: Vec<Vec<f64>>,
}

impl Garch {
    /// Fitted to days before `end`.
    pub(super) fn fit(index: &Index, end: usize, asked: Asked<'_>) -> Result<Self, Box<dyn Error>> {
        let fit = fit_garch(&index.returns[..end], &GarchOptions::default())?;
        let mut next: Vec<f64> = fit.volatility.iter().skip(1).map(|v| v * v).collect();
        next.push(fit.next_variance);
        for r in &index.returns[end..] {
            let latest = next.last().copied().unwrap_or(fit.next_variance);
            next.push(fit.omega + fit.alpha * (r - fit.mean) * (r - fit.mean) + fit.beta * latest);
        }
        let mut garch =
            Self { next, long_run: fit.long_run_variance(), persistence: fit.alpha + fit.beta, residuals: Vec::new() };
        for step in 1..=asked.horizon {
            let missed = |t: usize| index.log_variance[t + step] - garch.variance(t, step).ln();
            garch.residuals.push(quantiles((SETTLING..end - step).map(missed).collect(), asked.levels));
        }
        Ok(garch)
    }

    /// The variance `step` days after `origin`.
    fn variance(&self, origin: usize, step: usize) -> f64 {
        self.long_run + self.persistence.powi(step as i32 - 1) * (self.next[origin] - self.long_run)
    }
}

impl Rival for Garch {
    fn forecast(&self, _: &Index, origin: usize) -> Result<Quantiles, Box<dyn Error>> {
        let of = |(at, residuals): (usize, &Vec<f64>)| {
            let centre = self.variance(origin, at + 1).ln();
            residuals.iter().map(|residual| centre + residual).collect()
        };
        Ok(self.residuals.iter().enumerate().map(of).collect())
    }
}
