//! Forecasts of the next day's variance, each from the days before it.

use std::error::Error;

use portfolio_core::Seed;
use regimes::{GaussianHmm, HmmSpec, Observations, fit, fit_from};
use risk::volatility::{GarchOptions, fit_garch, fit_har};

use crate::boosted::Boosted;
use crate::series::Series;

/// A model of the variance.
#[derive(Clone, Copy)]
pub(crate) enum Model {
    /// Exponential weights, decay 0.94.
    Weights,
    /// The mean of all squares so far.
    Mean,
    /// GARCH(1,1) with normal innovations.
    Garch,
    /// The heterogeneous autoregression.
    Har,
    /// A hidden Markov model of two states: the mixture by their predicted probabilities.
    Regimes,
    /// Boosted trees on the averages of HAR.
    Boosted,
}

/// Every model, the plain alternative first.
pub(crate) const ALL: [Model; 6] =
    [Model::Weights, Model::Mean, Model::Garch, Model::Har, Model::Regimes, Model::Boosted];

impl Model {
    /// How the table names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Weights => "exponential weights 0.94",
            Self::Mean => "expanding mean",
            Self::Garch => "GARCH(1,1)",
            Self::Har => "HAR",
            Self::Regimes => "two regimes",
            Self::Boosted => "boosted trees",
        }
    }
}

/// A forecast for each day from `start` on; the parameters are fitted to all days before the first of each `refit` days.
pub(crate) fn forecasts(model: Model, series: &Series, start: usize, refit: usize) -> Result<Vec<f64>, Box<dyn Error>> {
    let returns = &series.returns;
    let squares = series.squares();
    let mut issued = Vec::with_capacity(returns.len().saturating_sub(start));
    let mut fitted: Option<GaussianHmm> = None;
    for begin in (start..returns.len()).step_by(refit) {
        let days = begin..(begin + refit).min(returns.len());
        match model {
            Model::Weights => {
                let ewma = |s: f64, r2: &f64| 0.94 * s + 0.06 * r2;
                let first = squares.iter().take(20).sum::<f64>() / 20.0;
                let mut s = squares.iter().take(begin).fold(first, ewma);
                for square in &squares[days] {
                    issued.push(s);
                    s = ewma(s, square);
                }
            }
            Model::Mean => {
                let sums = days.map(|t| squares.iter().take(t).sum::<f64>() / t as f64);
                issued.extend(sums);
            }
            Model::Garch => {
                let garch = fit_garch(&returns[..begin], &GarchOptions::default())?;
                let mut h = garch.next_variance;
                for r in &returns[days] {
                    issued.push(h);
                    h = garch.omega + garch.alpha * (r - garch.mean).powi(2) + garch.beta * h;
                }
            }
            Model::Har => {
                let har = fit_har(&series.measures[..begin], &squares[..begin])?;
                for t in days {
                    issued.push(har.forecast(&series.measures[..t]).ok_or("too few days")?);
                }
            }
            Model::Regimes => {
                let spec = HmmSpec { tolerance: 1e-4, ..HmmSpec::new(2) };
                let known = Observations::of_series(&returns[..begin])?;
                let found = match &fitted {
                    None => fit(&known, &spec, Seed(1))?,
                    Some(before) => fit_from(&known, &spec, before)?,
                };
                let hmm = found.model;
                let filtered = hmm.filter(&Observations::of_series(&returns[..days.end])?)?;
                for t in days {
                    let next = filtered.predict_after(t - 1).ok_or("a day is missing")?;
                    // The mean square of the mixture: what the squared return is a figure of.
                    let states = hmm.means().iter().zip(hmm.variances());
                    let of =
                        |(p, (mean, variance)): (&f64, (&Vec<f64>, &Vec<f64>))| p * (variance[0] + mean[0] * mean[0]);
                    issued.push(next.probabilities().iter().zip(states).map(of).sum());
                }
                fitted = Some(hmm);
            }
            Model::Boosted => {
                let trees = Boosted::fit(&series.measures[..begin], &squares[..begin])?;
                for t in days {
                    issued.push(trees.forecast(&series.measures[..t])?);
                }
            }
        }
    }
    Ok(issued)
}
