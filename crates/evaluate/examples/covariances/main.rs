//! Which estimate of a covariance is the best? The estimators of the inventory on 20 shares from 1990 to 2022, out of sample; without
//! `regime_weighted`, which refuses a history in which a state has fewer days than there are shares.
//!
//! ```sh
//! cargo run --release -p evaluate --example covariances
//! cargo run --release -p evaluate --example covariances -- short
//! ```
//!
//! The first gives the table of docs/models.md; `short` stops after twelve years. Every 21 days each estimator reads the latest 504 returns of the
//! shares. Two losses are read on the 21 days that follow: the Gaussian one, `ln det Σ + mean r'Σ⁻¹r`, which is lowest in the mean for the true
//! covariance, and the variance of the portfolio that the estimate says has the least, `w ∝ Σ⁻¹1`, restored daily and before costs. Both are
//! held against the champion, shrinkage towards constant correlation.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

mod market;
mod solve;

use std::error::Error;

use evaluate::{DieboldMariano, Verdict, diebold_mariano};
use portfolio_core::{ReturnPanel, Universe};
use risk::volatility::EwmaStart;
use risk::{
    CovarianceEstimator, Ewma, ForecastVariances, LedoitWolf, Oas, OverlappingReturns, SampleCovariance,
    ShrinkageTarget, VarianceModel,
};

use crate::solve::Cholesky;

/// Days that an estimator reads: two years.
const HISTORY: usize = 504;
/// Days on which an estimate is held against what came.
const BLOCK: usize = 21;
/// Periods in a year.
const YEAR: f64 = 252.0;
/// Probability of any false verdict of the table.
const LEVEL: f64 = 0.05;
/// Trading days of the short form.
const SHORT: usize = 3_024;

fn estimators() -> Vec<(&'static str, Box<dyn CovarianceEstimator>)> {
    let ewma = |start| Box::new(Ewma { decay: 0.94, start });
    vec![
        ("ledoit_wolf_constant_correlation", Box::new(LedoitWolf { target: ShrinkageTarget::ConstantCorrelation })),
        ("ledoit_wolf_identity", Box::new(LedoitWolf { target: ShrinkageTarget::Identity })),
        ("oas", Box::new(Oas)),
        ("sample", Box::new(SampleCovariance)),
        ("ewma_94_zero_mean", ewma(EwmaStart::Normalised)),
        ("ewma_94_recursive", ewma(EwmaStart::Recursive)),
        ("overlapping_week", Box::new(OverlappingReturns { periods: 5 })),
        ("garch_variances", Box::new(ForecastVariances { model: VarianceModel::Garch })),
        ("har_variances", Box::new(ForecastVariances { model: VarianceModel::Har })),
    ]
}

/// Losses of an estimator by block.
#[derive(Default)]
struct Losses {
    gaussian: Vec<f64>,
    variance: Vec<f64>,
}

fn losses(estimator: &dyn CovarianceEstimator, returns: &[Vec<f64>]) -> Result<Losses, Box<dyn Error>> {
    let days = returns.first().map_or(0, Vec::len);
    let mut found = Losses::default();
    for day in (HISTORY..days + 1 - BLOCK).step_by(BLOCK) {
        let window = returns.iter().map(|series| series[day - HISTORY..day].to_vec()).collect();
        let panel = ReturnPanel::new(Universe::new((0..returns.len()).map(|i| format!("A{i}")))?, window)?;
        let estimate = estimator.estimate(&panel, YEAR)?.covariance;
        let entry = |i: usize, j: usize| estimate.get(i, j).unwrap_or(f64::NAN);
        let factor = Cholesky::of(returns.len(), entry).ok_or("an estimate is not positive definite")?;
        let least = factor.solve(&vec![1.0; returns.len()]);
        let sum: f64 = least.iter().sum();
        let (mut distance, mut squares, mut total) = (0.0, 0.0, 0.0);
        for t in day..day + BLOCK {
            let row: Vec<f64> = returns.iter().map(|series| series[t]).collect();
            distance += row.iter().zip(factor.solve(&row)).map(|(r, x)| r * x).sum::<f64>();
            let own: f64 = row.iter().zip(&least).map(|(r, w)| r * w / sum).sum();
            squares += own * own;
            total += own;
        }
        let count = BLOCK as f64;
        found.gaussian.push(factor.log_determinant() + distance / count);
        found.variance.push(YEAR * (squares / count - (total / count).powi(2)));
    }
    Ok(found)
}

fn main() -> Result<(), Box<dyn Error>> {
    let days = if std::env::args().any(|argument| argument == "short") { SHORT } else { usize::MAX };
    let returns = market::returns(days)?;
    let estimators = estimators();
    // Two losses of each estimator but the champion.
    let trials = 2 * (estimators.len() as u64 - 1);
    println!(
        "| estimator | Gaussian loss | more than the champion | 95 % interval | t | p | verdict | volatility of the least portfolio | more, points | t | p | verdict |"
    );
    println!("| --- | ---: | ---: | --- | ---: | ---: | --- | ---: | --- | ---: | ---: | --- |");
    let mut plain: Option<Losses> = None;
    for (name, estimator) in &estimators {
        let own = losses(estimator.as_ref(), &returns)?;
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        let (loss, volatility) = (mean(&own.gaussian), 100.0 * mean(&own.variance).sqrt());
        let Some(champion) = &plain else {
            println!("| `{name}` | {loss:.4} | | | | | the champion | {volatility:.2} % | | | | the champion |");
            plain = Some(own);
            continue;
        };
        // A difference of variances as one of volatilities, in points.
        let base = mean(&champion.variance);
        let points = |difference: f64| 100.0 * ((base + difference).max(0.0).sqrt() - base.sqrt());
        let judged = |test: DieboldMariano| -> Result<String, Box<dyn Error>> {
            let verdict = match test.judge(LEVEL, trials)?.verdict {
                Verdict::Better => "better",
                Verdict::Worse => "worse",
                _ => "not distinguishable",
            };
            Ok(format!("{:+.2} | {:.3} | {verdict}", test.test.statistic, test.test.p_value))
        };
        let gaussian = diebold_mariano(&own.gaussian, &champion.gaussian, 1)?;
        let variance = diebold_mariano(&own.variance, &champion.variance, 1)?;
        let [low, high] = gaussian.test.interval(1.0 - LEVEL)?;
        let [calm, wild] = variance.test.interval(1.0 - LEVEL)?.map(points);
        println!(
            "| `{name}` | {loss:.4} | {:+.4} | {low:+.4} to {high:+.4} | {} | {volatility:.2} % | {calm:+.2} to {wild:+.2} | {} |",
            loss - mean(&champion.gaussian),
            judged(gaussian)?,
            judged(variance)?
        );
    }
    Ok(())
}
