//! Do learned tilts pay for their trades? Boosted trees and online aggregation of simple rules against equal weights, net of costs, on 20 shares
//! from 1990 to 2022.
//!
//! ```sh
//! cargo run --release -p evaluate --example learners
//! cargo run --release -p evaluate --example learners -- short
//! ```
//!
//! The first gives the tables of docs/models.md; `short` stops after ten years. Every 21 days each rule ranks the shares and holds them from
//! half to one and a half times equal weight by rank; a trade costs 10 basis points of its value. The plain alternative is equal weights, restored on the same days at the same
//! cost. Trees are trained again each year on rows whose 21 days ended at least 21 days before; weights of rules are learned from what is over.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

mod book;
mod market;
mod rules;

use std::error::Error;

use evaluate::{LongRunVariance, Verdict, diebold_mariano, test_mean};

use crate::book::Book;
use crate::market::Market;
use crate::rules::{Learner, MIXTURES, RULES, mixtures};

/// Probability of any false verdict of the tables.
const LEVEL: f64 = 0.05;
/// Basis points in one.
const BPS: f64 = 10_000.0;
/// Blocks of 21 days in a year.
const BLOCKS_A_YEAR: f64 = 12.0;
/// Trading days of the short form.
const SHORT: usize = 2_520;

fn main() -> Result<(), Box<dyn Error>> {
    let days = if std::env::args().any(|argument| argument == "short") { SHORT } else { usize::MAX };
    let market = Market::read(days)?;
    let mut learner = Learner::default();
    let blocks: Vec<usize> = market.blocks().collect();
    let mut chosen: Vec<Vec<Vec<f64>>> = vec![Vec::new(); RULES.len()];
    for day in &blocks {
        let scores = learner.scores(&market, *day)?;
        for (weights, scores) in chosen.iter_mut().zip(scores) {
            weights.push(book::tilted(&scores));
        }
    }
    let run = |weights: &[Vec<f64>]| Book::run(&market, &blocks, weights);
    let equal = run(&vec![vec![1.0 / market.shares() as f64; market.shares()]; blocks.len()]);
    let own: Vec<Book> = chosen.iter().map(|weights| run(weights)).collect();
    let mixed = mixtures(&chosen, &own, &equal)?;
    let books: Vec<(&str, Book)> =
        RULES.into_iter().zip(own).chain(MIXTURES.into_iter().zip(mixed.iter().map(|weights| run(weights)))).collect();

    // One more for the forecast below.
    let trials = books.len() as u64 + 1;
    println!(
        "| holdings | turnover a year | bp a year more than equal weights, net | 95 % interval | t | p | verdict |"
    );
    println!("| --- | ---: | ---: | --- | ---: | ---: | --- |");
    println!("| equal weights | {:.2} | | | | | the plain alternative |", equal.turnover_a_year(BLOCKS_A_YEAR));
    for (name, book) in &books {
        let more: Vec<f64> = book.net.iter().zip(&equal.net).map(|(own, plain)| own - plain).collect();
        let test = test_mean(&more, LongRunVariance::automatic(more.len()))?;
        let judged = evaluate::Judgement::bonferroni(test.p_value, test.mean > 0.0, LEVEL, trials)?;
        let a_year = BPS * BLOCKS_A_YEAR;
        let [lower, upper] = test.interval(1.0 - LEVEL)?;
        println!(
            "| {name} | {:.2} | {:+.0} | {:+.0} to {:+.0} | {:+.2} | {:.3} | {} |",
            book.turnover_a_year(BLOCKS_A_YEAR),
            a_year * test.mean,
            a_year * lower,
            a_year * upper,
            test.statistic,
            test.p_value,
            word(judged.verdict)
        );
    }
    let [forecast, none] = learner.losses(&market);
    let test = diebold_mariano(&forecast, &none, 1)?;
    let r2 = 1.0 - forecast.iter().sum::<f64>() / none.iter().sum::<f64>();
    println!(
        "\n| forecast of a share's return beyond the mean of all | out-of-sample R² against zero | t | p | verdict |"
    );
    println!("| --- | ---: | ---: | ---: | --- |");
    println!(
        "| boosted trees | {:+.2} % | {:+.2} | {:.3} | {} |",
        100.0 * r2,
        test.test.statistic,
        test.test.p_value,
        word(test.judge(LEVEL, trials)?.verdict)
    );
    Ok(())
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        _ => "not distinguishable",
    }
}
