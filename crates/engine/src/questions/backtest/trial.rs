//! From a request to what is replayed: the history and the trials.

use ::backtest::{Band, BuyAndHold, Cadence, FixedWeights, History, Planned, Terms, Trial};
use pipeline::{Method, Policy, PolicyObjective, RunConfig};
use portfolio_core::{BandRule, CoreError, CostModel, ReturnPanel, Universe};

use super::{chain, of_policy};
use crate::dto::backtest::{
    BacktestBand, BacktestPlan, BacktestPolicyKind, BacktestPolicyRequest, BacktestSeries, PolicyBacktestRequest,
};
use crate::dto::optimal::OptimizationRequest;
use crate::fault::{Fault, Faults};
use crate::fault_code::FaultCode;
use crate::planning::case::Case;
use crate::planning::optimal::{ESTIMATOR, optimal_method};
use crate::planning::rules::band_rule;
use crate::refusal::Refusal;

/// The history that was sent.
pub(super) fn history_of(request: &PolicyBacktestRequest) -> Result<History, Refusal> {
    let series = request.series();
    let bad = |error: &dyn std::error::Error| Refusal::fault(series.pointer(), FaultCode::Value, chain(error));
    let universe = Universe::new(series.names().map(str::trim)).map_err(|error| bad(&error))?;
    let history = match series {
        BacktestSeries::Returns(returns) => {
            let columns = returns.iter().map(|(_, returns)| returns.clone()).collect();
            History::from_returns(ReturnPanel::new(universe, columns).map_err(|error| bad(&error))?)
        }
        BacktestSeries::Prices(prices) => {
            let columns: Vec<Vec<Option<f64>>> = prices.iter().map(|(_, prices)| prices.clone()).collect();
            History::from_prices(universe, &columns)
        }
    };
    let mut history = history.map_err(|error| bad(&error))?;
    for (name, fraction) in request.recoveries.iter().flat_map(|recoveries| &recoveries.0) {
        let asset = series.names().position(|asset| asset.trim() == name.trim()).ok_or(Refusal::Internal)?;
        history = history
            .with_recovery(asset, *fraction)
            .map_err(|error| Refusal::fault("/recoveries", FaultCode::Range, chain(&error)))?;
    }
    let Some(dates) = &request.dates else { return Ok(history) };
    let mut dates = dates.clone();
    if request.returns.is_some()
        && let Some(before) = dates.first().and_then(chrono::NaiveDate::pred_opt)
    {
        // The day of the prices before the first return is not sent: it is taken to be the day before.
        dates.insert(0, before);
    }
    history.with_dates(dates).map_err(|error| Refusal::fault("/dates", FaultCode::Value, chain(&error)))
}

/// What all policies share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// Value of each account on the first day, major units.
    pub(super) value: f64,
    /// Annual risk-free rate.
    pub(super) risk_free_rate: f64,
}

/// Policy `index` with its costs.
///
/// # Errors
/// [`Refusal::Invalid`] for what cannot be replayed.
pub(super) fn trial_of(
    index: usize,
    request: &BacktestPolicyRequest,
    series: BacktestSeries<'_>,
    setting: Setting,
) -> Result<Trial, Refusal> {
    match &request.plan {
        Some(plan) => {
            // Read as it was sent, so that faults are where they stand, and again in the order in which the replay counts assets.
            let as_sent = planned(request, plan, setting);
            let in_order = as_sent.and_then(|as_sent| match plan.in_order(series) {
                Some(plan) => planned(request, &plan, setting),
                None => Ok(as_sent),
            });
            in_order.map_err(|found| {
                let mut faults = Faults::default();
                faults.extend_within(&format!("/policies/{index}/plan"), found);
                Refusal::Invalid(faults.into_vec())
            })
        }
        None => plain(request, series, setting.risk_free_rate).map_err(|error| of_policy(index, &error)),
    }
}

/// A policy that makes the plans of a request, read by the code that reads those of live books.
fn planned(request: &BacktestPolicyRequest, plan: &BacktestPlan, setting: Setting) -> Result<Trial, Vec<Fault>> {
    let asked = plan.worth(setting.value);
    let states_rate = asked.risk_free_rate.is_some();
    let Case { mut config, average_daily_volumes, .. } = Case::try_from(asked)?;
    if !states_rate {
        config.risk_free_rate = setting.risk_free_rate;
    }
    // A plan is made for its trades here; what it might be worth later is not asked. The doubts are about holdings that it does not have.
    config.simulation = None;
    config.doubts.clear();
    let planned = Planned::new(config, Cadence::from(request.cadence())).with_volumes(average_daily_volumes);
    let planned = looking_back(planned, request);
    let terms = planned.terms();
    Ok(Trial::new(request.name.trim(), planned, terms))
}

fn looking_back(planned: Planned, request: &BacktestPolicyRequest) -> Planned {
    match request.lookback.and_then(|rows| usize::try_from(rows).ok()) {
        Some(rows) => planned.with_lookback(rows),
        None => planned,
    }
}

fn plain(request: &BacktestPolicyRequest, series: BacktestSeries<'_>, risk_free_rate: f64) -> Result<Trial, CoreError> {
    let assets = series.assets();
    let equal = || vec![1.0 / assets as f64; assets];
    let weights = request.weights.as_ref().map_or_else(equal, |weights| weights.in_order(series));
    let rate = request.transaction_cost_bps.unwrap_or_default();
    let terms = Terms::proportional(assets, rate)?;
    let cadence = Cadence::from(request.cadence());
    let name = request.name.trim();
    Ok(match request.kind {
        BacktestPolicyKind::BuyAndHold => Trial::new(name, BuyAndHold::new(weights), terms),
        BacktestPolicyKind::FixedWeights => Trial::new(name, FixedWeights::new(weights, cadence), terms),
        BacktestPolicyKind::Band => {
            let band = match request.band {
                Some(BacktestBand::Rule(rule)) => Band::new(weights, band_rule(rule))?,
                Some(BacktestBand::HalfWidth(width)) => Band::new(weights, BandRule::absolute(width)?)?,
                Some(BacktestBand::Computed) => {
                    Band::computed(weights, vec![rate / 1e4; assets], PolicyObjective::default().risk_aversion)?
                }
                None => Band::new(weights, BandRule::FIVE_TWENTY_FIVE)?,
            };
            let band = band.with_cadence(cadence);
            Trial::new(name, band.with_destination(request.destination.unwrap_or_default())?, terms)
        }
        // A plan without settings of its own is refused before; it would be that of the optimal method.
        BacktestPolicyKind::Optimal | BacktestPolicyKind::Plan => {
            let cash_weight = (1.0 - weights.iter().sum::<f64>()).max(0.0);
            let costs = CostModel::proportional(&vec![rate; assets])?;
            let mut config = RunConfig::new(Policy { weights, cash_weight })
                .with_method(Method::Optimal(Box::new(optimal_method(OptimizationRequest::default(), assets, None))))
                .with_costs(costs);
            config.estimator = ESTIMATOR.estimator().into();
            config.risk_free_rate = risk_free_rate;
            // A plan is made for its trades here; what it might be worth later is not asked.
            config.simulation = None;
            Trial::new(name, looking_back(Planned::new(config, cadence), request), terms)
        }
    })
}
