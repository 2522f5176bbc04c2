//! This product's own defaults on trial: policies replayed over all shipped prices, after costs, with intervals and verdicts.
//!
//! Run: `cargo run --release -p backtest --example defaults_on_trial`. `docs/evidence.md` quotes what it prints.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

#[path = "common/books.rs"]
mod books;

use std::error::Error;

use backtest::{
    Band, BuyAndHold, Cadence, FixedWeights, Planned, ReplayOptions, Run, Terms, Trial, TrialLedger, replay,
};
use evaluate::{
    EvaluateError, Judgement, LongRunVariance, StationaryBootstrap, superior_predictive_ability, test_mean,
};
use pipeline::{Method, OptimalMethod, Policy, RunConfig, SizingOptions};
use portfolio_core::{BandRule, Seed};

use crate::books::{Book, books, prices};

/// Rows of history before the first decision: a year.
const START: usize = 252;
/// Costs of each side, basis points.
const COST_BPS: f64 = 10.0;
/// Price of variance in the band that computes itself and in the optimal method: the default of a plan.
const RISK_AVERSION: f64 = 5.0;
/// Level of the verdicts, over all trials of a book.
const LEVEL: f64 = 0.05;
/// Artificial histories of the test of the best.
const RESAMPLES: usize = 999;

fn main() -> Result<(), Box<dyn Error>> {
    for book in books() {
        on_trial(&book)?;
    }
    Ok(())
}

fn on_trial(book: &Book) -> Result<(), Box<dyn Error>> {
    let history = prices(book)?;
    let target: Vec<f64> = book.target.iter().map(|(_, weight)| *weight).collect();
    let trials = trials(&target)?;
    let options = ReplayOptions { start: START, ..ReplayOptions::default() };
    let result = replay(&history, &trials, &options, &mut TrialLedger::default())?;
    let dates = history.dates().ok_or("no dates")?;
    println!("## {}\n", book.name);
    println!(
        "{} to {}, {} days, {COST_BPS} bp a side, {} trials. {}\n",
        dates[START],
        dates[dates.len() - 1],
        dates.len() - START,
        result.trials,
        book.caveat
    );
    println!(
        "| policy | wealth | growth a year | volatility | Sharpe ratio (95 %) | drawdown | tracking error | turnover a year | cost a year, bp |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    result.runs.iter().for_each(figures);
    let growth: Vec<Vec<f64>> =
        result.runs.iter().map(|run| run.returns().iter().map(|r| r.ln_1p()).collect()).collect();
    println!("\n| policy | beside | mean difference a year, bp | verdict |\n| --- | --- | ---: | --- |");
    let (monthly, others) = result.runs.split_first().ok_or("no runs")?;
    for (run, growth_of) in others.iter().zip(&growth[1..]) {
        compare((run, growth_of), (monthly, &growth[0]), others.len())?;
    }
    let find = |name: &str| result.runs.iter().position(|run| run.name == name).ok_or("no such run");
    let (tilted, plain) = (find("planned monthly, tilt")?, find("planned monthly, no tilt")?);
    compare((&result.runs[tilted], &growth[tilted]), (&result.runs[plain], &growth[plain]), 1)?;
    let losses = |growth: &Vec<f64>| growth.iter().map(|g| -g).collect::<Vec<f64>>();
    let models: Vec<Vec<f64>> = growth[1..].iter().map(losses).collect();
    let bootstrap = StationaryBootstrap::new(10.0, RESAMPLES, Seed(1))?;
    let best = superior_predictive_ability(&losses(&growth[0]), &models, &bootstrap)?;
    println!(
        "\nThe best of the {} others is {}; beside monthly rebalancing it is {} by Hansen's test of superior predictive ability.\n",
        others.len(),
        others[best.best].name,
        best.judge(LEVEL)?
    );
    Ok(())
}

/// The policies. The first, monthly rebalancing, is what the others are held against.
fn trials(target: &[f64]) -> Result<Vec<Trial>, Box<dyn Error>> {
    let assets = target.len();
    let terms = || Terms::proportional(assets, COST_BPS);
    let of = || target.to_vec();
    let band = || Band::new(of(), BandRule::FIVE_TWENTY_FIVE);
    let computed = || Band::computed(of(), vec![COST_BPS / 1e4; assets], RISK_AVERSION);
    let planned = |method: Method| -> Result<Planned, Box<dyn Error>> {
        let sizing = SizingOptions { drift_threshold: 0.01, turnover_limit: 2.0 };
        let config = RunConfig::new(Policy { weights: of(), cash_weight: 0.0 });
        let config = config.with_costs(terms()?.costs).with_sizing(sizing).with_simulation(None).with_method(method);
        Ok(Planned::new(config, Cadence::Monthly).with_lookback(START))
    };
    let optimal = Method::Optimal(Box::new(OptimalMethod::long_only(assets)));
    Ok(vec![
        Trial::new("monthly, to target", FixedWeights::new(of(), Cadence::Monthly), terms()?),
        Trial::new("buy and hold", BuyAndHold::new(of()), terms()?),
        Trial::new("5/25, to target", band()?, terms()?),
        Trial::new("5/25, to edge", band()?.with_destination(1.0)?, terms()?),
        Trial::new("self-computed band, to target", computed()?, terms()?),
        Trial::new("self-computed band, to edge", computed()?.with_destination(1.0)?, terms()?),
        Trial::new("optimal method, monthly", planned(optimal)?, terms()?),
        Trial::new("planned monthly, no tilt", planned(Method::Drift { tilt_budget: None })?, terms()?),
        Trial::new("planned monthly, tilt", planned(Method::Drift { tilt_budget: Some(0.01) })?, terms()?),
    ])
}

fn figures(run: &Run) {
    let percent = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{:.2} %", 100.0 * value));
    let figures = &run.figures;
    let sharpe = figures
        .intervals
        .sharpe
        .map_or_else(|| "-".to_owned(), |s| format!("{:.2} ({:.2} to {:.2})", s.estimate, s.lower, s.upper));
    println!(
        "| {} | {:.3} | {} | {} | {sharpe} | {} | {} | {} | {:.2} |",
        run.name,
        run.terminal_wealth(),
        percent(figures.annual_growth),
        percent(figures.summary.volatility),
        percent(figures.summary.max_drawdown),
        percent(figures.summary.tracking_error),
        percent(figures.annual_turnover_two_way),
        1e4 * figures.annual_cost.unwrap_or_default(),
    );
}

/// The mean difference of daily logarithmic growth, with the standard error of Newey and West.
fn compare(
    (run, growth): (&Run, &[f64]),
    (beside, growth_beside): (&Run, &[f64]),
    trials: usize,
) -> Result<(), Box<dyn Error>> {
    let differences: Vec<f64> = growth.iter().zip(growth_beside).map(|(a, b)| a - b).collect();
    match test_mean(&differences, LongRunVariance::automatic(differences.len())) {
        Ok(test) => println!(
            "| {} | {} | {:.1} | {} |",
            run.name,
            beside.name,
            252.0 * 1e4 * test.mean,
            Judgement::bonferroni(test.p_value, test.mean > 0.0, LEVEL, trials as u64)?
        ),
        Err(EvaluateError::Unavailable(reason)) => println!("| {} | {} | - | {reason} |", run.name, beside.name),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
