//! Is any forecaster better than the expanding mean, and do holdings by its forecasts pay for their trades? 20 shares from 1990 to 2022.
//!
//! ```sh
//! cargo run --release -p forecast --example forecasters_on_trial
//! cargo run --release -p forecast --example forecasters_on_trial -- short
//! ```
//!
//! The first gives the table of docs/models.md; `short` stops after ten years. Every four weeks from the third year on, each forecaster reads
//! the returns so far and forecasts the mean return of the next 20 days of each share. Its loss is the squared error in units of the share's
//! variance so far, averaged over the shares; the plain alternative is the mean of all returns so far. The same forecasts rank the shares,
//! which are held from half to one and a half times equal weight by rank; a trade costs 10 basis points of its value, and the plain
//! alternative of the holdings is equal weights, restored on the same days at the same cost.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

mod holdings;

use std::error::Error;
use std::fs::File;
use std::path::Path;

use evaluate::{Judgement, LongRunVariance, Verdict, diebold_mariano, test_mean};
use flate2::read::GzDecoder;
use forecast::{AssetFeatures, Forecaster, ForecasterRegistry, Mixture};
use portfolio_core::{ReturnPanel, Universe};

use crate::holdings::{Holdings, by_rank};

/// Days from one decision to the next.
const BLOCK: usize = 20;
/// Days before the first decision: a day on which mixtures have a round, as every day that is a multiple of five days later.
const START: usize = 503;
/// Trading days of the short form.
const SHORT: usize = 2_520;
/// Probability of any false verdict of the table.
const LEVEL: f64 = 0.05;
/// The forecasters that are not mixtures. `ensemble_v4` and `ensemble_v5` forecast what `ensemble_v3` and `ensemble_v2` do.
const OTHERS: [&str; 3] = ["ensemble_v3", "ensemble_v2", "demo_ensemble_v1"];
/// Basis points of a block in a year.
const BP_A_YEAR: f64 = 252.0 / BLOCK as f64 * 10_000.0;

