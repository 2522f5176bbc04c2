//! Simulations that go day by day.

use std::sync::Arc;

use stress::{
    AssetLaw, DailyLaw, DailyReport, DriftRule, FilteredHistorical, JumpDiffusion, Jumps, LogHistory, NormalShocks,
    ShockDays, SimulationReport, StationaryBootstrap, Stop, StressError, StudentShocks, TCopula, simulate_daily_until,
};

use crate::dto::absent;
use crate::dto::stress::{MonteCarloSimulationRequest, SimulationModel};
use crate::dto::stress_daily::DailySimulation;

/// Simulates the request day by day: the statistics at the last horizon in the form of every simulation, and what is added to them.
pub(super) fn daily(
    request: &MonteCarloSimulationRequest,
    law: &AssetLaw,
    rule: &DriftRule,
    drifts: &[f64],
    stop: &Stop,
) -> Result<(SimulationReport, DailySimulation), StressError> {
    let options = request.daily_options();
    let days = daily_law(request, law, stop)?;
    let report = simulate_daily_until(&*days, &request.weights, drifts, &options, stop)?;
    let statistics =
        report.horizons.last().map(|last| last.statistics.clone()).ok_or(StressError::Horizons { count: 0 })?;
    let DailyReport { terminal_histogram, paths_used, .. } = &report;
    let summary = SimulationReport {
        statistics,
        terminal_histogram: terminal_histogram.clone(),
        fan: report.fan.clone(),
        paths_used: *paths_used,
        tiles: report.tiles,
        horizon_days: options.horizon_days(),
        periods_per_year: law.periods_per_year(),
        rebalancing: request.rebalancing.unwrap_or_default(),
        shocks: None,
        drawdown_threshold: Some(options.drawdown_threshold),
        barrier: options.barrier,
        seed: options.seed,
    };
    Ok((summary, DailySimulation { drift: rule.name(), report }))
}

fn daily_law(
    request: &MonteCarloSimulationRequest,
    law: &AssetLaw,
    stop: &Stop,
) -> Result<Box<dyn DailyLaw>, StressError> {
    let parameters = request.model_parameters.clone().unwrap_or_default();
    let degrees = parameters.degrees_of_freedom.unwrap_or(absent::DEGREES_OF_FREEDOM);
    let history = || {
        let series = request.returns.as_ref().map(|r| r.0.iter().map(|(_, series)| series.as_slice()).collect());
        let columns: Vec<&[f64]> = series.unwrap_or_default();
        LogHistory::from_returns(&columns, law.periods_per_year())
    };
    Ok(match request.model.unwrap_or_default() {
        SimulationModel::Gbm => Box::new(ShockDays::new(law.clone(), Arc::new(NormalShocks))),
        SimulationModel::StudentT => Box::new(ShockDays::new(law.clone(), Arc::new(StudentShocks::new(degrees)?))),
        SimulationModel::TCopula => Box::new(TCopula::new(&history()?, degrees)?),
        SimulationModel::Bootstrap => Box::new(StationaryBootstrap::new(history()?, parameters.mean_block_length)?),
        SimulationModel::FilteredHistorical => Box::new(FilteredHistorical::fit_until(&history()?, stop)?),
        SimulationModel::JumpDiffusion => {
            let jumps = Jumps {
                intensity: parameters.intensity.unwrap_or(absent::JUMPS.intensity),
                mean: parameters.jump_mean.unwrap_or(absent::JUMPS.mean),
                deviation: parameters.jump_deviation.unwrap_or(absent::JUMPS.deviation),
            };
            Box::new(JumpDiffusion::new(law.clone(), jumps)?)
        }
    })
}
