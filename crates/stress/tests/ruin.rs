//! Withdrawals that cannot be paid are ruin and count as a loss, and a book without a loan or short holdings is never
//! worth less than zero.

use std::sync::Arc;

use portfolio_core::{Covariance, Universe};
use statrs::distribution::{ContinuousCDF, Normal};
use stress::{
    AssetLaw, LaneStream, Lanes, NormalShocks, PortfolioLaw, Rebalancing, ShockLaw, SimulatedPaths, SimulationOptions,
    SimulationReport, SimulationStatistics, StressError, simulate, simulate_paths,
};

/// An annual covariance.
fn annual(rows: &[impl AsRef<[f64]>]) -> Covariance {
    Covariance::from_rows(Universe::numbered(rows.len()).expect("assets"), rows, 1.0).expect("a valid covariance")
}

fn still(weights: &[f64]) -> AssetLaw {
    let n = weights.len();
    AssetLaw::new(weights, &vec![0.0; n], &annual(&vec![vec![0.0; n]; n]), 252.0).expect("a valid law")
}

fn with(horizon_days: usize, cash_flows: &[f64]) -> SimulationOptions {
    SimulationOptions { horizon_days, paths: 1_000, cash_flows: cash_flows.to_vec(), ..SimulationOptions::default() }
}

/// The figures of a law under which nothing moves.
fn certain(weights: &[f64], flows: &[f64]) -> SimulationStatistics {
    simulate(&still(weights), &with(flows.len(), flows)).expect("a law").statistics
}

/// Value at the horizon, loss, probability of a loss and of ruin, of a law under which nothing moves.
fn outcome(weights: &[f64], flows: &[f64]) -> (f64, f64, f64, Option<f64>) {
    let s = certain(weights, flows);
    assert_eq!(s.var_95.value, s.cvar_95.value, "every path is the same");
    (s.mean_terminal_value.value, s.var_95.value, s.probability_of_loss.value, s.probability_of_ruin.map(|p| p.value))
}

fn close(got: (f64, f64, f64, Option<f64>), want: (f64, f64, f64, Option<f64>)) {
    assert!((got.0 - want.0).abs() < 1e-12 && (got.1 - want.1).abs() < 1e-12, "{got:?} for {want:?}");
    assert_eq!((got.2, got.3), (want.2, want.3), "{got:?}");
}

/// Two withdrawals of 0.6 from one: 0.4 of the second is paid, 0.2 is not.
#[test]
fn a_withdrawal_that_cannot_be_paid_is_ruin_and_a_loss() {
    close(outcome(&[1.0], &[-0.6, -0.6]), (0.0, 0.2, 1.0, Some(1.0)));
    let s = certain(&[1.0], &[-0.6, -0.6]);
    assert_eq!((s.terminal_quantile_01.value, s.terminal_quantile_95.value), (0.0, 0.0));
}

#[test]
fn a_ruined_path_has_ended() {
    // 1 of 3 is paid; the addition that follows is not paid in.
    close(outcome(&[1.0], &[-3.0, 0.0, 1.0]), (0.0, 2.0, 1.0, Some(1.0)));
    // Later withdrawals are not paid either.
    close(outcome(&[1.0], &[-0.6, -0.6, 0.5, -0.6]), (0.0, 0.8, 1.0, Some(1.0)));
    // On the last day only, and on the first.
    close(outcome(&[1.0], &[0.0, 0.0, -1.5]), (0.0, 0.5, 1.0, Some(1.0)));
    close(outcome(&[1.0], &[-1e6, 0.0]), (0.0, 999_999.0, 1.0, Some(1.0)));
}

#[test]
fn what_can_be_paid_is_paid() {
    close(outcome(&[1.0], &[-0.25, 0.5]), (1.25, 0.0, 0.0, Some(0.0)));
    // Everything, in one and in several parts whose sum is one only on paper.
    close(outcome(&[1.0], &[-1.0, 0.0]), (0.0, 0.0, 0.0, Some(0.0)));
    close(outcome(&[1.0], &[-0.3, -0.3, -0.4]), (0.0, 0.0, 0.0, Some(0.0)));
    // Emptied, then filled again.
    close(outcome(&[1.0], &[-1.0, 0.5]), (0.5, 0.0, 0.0, Some(0.0)));
    // Without withdrawals, ruin is undefined.
    close(outcome(&[1.0], &[0.5, 0.0]), (1.5, 0.0, 0.0, None));
}

