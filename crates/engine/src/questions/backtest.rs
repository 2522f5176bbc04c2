//! Policies replayed over a history.

use std::collections::BTreeSet;

use ::backtest::{
    Backtest, BacktestError, Band, BuyAndHold, Cadence, FixedWeights, History, Planned, ReplayOptions, Run, Terms,
    Trial, TrialLedger, replay,
};
use ::evaluate::{EvaluateError, Judgement, LongRunVariance, NoFigure, Verdict, test_mean};
use pipeline::{FEW_OBSERVATIONS, Method, Policy, RunConfig};
use portfolio_core::{BandRule, CoreError, CostModel, Currency, Money, ReturnPanel, Rounding, Universe};
use risk::RiskOptions;

use crate::context::RequestContext;
use crate::dto::backtest::{
    BacktestBand, BacktestComparison, BacktestDecision, BacktestPolicyKind, BacktestPolicyRequest,
    BacktestPolicyResult, BacktestTrade, ComparisonTest, MAX_PLANS, PolicyBacktestRequest, PolicyBacktestResponse,
    RebalanceCadence, WARM_UP,
};
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::dto::optimal::OptimizationRequest;
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault_code::FaultCode;
use crate::planning::optimal::{ESTIMATOR, optimal_method};
use crate::planning::rules::band_rule;
use crate::refusal::Refusal;

/// Level of the verdicts.
const SIGNIFICANCE: f64 = 0.05;
/// Fewest days on which growth rates are compared.
const LEAST_DAYS: usize = 10;
/// The currency of the accounts: returns and prices have none, and amounts are booked to the cent.
const CURRENCY: Currency = Currency::USD;

/// Replays the policies of a request.
///
/// # Errors
/// [`Refusal::Invalid`] for what cannot be replayed.
pub fn backtest_answer(
    request: &PolicyBacktestRequest,
    context: &RequestContext,
) -> Result<PolicyBacktestResponse, Refusal> {
    let history = history_of(request)?;
    let defaults = RiskOptions::default();
    let risk = RiskOptions {
        risk_free_rate: request.risk_free_rate.unwrap_or(defaults.risk_free_rate),
        periods_per_year: request.periods_per_year.unwrap_or(defaults.periods_per_year),
    };
    let plans_ahead = request.policies.iter().any(|policy| policy.kind == BacktestPolicyKind::Optimal);
    let mut options = ReplayOptions { start: if plans_ahead { WARM_UP } else { 0 }, risk, ..ReplayOptions::default() };
    if let Some(value) = request.initial_value {
        let refused =
            |error: &dyn std::error::Error| Refusal::fault("/initial_value", FaultCode::Range, error.to_string());
        options.initial_value =
            Money::from_major(value, CURRENCY, Rounding::HalfEven).map_err(|error| refused(&error))?;
    }
    check_plans(request, history.days() - options.start)?;
    let trial =
        |(i, policy)| trial_of(policy, history.assets(), risk.risk_free_rate).map_err(|error| of_policy(i, &error));
    let trials: Vec<Trial> = request.policies.iter().enumerate().map(trial).collect::<Result<_, _>>()?;
    let earlier = usize::try_from(request.earlier_trials.unwrap_or(0)).unwrap_or(usize::MAX);
    let mut ledger = TrialLedger::with_earlier(earlier);
    let found = replay(&history, &trials, &options, &mut ledger).map_err(|error| refused(request, &error))?;
    let comparisons = comparisons(&found)?;
    Ok(PolicyBacktestResponse {
        first_day: found.start,
        policies: found.runs.iter().map(|run| result_of(run, &history)).collect(),
        comparisons,
        trials: found.trials,
        digest: found.digest.to_string(),
        warnings: warnings(request, &found, plans_ahead),
        metadata: Metadata::of(context, None, vec![ModelReference::new("backtest", ENGINE_VERSION)]),
    })
}

