//! Does a better covariance make a better book after costs? Estimators that forecast variance, and regimes, against the sample covariance from 1992
//! to 2022, net of costs.
//!
//! ```sh
//! cargo run --release -p evaluate --example least_risk_net
//! cargo run --release -p evaluate --example least_risk_net -- whole
//! ```
//!
//! `whole` gives the table of docs/models.md; without it two years are run. Every 21 days each estimator reads the latest 504 returns, the long-only weights
//! of least variance are bought at 10 bp of each trade, and the weights drift until the next decision. A block is judged by its certainty
//! equivalent, the sum of its returns after costs less `γ/2` times the sum of their squared distances from the mean, at the risk aversion of a plan,
//! `γ = 5`. There are two books: 20 shares, and five baskets of four shares each, where a state of the market has more days than there are
//! assets, which `regime_weighted` needs. The last table widens bands of two points around equal weights of the baskets with the doubt about the state
//! (`regime_band_widening: 2`), looked at on the same days.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

mod bands;
mod least;
#[path = "../covariances/market.rs"]
mod market;
#[expect(dead_code, reason = "the other example reads its determinant too")]
#[path = "../covariances/solve.rs"]
mod solve;

use std::error::Error;

use evaluate::{Verdict, diebold_mariano};
use portfolio_core::{ReturnPanel, Universe};
use regimes::RegimeWeighted;
use risk::volatility::EwmaStart;
use risk::{
    CovarianceEstimator, Ewma, ForecastVariances, LedoitWolf, SampleCovariance, ShrinkageTarget, VarianceModel,
};

use crate::least::least_variance;

/// Days that an estimator reads: two years.
const HISTORY: usize = 504;
/// Days between two decisions.
const BLOCK: usize = 21;
/// Periods in a year.
const YEAR: f64 = 252.0;
/// Cost of a unit traded.
const COST: f64 = 0.001;
/// Price of variance: the default of a plan.
const RISK_AVERSION: f64 = 5.0;
/// Probability of any false verdict of all tables.
const LEVEL: f64 = 0.05;
/// Comparisons: five of 20 shares less one, six of baskets less one, one of bands.
const TRIALS: u64 = 10;
/// Days of prices of the reduced form.
const SHORT: usize = 1_030;
/// Shares in a basket.
const BASKET: usize = 4;
/// Basis points in one.
const BPS: f64 = 1e4;

/// What came of a rule, by block.
#[derive(Default)]
pub(crate) struct Held {
    /// Certainty equivalents.
    worth: Vec<f64>,
    /// Net returns of days.
    net: Vec<f64>,
    traded: f64,
}

impl Held {
    /// Holds weights that have drifted to `held` over the days of a block after trading to `target`; returns what they have drifted to.
    pub(crate) fn block(&mut self, held: &[f64], target: &[f64], days: &[Vec<f64>]) -> Vec<f64> {
        let traded: f64 = held.iter().zip(target).map(|(a, b)| (a - b).abs()).sum();
        let mut weights = target.to_vec();
        let mut net = Vec::with_capacity(days.len());
        for row in days {
            let gain: f64 = weights.iter().zip(row).map(|(w, r)| w * r).sum();
            for (weight, r) in weights.iter_mut().zip(row) {
                *weight *= (1.0 + r) / (1.0 + gain);
            }
            net.push(gain);
        }
        net[0] -= COST * traded;
        let (sum, count) = (net.iter().sum::<f64>(), net.len() as f64);
        let squares: f64 = net.iter().map(|r| (r - sum / count).powi(2)).sum();
        self.worth.push(sum - 0.5 * RISK_AVERSION * squares);
        self.net.extend(net);
        self.traded += traded;
        weights
    }

    fn blocks_a_year(&self) -> f64 {
        YEAR * self.worth.len() as f64 / self.net.len() as f64
    }

    /// Turnover, return and volatility a year, then the comparison of its worth with another.
    fn row(&self, plain: Option<&Held>) -> Result<String, Box<dyn Error>> {
        let days = self.net.len() as f64;
        let mean = self.net.iter().sum::<f64>() / days;
        let variance = self.net.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / days;
        let start = format!(
            "{:.2} | {:.2} % | {:.2} %",
            self.traded * YEAR / days,
            100.0 * YEAR * mean,
            100.0 * (YEAR * variance).sqrt()
        );
        let Some(plain) = plain else { return Ok(format!("{start} | | | | | the plain alternative |")) };
        let losses = |held: &Held| -> Vec<f64> { held.worth.iter().map(|worth| -worth).collect() };
        let test = diebold_mariano(&losses(self), &losses(plain), 1)?;
        let verdict = match test.judge(LEVEL, TRIALS)?.verdict {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            _ => "not distinguishable",
        };
        let to_year = -BPS * self.blocks_a_year();
        let [high, low] = test.test.interval(1.0 - LEVEL)?.map(|difference| to_year * difference);
        let (t, p) = (test.test.statistic, test.test.p_value);
        Ok(format!(
            "{start} | {:+.0} | {low:+.0} to {high:+.0} | {t:+.2} | {p:.3} | {verdict} |",
            to_year * test.test.mean
        ))
    }
}

