//! How the studies print runs, and judge one beside another.

use std::error::Error;

use backtest::Run;
use evaluate::{
    EvaluateError, Judgement, LongRunVariance, StationaryBootstrap, Verdict, superior_predictive_ability, test_mean,
};
use portfolio_core::Seed;

/// Level of the verdicts, over a whole study.
const LEVEL: f64 = 0.05;
/// Artificial histories of the test of the best.
const RESAMPLES: usize = 999;

/// A table of runs.
pub(crate) fn table(runs: &[Run]) {
    println!(
        "| policy | wealth | growth a year | volatility | Sharpe ratio (95 %) | drawdown | tracking error | turnover a year | cost a year, bp |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    runs.iter().for_each(figures);
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

/// Daily logarithmic growth of each run.
pub(crate) fn growth(runs: &[Run]) -> Vec<Vec<f64>> {
    runs.iter().map(|run| run.returns().iter().map(|r| r.ln_1p()).collect()).collect()
}

/// Prints the mean difference of daily logarithmic growth, with the standard error of Newey and West; one of `comparisons` of the study. The
/// verdict is `None` where the two do not differ.
pub(crate) fn compare(
    (run, growth): (&Run, &[f64]),
    (beside, growth_beside): (&Run, &[f64]),
    comparisons: usize,
) -> Result<Option<Verdict>, Box<dyn Error>> {
    let differences: Vec<f64> = growth.iter().zip(growth_beside).map(|(a, b)| a - b).collect();
    match test_mean(&differences, LongRunVariance::automatic(differences.len())) {
        Ok(test) => {
            let judged = Judgement::bonferroni(test.p_value, test.mean > 0.0, LEVEL, comparisons as u64)?;
            println!("| {} | {} | {:.1} | {judged} |", run.name, beside.name, 252.0 * 1e4 * test.mean);
            Ok(Some(judged.verdict))
        }
        Err(EvaluateError::Unavailable(reason)) => {
            println!("| {} | {} | - | {reason} |", run.name, beside.name);
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Hansen's test of the best run beside the first: which one it is, and the verdict of one of `bests` such tests. The p-value allows for the
/// runs, and the level for the other tests of a best.
pub(crate) fn best(growth: &[Vec<f64>], bests: usize) -> Result<(usize, Judgement), Box<dyn Error>> {
    let losses = |growth: &Vec<f64>| growth.iter().map(|g| -g).collect::<Vec<f64>>();
    let (first, others) = growth.split_first().ok_or("no runs")?;
    let models: Vec<Vec<f64>> = others.iter().map(losses).collect();
    let bootstrap = StationaryBootstrap::new(10.0, RESAMPLES, Seed(1))?;
    let best = superior_predictive_ability(&losses(first), &models, &bootstrap)?;
    Ok((1 + best.best, Judgement::bonferroni(best.consistent.value, true, LEVEL, bests as u64)?))
}
