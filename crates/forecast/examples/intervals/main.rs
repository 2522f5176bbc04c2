//! Do the intervals of `ensemble_v4` hold? Every next-day interval of the S&P 500 and 20 stocks from 1990 to 2022, as it would have been issued.
//!
//! ```sh
//! cargo run --release -p forecast --example intervals
//! ```
//!
//! The table is that of docs/models.md. The model is fitted to all 21 histories whenever they have grown by a tenth, and each interval is
//! issued from what was known the day before.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use evaluate::{LongRunVariance, test_mean};
use flate2::read::GzDecoder;
use forecast::{AssetFeatures, ConformalOptions, Forecaster, ForecasterRegistry, OutcomeStreams, SettledReturn};
use online::{ConformalSpec, NoInterval, coverage};
use portfolio_core::{ReturnPanel, Universe};

/// The days over which the worst coverage is taken.
const WINDOW: usize = 100;

/// A file of prices as simple returns, each with the year of its day.
struct Prices {
    names: Vec<String>,
    years: Vec<u16>,
    returns: Vec<Vec<f64>>,
}

impl Prices {
    fn read() -> Result<Self, Box<dyn Error>> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/stocks_1990_2022.csv.gz");
        let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path)?));
        let names: Vec<String> = reader.headers()?.iter().skip(1).map(str::to_owned).collect();
        let mut prices: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
        let mut years = Vec::new();
        for row in reader.records() {
            let row = row?;
            years.push(row.get(0).and_then(|day| day.get(..4)).ok_or("a row has no date")?.parse()?);
            for (column, price) in prices.iter_mut().zip(row.iter().skip(1)) {
                column.push(price.parse::<f64>()?);
            }
        }
        let returns = |prices: Vec<f64>| prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
        Ok(Self { names, years: years.split_off(1), returns: prices.into_iter().map(returns).collect() })
    }
}

/// Hits, in the order of the days; days of the warm-up have none.
fn hits(settled: &[SettledReturn], mut of: impl FnMut(&SettledReturn) -> bool) -> Vec<bool> {
    settled.iter().filter(|day| of(day)).filter_map(|day| day.hit).collect()
}

fn share(hits: &[bool]) -> f64 {
    hits.iter().filter(|hit| **hit).count() as f64 / hits.len() as f64
}

/// The 95 % interval of the share on one series, with the standard error of Newey and West (1987); stocks of one day are not independent,
/// and several have none.
fn interval(settled: &[&[SettledReturn]]) -> Result<String, Box<dyn Error>> {
    let [days] = settled else { return Ok(String::new()) };
    let hits: Vec<f64> = hits(days, |_| true).into_iter().map(|hit| f64::from(u8::from(hit))).collect();
    let [lower, upper] = test_mean(&hits, LongRunVariance::automatic(hits.len()))?.interval(0.95)?;
    Ok(format!("{:.1} to {:.1} %", 100.0 * lower, 100.0 * upper))
}

/// The mean half-width, in percent, of intervals with ends.
fn width(settled: &[SettledReturn]) -> f64 {
    let widths: Vec<f64> = settled.iter().filter_map(|day| day.half_width.ok()).collect();
    100.0 * widths.iter().sum::<f64>() / widths.len() as f64
}

fn main() -> Result<(), Box<dyn Error>> {
    let Prices { names, years, returns } = Prices::read()?;
    let index = names.iter().position(|name| name == "SP500_INDEX").ok_or("there is no index")?;
    let panel = ReturnPanel::new(Universe::new(&names)?, returns)?;
    let registry = ForecasterRegistry::standard();
    let model = Arc::clone(registry.default_forecaster());
    println!(
        "| intervals of 90 % | series | overall | 95 % interval | worst {WINDOW} days | 2008 | 2020 | mean half-width | without ends |"
    );
    println!("| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    let adaptive = ConformalOptions::default();
    let rolling = ConformalOptions { intervals: ConformalSpec { rate: 0.0, ..adaptive.intervals }, ..adaptive };
    let mut rows: Vec<(String, Arc<dyn Forecaster>, ConformalOptions)> = vec![
        ("adaptive, `ensemble_v4`".to_owned(), Arc::clone(&model), adaptive),
        ("rolling".to_owned(), model, rolling),
    ];
    let others = ["ensemble_v2", "mixture_equal", "mixture_ewa", "mixture_ml_poly", "mixture_boa"];
    for other in others.iter().filter_map(|id| registry.get(id)) {
        rows.push((format!("adaptive, around `{}`", other.id()), Arc::clone(other), adaptive));
    }
    for (name, model, options) in rows {
        let streams = OutcomeStreams::replay(&model, &options, &panel, &AssetFeatures::default())?;
        let line = |label: &str, settled: &[&[SettledReturn]]| -> Result<(), Box<dyn Error>> {
            let all: Vec<bool> = settled.iter().flat_map(|days| hits(days, |_| true)).collect();
            let mut worst = 1.0_f64;
            for days in settled {
                worst = worst.min(coverage(&hits(days, |_| true), WINDOW).ok_or("too few days")?.worst_window);
            }
            let year = |year: u16| {
                let of = |day: &SettledReturn| years.get(day.period) == Some(&year);
                100.0 * share(&settled.iter().flat_map(|days| hits(days, of)).collect::<Vec<_>>())
            };
            let endless = |day: &&SettledReturn| day.half_width == Err(NoInterval::BeyondWindow);
            let endless: usize = settled.iter().map(|days| days.iter().filter(endless).count()).sum();
            let widths = settled.iter().map(|days| width(days)).sum::<f64>() / settled.len() as f64;
            println!(
                "| {name} | {label} | {:.1} % | {} | {:.0} % | {:.1} % | {:.1} % | {widths:.2} % | {endless} of {} days |",
                100.0 * share(&all),
                interval(settled)?,
                100.0 * worst,
                year(2008),
                year(2020),
                all.len(),
            );
            Ok(())
        };
        line("S&P 500", &[streams.settled(index)])?;
        let stocks: Vec<&[SettledReturn]> =
            (0..names.len()).filter(|asset| *asset != index).map(|asset| streams.settled(asset)).collect();
        line("20 stocks", &stocks)?;
    }
    Ok(())
}
