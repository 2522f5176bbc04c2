//! Simulates every path and keeps the outcome of each.

use rayon::prelude::*;

use crate::{
    AssetLaw, LANES, LaneStream, LawSubject, PortfolioLaw, Rebalancing, SimulationLaw, SimulationOptions, Stop,
    StressError, WealthFan,
    block::BlockOutcome,
    buy_and_hold::{BuyAndHoldModel, BuyAndHoldScratch},
    daily_weights::DailyWeightsModel,
    fan::FanBuffer,
    growth::AssetGrowth,
    one_asset::OneAssetModel,
    schedule::{fan_days, steps},
};

/// Below this number of shocks a simulation runs on the calling thread: waking other threads would take longer.
const SERIAL_SHOCKS: usize = 32_768;
/// Largest absolute logarithm of a value, ten standard deviations out, and largest absolute simulated value: squares of
/// such values still have a finite sum.
const MAX_EXPONENT: f64 = 300.0;
const MAX_VALUE: f64 = 1e150;

/// The outcome of each path, in path order, before any statistic.
///
/// Path `i` depends on the law, the options other than `paths`, and `i`: adding paths does not change the first ones.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedPaths {
    /// Value at the horizon per unit of initial value, one per path. Negative only where a loan or short holdings made
    /// it so.
    pub terminal_values: Vec<f64>,
    /// Largest loss from a previous peak over the days of a path, a positive fraction of the peak; the start is a peak.
    /// Only with `path_statistics`. Cash flows do not count: it is the drawdown of the first unit of money. It exceeds
    /// 1 where short holdings or a loan make the value negative.
    pub max_drawdowns: Option<Vec<f64>>,
    /// Lowest value of the first unit of money over the days of a path, including the start. Only with
    /// `path_statistics`.
    pub minimum_values: Option<Vec<f64>>,
    /// Loss of each path that could not pay a withdrawal in full and was ruined, zero for the others: the money it lost,
    /// and at least the withdrawals it did not pay. Only with withdrawals.
    pub ruin_losses: Option<Vec<f64>>,
    /// Quantiles along the way. Only with `fan`.
    pub fan: Option<WealthFan>,
}

/// Simulates paths and returns the outcome of each.
///
/// [`simulate`](crate::simulate) turns them into a report. With shocks that are stable under sums, such as normal ones,
/// a path takes one exact step between the days on which it is valued: a single step without `path_statistics`,
/// `cash_flows` and `fan`. A portfolio at fixed weights is then simulated as one asset. With other shocks a path takes
/// one step per day, in every asset, and fixed weights are restored at the end of each day.
///
/// Runs on the current rayon pool when there is enough work; the bits do not depend on that. Memory: 8 bytes per path,
/// 24 with `path_statistics`.
///
/// # Errors
/// [`StressError`] for options outside their ranges, or [`StressError::Diverges`] for a law that leaves the range of
/// useful numbers before the horizon.
///
/// # Example
/// ```
/// use stress::{PortfolioLaw, SimulationOptions, simulate_paths};
///
/// let law = PortfolioLaw::new(0.06, 0.15, 252.0)?;
/// let paths = simulate_paths(law, &SimulationOptions { paths: 1_000, ..Default::default() })?;
/// assert_eq!(paths.terminal_values.len(), 1_000);
/// assert!(paths.max_drawdowns.is_none());
/// # Ok::<(), stress::StressError>(())
/// ```
pub fn simulate_paths<'a>(
    law: impl Into<SimulationLaw<'a>>,
    options: &SimulationOptions,
) -> Result<SimulatedPaths, StressError> {
    paths_from(law.into(), options, 0, &Stop::never())
}

