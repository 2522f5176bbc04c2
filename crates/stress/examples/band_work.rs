//! What a day of a path costs without a trade, and what a trade of its bands adds: the time behind the budget of work.
//!
//! Run: `RAYON_NUM_THREADS=1 cargo run --release -p stress --example band_work`.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;
use std::sync::Arc;

use cpu_time::ProcessTime;
use portfolio_core::{Covariance, TradeScope, Universe};
use stress::{
    AssetLaw, BandPolicy, BandTrades, DailyOptions, DailyPolicy, NormalShocks, ShockDays, StressError, simulate_daily,
};

const PATHS: usize = 512;
const DAYS: usize = 21;
const COST_RATE: f64 = 0.001;

fn main() -> Result<(), Box<dyn Error>> {
    println!("| assets | a day without a trade, ns | a trade along the straight line, ns | a trade as planned, ns |");
    println!("| ---: | ---: | ---: | ---: |");
    for assets in [2, 6, 20, 100] {
        let row = |i: usize| (0..assets).map(|j| if i == j { 0.04 } else { 0.01 }).collect::<Vec<f64>>();
        let rows: Vec<Vec<f64>> = (0..assets).map(row).collect();
        let annual = Covariance::from_rows(Universe::numbered(assets)?, &rows, 1.0)?;
        let (weights, drifts) = (vec![0.99 / assets as f64; assets], vec![0.05; assets]);
        let law = ShockDays::new(AssetLaw::new(&weights, &drifts, &annual, 252.0)?, Arc::new(NormalShocks));
        // The nanoseconds of a day of a path, the least of five runs: bands without width are left each day.
        let day = |half_width: f64, trades: BandTrades| -> Result<f64, StressError> {
            let band = BandPolicy { half_widths: vec![half_width; assets], destination: 0.0, trades };
            let policy = DailyPolicy::Band(band);
            let options = DailyOptions { paths: PATHS, horizons: vec![DAYS], policy, ..DailyOptions::default() };
            let mut least = f64::INFINITY;
            for _ in 0..5 {
                let began = ProcessTime::now();
                simulate_daily(&law, &weights, &drifts, &options)?;
                least = least.min(began.elapsed().as_secs_f64());
            }
            Ok(1e9 * least / (PATHS * DAYS) as f64)
        };
        let line = BandTrades::StraightLine { cost_rate: COST_RATE };
        let plan = BandTrades::OfPlan {
            scope: TradeScope::Breached,
            cash_half_width: None,
            cost_rates: vec![COST_RATE; assets],
        };
        let quiet = day(1.0, line.clone())?;
        println!("| {assets} | {quiet:.0} | {:.0} | {:.0} |", day(0.0, line)? - quiet, day(0.0, plan)? - quiet);
    }
    Ok(())
}