fn estimators(baskets: bool) -> Vec<(&'static str, Box<dyn CovarianceEstimator>)> {
    let mut all: Vec<(&'static str, Box<dyn CovarianceEstimator>)> = vec![
        ("sample", Box::new(SampleCovariance)),
        ("ledoit_wolf_constant_correlation", Box::new(LedoitWolf { target: ShrinkageTarget::ConstantCorrelation })),
        ("ewma_94_zero_mean", Box::new(Ewma { decay: 0.94, start: EwmaStart::Normalised })),
        ("garch_variances", Box::new(ForecastVariances { model: VarianceModel::Garch })),
        ("har_variances", Box::new(ForecastVariances { model: VarianceModel::Har })),
    ];
    if baskets {
        all.push(("regime_weighted", Box::new(RegimeWeighted)));
    }
    all
}

/// The days of the blocks: first day of each.
pub(crate) fn decisions(returns: &[Vec<f64>]) -> impl Iterator<Item = usize> {
    let days = returns.first().map_or(0, Vec::len);
    (HISTORY..(days + 1).saturating_sub(BLOCK)).step_by(BLOCK)
}

/// The returns of a block, by day.
pub(crate) fn block(returns: &[Vec<f64>], day: usize) -> Vec<Vec<f64>> {
    (day..day + BLOCK).map(|t| returns.iter().map(|series| series[t]).collect()).collect()
}

/// Holds the weights of least variance of an estimator; how often it refused, and the weights before it were kept.
fn held(estimator: &dyn CovarianceEstimator, returns: &[Vec<f64>]) -> Result<(Held, usize), Box<dyn Error>> {
    let universe = Universe::new((0..returns.len()).map(|i| format!("A{i}")))?;
    let (mut found, mut refused) = (Held::default(), 0);
    let mut weights = vec![1.0 / returns.len() as f64; returns.len()];
    for day in decisions(returns) {
        let window = returns.iter().map(|series| series[day - HISTORY..day].to_vec()).collect();
        let panel = ReturnPanel::new(universe.clone(), window)?;
        let target = match estimator.estimate(&panel, YEAR) {
            Ok(estimate) => least_variance(returns.len(), |i, j| estimate.covariance.get(i, j).unwrap_or(f64::NAN))?,
            Err(_) => {
                refused += 1;
                weights.clone()
            }
        };
        weights = found.block(&weights, &target, &block(returns, day));
    }
    Ok((found, refused))
}

/// Equal weights of each four shares, restored daily.
fn baskets(shares: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mean = |group: &[Vec<f64>], t: usize| group.iter().map(|series| series[t]).sum::<f64>() / group.len() as f64;
    shares.chunks(BASKET).map(|group| (0..group[0].len()).map(|t| mean(group, t)).collect()).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let whole = std::env::args().any(|argument| argument == "whole");
    let shares = market::returns(if whole { usize::MAX } else { SHORT })?;
    let groups = baskets(&shares);
    println!(
        "| book | covariance | turnover a year | return a year, net | volatility | bp a year more than the plain one, certainty equivalent | 95 % interval | t | p | verdict |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | --- |");
    for (book, returns, is_groups) in [("20 shares", &shares, false), ("five baskets", &groups, true)] {
        let mut plain: Option<Held> = None;
        for (name, estimator) in estimators(is_groups) {
            let (own, refused) = held(estimator.as_ref(), returns)?;
            let note = if refused > 0 { format!(" ({refused} of {} refused)", own.worth.len()) } else { String::new() };
            println!("| {book} | `{name}`{note} | {}", own.row(plain.as_ref())?);
            plain.get_or_insert(own);
        }
    }
    let (still, wide) = (bands::held(&groups, 1.0)?, bands::held(&groups, 2.0)?);
    println!("| five baskets, equal weights | bands of two points | {}", still.row(None)?);
    println!("| the same | `regime_band_widening: 2` | {}", wide.row(Some(&still))?);
    Ok(())
}
