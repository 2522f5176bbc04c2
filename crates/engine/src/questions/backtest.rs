//! Policies replayed over a history.

use std::collections::BTreeSet;

use ::backtest::{
    Backtest, BacktestError, Band, BuyAndHold, Cadence, FixedWeights, History, Planned, ReplayOptions, Run, Terms,
    Trial, TrialLedger, replay,
};
use ::evaluate::{EvaluateError, Judgement, LongRunVariance, NoFigure, Verdict, test_mean};
use governance::Digest;
use pipeline::{FEW_OBSERVATIONS, Method, Policy, PolicyObjective, RunConfig};
use portfolio_core::{BandRule, CoreError, CostModel, Currency, Money, ReturnPanel, Rounding, Universe};
use risk::RiskOptions;

use crate::context::RequestContext;
use crate::dto::backtest::{
    BacktestBand, BacktestComparison, BacktestDecision, BacktestPolicyKind, BacktestPolicyRequest,
    BacktestPolicyResult, BacktestTrade, ComparisonTest, PolicyBacktestRequest, PolicyBacktestResponse,
    RebalanceCadence, WARM_UP,
};
use crate::dto::backtest_run::BacktestPart;
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::dto::optimal::OptimizationRequest;
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault::Fault;
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
/// Value of an account on the first day by default: large, so that rounding to the cent does not show in wealth.
const INITIAL_VALUE: f64 = 1e9;

/// Replays the policies of a request.
///
/// # Errors
/// [`Refusal::Invalid`] for what cannot be replayed.
pub fn backtest_answer(
    request: &PolicyBacktestRequest,
    context: &RequestContext,
) -> Result<PolicyBacktestResponse, Refusal> {
    let study = Study::of(request)?;
    let found = study.replay(&study.trials, TrialLedger::with_earlier(earlier(request)))?;
    let missing = found.runs.iter().enumerate().flat_map(|(i, run)| missing(i, run));
    Ok(PolicyBacktestResponse {
        first_day: found.start,
        warnings: study.assumed().into_iter().chain(missing).collect(),
        comparisons: comparisons(&found)?,
        policies: found.runs.iter().map(|run| result_of(run, &study.history)).collect(),
        trials: found.trials,
        digest: found.digest.to_string(),
        metadata: Metadata::of(context, None, models()),
    })
}

/// The models of a backtest's answer.
pub(crate) fn models() -> Vec<ModelReference> {
    vec![ModelReference::new("backtest", ENGINE_VERSION)]
}

/// A checked request, ready to be replayed.
pub(crate) struct Study<'a> {
    request: &'a PolicyBacktestRequest,
    history: History,
    options: ReplayOptions,
    trials: Vec<Trial>,
}

impl<'a> Study<'a> {
    /// # Errors
    /// [`Refusal::Invalid`] for what cannot be replayed.
    pub(crate) fn of(request: &'a PolicyBacktestRequest) -> Result<Self, Refusal> {
        let history = history_of(request)?;
        let defaults = RiskOptions::default();
        let risk = RiskOptions {
            risk_free_rate: request.risk_free_rate.unwrap_or(defaults.risk_free_rate),
            periods_per_year: request.periods_per_year.unwrap_or(defaults.periods_per_year),
        };
        let value = Money::from_major(request.initial_value.unwrap_or(INITIAL_VALUE), CURRENCY, Rounding::HalfEven)
            .map_err(|error| Refusal::fault("/initial_value", FaultCode::Range, error.to_string()))?;
        let options = ReplayOptions {
            start: if request.plans_ahead() { WARM_UP } else { 0 },
            initial_value: value,
            risk,
            ..ReplayOptions::default()
        };
        let trial =
            |(i, policy)| trial_of(policy, history.assets(), risk.risk_free_rate).map_err(|error| of_policy(i, &error));
        let trials = request.policies.iter().enumerate().map(trial).collect::<Result<_, _>>()?;
        Ok(Self { request, history, options, trials })
    }