/// The history that was sent.
fn history_of(request: &PolicyBacktestRequest) -> Result<History, Refusal> {
    let (at, series) = request.series();
    let bad = |error: &dyn std::error::Error| Refusal::fault(at, FaultCode::Value, chain(error));
    let universe = Universe::new(series.iter().map(|(name, _)| name.trim())).map_err(|error| bad(&error))?;
    let history = if request.returns.is_some() {
        let columns = series.iter().map(|(_, returns)| returns.clone()).collect();
        let panel = ReturnPanel::new(universe, columns).map_err(|error| bad(&error))?;
        History::from_returns(panel)
    } else {
        let columns: Vec<Vec<Option<f64>>> =
            series.iter().map(|(_, prices)| prices.iter().copied().map(Some).collect()).collect();
        History::from_prices(universe, &columns)
    };
    let history = history.map_err(|error| bad(&error))?;
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

/// A policy with its costs.
fn trial_of(request: &BacktestPolicyRequest, assets: usize, risk_free_rate: f64) -> Result<Trial, CoreError> {
    let weights = request.weights.clone().unwrap_or_else(|| vec![1.0 / assets as f64; assets]);
    let rate = request.transaction_cost_bps.unwrap_or(0.0);
    let terms = Terms::proportional(assets, rate)?;
    let cadence = |default| match request.rebalance.unwrap_or(default) {
        RebalanceCadence::Daily => Cadence::Daily,
        RebalanceCadence::Weekly => Cadence::Weekly,
        RebalanceCadence::Monthly => Cadence::Monthly,
        RebalanceCadence::Quarterly => Cadence::Quarterly,
        RebalanceCadence::Annually => Cadence::Annually,
    };
    let name = request.name.trim();
    Ok(match request.kind {
        BacktestPolicyKind::BuyAndHold => Trial::new(name, BuyAndHold::new(weights), terms),
        BacktestPolicyKind::FixedWeights => {
            Trial::new(name, FixedWeights::new(weights, cadence(RebalanceCadence::Daily)), terms)
        }
        BacktestPolicyKind::Band => {
            let rule = match request.band {
                Some(BacktestBand::Rule(rule)) => band_rule(rule),
                Some(BacktestBand::HalfWidth(width)) => BandRule::absolute(width)?,
                None => BandRule::FIVE_TWENTY_FIVE,
            };
            let band = Band::new(weights, rule)?.with_cadence(cadence(RebalanceCadence::Daily));
            Trial::new(name, band.with_destination(request.destination.unwrap_or(0.0))?, terms)
        }
        BacktestPolicyKind::Optimal => {
            let cash_weight = (1.0 - weights.iter().sum::<f64>()).max(0.0);
            let costs = CostModel::proportional(&vec![rate; assets])?;
            let mut config = RunConfig::new(Policy { weights, cash_weight })
                .with_method(Method::Optimal(Box::new(optimal_method(OptimizationRequest::default(), assets))))
                .with_costs(costs);
            config.estimator = ESTIMATOR.estimator().into();
            config.risk_free_rate = risk_free_rate;
            // A plan is made for its trades here; what it might be worth later is not asked.
            config.simulation = None;
            Trial::new(name, Planned::new(config, cadence(RebalanceCadence::Monthly)), terms)
        }
    })
}

/// The number of plans that optimal policies may make.
fn check_plans(request: &PolicyBacktestRequest, days: usize) -> Result<(), Refusal> {
    let rows = |cadence| match cadence {
        RebalanceCadence::Daily => 1,
        RebalanceCadence::Weekly => 5,
        RebalanceCadence::Monthly => 21,
        RebalanceCadence::Quarterly => 63,
        RebalanceCadence::Annually => 252,
    };
    let optimal = request.policies.iter().enumerate().filter(|(_, p)| p.kind == BacktestPolicyKind::Optimal);
    let mut plans = 0;
    for (i, policy) in optimal {
        plans += days / rows(policy.rebalance.unwrap_or(RebalanceCadence::Monthly)) + 1;
        if plans > MAX_PLANS {
            let detail = format!("asks for more optimal plans than the {MAX_PLANS} that are answered at once");
            return Err(Refusal::fault(format!("/policies/{i}"), FaultCode::Limit, detail));
        }
    }
    Ok(())
}

/// An error with its causes, as one sentence.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

fn of_policy(index: usize, error: &dyn std::error::Error) -> Refusal {
    Refusal::fault(format!("/policies/{index}"), FaultCode::Value, chain(error))
}

/// The member of the request that a refused replay is about.
fn refused(request: &PolicyBacktestRequest, error: &BacktestError) -> Refusal {
    match error {
        BacktestError::Length { trial, .. }
        | BacktestError::Weights { trial, .. }
        | BacktestError::NothingToHold { trial }
        | BacktestError::Book { trial, .. }
        | BacktestError::Policy { trial, .. }
        | BacktestError::Trade { trial, .. }
        | BacktestError::Measure { trial, .. } => of_policy(*trial, error),
        other => Refusal::fault(request.series().0, FaultCode::Value, chain(other)),
    }
}

fn result_of(run: &Run, history: &History) -> BacktestPolicyResult {
    let names = history.universe().names();
    let decision = |record: &::backtest::DayRecord| BacktestDecision {
        day: record.day,
        date: history.dates().map(|dates| dates[record.day]),
        value_before: record.nav.major(),
        turnover_two_way: record.turnover_two_way(),
        plan_digest: record.plan.map(|digest| digest.to_string()),
        trades: record
            .trades
            .iter()
            .map(|trade| BacktestTrade {
                asset: names[trade.asset].clone(),
                signed_trade_value: trade.value.major(),
                cost: trade.cost.major(),
            })
            .collect(),
    };
    BacktestPolicyResult {
        name: run.name.clone(),
        terminal_wealth: run.terminal_wealth(),
        wealth: run.wealth.clone(),
        drawdown: run.drawdown(),
        turnover_two_way: run.turnover_two_way(),
        costs: run.costs().major(),
        cost_fraction: run.cost_fraction(),
        metrics: run.figures.summary.clone(),
        intervals: run.figures.intervals,
        annual_growth: run.figures.annual_growth,
        trades: run.trades(),
        decisions: run.decisions().map(decision).collect(),
        digest: run.digest.to_string(),
    }
}

/// Each policy but the first beside the first. All trials count, whether or not they are compared here.
fn comparisons(found: &Backtest) -> Result<Vec<BacktestComparison>, Refusal> {
    let Some((benchmark, others)) = found.runs.split_first() else { return Ok(Vec::new()) };
    let trials = (found.trials as u64).saturating_sub(1).max(1);
    let growth = |run: &Run| run.returns().iter().map(|r| r.ln_1p()).collect::<Vec<f64>>();
    let beside = growth(benchmark);
    others
        .iter()
        .map(|run| {
            let differences: Vec<f64> = growth(run).iter().zip(&beside).map(|(a, b)| a - b).collect();
            let tested = if differences.len() < LEAST_DAYS {
                Err(NoFigure::TooFewObservations.into())
            } else {
                test_mean(&differences, LongRunVariance::automatic(differences.len()))
            };
            let tested = match tested {
                Ok(test) => Some(test),
                Err(EvaluateError::Unavailable(_)) => None,
                Err(error) => return Err(Refusal::fault("/policies", FaultCode::Value, error.to_string())),
            };
            let verdict = match &tested {
                Some(test) => Judgement::bonferroni(test.p_value, test.mean > 0.0, SIGNIFICANCE, trials)
                    .map_or(Verdict::NotDistinguishable, |judgement| judgement.verdict),
                None => Verdict::NotDistinguishable,
            };
            Ok(BacktestComparison {
                a: run.name.clone(),
                b: benchmark.name.clone(),
                test: ComparisonTest::MeanLogGrowth,
                statistic: tested.map(|test| test.statistic),
                p_value: tested.map(|test| test.p_value),
                verdict,
                significance: SIGNIFICANCE,
                trials,
            })
        })
        .collect()
}

/// What was assumed, and what is missing.
fn warnings(request: &PolicyBacktestRequest, found: &Backtest, plans_ahead: bool) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    let at = request.series().0;
    let days = found.runs.first().map_or(0, |run| run.wealth.len());
    if days <= FEW_OBSERVATIONS {
        warnings.push(PlanWarning {
            code: WarningCode::HistoryShort,
            pointer: at.to_owned(),
            detail: format!("only {days} days are replayed: the figures are rough at best"),
        });
    }
    if plans_ahead {
        warnings.push(PlanWarning {
            code: WarningCode::HistoriesAligned,
            pointer: at.to_owned(),
            detail: format!("every policy starts after {WARM_UP} returns, because an optimal one needs a history"),
        });
    }
    let mut seen = BTreeSet::new();
    for (i, run) in found.runs.iter().enumerate() {
        for missing in run.figures.summary.unavailable.iter().filter(|missing| seen.insert((i, missing.metric))) {
            warnings.push(PlanWarning {
                code: WarningCode::FigureUnavailable,
                pointer: format!("/policies/{i}/metrics/{}", missing.metric),
                detail: missing.reason.sentence().to_owned(),
            });
        }
    }
    warnings
}
