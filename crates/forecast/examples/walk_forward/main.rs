//! Walks forward through the shipped prices, month by month. Tests for each model whether its forecasts were better
//! than simpler ones, and for each tilt whether it earned more than it cost.
//!
//! Run: `cargo run --release -p forecast --example walk_forward`. The table in `docs/forecast.md` is its output. With the
//! argument `json` it prints the record that the page shows beside the switch of the tilt,
//! `apps/dashboard/src/portfolio/walk_forward.json`.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

mod inference;
mod prices;
mod record;
mod replay;

use std::error::Error;
use std::fmt;

use inference::{MeanTest, holm, test_mean};
use replay::{Month, Voice, replay};

const FILES: [(&str, &str); 2] = [("mixed", "mixed_1999_2005.csv"), ("stocks", "stocks_2010_2019.csv")];

/// The pairs that are compared.
const COMPARISONS: [(&str, Voice, &str, Voice); 7] = [
    ("ensemble_v2", Voice::V2, "zero", Voice::Zero),
    ("ensemble_v2", Voice::V2, "expanding mean", Voice::ExpandingMean),
    ("implied returns alone", Voice::Implied, "zero", Voice::Zero),
    ("implied returns alone", Voice::Implied, "expanding mean", Voice::ExpandingMean),
    ("ensemble_v3", Voice::V3, "zero", Voice::Zero),
    ("ensemble_v3", Voice::V3, "expanding mean", Voice::ExpandingMean),
    ("ensemble_v3", Voice::V3, "implied returns alone", Voice::Implied),
];
const TILTS: [&str; 2] = ["tilt of ensemble_v2", "tilt of ensemble_v3"];
/// A monthly return as basis points a year.
const BP_A_YEAR: f64 = 12.0 * 1e4;
/// Family-wise level of the verdicts.
const LEVEL: f64 = 0.05;

/// One line of the table.
pub(crate) struct Line {
    pub(crate) data: &'static str,
    pub(crate) months: usize,
    pub(crate) model: &'static str,
    pub(crate) against: &'static str,
    pub(crate) figure: Figure,
    /// The figure for one unit of the mean that is tested.
    pub(crate) scale: f64,
    pub(crate) test: MeanTest,
}

impl Line {
    /// The ends of the figure's 95 % interval, in the unit of the figure: percent or basis points a year.
    pub(crate) fn interval(&self) -> [f64; 2] {
        let unit = match self.figure {
            Figure::RSquared(_) => 100.0,
            Figure::Tilt { .. } => 1.0,
        };
        self.test.interval.map(|end| self.scale * unit * end)
    }

    /// The interval in words.
    fn interval_in_words(&self) -> String {
        let [lower, upper] = self.interval();
        match self.figure {
            Figure::RSquared(_) => format!("{lower:+.2} to {upper:+.2} %"),
            Figure::Tilt { .. } => format!("{lower:+.1} to {upper:+.1} bp"),
        }
    }
}

/// What a line measures.
pub(crate) enum Figure {
    /// Out-of-sample R².
    RSquared(f64),
    /// Return of a tilt over the policy after costs, and the number of months in which it was active.
    Tilt { bp_a_year: f64, active: usize },
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RSquared(value) => write!(f, "R² {:+.2} %", 100.0 * value),
            Self::Tilt { bp_a_year, active } => write!(f, "{bp_a_year:+.1} bp a year, active in {active} months"),
        }
    }
}

/// The verdict in words.
pub(crate) fn verdict(distinguishable: bool) -> &'static str {
    if distinguishable { "distinguishable" } else { "not distinguishable" }
}

fn main() -> Result<(), Box<dyn Error>> {
    let json = std::env::args().nth(1).is_some_and(|form| form == "json");
    let mut lines = Vec::new();
    for (data, file) in FILES {
        let panel = prices::daily_returns(file)?;
        let months = replay(&panel)?;
        if !json {
            println!("{data}: {} assets, {} months", panel.assets(), months.len());
        }
        lines.append(&mut compared(data, &months)?);
        lines.append(&mut tilted(data, &months)?);
    }
    let verdicts = holm(&lines.iter().map(|line| line.test.p).collect::<Vec<_>>(), LEVEL);
    if json {
        println!("{}", record::record(&lines, &verdicts)?);
        return Ok(());
    }
    println!(
        "{} tries in all; Holm's correction keeps the chance of any false \"distinguishable\" at 5 %.\n",
        lines.len()
    );
    println!("| data | model | against | figure | 95 % interval | t | p | verdict |");
    println!("| --- | --- | --- | ---: | --- | ---: | ---: | --- |");
    for (line, distinguishable) in lines.iter().zip(verdicts) {
        let verdict = verdict(distinguishable);
        let Line { data, model, against, figure, test, .. } = line;
        let interval = line.interval_in_words();
        println!(
            "| {data} | {model} | {against} | {figure} | {interval} | {:+.2} | {:.3} | {verdict} |",
            test.t, test.p
        );
    }
    Ok(())
}

/// Out-of-sample R² and the test of Diebold and Mariano; positive where the model has the smaller error.
fn compared(data: &'static str, months: &[Month]) -> Result<Vec<Line>, Box<dyn Error>> {
    let mut lines = Vec::new();
    for (model, voice, against, other) in COMPARISONS {
        let loss = |voice: Voice| months.iter().map(move |month| month.losses[voice as usize]);
        let better: Vec<f64> = loss(other).zip(loss(voice)).map(|(theirs, ours)| theirs - ours).collect();
        let lost = loss(other).sum::<f64>();
        let figure = Figure::RSquared(1.0 - loss(voice).sum::<f64>() / lost);
        let scale = months.len() as f64 / lost;
        lines.push(Line { data, months: months.len(), model, against, figure, scale, test: test_mean(&better)? });
    }
    Ok(lines)
}

/// Return of the tilts over the policy, after costs.
fn tilted(data: &'static str, months: &[Month]) -> Result<Vec<Line>, Box<dyn Error>> {
    let mut lines = Vec::new();
    for (tilt, model) in TILTS.into_iter().enumerate() {
        let gains: Vec<f64> = months.iter().map(|month| month.gains[tilt]).collect();
        let active = gains.iter().filter(|gain| **gain != 0.0).count();
        let test = test_mean(&gains)?;
        let figure = Figure::Tilt { bp_a_year: BP_A_YEAR * test.mean, active };
        lines.push(Line { data, months: months.len(), model, against: "policy", figure, scale: BP_A_YEAR, test });
    }
    Ok(lines)
}
