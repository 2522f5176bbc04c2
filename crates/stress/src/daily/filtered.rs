//! Filtered historical simulation.

use portfolio_core::ModelParameter;
use risk::volatility::{GarchOptions, fit_garch};

use super::{DailyLaw, DailyPaths, LogHistory, bootstrap::any_day};
use crate::{LANES, LaneStream, Lanes, Stop, StressError};

/// Fewest returns from which the volatility of each asset is fitted.
const FEWEST: usize = 250;

/// A fitted GARCH(1,1) of one asset.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Volatility {
    omega: f64,
    alpha: f64,
    beta: f64,
    /// Variance of the first simulated day.
    next: f64,
}

/// Volatility that clusters, with the shocks of history.
///
/// GARCH(1,1) is fitted to the log-returns of each asset; the history divided by its fitted volatility gives rows of
/// residuals, one row per day with all assets. A path starts at the volatility of the day after the history, draws a
/// row each day, and its variance follows `σ² ← ω + α·x² + β·σ²`. Residuals are centred and scaled to variance one. The
/// convexity is half the expected variance of the day.
///
/// # Reference
/// Barone-Adesi, Giannopoulos and Vosper (1999), "VaR without correlations for portfolios of derivative securities", Journal of Futures
/// Markets 19(5), 583–602.
#[derive(Debug, Clone)]
pub struct FilteredHistorical {
    volatilities: Vec<Volatility>,
    /// One column per asset.
    residuals: Vec<Vec<f64>>,
    periods_per_year: f64,
}

impl FilteredHistorical {
    /// Fits the volatility of each asset of `history`.
    ///
    /// # Errors
    /// [`StressError::HistoryTooShort`] below 250 returns, [`StressError::Garch`] naming the asset whose fit does not converge.
    pub fn new(history: &LogHistory) -> Result<Self, StressError> {
        Self::fit_until(history, &Stop::never())
    }

    /// As [`FilteredHistorical::new`], until it is told to stop: a large book takes seconds to fit.
    ///
    /// # Errors
    /// As [`FilteredHistorical::new`], or [`StressError::Stopped`].
    pub fn fit_until(history: &LogHistory, stop: &Stop) -> Result<Self, StressError> {
        if history.periods() < FEWEST {
            return Err(StressError::HistoryTooShort { found: history.periods(), needed: FEWEST });
        }
        let (mut volatilities, mut residuals) = (Vec::new(), Vec::new());
        for (asset, column) in history.centred().iter().enumerate() {
            stop.check()?;
            let fit = fit_garch(column, &GarchOptions::default())
                .map_err(|error| StressError::Garch { asset, reason: error.to_string() })?;
            let mut rows: Vec<f64> = column.iter().zip(&fit.volatility).map(|(x, s)| (x - fit.mean) / s).collect();
            let count = rows.len() as f64;
            let mean = rows.iter().sum::<f64>() / count;
            let deviation = (rows.iter().map(|z| (z - mean) * (z - mean)).sum::<f64>() / count).sqrt();
            rows.iter_mut().for_each(|z| *z = (*z - mean) / deviation);
            residuals.push(rows);
            volatilities.push(Volatility {
                omega: fit.omega,
                alpha: fit.alpha,
                beta: fit.beta,
                next: fit.next_variance,
            });
        }
        Ok(Self { volatilities, residuals, periods_per_year: history.periods_per_year() })
    }

    /// Expected variance of `asset` on `day`, counted from 1.
    #[must_use]
    pub fn expected_variance(&self, asset: usize, day: usize) -> f64 {
        let v = &self.volatilities[asset];
        let persistence = v.alpha + v.beta;
        let long_run = v.omega / (1.0 - persistence);
        let decay = persistence.powi(i32::try_from(day.saturating_sub(1)).unwrap_or(i32::MAX));
        long_run + decay * (v.next - long_run)
    }
}

impl DailyLaw for FilteredHistorical {
    fn id(&self) -> &'static str {
        "filtered_historical"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        let of = |part: fn(&Volatility) -> f64| self.volatilities.iter().map(part).collect::<Vec<f64>>();
        vec![
            ModelParameter::new("garch.alpha", of(|v| v.alpha)),
            ModelParameter::new("garch.beta", of(|v| v.beta)),
            ModelParameter::new("garch.omega", of(|v| v.omega)),
            ModelParameter::new("garch.next_variance", of(|v| v.next)),
        ]
    }

    fn assets(&self) -> usize {
        self.volatilities.len()
    }

    fn periods_per_year(&self) -> f64 {
        self.periods_per_year
    }

    fn convexity(&self, asset: usize, day: usize) -> f64 {
        self.expected_variance(asset, day) / 2.0
    }

    fn paths(&self) -> Box<dyn DailyPaths + '_> {
        let variances = self.volatilities.iter().map(|v| [v.next; LANES]).collect();
        Box::new(Paths { law: self, variances })
    }
}

struct Paths<'a> {
    law: &'a FilteredHistorical,
    variances: Vec<Lanes>,
}

impl DailyPaths for Paths<'_> {
    fn restart(&mut self) {
        for (variance, v) in self.variances.iter_mut().zip(&self.law.volatilities) {
            *variance = [v.next; LANES];
        }
    }

    fn step(&mut self, stream: &mut LaneStream, log_returns: &mut [Lanes]) {
        let words = stream.words();
        let law = self.law;
        let day: [usize; LANES] = words.map(|word| any_day(word, law.residuals[0].len()));
        let state = self.variances.iter_mut().zip(&law.volatilities).zip(&law.residuals);
        for (row, ((variances, v), residuals)) in log_returns.iter_mut().zip(state) {
            for ((x, variance), day) in row.iter_mut().zip(variances).zip(&day) {
                *x = variance.sqrt() * residuals[*day];
                *variance = v.omega + v.alpha * *x * *x + v.beta * *variance;
            }
        }
    }
}