/// As [`simulate_paths`], from this block on, until it is told to stop. A fan is that of the first paths: only from block 0 on.
pub(crate) fn paths_from(
    law: SimulationLaw<'_>,
    options: &SimulationOptions,
    first_block: usize,
    stop: &Stop,
) -> Result<SimulatedPaths, StressError> {
    options.check()?;
    let steps = steps(options);
    let cash_flows = options.cash_flows.iter().any(|c| *c != 0.0);
    let shocks = &*options.shocks;
    let portfolio = match (law, options.rebalancing) {
        (SimulationLaw::Assets(law), Rebalancing::BuyAndHold) => {
            check_each_reach(law, options)?;
            let model = BuyAndHoldModel { law, steps: &steps, cash_flows };
            let scratch = || BuyAndHoldScratch::new(law, shocks);
            return run(
                options,
                first_block,
                stop,
                steps.len() * law.factor().rank(),
                scratch,
                |scratch, stream, out| {
                    model.run(scratch, stream, out);
                },
            );
        }
        (SimulationLaw::Assets(law), Rebalancing::FixedWeights) if !shocks.is_stable_under_sums() => {
            check_each_reach(law, options)?;
            let model = DailyWeightsModel { law, steps: &steps, cash_flows };
            let growth = || AssetGrowth::new(law, shocks);
            return run(
                options,
                first_block,
                stop,
                steps.len() * law.factor().rank(),
                growth,
                |growth, stream, out| {
                    model.run(growth, stream, out);
                },
            );
        }
        (SimulationLaw::Assets(law), Rebalancing::FixedWeights) => law.portfolio_law()?,
        (SimulationLaw::Portfolio(law), _) => law,
    };
    check_portfolio_reach(&portfolio, options)?;
    let model = OneAssetModel { law: portfolio, shocks, steps: &steps, cash_flows };
    run(options, first_block, stop, steps.len(), || (), |(), stream, out| model.run(stream, out))
}

/// Rejects a law under which some asset, ten standard deviations out, is beyond `e^±300` at the horizon.
pub(crate) fn check_each_reach(law: &AssetLaw, options: &SimulationOptions) -> Result<(), StressError> {
    for asset in 0..law.assets() {
        let (drift, variance) = (law.drifts_annual()[asset], law.variance_annual(asset));
        check_reach(drift, variance, law.periods_per_year(), options, LawSubject::Asset(asset))?;
    }
    Ok(())
}

/// Rejects a portfolio that, ten standard deviations out, is beyond `e^±300` at the horizon.
pub(crate) fn check_portfolio_reach(law: &PortfolioLaw, options: &SimulationOptions) -> Result<(), StressError> {
    let variance = law.volatility_annual() * law.volatility_annual();
    check_reach(law.drift_annual(), variance, law.periods_per_year(), options, LawSubject::Portfolio)
}

/// Rejects a law that, ten standard deviations out, is beyond `e^±300` at the horizon.
fn check_reach(
    drift: f64,
    variance: f64,
    periods_per_year: f64,
    options: &SimulationOptions,
    subject: LawSubject,
) -> Result<(), StressError> {
    let years = options.horizon_days as f64 / periods_per_year;
    let exponent = (drift - variance / 2.0).abs() * years + 10.0 * (variance * years).sqrt();
    check_exponent(exponent, subject)
}

/// Rejects an exponent beyond 300.
pub(crate) fn check_exponent(exponent: f64, subject: LawSubject) -> Result<(), StressError> {
    if exponent <= MAX_EXPONENT { Ok(()) } else { Err(StressError::Diverges { subject, exponent: finite(exponent) }) }
}

/// Runs every block, numbered from `first_block`, into its own slice of the outcome.
///
/// The results are in the order of the blocks, whichever thread ran them, and nothing is summed here.
pub(crate) fn run<S: Send>(
    options: &SimulationOptions,
    first_block: usize,
    stop: &Stop,
    shocks_per_path: usize,
    scratch: impl Fn() -> S + Sync + Send,
    kernel: impl Fn(&mut S, &mut LaneStream, &mut BlockOutcome<'_>) + Sync + Send,
) -> Result<SimulatedPaths, StressError> {
    let paths = options.paths;
    let mut terminal_values = vec![0.0; paths];
    let path_values = if options.path_statistics { paths } else { 0 };
    let (mut max_drawdowns, mut minimum_values) = (vec![0.0; path_values], vec![0.0; path_values]);
    let mut fan = FanBuffer::new(if first_block == 0 { fan_days(options) } else { Vec::new() }, paths);
    let withdrawals = options.cash_flows.iter().any(|c| *c < 0.0);
    let mut ruin_losses = vec![0.0; if withdrawals { paths } else { 0 }];

    let mut ruins = ruin_losses.chunks_mut(LANES);
    let mut drawdowns = max_drawdowns.chunks_mut(LANES);
    let mut minima = minimum_values.chunks_mut(LANES);
    let mut fans = fan.blocks();
    let mut outcomes: Vec<BlockOutcome<'_>> = terminal_values
        .chunks_mut(LANES)
        .map(|terminal| BlockOutcome {
            terminal,
            path: drawdowns.next().zip(minima.next()),
            ruin: ruins.next(),
            fan: fans.next(),
            stop,
        })
        .collect();

    let run_block = |scratch: &mut S, block: usize, out: &mut BlockOutcome<'_>| {
        if !stop.is_raised() {
            kernel(scratch, &mut LaneStream::new(options.seed, (first_block + block) as u64), out);
            stop.count(out.terminal.len());
        }
    };
    if paths.saturating_mul(shocks_per_path) <= SERIAL_SHOCKS {
        let mut scratch = scratch();
        outcomes.iter_mut().enumerate().for_each(|(block, out)| run_block(&mut scratch, block, out));
    } else {
        outcomes
            .par_iter_mut()
            .enumerate()
            .for_each_init(scratch, |scratch, (block, out)| run_block(scratch, block, out));
    }
    drop((outcomes, drawdowns, minima, ruins, fans));
    stop.check()?;

    check_values(&terminal_values)?;
    check_values(&max_drawdowns)?;
    Ok(SimulatedPaths {
        terminal_values,
        max_drawdowns: options.path_statistics.then_some(max_drawdowns),
        minimum_values: options.path_statistics.then_some(minimum_values),
        ruin_losses: withdrawals.then_some(ruin_losses),
        fan: fan.finish(),
    })
}

