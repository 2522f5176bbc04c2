//! Conformal intervals around trained trees hold what comes, years after the training.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;

use boosting::{BoostedForecaster, TrainingSpec, train};
use flate2::read::GzDecoder;
use forecast::{AssetFeatures, ConformalOptions, OutcomeStreams};
use online::coverage;
use portfolio_core::{ReturnPanel, Seed, Universe};

/// Shares of the panel.
const SHARES: usize = 6;

/// Years of the days, and daily returns of shares from 1990 to 2022.
fn shares() -> (Vec<u16>, Vec<Vec<f64>>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/stocks_1990_2022.csv.gz");
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path).unwrap()));
    let index = reader.headers().unwrap().iter().position(|name| name == "SP500_INDEX").unwrap();
    let mut prices = vec![Vec::new(); SHARES];
    let mut years = Vec::new();
    for row in reader.records() {
        let row = row.unwrap();
        years.push(row[0][..4].parse().unwrap());
        let columns = (1..row.len()).filter(|column| *column != index);
        for (own, column) in prices.iter_mut().zip(columns) {
            own.push(row[column].parse::<f64>().unwrap());
        }
    }
    let returns = |prices: Vec<f64>| prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
    (years.split_off(1), prices.into_iter().map(returns).collect())
}

#[test]
fn intervals_around_trained_trees_hold_on_shares_after_their_training() {
    let (years, returns) = shares();
    // Trained on the first ten years, and held to every day after them.
    let trained_until = years.iter().position(|year| *year == 2000).unwrap();
    let past: Vec<Vec<f64>> = returns.iter().map(|series| series[..trained_until].to_vec()).collect();
    let spec = TrainingSpec { rounds: 50, ..TrainingSpec::default() };
    let trained = train(&past, &spec, 1, Seed(19), |_, _| ControlFlow::Continue(())).unwrap();
    let model = BoostedForecaster::new("trees", "1.0.0", trained.weights, "0");
    let panel = ReturnPanel::new(Universe::new((0..SHARES).map(|i| format!("S{i}"))).unwrap(), returns).unwrap();
    let streams =
        OutcomeStreams::replay(&model, &ConformalOptions::default(), &panel, &AssetFeatures::default()).unwrap();
    let hits = |asset: usize, of: &dyn Fn(u16) -> bool| -> Vec<bool> {
        let days = streams.settled(asset).iter().filter(|day| day.period >= trained_until && of(years[day.period]));
        days.filter_map(|day| day.hit).collect()
    };
    for asset in 0..SHARES {
        let all = coverage(&hits(asset, &|_| true), 100).unwrap();
        assert!((0.89..=0.91).contains(&all.overall) && all.worst_window >= 0.8, "share {asset}: {all:?}");
    }
    for year in [2008, 2020] {
        let of_year: Vec<bool> = (0..SHARES).flat_map(|asset| hits(asset, &|own| own == year)).collect();
        let share = of_year.iter().filter(|hit| **hit).count() as f64 / of_year.len() as f64;
        assert!((0.88..=0.92).contains(&share), "{year}: {share}");
    }
}
