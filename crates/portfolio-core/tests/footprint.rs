//! How predictable a 60/40 policy and four equal stocks are on the data in `data/`, and what staggering changes.
//!
//! The parameters were fixed before anything was measured: 5/25 bands, trades half way to the edge, a window of 20
//! sessions, a jitter of a quarter, a risk aversion of 5, a cost of 10 bp. Twenty seeds, 1 to 20, none of them chosen.

use portfolio_core::bands::footprint::{FootprintPolicy, FootprintReport, Staggering, measure_footprint};
use portfolio_core::bands::timing::{Every, Schedule, Timing, Trigger};
use portfolio_core::{BandRule, CoreError, NaiveDate, ReturnPanel, Seed, Universe};

const SEEDS: u64 = 20;

fn panel(file: &str, assets: &[&str]) -> ReturnPanel {
    let path = format!("{}/../../data/{file}", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).expect("a file of data/");
    let header = reader.headers().expect("a file of data/").clone();
    let columns: Vec<usize> =
        assets.iter().map(|asset| header.iter().position(|name| name == *asset).expect("a file of data/")).collect();
    let mut dates: Vec<NaiveDate> = Vec::new();
    let mut prices = vec![Vec::<f64>::new(); assets.len()];
    for record in reader.records() {
        let record = record.expect("a file of data/");
        dates.push(record[0].parse().expect("a file of data/"));
        columns
            .iter()
            .zip(&mut prices)
            .for_each(|(column, series)| series.push(record[*column].parse().expect("a file of data/")));
    }
    let returns = prices.iter().map(|series| series.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()).collect();
    ReturnPanel::new(Universe::new(assets.iter().copied()).expect("a file of data/"), returns)
        .expect("a file of data/")
        .with_dates(dates.split_off(1))
        .expect("a file of data/")
}

fn balanced() -> (ReturnPanel, Vec<f64>) {
    (panel("mixed_1999_2005.csv", &["SP500_INDEX", "UST10Y_TR"]), vec![0.6, 0.4])
}

fn four_stocks() -> (ReturnPanel, Vec<f64>) {
    (panel("stocks_2010_2019.csv", &["AAPL", "JPM", "PG", "XOM"]), vec![0.25; 4])
}

fn policy(targets: Vec<f64>, trigger: Trigger) -> FootprintPolicy {
    let schedule = Some(Schedule::NthSession { every: Every::Month, nth: 1 });
    let timing = Timing { trigger, schedule, ..Timing::default() };
    let rule = BandRule::FIVE_TWENTY_FIVE;
    FootprintPolicy { targets, rule, kappa: 0.5, timing, cost_rate: 0.001, risk_aversion: 5.0 }
}

fn staggering(seed: u64) -> Staggering {
    Staggering { window_sessions: 20, kappa_jitter: 0.25, seed: Seed(seed) }
}

fn mean(reports: &[FootprintReport], of: impl Fn(&FootprintReport) -> f64) -> f64 {
    reports.iter().map(of).sum::<f64>() / reports.len() as f64
}

#[test]
fn staggering_hides_most_of_a_policy_for_little() {
    for (name, (panel, targets)) in [("60/40", balanced()), ("four stocks", four_stocks())] {
        for trigger in [Trigger::Threshold, Trigger::Both, Trigger::Calendar] {
            let policy = policy(targets.clone(), trigger);
            let reports: Vec<FootprintReport> =
                (1..=SEEDS).map(|seed| measure_footprint(&policy, &panel, &staggering(seed)).unwrap()).collect();
            let plain = reports[0].plain;
            let dates = mean(&reports, |report| report.staggered.date_r_squared.unwrap());
            let sizes = mean(&reports, |report| report.staggered.size_r_squared.unwrap());
            let tracking = mean(&reports, FootprintReport::extra_tracking_cost_bps_annual);
            let most = |of: fn(&FootprintReport) -> f64| reports.iter().map(of).fold(f64::MIN, f64::max);
            let most_dates = most(|report| report.staggered.date_r_squared.unwrap());
            let most_sizes = most(|report| report.staggered.size_r_squared.unwrap());
            let most_tracking = most(FootprintReport::extra_tracking_cost_bps_annual);
            let trading = mean(&reports, |report| report.staggered.trading_cost_bps_annual);
            println!(
                "{name}, {trigger:?}: {} trades, plain TE {:.5} = {:.3} bp, trading {:.3} bp; staggered: R² of dates \
                 {dates:.3} (at most {most_dates:.3}), of sizes {sizes:.3} (at most {most_sizes:.3}), \
                 tracking {tracking:+.3} bp (at most {most_tracking:+.3}), trading {trading:.3} bp",
                plain.trade_dates,
                plain.tracking_error_annual,
                plain.tracking_cost_bps_annual,
                plain.trading_cost_bps_annual,
            );
            // For every seed, and not only on average.
            assert!(most_dates <= 0.1 && most_sizes <= 0.1 && most_tracking <= 1.0);
            // Who knows the rule knows the trades.
            assert!(plain.date_r_squared.unwrap() > 1.0 - 1e-9 && plain.size_r_squared.unwrap() > 1.0 - 1e-9);
        }
    }
}

#[test]
fn a_window_of_no_session_and_no_jitter_changes_nothing() {
    let (panel, targets) = balanced();
    let still = Staggering { window_sessions: 0, kappa_jitter: 0.0, seed: Seed(3) };
    let report = measure_footprint(&policy(targets, Trigger::Either), &panel, &still).unwrap();
    assert_eq!(report.plain, report.staggered);
}

#[test]
fn a_policy_that_never_trades_has_no_footprint() {
    let (panel, targets) = balanced();
    let mut never = policy(targets, Trigger::Threshold);
    never.rule = BandRule::absolute(1.0).unwrap();
    let report = measure_footprint(&never, &panel, &staggering(1)).unwrap();
    assert_eq!((report.plain.trade_dates, report.plain.date_r_squared, report.plain.size_r_squared), (0, None, None));
}

#[test]
fn a_history_without_dates_or_with_other_assets_is_refused() {
    let (panel, targets) = balanced();
    let policy = policy(targets, Trigger::Threshold);
    let other = panel.select(&[0]).unwrap();
    let fault = measure_footprint(&policy, &other, &staggering(1));
    assert_eq!(fault, Err(CoreError::Lengths { expected: 1, got: 2 }));
    let bare = ReturnPanel::new(panel.universe().clone(), vec![vec![0.01], vec![0.02]]).unwrap();
    assert_eq!(measure_footprint(&policy, &bare, &staggering(1)), Err(CoreError::NoDates));
}
