//! The record of the walk forward as a document.

use serde::Serialize;

use crate::{Figure, LEVEL, Line, verdict};

/// The command that prints the record.
const COMMAND: &str = "cargo run --release -p forecast --example walk_forward";

/// Every test, so that a reader sees among how many the correction was made.
#[derive(Serialize)]
struct WalkForwardRecord<'a> {
    command: &'a str,
    /// Number of tests, between which Holm's correction shares the level.
    tests: usize,
    level: f64,
    lines: Vec<WalkForwardLine<'a>>,
}

#[derive(Serialize)]
struct WalkForwardLine<'a> {
    data: &'a str,
    months: usize,
    model: &'a str,
    against: &'a str,
    /// Percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    r_squared_percent: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bp_a_year: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    months_active: Option<usize>,
    interval: WalkForwardInterval,
    t: f64,
    p: f64,
    verdict: &'a str,
}

/// 95 % interval of a figure, in its unit.
#[derive(Serialize)]
struct WalkForwardInterval {
    lower: f64,
    upper: f64,
}

/// The record as JSON, with the decimals of the table.
pub(crate) fn record(lines: &[Line], distinguishable: &[bool]) -> Result<String, serde_json::Error> {
    let lines = lines.iter().zip(distinguishable).map(|(line, &distinguishable)| {
        let (r_squared_percent, bp_a_year, months_active, decimals) = match line.figure {
            Figure::RSquared(value) => (Some(rounded(100.0 * value, 2)), None, None, 2),
            Figure::Tilt { bp_a_year, active } => (None, Some(rounded(bp_a_year, 1)), Some(active), 1),
        };
        let [lower, upper] = line.interval().map(|end| rounded(end, decimals));
        WalkForwardLine {
            data: line.data,
            months: line.months,
            model: line.model,
            against: line.against,
            r_squared_percent,
            bp_a_year,
            months_active,
            interval: WalkForwardInterval { lower, upper },
            t: rounded(line.test.t, 2),
            p: rounded(line.test.p, 3),
            verdict: verdict(distinguishable),
        }
    });
    let lines: Vec<_> = lines.collect();
    serde_json::to_string_pretty(&WalkForwardRecord { command: COMMAND, tests: lines.len(), level: LEVEL, lines })
}

fn rounded(value: f64, decimals: i32) -> f64 {
    let unit = 10.0_f64.powi(decimals);
    (value * unit).round() / unit
}
