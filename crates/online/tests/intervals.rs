//! Intervals hold their coverage: on every sequence by the bound of their rule, and on the S&P 500 of 1990 to 2022 in every hundred days.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::path::Path;

use flate2::read::GzDecoder;
use online::{Conformal, ConformalError, ConformalSpec, EwmaScale, NoInterval, coverage};
use proptest::prelude::*;

/// Days and returns of the S&P 500.
fn index() -> (Vec<String>, Vec<f64>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/stocks_1990_2022.csv.gz");
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path).unwrap()));
    let column = reader.headers().unwrap().iter().position(|name| name == "SP500_INDEX").unwrap();
    let rows = reader.records().map(Result::unwrap);
    let (days, prices): (Vec<String>, Vec<f64>) =
        rows.map(|row| (row[0].to_owned(), row[column].parse::<f64>().unwrap())).unzip();
    (days[1..].to_vec(), prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect())
}

/// Half-widths and hits of next-day intervals: the forecast is the mean of the last `memory` returns, or zero.
fn replay(returns: &[f64], spec: ConformalSpec, memory: usize) -> (Vec<Result<f64, NoInterval>>, Vec<bool>) {
    let first = 20.max(memory);
    let mut scale = EwmaScale::new(0.94, &returns[..first]).unwrap();
    let mut intervals = Conformal::new(spec).unwrap();
    let (mut widths, mut hits) = (Vec::new(), Vec::new());
    for day in first..returns.len() {
        let point = if memory == 0 { 0.0 } else { returns[day - memory..day].iter().sum::<f64>() / memory as f64 };
        let issued = intervals.issue(point, scale.scale()).unwrap();
        widths.push(issued.half_width());
        hits.extend(intervals.settle(issued, returns[day]).unwrap().hit);
        scale.observe(returns[day] - point).unwrap();
    }
    (widths, hits)
}

#[test]
fn the_index_is_held_through_2008_and_2020() {
    let (days, returns) = index();
    assert!(days[0].starts_with("1990") && days[days.len() - 1].starts_with("2022"));
    for memory in [0, 250] {
        let (widths, hits) = replay(&returns, ConformalSpec::default(), memory);
        let found = coverage(&hits, 100).unwrap();
        assert!((0.89..=0.91).contains(&found.overall), "{memory}: {found:?}");
        assert!(found.worst_window >= 0.84, "{memory}: {found:?}");
        // The coverage is that of intervals with ends.
        let endless = widths.iter().filter(|width| **width == Err(NoInterval::BeyondWindow)).count();
        assert!(endless <= 8, "{memory}: {endless}");
        // A level that does not adapt has worse stretches.
        let rolling = replay(&returns, ConformalSpec { rate: 0.0, ..ConformalSpec::default() }, memory).1;
        assert!(coverage(&rolling, 100).unwrap().worst_window < 0.82, "{memory}");
    }
}

#[test]
fn an_interval_does_not_change_when_the_future_is_cut_off() {
    let (_, returns) = index();
    let whole = replay(&returns, ConformalSpec::default(), 250).0;
    for end in [600, 4700, 7600] {
        let cut = replay(&returns[..end], ConformalSpec::default(), 250).0;
        assert_eq!(cut, whole[..cut.len()]);
    }
}

#[test]
fn outcomes_may_come_late() {
    let (_, returns) = index();
    let mut intervals = Conformal::new(ConformalSpec::default()).unwrap();
    let mut waiting = std::collections::VecDeque::new();
    let mut hits = Vec::new();
    for outcome in &returns {
        waiting.push_back((intervals.issue(0.0, 0.01).unwrap(), *outcome));
        if waiting.len() > 5 {
            let (issued, outcome) = waiting.pop_front().unwrap();
            hits.extend(intervals.settle(issued, outcome).unwrap().hit);
        }
    }
    let overall = coverage(&hits, 100).unwrap().overall;
    assert!((0.89..=0.91).contains(&overall), "{overall}");
}

#[test]
fn bad_input_is_refused() {
    let spec = ConformalSpec::default();
    for (bad, name) in [
        (ConformalSpec { coverage: 1.0, ..spec }, "coverage"),
        (ConformalSpec { window: 0, ..spec }, "window"),
        (ConformalSpec { warm_up: 251, ..spec }, "warm_up"),
        (ConformalSpec { rate: -0.1, ..spec }, "rate"),
    ] {
        assert_eq!(Conformal::new(bad), Err(ConformalError::Range(name)));
    }
    let mut intervals = Conformal::new(spec).unwrap();
    assert_eq!(intervals.issue(f64::NAN, 1.0), Err(ConformalError::NotFinite));
    assert_eq!(intervals.issue(0.0, 0.0), Err(ConformalError::Scale));
    let issued = intervals.issue(0.0, 1.0).unwrap();
    let before = intervals.clone();
    assert_eq!(intervals.settle(issued, f64::INFINITY), Err(ConformalError::NotFinite));
    assert_eq!(intervals, before);
    assert_eq!(EwmaScale::new(0.94, &[]), Err(ConformalError::Scale));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Gibbs and Candès (2021), proposition 4.1: no law of the outcomes is assumed, so an adversary may choose them.
    #[test]
    fn the_coverage_is_within_its_bound_on_every_sequence(
        seed: u64,
        coverage in 0.05_f64..0.95,
        rate in 0.005_f64..0.5,
        window in 1_usize..60,
        length in 50_usize..1500,
    ) {
        let mut intervals = Conformal::new(ConformalSpec { coverage, window, warm_up: 1, rate }).unwrap();
        let (mut hits, mut count, mut state) = (0, 0, seed | 1);
        for step in 0..length {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let issued = intervals.issue(0.0, 1.0).unwrap();
            // Just outside of every interval for a while, then far inside, in stretches of random length.
            let outside = issued.half_width().map_or(1.0, |width| width * 1.01 + 1e-9);
            let outcome = if state >> 60 < 4 + (step as u64 / 200) % 9 { outside } else { 1e-12 * step as f64 };
            if let Some(hit) = intervals.settle(issued, outcome).unwrap().hit {
                hits += usize::from(hit);
                count += 1;
            }
        }
        let aim = 1.0 - coverage;
        let bound = (aim.max(coverage) + rate) / (rate * count as f64);
        let share = hits as f64 / count as f64;
        prop_assert!((share - coverage).abs() <= bound + 1e-9, "{share} for {coverage}, bound {bound}");
    }
}
