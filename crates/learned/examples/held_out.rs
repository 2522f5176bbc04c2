//! Allocators learned on the shipped prices with the defaults of the service, judged on the last eight years.
//!
//! ```sh
//! cargo run -p learned --example held_out
//! cargo run -p learned --example held_out -- full
//! ```
//!
//! `full` gives the tables of `docs/evidence.md`; without it one seed lives through one iteration, which shows that the program runs and no more.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

#[path = "../../backtest/examples/common/books.rs"]
mod books;

use std::error::Error;
use std::ops::ControlFlow;

use learned::{AllocatorSpec, Histories, PolicyRow, YEAR, train};
use portfolio_core::Seed;

use crate::books::{Book, books, prices};

fn main() -> Result<(), Box<dyn Error>> {
    let is_full = std::env::args().any(|argument| argument == "full");
    let base = AllocatorSpec::default();
    let spec = if is_full {
        AllocatorSpec { held_out: 8 * YEAR, ..base }
    } else {
        AllocatorSpec { held_out: YEAR, seeds: 1, steps: 2_048, ..base }
    };
    let studied = books();
    studied.iter().try_for_each(|book| on_trial(book, &spec, studied.len() as u64))
}

/// `trials`: the books, each of which is a try of the same setting.
fn on_trial(book: &Book, spec: &AllocatorSpec, trials: u64) -> Result<(), Box<dyn Error>> {
    let history = prices(book)?;
    let names: Vec<&str> = book.target.iter().map(|(name, _)| *name).collect();
    let returns: Vec<&[f64]> = (0..history.assets()).filter_map(|asset| history.panel().series(asset)).collect();
    let histories = Histories { names: &names, returns: &returns };
    let learned = train(&histories, spec, trials, Seed(42), None, &mut |_| ControlFlow::Continue(()))?;
    let (trial, dates) = (&learned.trial, history.dates().ok_or("no dates")?);
    println!("## Held out: {}\n", book.name);
    println!(
        "{} seeds of {} steps, {} bp a side, held out from {} to {}, {} days, {} comparisons. {}\n",
        spec.seeds,
        spec.steps,
        spec.cost_bps,
        dates[dates.len() - 1 - spec.held_out],
        dates[dates.len() - 1],
        trial.days,
        trial.comparisons,
        book.caveat
    );
    println!(
        "| policy | growth a year | volatility | drawdown | turnover a year | cost a year, bp | learned beside it a year, bp | verdict |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
    line(&trial.allocator, "-", "-");
    for one in &trial.rivals {
        let bp = |fraction: f64| format!("{:.0}", 1e4 * fraction);
        let difference = match (one.difference_annual, one.interval) {
            (Some(difference), Some([low, high])) => format!("{} ({} to {})", bp(difference), bp(low), bp(high)),
            _ => "-".to_owned(),
        };
        let verdict = match (one.verdict, one.p_value) {
            (Some(verdict), Some(p)) => format!("{verdict} (p = {p:.3})"),
            _ => one.reason.clone().unwrap_or_default(),
        };
        line(&one.row, &difference, &verdict);
    }
    trial.seeds.iter().for_each(|row| line(row, "-", "-"));
    println!("\n{}.\n", trial.conclusion());
    Ok(())
}

fn line(row: &PolicyRow, difference: &str, verdict: &str) {
    println!(
        "| {} | {:.2} % | {:.2} % | {:.1} % | {:.1} % | {:.2} | {difference} | {verdict} |",
        row.name,
        100.0 * row.growth_annual,
        100.0 * row.volatility_annual,
        100.0 * row.max_drawdown,
        100.0 * row.turnover_annual,
        1e4 * row.cost_annual,
    );
}
