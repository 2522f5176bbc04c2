//! From a plan to the facts for the copilot.

use copilot::{
    AlertLevels, AssetFacts, Brief, CopilotError, DriverFacts, Facts, ModelFacts, OutcomeFacts, SimulationFacts,
    Stated, TiltFacts, VerdictFacts, WarningFacts, brief,
};
use pipeline::{NoSimulation, Simulated, SimulatedBeside};

use crate::dto::forecast::days_per_year;
use crate::dto::warning::PlanWarning;
use crate::planning::plan::PlannedCase;
use crate::telling::present::{is_liquidation, tilt_entry, warnings};

/// Contributions of features that a brief tells.
const TOLD_DRIVERS: usize = 3;

/// The plan in words.
///
/// # Errors
/// [`CopilotError`] when the facts contradict each other: a bug.
pub fn advise(planned: &PlannedCase) -> Result<Brief, CopilotError> {
    brief(&facts(planned))
}

fn facts(planned: &PlannedCase) -> Facts {
    let PlannedCase { case, plan } = planned;
    let currency = case.book.currency();
    let tilt = tilt_entry(planned);
    let mut benefits = vec![None; case.book.assets()];
    for order in &plan.orders {
        benefits[order.position] = order.marginal_benefit_bps;
    }
    Facts {
        currency: currency.code().to_owned(),
        minor_digits: currency.minor_digits(),
        portfolio_value: case.echo.portfolio_value,
        drift_threshold: case.config.sizing.drift_threshold,
        turnover_used: plan.trades.turnover_two_way,
        turnover_limit: case.config.sizing.turnover_limit,
        turnover_binding: plan.trades.turnover_bound,
        estimated_total_transaction_cost: plan.trades.total_cost.major(),
        cash_weight_before: plan.trades.cash_weight_before,
        cash_weight_after: plan.trades.cash_weight_after,
        assets: benefits.into_iter().enumerate().map(|(i, benefit)| asset_facts(planned, i, benefit)).collect(),
        risk: plan.risk_now.clone(),
        simulation: match &plan.simulation {
            Ok(Simulated { report, drift }) => Stated::Given(SimulationFacts {
                drift_choice: drift.choice,
                drift_annual: drift.annual,
                probability_of_loss: report.statistics.probability_of_loss.value,
                horizon_days: report.horizon_days as u32,
                paths: report.paths_used as u64,
                worst_5pct_terminal_value: report.statistics.terminal_quantile_05.value,
                expected_terminal_value: report.statistics.mean_terminal_value.value,
                target: outcome(&plan.simulation_target),
                after: outcome(&plan.simulation_after),
            }),
            Err(reason) => Stated::Missing { reason: reason.to_string() },
        },
        tilt: Some(TiltFacts {
            tracking_error_spent: plan.tilt.as_ref().map_or(0.0, |tilt| tilt.tracking_error_spent),
            tracking_error_budget: case.echo.tracking_error_budget,
            strength: plan.tilt.as_ref().map_or(0.0, |tilt| tilt.strength),
            reason: tilt.reason,
        }),
        // One limit has one level: that of the verdict.
        alerts: AlertLevels { turnover: planned.case.config.limits.turnover, ..AlertLevels::default() },
        is_liquidation: is_liquidation(planned),
        verdict: VerdictFacts { decision: plan.verdict.decision, sentence: plan.verdict.sentence.clone() },
        warnings: warnings(planned)
            .into_iter()
            .map(|PlanWarning { code, detail, .. }| WarningFacts { code: code.name().to_owned(), sentence: detail })
            .collect(),
        model: ModelFacts {
            id: case.config.forecaster.id().to_owned(),
            version: case.config.forecaster.version().to_owned(),
        },
        drivers: drivers(planned),
    }
}

/// The largest contributions of features to the forecasts, whatever their sign.
fn drivers(planned: &PlannedCase) -> Vec<DriverFacts> {
    let assets = planned.plan.forecasts.iter().zip(planned.case.names());
    let mut all: Vec<DriverFacts> = assets
        .flat_map(|(forecast, asset)| {
            forecast.explanation.iter().flat_map(|told| &told.parts).map(move |part| DriverFacts {
                asset: asset.clone(),
                feature: part.feature.replace('_', " "),
                annual: part.contribution * days_per_year(),
            })
        })
        .filter(|driver| driver.annual != 0.0)
        .collect();
    // A stable sort: of equal ones the first in the request comes first.
    all.sort_by(|a, b| b.annual.abs().total_cmp(&a.annual.abs()));
    all.truncate(TOLD_DRIVERS);
    all
}

fn outcome(simulated: &Result<SimulatedBeside, NoSimulation>) -> Option<OutcomeFacts> {
    let SimulatedBeside { statistics, drift } = simulated.as_ref().ok()?;
    Some(OutcomeFacts {
        drift_annual: drift.annual,
        probability_of_loss: statistics.probability_of_loss.value,
        worst_5pct_terminal_value: statistics.terminal_quantile_05.value,
    })
}

fn asset_facts(planned: &PlannedCase, i: usize, benefit: Option<f64>) -> AssetFacts {
    let PlannedCase { case, plan } = planned;
    let row = &plan.trades.rows[i];
    let forecast = &plan.forecasts[i];
    let annual = forecast.annual(days_per_year());
    AssetFacts {
        asset: case.names()[i].clone(),
        action: row.action,
        drift: row.drift,
        half_width: row.half_width,
        target_weight: case.config.policy.weights[i],
        optimized_target_weight: plan.targets[i],
        current_weight: case.book.weights()[i],
        forecast_annual: annual.expected_return,
        forecast_interval: match annual.interval {
            Ok(interval) => Stated::Given(interval),
            Err(reason) => Stated::Missing { reason: reason.to_string() },
        },
        forecast_confidence: forecast.confidence,
        trade_value: row.value.abs().major(),
        trade_units: row.units,
        estimated_cost: row.cost.major(),
        residual_drift: row.residual_drift,
        priority_score: plan.priority(i),
        marginal_benefit_bps: benefit,
        reason: row.reason,
    }
}
