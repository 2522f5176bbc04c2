//! The books that benches plan.

use std::error::Error;

use engine::fault::Fault;
use engine::planning::case::Case;
use engine::planning::plan::{PlannedCase, make_plan};
use engine::scenarios::SCENARIOS;
use portfolio_core::round_to_12_decimals;
use serde_json::{Value, json};

use crate::market::{bootstrap, next};

/// Days of history of the six-asset book.
const SCENARIO_DAYS: usize = 250;

/// A rebalance request as it comes over the wire, compact and with returns of eight decimals.
#[derive(Debug, Clone)]
pub struct Book {
    request: Value,
}

impl Book {
    /// The first preview scenario, six real assets, with its last 250 days; no simulation.
    ///
    /// # Errors
    /// When the scenario is not what it used to be.
    pub fn scenario() -> Result<Self, Box<dyn Error>> {
        let mut request: Value = serde_json::from_str(SCENARIOS[0])?;
        for asset in request["assets"].as_array_mut().ok_or("no assets")? {
            let history = asset["historical_returns"].as_array_mut().ok_or("no history")?;
            history.drain(..history.len().checked_sub(SCENARIO_DAYS).ok_or("history too short")?);
        }
        let dates = request["dates"].as_array_mut().ok_or("no dates")?;
        dates.drain(..dates.len().checked_sub(SCENARIO_DAYS).ok_or("too few dates")?);
        Ok(Self { request }.with_paths(0))
    }

    /// A book of any size whose histories are bootstrapped from real columns; no simulation.
    ///
    /// The band is a quarter of the average weight and the drift up to half of each, so that about half of the assets
    /// trade and the turnover budget binds, whatever the size.
    ///
    /// # Errors
    /// When the price file cannot be read.
    pub fn bootstrapped(assets: usize, periods: usize) -> Result<Self, Box<dyn Error>> {
        let average = 1.0 / assets as f64;
        let mut state = 1;
        let asset = |(i, history): (usize, Vec<f64>)| {
            let target = average * (0.5 + next(&mut state));
            json!({
                "asset": format!("Asset {i}"),
                "target_weight": target,
                "current_weight": target * (0.5 + next(&mut state)),
                "price": round_to_12_decimals(1.0 + 200.0 * next(&mut state)),
                "market_return": history.last(),
                "historical_returns": history,
            })
        };
        let list: Vec<Value> = bootstrap(assets, periods)?.into_iter().enumerate().map(asset).collect();
        // Books are to trade whatever the trades are worth.
        let request = json!({
            "portfolio_value": 1e8, "drift_threshold": 0.25 * average, "worth_min_bps": -10_000, "assets": list,
        });
        Ok(Self { request }.with_paths(0))
    }

    /// The same book with this many simulated paths.
    #[must_use]
    pub fn with_paths(mut self, paths: usize) -> Self {
        self.request["monte_carlo"] = json!({ "paths": paths });
        self
    }

    /// The same book with a limit on its turnover, a fraction of NAV, and a cost of each asset, basis points.
    #[must_use]
    pub fn with_turnover_limit(mut self, limit: f64, costs_bps: &[f64]) -> Self {
        self.request["turnover_limit"] = json!(limit);
        for (asset, bps) in self.request["assets"].as_array_mut().into_iter().flatten().zip(costs_bps) {
            asset["transaction_cost_bps"] = json!(bps);
        }
        self
    }

    /// The same book with the simulation a request gets that says nothing about it.
    #[must_use]
    pub fn with_default_simulation(mut self) -> Self {
        self.request["monte_carlo"] = Value::Null;
        self
    }

    /// The request as bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.request.to_string().into_bytes()
    }

    /// The request, read and checked.
    ///
    /// # Errors
    /// The faults of the request.
    pub fn case(&self) -> Result<Case, Vec<Fault>> {
        Case::read(&self.bytes())
    }

    /// The plan for it.
    ///
    /// # Errors
    /// When the request is refused or no plan can be made.
    pub fn plan(&self) -> Result<PlannedCase, Box<dyn Error>> {
        let case = self.case().map_err(|faults| format!("{faults:?}"))?;
        Ok(make_plan(case)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portfolio_core::Action;

    #[test]
    fn every_book_gives_complete_figures_and_trades() {
        let books = [
            (6, 250, Book::scenario().unwrap()),
            (100, 250, Book::bootstrapped(100, 250).unwrap()),
            (2_000, 50, Book::bootstrapped(2_000, 50).unwrap()),
        ];
        for (assets, periods, book) in books {
            let PlannedCase { case, plan } = book.plan().unwrap();
            assert_eq!((case.book.assets(), plan.observations), (assets, periods));
            assert!(plan.simulation.is_err() && plan.risk_now.unavailable.is_empty());
            let trading = plan.trades.rows.iter().filter(|row| row.action != Action::Hold).count();
            assert!(3 * trading > assets, "{trading} of {assets} trade");
            let simulated = book.with_default_simulation().plan().unwrap();
            assert_eq!(simulated.plan.simulation.unwrap().report.paths_used, 10_000);
        }
    }

    #[test]
    fn a_book_is_the_same_every_time() {
        let bytes = || Book::bootstrapped(7, 33).unwrap().bytes();
        assert_eq!(bytes(), bytes());
    }
}
