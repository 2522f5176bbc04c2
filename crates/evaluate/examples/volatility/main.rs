//! Which forecast of tomorrow's variance is the best? Exponential weights, GARCH(1,1), HAR, two regimes and boosted trees against each other on
//! the shipped indices, walk-forward.
//!
//! ```sh
//! cargo run --release -p evaluate --example volatility
//! ```
//!
//! The table is that of docs/models.md. Every model is fitted again each year to all days before it and forecasts the squared return of the
//! next day. The loss is QLIKE, `r²/h − ln(r²/h) − 1` up to what no forecast changes, `ln h + r²/h`: it ranks forecasts as the true variance
//! would although the squared return is a noisy figure of it (Patton 2011).
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

mod boosted;
mod models;
mod series;

use std::error::Error;

use evaluate::{Verdict, diebold_mariano};

use crate::models::{ALL, forecasts};
use crate::series::Series;

/// Days before the first forecast.
const START: usize = 750;
/// Days between two fits.
const REFIT: usize = 252;
/// Probability of any false verdict of the table.
const LEVEL: f64 = 0.05;

fn main() -> Result<(), Box<dyn Error>> {
    let every =
        [Series::stocks()?, Series::bars("S&P 500, ranges", "sp500")?, Series::bars("Nasdaq, ranges", "nasdaq")?];
    let trials = (every.len() * (ALL.len() - 1)) as u64;
    println!("| data | forecast | QLIKE | less than exponential weights | 95 % interval | t | p | verdict |");
    println!("| --- | --- | ---: | ---: | --- | ---: | ---: | --- |");
    for series in &every {
        let targets = series.squares().split_off(START);
        let mut losses = Vec::new();
        for model in ALL {
            let issued = forecasts(model, series, START, REFIT)?;
            losses.push(issued.iter().zip(&targets).map(|(h, r2)| h.ln() + r2 / h).collect::<Vec<f64>>());
        }
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        let plain = losses.first().ok_or("there is no plain model")?;
        for (model, own) in ALL.iter().zip(&losses) {
            let start = format!("| {} | {} | {:.4} |", series.name, model.name(), mean(own));
            if own == plain {
                println!("{start} | | | | the plain alternative |");
                continue;
            }
            let test = diebold_mariano(own, plain, 1)?;
            let verdict = match test.judge(LEVEL, trials)?.verdict {
                Verdict::Better => "better",
                Verdict::Worse => "worse",
                _ => "not distinguishable",
            };
            let (t, p) = (test.test.statistic, test.test.p_value);
            let [high, low] = test.test.interval(1.0 - LEVEL)?.map(|difference| -difference);
            println!(
                "{start} {:+.4} | {low:+.4} to {high:+.4} | {t:+.2} | {p:.3} | {verdict} |",
                mean(plain) - mean(own)
            );
        }
    }
    Ok(())
}