/// Borrowed money and short holdings do not pay withdrawals; nor does it matter whether anything is invested.
#[test]
fn every_book_at_fixed_weights_is_ruined_alike() {
    for weights in [&[1.0][..], &[0.0], &[1.5], &[1.0, -0.5], &[0.3, 0.3], &[0.1; 10]] {
        close(outcome(weights, &[-0.6, -0.6]), (0.0, 0.2, 1.0, Some(1.0)));
    }
    let portfolio = PortfolioLaw::new(0.0, 0.0, 252.0).unwrap();
    let s = simulate(portfolio, &with(2, &[-0.6, -0.6])).unwrap().statistics;
    assert_eq!((s.mean_terminal_value.value, s.probability_of_loss.value), (0.0, 1.0));
}

/// A path may gain, pay out more than was ever put in, and still be ruined: that counts as a loss of what it left
/// unpaid.
#[test]
fn ruin_after_a_gain_is_a_loss() {
    let law = PortfolioLaw::new(252.0 * 2f64.ln(), 0.0, 252.0).unwrap();
    let s = simulate(law, &with(1, &[-3.0])).unwrap().statistics;
    assert!((s.var_95.value - 1.0).abs() < 1e-9 && s.probability_of_loss.value == 1.0);
    // Half is lost to the market, and a quarter is unpaid.
    let law = PortfolioLaw::new(-252.0 * 2f64.ln(), 0.0, 252.0).unwrap();
    let s = simulate(law, &with(1, &[-0.75])).unwrap().statistics;
    assert!((s.var_95.value - 0.5).abs() < 1e-9 && s.probability_of_loss.value == 1.0);
}

/// One withdrawal at the horizon: ruin is the event that the value is below it, whose probability is known.
#[test]
fn the_probability_of_ruin_is_that_of_the_value() {
    let law = PortfolioLaw::new(0.05, 0.3, 252.0).unwrap();
    let mut flows = vec![0.0; 252];
    flows[251] = -0.8;
    let report = simulate(law, &SimulationOptions { paths: 100_000, ..with(252, &flows) }).unwrap();
    let ruin = report.statistics.probability_of_ruin.unwrap();
    let want = Normal::new(0.05 - 0.045, 0.3).unwrap().cdf(0.8f64.ln());
    assert!((ruin.value - want).abs() < 4.0 * ruin.standard_error.unwrap(), "{} for {want}", ruin.value);
    // Every other path with a value below 1 is a loss as well, and no other path is.
    let loss = report.statistics.probability_of_loss;
    let want = Normal::new(0.05 - 0.045, 0.3).unwrap().cdf(0.0);
    assert!((loss.value - want).abs() < 4.0 * loss.standard_error.unwrap(), "{} for {want}", loss.value);
}

fn never_negative(paths: &SimulatedPaths, report: &SimulationReport) {
    assert!(paths.terminal_values.iter().all(|v| *v >= 0.0));
    assert!(report.fan.iter().flat_map(|fan| &fan.quantile_05).all(|v| *v >= 0.0));
    assert!(paths.minimum_values.iter().flatten().all(|v| *v >= 0.0));
    assert!(paths.max_drawdowns.iter().flatten().all(|d| (0.0..=1.0).contains(d)));
    let losses = paths.ruin_losses.as_ref().expect("asked for");
    let ruined = losses.iter().filter(|loss| **loss > 0.0).count();
    assert!(ruined > 0 && ruined < losses.len());
    assert!(paths.terminal_values.iter().zip(losses).all(|(v, loss)| *loss == 0.0 || *v == 0.0));
    let s = &report.statistics;
    assert_eq!(s.probability_of_ruin.expect("asked for").value, ruined as f64 / losses.len() as f64);
    assert!(s.probability_of_loss.value >= s.probability_of_ruin.expect("asked for").value);
    assert!(s.cvar_95.value >= s.var_95.value - 1e-12 && s.var_95.value > 0.0);
}

