//! Are the network's quantiles of the coming days' variance better than those of plainer models? Walk-forward on the
//! shipped indices.
//!
//! ```sh
//! cargo run --release -p tft --example volatility_quantiles -- full
//! ```
//!
//! `full` gives the table of docs/tft.md, and a folder after it gets a page for each market; without it, one short
//! training on one market shows that the program runs, and says nothing about the model.
//!
//! The target is the logarithm of a measure of each day's variance, 1 to 5 days ahead. Every model is fitted again each
//! year to the days before. The loss is the mean pinball loss of the quantiles .05, .25, .5, .75 and .95; a day counts
//! once, the tests of Diebold and Mariano allow for the overlap of five days, and their level for all comparisons. The
//! network has an edge where it is better than every other forecast.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

mod fan;
mod rivals;
mod sealed;
mod series;

use std::collections::BTreeMap;
use std::error::Error;
use std::f64::consts::TAU;
use std::ops::ControlFlow;
use std::path::PathBuf;

use evaluate::diebold_mariano;
use portfolio_core::Seed;
use tft::registry::{Rival, Trial};
use tft::{
    Comparison, ExaminationSpec, Leg, Matrix, Panel, Refusal, Series, StaticInput, TftSpec, TrainSpec, Walk, Window,
    examine,
};

use crate::rivals::{Asked, NAMES, rivals};
use crate::sealed::{Last, sealed};
use crate::series::Market;

/// Days of the first fit, and days ahead.
const START: usize = 1_260;
const HORIZON: usize = 5;
/// The network, and what it is compared with.
const FORECASTS: usize = 1 + NAMES.len();

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
    let folder = std::env::args().nth(2).map(PathBuf::from);
    let effort = if full {
        let train = TrainSpec { steps: 400, rate: 3e-3, look_every: 40, patience: 4, ..TrainSpec::default() };
        Effort { train, width: 16, refit: 252, until: usize::MAX }
    } else {
        let train = TrainSpec { steps: 30, batch: 16, rate: 1e-2, look_every: 15, ..TrainSpec::default() };
        Effort { train, width: 4, refit: 120, until: START + 120 }
    };
    let markets = if full { vec![Market::stocks()?, Market::ranges()?] } else { vec![Market::ranges()?] };
    let trials = (NAMES.len() * markets.len()) as u64;
    println!("| data | forecast | pinball | the network's is lower by | t | p | the network is |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | --- |");
    let mut told = Vec::new();
    for market in &markets {
        let walked = walk(market, &effort)?;
        let column = |of: usize| walked.days.iter().map(|day| day[of]).collect::<Vec<f64>>();
        let mean = |of: usize| column(of).iter().sum::<f64>() / walked.days.len() as f64;
        println!("| {} | network | {:.4} | | | | |", market.name, mean(0));
        let mut trial =
            Trial { data: market.name.to_owned(), origins: walked.days.len(), loss: mean(0), rivals: Vec::new() };
        for (of, name) in (1..).zip(NAMES) {
            let test = diebold_mariano(&column(0), &column(of), HORIZON)?;
            let judgement = test.judge(0.05, trials)?;
            let (t, p, less, verdict) = (test.test.statistic, judgement.p_value, mean(of) - mean(0), judgement.verdict);
            println!("| {} | {name} | {:.4} | {less:+.4} | {t:+.2} | {p:.3} | {verdict} |", market.name, mean(of));
            trial.rivals.push(Rival { name: name.to_owned(), loss: mean(of), judgement });
        }
        let Walked { days, networks, admitted, refused, last } = &walked;
        told.push(format!(
            "{}: {}. {} origins; {admitted} of {networks} networks admitted.",
            market.name,
            trial.verdict(),
            days.len()
        ));
        told.extend(refused.iter().map(|why| format!("  refused: {why}")));
        if let Some(last) = last {
            told.push(sealed(market, last, &trial, folder.as_deref())?);
        }
    }
    println!("\n{}", told.join("\n"));
    Ok(())
}

/// A market, walked through.
struct Walked {
    /// Losses of each origin: of the network and of each rival.
    days: Vec<[f64; FORECASTS]>,
    /// Number of trainings, and how many of their networks the examination admitted.
    networks: usize,
    admitted: usize,
    /// The day to which each other network was trained, and why it is refused.
    refused: Vec<String>,
    /// The last network that was admitted.
    last: Option<Last>,
}

