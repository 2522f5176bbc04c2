//! Policies replayed over a history.

mod assumed;
#[cfg(test)]
mod blind;
mod periods;
mod result;
mod survivors;
mod trial;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use ::backtest::{
    Backtest, BacktestError, History, ReplayOptions, Run, Trial, TrialLedger, replay_beside_watched, replay_watched,
};
use governance::Digest;
use portfolio_core::{Currency, Money, Rounding};
use risk::RiskOptions;

use self::assumed::assumed;
use self::result::{comparison, missing, result_of};
use self::trial::{Setting, history_of, trial_of};
use crate::context::RequestContext;
use crate::dto::absent;
use crate::dto::backtest::{BacktestSeries, PolicyBacktestRequest, PolicyBacktestResponse, WARM_UP};
use crate::dto::backtest_run::BacktestPart;
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::dto::study::CountedStudy;
use crate::fault_code::FaultCode;
use crate::jobs::Progress;
use crate::refusal::Refusal;

pub(crate) use self::survivors::survivors;

/// The currency of the accounts: returns and prices have none, and amounts are booked to the cent.
const CURRENCY: Currency = Currency::USD;

/// Replays the policies of a request. `ended` is called with the number of policies that have ended, from any thread.
///
/// # Errors
/// [`Refusal::Invalid`] for what cannot be replayed, and for a request that names a study: only records can count it.
pub fn backtest_answer(
    request: PolicyBacktestRequest,
    context: &RequestContext,
    ended: &(dyn Fn(usize) + Sync),
) -> Result<PolicyBacktestResponse, Refusal> {
    if request.study.is_some() {
        let detail = "is counted in the records of a service, and there are none here; earlier_trials states a count";
        return Err(Refusal::fault("/study", FaultCode::Value, detail));
    }
    replayed(&Study::of(request)?, context, ended)
}

/// Replays the policies of a checked request.
///
/// # Errors
/// [`Refusal::Invalid`] for what cannot be replayed.
pub(crate) fn replayed(
    study: &Study,
    context: &RequestContext,
    ended: &(dyn Fn(usize) + Sync),
) -> Result<PolicyBacktestResponse, Refusal> {
    let found = study.replay(ended)?;
    let missing = found.runs.iter().enumerate().flat_map(|(i, run)| missing(i, run));
    let first = found.runs.first();
    let others = first.into_iter().flat_map(|first| found.runs.iter().skip(1).map(move |run| (run, first)));
    Ok(PolicyBacktestResponse {
        first_day: found.start,
        warnings: assumed(study).into_iter().chain(missing).collect(),
        comparisons: others.map(|(run, first)| comparison(run, first, found.trials)).collect::<Result<_, _>>()?,
        policies: found.runs.iter().map(|run| result_of(run, &study.history)).collect(),
        trials: found.trials,
        study: study.counted.clone(),
        digest: found.digest.to_string(),
        metadata: Metadata::of(context, None, models()),
    })
}

/// The models of a backtest's answer.
pub(crate) fn models() -> Vec<ModelReference> {
    vec![ModelReference::new("backtest", ENGINE_VERSION)]
}

/// A checked request, ready to be replayed: what its policies share is made once.
#[derive(Debug)]
pub(crate) struct Study {
    request: PolicyBacktestRequest,
    history: History,
    options: ReplayOptions,
    trials: Vec<Trial>,
    /// Different trials of the request.
    different: BTreeSet<Digest>,
    /// What was counted under the name that the request gives its trials; `None` where it gives none.
    counted: Option<CountedStudy>,
    /// The run of the first policy, which the others are held against.
    first: OnceLock<Result<Run, BacktestError>>,
}

impl Study {
    /// # Errors
    /// [`Refusal::Invalid`] for what cannot be replayed.
    pub(crate) fn of(request: PolicyBacktestRequest) -> Result<Self, Refusal> {
        let history = history_of(&request)?;
        let defaults = RiskOptions::default();
        let risk = RiskOptions {
            risk_free_rate: request.risk_free_rate.unwrap_or(defaults.risk_free_rate),
            periods_per_year: request
                .periods_per_year
                .or_else(|| periods::of_dates(request.dates.as_deref()?))
                .unwrap_or(defaults.periods_per_year),
        };
        let value =
            Money::from_major(request.initial_value.unwrap_or(absent::INITIAL_VALUE), CURRENCY, Rounding::HalfEven)
                .map_err(|error| Refusal::fault("/initial_value", FaultCode::Range, error.to_string()))?;
        let options = ReplayOptions {
            start: if request.plans_ahead() { WARM_UP } else { 0 },
            initial_value: value,
            risk,
            ..ReplayOptions::default()
        };
        let series = request.series();
        let setting = Setting { value: value.major(), risk_free_rate: risk.risk_free_rate };
        let trial = |(i, policy)| trial_of(i, policy, series, setting);
        let trials: Vec<Trial> = request.policies.iter().enumerate().map(trial).collect::<Result<_, _>>()?;
        let source = history.digest();
        let different = trials.iter().map(|trial| trial.digest(&source, &options)).collect();
        Ok(Self { request, history, options, trials, different, counted: None, first: OnceLock::new() })
    }