    /// One policy beside the first: what is kept of it while the whole backtest is queued.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for what cannot be replayed, [`Refusal::Internal`] for a policy that was not sent.
    pub(crate) fn part(&self, index: usize) -> Result<BacktestPart, Refusal> {
        let own = self.trials.get(index).ok_or(Refusal::Internal)?;
        let first = self.trials.first().filter(|_| index > 0);
        let trials: Vec<Trial> = first.into_iter().chain([own]).cloned().collect();
        // The verdict allows for every policy of the request, replayed here or not.
        let others = self.different(&self.trials) - self.different(&trials);
        let ledger = TrialLedger::with_earlier(earlier(self.request).saturating_add(others));
        let found = self.replay(&trials, ledger).map_err(|refusal| at_policy(refusal, index))?;
        let run = found.runs.last().ok_or(Refusal::Internal)?;
        Ok(BacktestPart {
            first_day: found.start,
            trials: found.trials,
            history: self.history.digest().to_string(),
            policy: result_of(run, &self.history),
            comparison: comparisons(&found)?.pop(),
            assumed: self.assumed(),
            missing: missing(index, run),
        })
    }

    /// How many of these trials are different ones.
    fn different(&self, trials: &[Trial]) -> usize {
        let source = self.history.digest();
        trials.iter().map(|trial| trial.digest(&source, &self.options)).collect::<BTreeSet<Digest>>().len()
    }

    fn replay(&self, trials: &[Trial], mut ledger: TrialLedger) -> Result<Backtest, Refusal> {
        replay(&self.history, trials, &self.options, &mut ledger).map_err(|error| refused(self.request, &error))
    }

    /// What was assumed of the whole backtest.
    fn assumed(&self) -> Vec<PlanWarning> {
        let mut warnings = Vec::new();
        let at = self.request.series().0;
        let days = self.history.days() - self.options.start;
        if days <= FEW_OBSERVATIONS {
            warnings.push(PlanWarning {
                code: WarningCode::HistoryShort,
                pointer: at.to_owned(),
                detail: format!("only {days} days are replayed: the figures are rough at best"),
            });
        }
        if self.request.plans_ahead() {
            warnings.push(PlanWarning {
                code: WarningCode::HistoriesAligned,
                pointer: at.to_owned(),
                detail: format!("every policy starts after {WARM_UP} returns, because an optimal one needs a history"),
            });
        }
        warnings
    }
}

/// Tries before the request.
fn earlier(request: &PolicyBacktestRequest) -> usize {
    usize::try_from(request.earlier_trials.unwrap_or(0)).unwrap_or(usize::MAX)
}

/// A refusal of the second of two policies, with the pointer it has in the whole request.
fn at_policy(refusal: Refusal, index: usize) -> Refusal {
    let Refusal::Invalid(faults) = refusal else { return refusal };
    let moved = |mut fault: Fault| {
        if let Some(rest) = fault.pointer.as_deref().and_then(|pointer| pointer.strip_prefix("/policies/1")) {
            fault.pointer = Some(format!("/policies/{index}{rest}"));
        }
        fault
    };
    Refusal::Invalid(faults.into_iter().map(moved).collect())
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
            let band = match request.band {
                Some(BacktestBand::Rule(rule)) => Band::new(weights, band_rule(rule))?,
                Some(BacktestBand::HalfWidth(width)) => Band::new(weights, BandRule::absolute(width)?)?,
                Some(BacktestBand::Computed) => {
                    Band::computed(weights, vec![rate / 1e4; assets], PolicyObjective::default().risk_aversion)?
                }
                None => Band::new(weights, BandRule::FIVE_TWENTY_FIVE)?,
            };
            let band = band.with_cadence(cadence(RebalanceCadence::Daily));
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

/// The figures that a run lacks, and why.
fn missing(index: usize, run: &Run) -> Vec<PlanWarning> {
    let mut seen = BTreeSet::new();
    let lacking = run.figures.summary.unavailable.iter().filter(|missing| seen.insert(missing.metric));
    lacking
        .map(|missing| PlanWarning {
            code: WarningCode::FigureUnavailable,
            pointer: format!("/policies/{index}/metrics/{}", missing.metric),
            detail: missing.reason.sentence().to_owned(),
        })
        .collect()
}