/// A series with the scales of its targets.
type Scaled = (Panel, Vec<(f64, f64)>);

fn walk(market: &Market, effort: &Effort) -> Result<Walked, Box<dyn Error>> {
    let rows = market.indices.first().map_or(0, |index| index.returns.len());
    let plan = Walk {
        first: START,
        every: effort.refit,
        end: effort.until.min(rows - HORIZON),
        fold: 0.15,
        thin: 3,
        train: effort.train.clone(),
        seed: Seed(24),
    };
    let mut days: BTreeMap<usize, [f64; FORECASTS]> = BTreeMap::new();
    let (mut networks, mut admitted, mut refused, mut last) = (0, 0, Vec::new(), None);
    for known in plan.trainings() {
        let (panel, scales) = panel(market, known, effort.width)?;
        let Some(leg) = plan.leg(known, &panel, &mut |_| ControlFlow::Continue(()))? else { continue };
        score(market, &leg, &scales, &mut days)?;
        let test: Vec<Window> = leg.forecasts.iter().map(|forecast| forecast.window).collect();
        // A last stretch of a few days says nothing.
        if test.len() < 100 {
            continue;
        }
        networks += 1;
        let found = examine(&leg.model, &panel, &leg.fold.train, &test, &ExaminationSpec::default())?;
        match found.admit(leg.model) {
            Ok(model) => {
                admitted += 1;
                last = Some(Last { admitted: model, panel, known, test, scales, seed: plan.seed });
            }
            Err(why) => {
                let day =
                    market.indices.first().and_then(|index| index.dates.get(known - 1)).map_or("", String::as_str);
                refused.push(format!("{day}: {}", why.iter().map(reason).collect::<Vec<_>>().join("; ")));
            }
        }
    }
    Ok(Walked { days: days.into_values().collect(), networks, admitted, refused, last })
}

/// Why a network is refused, with its figures.
fn reason(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Untouched(tensors) => format!("the loss does not depend on {}", tensors.join(", ")),
        Refusal::WrongGradient(found) => {
            let told =
                found.iter().map(|one| format!("{} {:+.3e}, not {:+.3e}", one.tensor, one.gradient, one.difference));
            format!("wrong derivatives: {}", told.collect::<Vec<_>>().join(", "))
        }
        Refusal::LearntNothing(Comparison { model, unconditional, statistic, judgement, .. }) => format!(
            "loss {model:.4} beside {unconditional:.4} of unconditional quantiles, t = {statistic:+.2}, p = {:.3}",
            judgement.p_value
        ),
        other => format!("{other:?}"),
    }
}

/// Adds the losses of a network's forecasts, and of rivals that were fitted to the same days.
fn score(
    market: &Market,
    leg: &Leg,
    scales: &[(f64, f64)],
    days: &mut BTreeMap<usize, [f64; FORECASTS]>,
) -> Result<(), Box<dyn Error>> {
    let levels = &leg.model.spec().quantiles;
    let asked = Asked { horizon: HORIZON, levels };
    let fitted: Result<Vec<_>, _> = market.indices.iter().map(|index| rivals(index, leg.known, asked)).collect();
    let fitted = fitted?;
    let share = 1.0 / (market.indices.len() * HORIZON * levels.len()) as f64;
    for forecast in &leg.forecasts {
        let Window { origin, series } = forecast.window;
        let (index, (mean, spread)) = (&market.indices[series], scales[series]);
        let own = (0..HORIZON).map(|step| forecast.quantiles.row(step).iter().map(|q| mean + spread * q).collect());
        let mut all = vec![own.collect()];
        for rival in &fitted[series] {
            all.push(rival.forecast(index, origin)?);
        }
        let day = days.entry(origin).or_default();
        for (sum, quantiles) in day.iter_mut().zip(&all) {
            for (row, outcome) in quantiles.iter().zip(&index.log_variance[origin + 1..]) {
                for (q, level) in row.iter().zip(levels) {
                    *sum += share * (level * (outcome - q)).max((level - 1.0) * (outcome - q));
                }
            }
        }
    }
    Ok(())
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