    /// The same, with what was counted under its name.
    pub(crate) fn counted_as(self, counted: CountedStudy) -> Self {
        Self { counted: Some(counted), ..self }
    }

    /// The digests of its different trials.
    pub(crate) fn different(&self) -> &BTreeSet<Digest> {
        &self.different
    }

    /// Number of policies.
    pub(crate) fn policies(&self) -> usize {
        self.trials.len()
    }

    /// Tries before the request: those that it states, and those of the study that it does not repeat.
    fn earlier(&self) -> usize {
        let of_study =
            self.counted.as_ref().map_or(0, |counted| counted.trials.saturating_sub(self.different.len() as u64));
        let stated = self.request.earlier_trials.unwrap_or_default();
        usize::try_from(stated.saturating_add(of_study)).unwrap_or(usize::MAX)
    }

    fn replay(&self, ended: &(dyn Fn(usize) + Sync)) -> Result<Backtest, Refusal> {
        let mut ledger = TrialLedger::with_earlier(self.earlier());
        replay_watched(&self.history, &self.trials, &self.options, &mut ledger, ended)
            .map_err(|error| self.refused(&error))
    }

    /// The run of the first policy, made once for all the others. Only one part at a time is asked for, so no thread waits here. A run
    /// that was stopped is made no more: its backtest was cancelled.
    fn first(&self, watch: &dyn Fn(usize) -> ControlFlow<()>) -> Result<&Run, Refusal> {
        let trial = self.trials.first().ok_or(Refusal::Internal)?;
        let replay = || replay_beside_watched(&self.history, (0, trial), None, &self.options, watch);
        let first = self.first.get_or_init(replay);
        first.as_ref().map_err(|error| self.refused(error))
    }

    /// One policy beside the first: what is kept of it while the whole backtest is queued. `at_work` hears of each day, and ends it early.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for what cannot be replayed, or has more trades than may be kept; [`Refusal::Internal`] for a policy that was
    /// not sent, or was stopped.
    pub(crate) fn part(&self, index: usize, at_work: &Progress) -> Result<BacktestPart, Refusal> {
        let trial = self.trials.get(index).ok_or(Refusal::Internal)?;
        let days = self.history.days() - self.options.start;
        let watch = |day: usize| at_work.tell(day - self.options.start, days);
        let first = self.first(&watch)?;
        let beside = |first| replay_beside_watched(&self.history, (index, trial), Some(first), &self.options, &watch);
        let run = match index {
            0 => Cow::Borrowed(first),
            _ => Cow::Owned(beside(first).map_err(|error| self.refused(&error))?),
        };
        if self.request.told(days, run.records.len(), run.trades()) > self.request.share() {
            return Err(Refusal::fault(format!("/policies/{index}"), FaultCode::Limit, self.request.too_much()));
        }
        // The verdict allows for every policy of the request, replayed here or not.
        let trials = self.earlier().saturating_add(self.different.len());
        Ok(BacktestPart {
            first_day: self.options.start,
            trials,
            study: self.counted.clone(),
            history: self.history.digest().to_string(),
            policy: result_of(&run, &self.history),
            comparison: (index > 0).then(|| comparison(&run, first, trials)).transpose()?,
            assumed: assumed(self),
            missing: missing(index, &run),
        })
    }

    /// The member of the request that a refused replay of one policy is about.
    fn refused(&self, error: &BacktestError) -> Refusal {
        match error {
            BacktestError::Stopped => Refusal::Internal,
            BacktestError::Book { trial, .. } if matches!(self.request.series(), BacktestSeries::Returns(_)) => {
                let detail =
                    format!("{}; returns are fractions: 1.2 % is 0.012. Were they sent as percentages?", chain(error));
                Refusal::fault(format!("/policies/{trial}"), FaultCode::Value, detail)
            }
            BacktestError::Length { trial, .. }
            | BacktestError::Weights { trial, .. }
            | BacktestError::NothingToHold { trial }
            | BacktestError::Book { trial, .. }
            | BacktestError::Policy { trial, .. }
            | BacktestError::Trade { trial, .. }
            | BacktestError::Measure { trial, .. } => of_policy(*trial, error),
            other => Refusal::fault(self.request.series().pointer(), FaultCode::Value, chain(other)),
        }
    }
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
