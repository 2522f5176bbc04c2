//! The result of a replay, as the contract presents it.

use std::collections::BTreeSet;

use ::backtest::{History, Run};
use ::evaluate::{EvaluateError, Judgement, LongRunVariance, NoFigure, Verdict, test_mean};

use crate::dto::backtest::{BacktestComparison, BacktestDecision, BacktestPolicyResult, BacktestTrade, ComparisonTest};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// Level of the verdicts.
const SIGNIFICANCE: f64 = 0.05;
/// Fewest days on which growth rates are compared.
const LEAST_DAYS: usize = 10;

pub(super) fn result_of(run: &Run, history: &History) -> BacktestPolicyResult {
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

/// One policy beside the first. All trials count, whether or not they are compared here.
pub(super) fn comparison(run: &Run, first: &Run, trials: usize) -> Result<BacktestComparison, Refusal> {
    let trials = (trials as u64).saturating_sub(1).max(1);
    let growth = |run: &Run| run.returns().into_iter().map(f64::ln_1p);
    let is_lost = |run: &Run| run.terminal_wealth() <= 0.0;
    let differences: Vec<f64> = growth(run).zip(growth(first)).map(|(a, b)| a - b).collect();
    let tested = if is_lost(run) || is_lost(first) {
        Err(NoFigure::TotalLoss.into())
    } else if differences.len() < LEAST_DAYS {
        Err(NoFigure::TooFewObservations.into())
    } else {
        test_mean(&differences, LongRunVariance::automatic(differences.len()))
    };
    let (tested, reason) = match tested {
        Ok(test) => (Some(test), None),
        Err(EvaluateError::Unavailable(reason)) => (None, Some(reason)),
        Err(error) => return Err(Refusal::fault("/policies", FaultCode::Value, error.to_string())),
    };
    let verdict = match &tested {
        Some(test) => Judgement::bonferroni(test.p_value, test.mean > 0.0, SIGNIFICANCE, trials)
            .map_or(Verdict::NotDistinguishable, |judgement| judgement.verdict),
        // What lost everything has no growth rate left, whatever chance does to the other.
        None => match (is_lost(run), is_lost(first)) {
            (true, false) => Verdict::Worse,
            (false, true) => Verdict::Better,
            (true, true) | (false, false) => Verdict::NotDistinguishable,
        },
    };
    Ok(BacktestComparison {
        a: run.name.clone(),
        b: first.name.clone(),
        test: ComparisonTest::MeanLogGrowth,
        statistic: tested.map(|test| test.statistic),
        p_value: tested.map(|test| test.p_value),
        reason,
        verdict,
        significance: SIGNIFICANCE,
        trials,
    })
}

/// The figures that a run lacks, and why. The first policy is the one that the others are tracked to, and lacks no error to itself.
pub(super) fn missing(index: usize, run: &Run) -> Vec<PlanWarning> {
    let mut seen = BTreeSet::new();
    let is_own = |metric: &str| index == 0 && metric == "tracking_error";
    let lacking = (run.figures.summary.unavailable.iter())
        .filter(|missing| !is_own(missing.metric) && seen.insert(missing.metric));
    lacking
        .map(|missing| PlanWarning {
            code: WarningCode::FigureUnavailable,
            pointer: format!("/policies/{index}/metrics/{}", missing.metric),
            detail: missing.reason.sentence().to_owned(),
        })
        .collect()
}