/// Rejects values that are NaN, infinite or of no useful size.
pub(crate) fn check_values(values: &[f64]) -> Result<(), StressError> {
    // The bits of absolute values are ordered like the values, with NaN above infinity.
    let largest = f64::from_bits(values.iter().map(|v| v.abs().to_bits()).max().unwrap_or(0));
    if largest <= MAX_VALUE {
        Ok(())
    } else {
        Err(StressError::Diverges { subject: LawSubject::Portfolio, exponent: finite(largest.ln()) })
    }
}

/// Replaces an infinite or undefined value by the largest number, because an error message is a result too.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::MAX }
}

#[cfg(test)]
mod tests {
    use portfolio_core::{Covariance, Universe};

    use super::*;

    fn annual(rows: [[f64; 2]; 2]) -> Option<Covariance> {
        Covariance::from_rows(Universe::numbered(2).unwrap(), &rows, 1.0).ok()
    }

    #[test]
    fn a_law_that_leaves_the_numbers_is_refused() {
        let options = SimulationOptions { horizon_days: 252, ..SimulationOptions::default() };
        for (drift, volatility) in [(1_000.0, 0.1), (-1_000.0, 0.1), (0.0, 40.0), (f64::MAX, 0.1), (0.0, f64::MAX)] {
            let law = PortfolioLaw::new(drift, volatility, 252.0).unwrap();
            let error = simulate_paths(law, &options).unwrap_err();
            assert!(
                matches!(error, StressError::Diverges { subject: LawSubject::Portfolio, exponent } if exponent.is_finite())
            );
            let sigma = annual([[0.01, 0.0], [0.0, volatility * volatility]]);
            if let Some(law) = sigma.and_then(|sigma| AssetLaw::new(&[0.5, 0.0], &[0.0, drift], &sigma, 252.0).ok()) {
                let hold = SimulationOptions { rebalancing: Rebalancing::BuyAndHold, ..options.clone() };
                let error = simulate_paths(&law, &hold).unwrap_err();
                assert!(matches!(error, StressError::Diverges { subject: LawSubject::Asset(1), .. }));
            }
        }
    }

    #[test]
    fn extreme_weights_and_flows_still_give_numbers() {
        let sigma = annual([[0.09, 0.0], [0.0, 0.04]]).unwrap();
        let law = AssetLaw::new(&[1e6, -1e6], &[0.5, 0.1], &sigma, 252.0).unwrap();
        let options = SimulationOptions {
            paths: 300,
            rebalancing: Rebalancing::BuyAndHold,
            path_statistics: true,
            cash_flows: vec![1e6; 30],
            ..SimulationOptions::default()
        };
        let paths = simulate_paths(&law, &options).unwrap();
        assert!(paths.terminal_values.iter().chain(&paths.max_drawdowns.unwrap()).all(|v| v.is_finite()));
        // Fixed weights of that size imply a volatility of 3,600: rejected, not simulated.
        let options = SimulationOptions::default();
        assert!(matches!(
            simulate_paths(&law, &options),
            Err(StressError::Diverges { subject: LawSubject::Portfolio, .. })
        ));
    }

    #[test]
    fn a_value_that_is_not_a_number_is_noticed_wherever_it_stands() {
        for position in 0..11 {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e151] {
                let mut values = vec![1.0; 11];
                values[position] = bad;
                assert!(check_values(&values).is_err(), "{bad} at {position}");
            }
        }
    }
}
