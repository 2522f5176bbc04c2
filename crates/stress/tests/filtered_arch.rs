//! Filtered historical simulation beside that of arch; provenance in `golden/filtered_arch.py`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use portfolio_core::Seed;
use serde_json::Value;
use stress::{DailyLaw, FilteredHistorical, LANES, LaneStream, LogHistory};

const BLOCKS: u64 = 400;

/// Simple returns of one column of the price file.
fn returns(series: &str) -> Vec<f64> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/mixed_1999_2005.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let column = reader.headers().unwrap().iter().position(|name| name == series).unwrap();
    let prices: Vec<f64> = reader.records().map(|row| row.unwrap()[column].parse().unwrap()).collect();
    prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

/// Sums of log-returns after each of `days`, ascending, of every path.
fn sums(law: &FilteredHistorical, days: &[usize]) -> Vec<Vec<f64>> {
    let mut out = vec![Vec::new(); days.len()];
    let mut paths = law.paths();
    let mut row = vec![[0.0; LANES]];
    for block in 0..BLOCKS {
        paths.restart();
        let mut stream = LaneStream::new(Seed(3), block);
        let mut sum = [0.0; LANES];
        for day in 1..=days[days.len() - 1] {
            paths.step(&mut stream, &mut row);
            sum.iter_mut().zip(&row[0]).for_each(|(sum, x)| *sum += x);
            if let Ok(at) = days.binary_search(&day) {
                out[at].extend_from_slice(&sum);
            }
        }
    }
    out.iter_mut().for_each(|sums| sums.sort_by(f64::total_cmp));
    out
}

#[test]
fn the_distribution_is_that_of_arch() {
    let file: Value = serde_json::from_str(include_str!("golden/filtered_arch.json")).unwrap();
    let theirs = file["paths"].as_f64().unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let name = case["series"].as_str().unwrap();
        let number = |value: &Value, member: &str| value[member].as_f64().unwrap();
        let history = LogHistory::from_returns(&[returns(name)], 252.0).unwrap();
        let law = FilteredHistorical::new(&history).unwrap();
        let variance = law.expected_variance(0, 1);
        assert!((variance / number(case, "next_variance") - 1.0).abs() < 2e-3, "{name}: {variance}");

        let figures = case["figures"].as_array().unwrap();
        let days: Vec<usize> = figures.iter().map(|f| number(f, "day") as usize).collect();
        for (figure, sums) in figures.iter().zip(sums(&law, &days)) {
            let day = number(figure, "day");
            // Both are samples: errors add.
            let per_path = 1.0 / sums.len() as f64 + 1.0 / theirs;
            let mean = sums.iter().sum::<f64>() / sums.len() as f64;
            let bound = 4.0 * number(figure, "standard_deviation") * per_path.sqrt();
            assert!((mean - number(figure, "mean")).abs() <= bound, "{name}, day {day}: mean {mean}");
            for (member, share) in [("quantile_05", 0.05), ("quantile_01", 0.01)] {
                let below = sums.partition_point(|x| *x <= number(figure, member)) as f64 / sums.len() as f64;
                let bound = 4.0 * (share * (1.0 - share) * per_path).sqrt();
                assert!((below - share).abs() <= bound, "{name}, day {day}: {below} below {member}");
            }
            let tail = &sums[..sums.len() / 20];
            let found = tail.iter().sum::<f64>() / tail.len() as f64;
            let (want, edge) = (number(figure, "tail_mean_05"), number(figure, "quantile_05"));
            let spread = number(figure, "tail_deviation_05").powi(2) + 0.95 * (edge - want).powi(2);
            assert!((found - want).abs() <= 4.0 * (spread * per_path / 0.05).sqrt(), "{name}, day {day}: tail {found}");
        }
    }
}
