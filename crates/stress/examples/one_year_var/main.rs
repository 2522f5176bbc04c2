//! Counts how often a year lost more than the value at risk predicted before it, under the drift of the history and under the
//! posterior of the drift, on all price histories of `data/` that an investor can earn; and prints the interval of the share under the posterior,
//! from a bootstrap of blocks of months, and which shares the years that do not overlap could not distinguish from 5 %.
//!
//! Run: `cargo run --release -p stress --example one_year_var`
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;

use stress::DriftPrior;

mod years;

use years::{Count, YEAR, count, groups};

fn main() -> Result<(), Box<dyn Error>> {
    let prior = DriftPrior { risk_free_rate: 0.02, ..DriftPrior::default() };
    let groups = groups()?;
    println!("Share of years, begun monthly, that ended below the 5 % quantile predicted from the history before:");
    for years in [1, 3, 5] {
        let head = format!("history of {years} years");
        println!(
            "\n{head:<40}{:>9}{:>11}{:>16}{:>8}{:>7}{:>17}",
            "sample", "posterior", "95 % interval", "years", "apart", "5 % allows"
        );
        let mut all = Count::default();
        for group in &groups {
            let of_group = count(group, years * YEAR, &prior)?;
            print_row(group.name, &of_group);
            all = all.with(of_group);
        }
        print_row("all", &all);
    }
    Ok(())
}

fn print_row(name: &str, count: &Count) {
    let [sample, posterior] = count.shares().map(|share| 100.0 * share);
    let [least, most] = count.allowed().map(|share| 100.0 * share);
    let allowed = format!("{least:.1} to {most:.1}%");
    let interval = count.interval().map_or_else(String::new, |interval| {
        let [from, to] = interval.map(|share| 100.0 * share);
        format!("{from:.1} to {to:.1}%")
    });
    let Count { years, apart, .. } = count;
    println!("{name:<40}{sample:>8.1}%{posterior:>10.1}%{interval:>16}{years:>8.0}{apart:>7}{allowed:>17}");
}