/// Normal shocks that do not claim to be stable, so that every asset is simulated every day.
#[derive(Debug)]
struct DailyShocks;

impl ShockLaw for DailyShocks {
    fn id(&self) -> &str {
        "daily"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn fill(&self, stream: &mut LaneStream, rows: &mut [Lanes]) {
        NormalShocks.fill(stream, rows);
    }
}

#[test]
fn an_income_drawn_from_a_moving_book_ruins_some_paths_in_every_kernel() {
    let law = AssetLaw::new(&[0.6, 0.4], &[0.05, 0.02], &annual(&[[0.09, 0.01], [0.01, 0.04]]), 252.0).unwrap();
    // Monthly for ten years: 1.2 in all.
    let flows: Vec<f64> = (1..=2_520).map(|day| if day % 21 == 0 { -0.01 } else { 0.0 }).collect();
    let base = SimulationOptions { paths: 300, fan: true, ..with(2_520, &flows) };
    for (path_statistics, shocks) in [
        (false, Arc::new(NormalShocks) as Arc<dyn ShockLaw>),
        (true, Arc::new(NormalShocks)),
        (true, Arc::new(DailyShocks)),
    ] {
        let options = SimulationOptions { path_statistics, shocks, ..base.clone() };
        never_negative(&simulate_paths(&law, &options).unwrap(), &simulate(&law, &options).unwrap());
    }
}

/// Weights whose sum exceeds one by rounding alone are not a loan.
#[test]
fn rounding_of_the_weights_does_not_take_a_value_below_zero() {
    let weights = [0.4, 0.3, 0.2, 0.05, 0.03, 0.02 + 4e-16];
    assert!(weights.iter().sum::<f64>() > 1.0);
    // Prices fall by e^−100.
    let sigma = vec![vec![0.0; 6]; 6];
    let law = AssetLaw::new(&weights, &[-100.0 * 252.0 / 30.0; 6], &annual(&sigma), 252.0).unwrap();
    for shocks in [Arc::new(NormalShocks) as Arc<dyn ShockLaw>, Arc::new(DailyShocks)] {
        for rebalancing in [Rebalancing::FixedWeights, Rebalancing::BuyAndHold] {
            let options = SimulationOptions {
                paths: 10,
                rebalancing,
                path_statistics: true,
                shocks: shocks.clone(),
                ..SimulationOptions::default()
            };
            let paths = simulate_paths(&law, &options).unwrap();
            assert!(paths.terminal_values.iter().all(|v| *v >= 0.0), "{rebalancing:?}: {}", paths.terminal_values[0]);
            assert!(paths.max_drawdowns.unwrap().iter().all(|d| *d <= 1.0));
        }
    }
}

/// A loan or a short holding can take a buy-and-hold book below zero; its loss is then more than everything.
#[test]
fn a_levered_book_may_go_below_zero() {
    let hold = SimulationOptions { rebalancing: Rebalancing::BuyAndHold, ..with(252, &[]) };
    for (weights, mu) in [([2.0, 0.0], [-1.0, 0.0]), ([0.0, -1.5], [0.0, 1.0])] {
        let law = AssetLaw::new(&weights, &mu, &annual(&[[0.0; 2]; 2]), 252.0).unwrap();
        let report = simulate(&law, &hold).unwrap();
        assert!(report.statistics.mean_terminal_value.value < 0.0);
        assert!(report.statistics.var_95.value > 1.0);
        assert_eq!(report.statistics.probability_of_ruin, None);
    }
}

#[test]
fn a_bought_and_held_book_has_no_withdrawals() {
    let hold = SimulationOptions { rebalancing: Rebalancing::BuyAndHold, ..with(2, &[0.0, -0.6]) };
    let error = simulate(&still(&[1.0]), &hold).unwrap_err();
    assert_eq!(error, StressError::WithdrawalFromBuyAndHold { index: 1 });
}