fn main() -> Result<(), Box<dyn Error>> {
    let days = if std::env::args().any(|argument| argument == "short") { SHORT } else { usize::MAX };
    let returns = shares(days)?;
    let (count, periods) = (returns.len(), returns.first().map_or(0, Vec::len));
    let panel = ReturnPanel::new(Universe::new((0..count).map(|i| format!("S{i}")))?, returns)?;
    let blocks: Vec<usize> = (START..periods.saturating_sub(BLOCK - 1)).step_by(BLOCK).collect();
    let registry = ForecasterRegistry::standard();
    let others: Vec<_> = OTHERS.iter().filter_map(|id| registry.get(id)).collect();
    let mixtures = Mixture::all();
    let ids: Vec<&str> = others.iter().map(|model| model.id()).chain(mixtures.iter().map(Forecaster::id)).collect();
    let mixed: Vec<Vec<Vec<f64>>> = mixtures.iter().map(|mixture| along(mixture, &panel)).collect::<Result<_, _>>()?;
    let equal_weights = vec![1.0 / count as f64; count];
    let features = AssetFeatures::default().with_policy_weights(&equal_weights).with_risk_aversion(5.0);

    let mut losses = vec![Vec::new(); ids.len() + 1];
    let mut held = vec![Holdings::default(); ids.len() + 1];
    for day in &blocks {
        let past = panel.window(0..*day)?;
        let plain: Vec<f64> = past.columns().map(mean).collect();
        let scale: Vec<f64> = past.columns().zip(&plain).map(|(r, m)| variance(r, *m)).collect();
        let coming: Vec<&[f64]> = panel.columns().map(|returns| &returns[*day..*day + BLOCK]).collect();
        let loss = |forecast: &[f64]| -> f64 {
            let each = coming.iter().zip(forecast).zip(&scale).map(|((r, f), s)| (mean(r) - f).powi(2) / s);
            each.sum::<f64>() / count as f64
        };
        losses[0].push(loss(&plain));
        held[0].hold(&equal_weights, &coming);
        let said = others.iter().map(|model| {
            let forecasts = model.forecast(&past, &features)?;
            Ok::<Vec<f64>, Box<dyn Error>>(forecasts.iter().map(|forecast| forecast.expected_return).collect())
        });
        let mut said: Vec<Vec<f64>> = said.collect::<Result<_, _>>()?;
        let round = (*day - START) / STEP;
        said.extend(mixed.iter().map(|shares| shares.iter().map(|rounds| rounds[round]).collect()));
        for (i, told) in said.iter().enumerate() {
            losses[i + 1].push(loss(told));
            held[i + 1].hold(&by_rank(told), &coming);
        }
    }
    let trials = 2 * ids.len() as u64;
    println!(
        "| forecaster | R² against the expanding mean | 95 % interval | t | p | verdict | turnover a year | bp a year more than equal weights, net | 95 % \
         interval | p | verdict |"
    );
    println!("| --- | ---: | --- | ---: | ---: | --- | ---: | ---: | --- | ---: | --- |");
    for (i, id) in ids.iter().enumerate() {
        let test = diebold_mariano(&losses[i + 1], &losses[0], 1)?;
        // Of the difference of the losses, as a share of the loss of the plain alternative.
        let share = -100.0 / mean(&losses[0]);
        let [high, low] = test.test.interval(1.0 - LEVEL)?.map(|difference| share * difference);
        let more: Vec<f64> = held[i + 1].net.iter().zip(&held[0].net).map(|(own, plain)| own - plain).collect();
        let net = test_mean(&more, LongRunVariance::automatic(more.len()))?;
        let [lower, upper] = net.interval(1.0 - LEVEL)?;
        println!(
            "| `{id}` | {:+.2} % | {low:+.2} to {high:+.2} | {:+.2} | {:.3} | {} | {:.2} | {:+.0} | {:+.0} to {:+.0} | {:.3} | {} |",
            share * test.test.mean,
            test.test.statistic,
            test.test.p_value,
            word(test.judge(LEVEL, trials)?.verdict),
            held[i + 1].turnover_a_year(252.0 / BLOCK as f64),
            BP_A_YEAR * net.mean,
            BP_A_YEAR * lower,
            BP_A_YEAR * upper,
            net.p_value,
            word(Judgement::bonferroni(net.p_value, net.mean > 0.0, LEVEL, trials)?.verdict),
        );
    }
    Ok(())
}

/// Days from one round of a mixture to the next.
const STEP: usize = 5;

/// What a mixture forecasts of each share on the days of its rounds from the first decision on. No round depends on a later return, so this is
/// what it would have said from the returns so far.
fn along(mixture: &Mixture, panel: &ReturnPanel) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let of_share = |returns: &[f64]| -> Result<Vec<f64>, Box<dyn Error>> {
        let (rounds, _) = mixture.rounds(returns)?;
        let said = rounds.iter().filter(|round| round.at >= START);
        Ok(said.map(|round| round.weights.iter().zip(&round.forecasts).map(|(w, f)| w * f).sum()).collect())
    };
    panel.columns().map(of_share).collect()
}

/// Daily returns of the 20 shares of the shipped file, its first `most` days.
fn shares(most: usize) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/stocks_1990_2022.csv.gz");
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path)?));
    let index = reader.headers()?.iter().position(|name| name == "SP500_INDEX").ok_or("there is no index")?;
    let mut prices: Vec<Vec<f64>> = vec![Vec::new(); reader.headers()?.len() - 1];
    for row in reader.records().take(most.saturating_add(1)) {
        for (column, price) in prices.iter_mut().zip(row?.iter().skip(1)) {
            column.push(price.parse::<f64>()?);
        }
    }
    prices.remove(index - 1);
    let returns = |prices: Vec<f64>| prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
    Ok(prices.into_iter().map(returns).collect())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64], mean: f64) -> f64 {
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        _ => "not distinguishable",
    }
}
