//! Are the network's quantiles of tomorrow's variance better than those of HAR? Walk-forward on the shipped indices.
//!
//! ```sh
//! cargo run --release -p tft --example volatility_quantiles -- full
//! ```
//!
//! `full` gives the table of docs/tft.md; without it, one short training on one market shows that the program runs, and says nothing about the model.
//!
//! The target is the logarithm of a measure of each day's variance, 1 to 5 days ahead. Every model is fitted again each year to the days before. The
//! loss is the mean pinball loss of the quantiles .05, .25, .5, .75 and .95; a day counts once, and the tests of Diebold and Mariano allow for
//! the overlap of five days.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

mod rivals;
mod series;

use std::collections::BTreeMap;
use std::error::Error;
use std::f64::consts::TAU;
use std::ops::ControlFlow;

use evaluate::{Verdict, diebold_mariano};
use portfolio_core::Seed;
use tft::{
    ExaminationSpec, Fold, Matrix, Panel, Series, StaticInput, Tft, TftSpec, TrainSpec, Training, Window, examine,
};

use crate::rivals::{Har, rolling};
use crate::series::Market;

/// Days of the first fit, and days ahead.
const START: usize = 1_260;
const HORIZON: usize = 5;

/// How much is computed.
struct Effort {
    train: TrainSpec,
    width: usize,
    /// Days between two fits, and the last origin of a market.
    refit: usize,
    until: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let full = std::env::args().nth(1).is_some_and(|word| word == "full");
    let effort = if full {
        let train = TrainSpec { steps: 400, rate: 3e-3, look_every: 40, patience: 4, ..TrainSpec::default() };
        Effort { train, width: 16, refit: 252, until: usize::MAX }
    } else {
        let train = TrainSpec { steps: 30, batch: 16, rate: 1e-2, look_every: 15, ..TrainSpec::default() };
        Effort { train, width: 4, refit: 120, until: START + 120 }
    };
    let markets = if full { vec![Market::stocks()?, Market::ranges()?] } else { vec![Market::ranges()?] };
    let trials = 2 * markets.len() as u64;
    println!("| data | forecast | pinball | less than the network | t | p | the network is |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | --- |");
    let mut told = Vec::new();
    for market in &markets {
        let (losses, examined) = walk(market, &effort)?;
        let mean = |of: usize| losses.iter().map(|day| day[of]).sum::<f64>() / losses.len() as f64;
        println!("| {} | network | {:.4} | | | | |", market.name, mean(0));
        let column = |of: usize| losses.iter().map(|day| day[of]).collect::<Vec<f64>>();
        for (of, name) in [(1, "HAR of logarithms"), (2, "rolling quantiles")] {
            let test = diebold_mariano(&column(0), &column(of), HORIZON)?;
            let verdict = test.judge(0.05, trials)?.verdict;
            let word = match verdict {
                Verdict::Better => "better",
                Verdict::Worse => "worse",
                _ => "not distinguishable",
            };
            let (t, p) = (test.test.statistic, test.test.p_value);
            println!(
                "| {} | {name} | {:.4} | {:+.4} | {t:+.2} | {p:.3} | {word} |",
                market.name,
                mean(of),
                mean(0) - mean(of)
            );
            if of == 1 {
                let edge =
                    if verdict == Verdict::Better { "an edge over HAR" } else { "no demonstrated edge over HAR" };
                told.push(format!("{}: {edge}; {examined}", market.name));
            }
        }
    }
    println!("\n{}", told.join("\n"));
    Ok(())
}

/// Losses of each origin, and what the examination of the last network says.
type Walked = (Vec<[f64; 3]>, String);
/// A series with the scales of its targets.
type Scaled = (Panel, Vec<(f64, f64)>);

/// Losses of each origin, of the network, of HAR and of rolling quantiles; and what the examination of the last network says.
fn walk(market: &Market, effort: &Effort) -> Result<Walked, Box<dyn Error>> {
    let rows = market.indices.first().map_or(0, |index| index.returns.len());
    let mut days: BTreeMap<usize, [f64; 3]> = BTreeMap::new();
    let mut examined = String::new();
    let last = effort.until.min(rows - HORIZON);
    for begin in (START..last).step_by(effort.refit) {
        let origins = begin - 1..(begin - 1 + effort.refit).min(last);
        let (panel, scales) = panel(market, begin, effort.width)?;
        let spec = panel.spec().clone();
        // Outcomes of training end where the first origin of the test stands.
        let known = panel.windows(0..begin - HORIZON, 1);
        let fold = Fold::purged(&spec, &known, 0.15)?;
        let thin = fold.valid.into_iter().step_by(3).collect();
        let fold = Fold { train: fold.train, valid: thin };
        let mut run = Training::new(Tft::new(spec.clone(), Seed(24))?, effort.train.clone(), Seed(24))?;
        run.run(&panel, &fold, &mut |_| ControlFlow::Continue(()))?;
        let model = run.best();
        let test = panel.windows(origins, 1);
        let share = 1.0 / (market.indices.len() * HORIZON * spec.quantiles.len()) as f64;
        let hars: Result<Vec<Har>, _> =
            market.indices.iter().map(|index| Har::fit(&index.log_variance, begin, HORIZON, &spec.quantiles)).collect();
        let hars = hars?;
        for forecast in model.predict(&panel, &test)? {
            let Window { origin, series } = forecast.window;
            let (y, (mean, spread)) = (&market.indices[series].log_variance, scales[series]);
            let har = hars[series].forecast(y, origin)?;
            let plain = rolling(y, origin, &spec.quantiles);
            let day = days.entry(origin).or_default();
            for step in 0..HORIZON {
                let outcome = y[origin + 1 + step];
                for (j, level) in spec.quantiles.iter().enumerate() {
                    let of = |q: f64| share * (level * (outcome - q)).max((level - 1.0) * (outcome - q));
                    day[0] += of(mean + spread * forecast.quantiles.row(step)[j]);
                    day[1] += of(har[step][j]);
                    day[2] += of(plain[j]);
                }
            }
        }
        if test.len() >= 100 {
            let found = examine(&model, &panel, &fold.train, &test, &ExaminationSpec::default())?;
            let (tensors, refusals) = (found.tensors, found.refusals());
            examined = if refusals.is_empty() {
                format!("the examination of the last network admits it ({tensors} tensors)")
            } else {
                format!("the examination of the last network refuses it for {} of 3 reasons", refusals.len())
            };
        }
    }
    Ok((days.into_values().collect(), examined))
}

/// The series of a market, scaled by the days before `begin`, and the scales of the targets.
fn panel(market: &Market, begin: usize, width: usize) -> Result<Scaled, Box<dyn Error>> {
    let statics = vec![StaticInput::Category { name: "index".into(), values: market.indices.len() }];
    let observed = ["variance", "variance of a week", "variance of a month", "return"];
    let spec = TftSpec { width, ..TftSpec::new(statics, &observed, &["weekday sine", "weekday cosine"], 22, HORIZON) };
    let scale = |numbers: &[f64]| {
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        let variance = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / numbers.len() as f64;
        (mean, variance.sqrt())
    };
    let (mut all, mut scales) = (Vec::new(), Vec::new());
    for (at, index) in market.indices.iter().enumerate() {
        let rows = index.returns.len();
        let (mean, spread) = scale(&index.log_variance[..begin]);
        let (_, width) = scale(&index.returns[..begin]);
        let target: Vec<f64> = index.log_variance.iter().map(|y| (y - mean) / spread).collect();
        let over = |t: usize, days: usize| {
            let latest = &target[(t + 1).saturating_sub(days)..=t];
            latest.iter().sum::<f64>() / latest.len() as f64
        };
        let row = |t: usize| [target[t], over(t, 5), over(t, 22), index.returns[t] / width];
        let observed = Matrix::from_rows(rows, 4, (0..rows).flat_map(row).collect()).ok_or("shape")?;
        let angle = |day: &usize| TAU * *day as f64 / 5.0;
        let known = index.weekdays.iter().flat_map(|day| [angle(day).sin(), angle(day).cos()]).collect();
        let known = Matrix::from_rows(rows, 2, known).ok_or("shape")?;
        all.push(Series { categories: vec![at], numbers: Vec::new(), observed, known, target });
        scales.push((mean, spread));
    }
    Ok((Panel::new(&spec, all)?, scales))
}
