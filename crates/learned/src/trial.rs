//! What an allocator is worth on the days held out, beside plain policies.

use backtest::{History, ReplayOptions, Run, Terms, Trial, TrialLedger, replay};
use evaluate::{EvaluateError, Judgement, LongRunVariance, Verdict, test_mean};
use models::drift::{StabilityBins, rising_alarms};
use serde::{Deserialize, Serialize};

use crate::allocator::{Replayed, SeedPolicy};
use crate::error::LearnedError;
use crate::histories::{SplitReturns, costs};
use crate::rivals::RIVALS;
use crate::spec::{AllocatorSpec, YEAR};

/// Level of all verdicts together.
const LEVEL: f64 = 0.05;

/// A policy over the days held out, net of costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRow {
    /// Its name.
    pub name: String,
    /// Wealth at the end per unit invested.
    pub wealth: f64,
    /// Growth a year, a fraction.
    pub growth_annual: f64,
    /// Standard deviation of returns a year, a fraction.
    pub volatility_annual: f64,
    /// Largest fall from a peak, a fraction, positive.
    pub max_drawdown: f64,
    /// Two-way turnover a year, a fraction of the value.
    pub turnover_annual: f64,
    /// Costs a year, a fraction of the value.
    pub cost_annual: f64,
}

/// The allocator compared with a plain policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// The plain policy.
    pub row: PolicyRow,
    /// Logarithmic growth a year of the allocator less that of the policy, a fraction; `None` where the two do not differ.
    pub difference_annual: Option<f64>,
    /// Its interval, which allows for all comparisons as the verdict does: lower end first.
    pub interval: Option<[f64; 2]>,
    /// Whether the allocator is better, over all comparisons.
    pub verdict: Option<Verdict>,
    /// Two-sided, before any allowance for the comparisons.
    pub p_value: Option<f64>,
    /// Why there are no such figures.
    pub reason: Option<String>,
}

/// Whether the days held out are days of the kind that the training saw, and whether the allocator lost its worth among them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOutDrift {
    /// Population stability index of the returns of all assets held out against those of the training, in ten bins.
    pub stability_index: f64,
    /// Alarms of ADWIN on the daily growth of equal weights less that of the allocator, at which it had risen.
    pub loss_alarms: usize,
}

/// The trial of an allocator on the days held out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOutTrial {
    /// Returns that were judged.
    pub days: usize,
    /// The allocator.
    pub allocator: PolicyRow,
    /// The policy of each seed by itself, without a verdict: none of them is chosen.
    pub seeds: Vec<PolicyRow>,
    /// Each plain policy, in the order of [`RIVALS`].
    pub rivals: Vec<Beside>,
    /// Comparisons that the verdicts allow for: those of this trial, times the trials.
    pub comparisons: u64,
    /// Trainings on these data that were counted, this one included.
    pub trials: u64,
    /// Drift over the days held out; `None` where returns do not vary, and in trials of before it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<HeldOutDrift>,
}

impl HeldOutTrial {
    /// The one-sided p-value that the allocator is no better than the best of the plain policies: the largest over them, which is valid
    /// without an allowance for their number (the intersection-union test of Berger 1982). 1 where a policy has no test.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        let one_sided = |one: &Beside| match (one.p_value, one.difference_annual) {
            (Some(p), Some(difference)) if difference > 0.0 => p / 2.0,
            (Some(p), Some(_)) => 1.0 - p / 2.0,
            _ => 1.0,
        };
        if self.rivals.is_empty() { 1.0 } else { self.rivals.iter().map(one_sided).fold(0.0, f64::max) }
    }

    /// Whether the allocator is better than every plain policy, over all comparisons.
    #[must_use]
    pub fn shows_edge(&self) -> bool {
        !self.rivals.is_empty() && self.rivals.iter().all(|one| one.verdict == Some(Verdict::Better))
    }

    /// The conclusion in words.
    #[must_use]
    pub fn conclusion(&self) -> &'static str {
        if self.shows_edge() { "better than every plain policy on the days held out" } else { "no demonstrated edge" }
    }
}

/// Replays the rivals over the days held out.
pub(crate) fn replay_rivals(history: &History, first: usize, trials: &[Trial]) -> Result<Vec<Run>, LearnedError> {
    let options = ReplayOptions { start: first, ..ReplayOptions::default() };
    Ok(replay(history, trials, &options, &mut TrialLedger::default())?.runs)
}

/// Replays the policies of the seeds, and the mean of them, and compares it with the rivals' runs.
pub(crate) fn held_out(
    history: &History,
    first: usize,
    spec: &AllocatorSpec,
    policies: &[SeedPolicy],
    rivals: &[Run],
    trials: u64,
    returns: &SplitReturns,
) -> Result<HeldOutTrial, LearnedError> {
    let assets = history.assets();
    let trial = |name: String, policies: &[SeedPolicy]| {
        let replayed = Replayed::new(policies.to_vec(), assets);
        Ok::<Trial, LearnedError>(Trial::new(name, replayed, Terms::of(costs(assets, spec)?)))
    };
    let name = |policies: &[SeedPolicy]| match policies.len() {
        1 => "learned".to_owned(),
        seeds => format!("learned, mean of {seeds} seeds"),
    };
    let mut learned = vec![trial(name(policies), policies)?];
    for one in policies {
        learned.push(trial(format!("learned, seed {}", one.seed), std::slice::from_ref(one))?);
    }
    let runs = replay_rivals(history, first, &learned)?;
    let [own, seeds @ ..] = &runs[..] else { return Err(LearnedError::Shape) };
    let comparisons = trials.saturating_mul(RIVALS.len() as u64);
    let growth = growth(own);
    Ok(HeldOutTrial {
        days: growth.len(),
        allocator: row(own)?,
        seeds: seeds.iter().map(row).collect::<Result<_, _>>()?,
        rivals: rivals.iter().map(|rival| beside(&growth, rival, comparisons)).collect::<Result<_, _>>()?,
        comparisons,
        trials,
        drift: rivals.first().and_then(|equal| drift(returns, &growth, equal)),
    })
}

/// Bins of the index of stability.
const BINS: usize = 10;

/// `own`: daily growth of the allocator; `equal`: the run of equal weights, the first of the rivals.
fn drift(returns: &SplitReturns, own: &[f64], equal: &Run) -> Option<HeldOutDrift> {
    let bins = StabilityBins::of(&returns.trained, BINS)?;
    Some(HeldOutDrift {
        stability_index: bins.index(&returns.held_out)?,
        loss_alarms: rising_alarms(growth(equal).into_iter().zip(own).map(|(equal, own)| equal - own)),
    })
}

/// Daily logarithmic growth of a run.
fn growth(run: &Run) -> Vec<f64> {
    run.returns().iter().map(|r| r.ln_1p()).collect()
}

/// The figures of a run. At least a year is replayed, so that none is missing.
fn row(run: &Run) -> Result<PolicyRow, LearnedError> {
    let figures = &run.figures;
    let there = |figure: Option<f64>| figure.ok_or(LearnedError::Short { found: run.wealth.len(), needed: YEAR });
    Ok(PolicyRow {
        name: run.name.clone(),
        wealth: run.terminal_wealth(),
        growth_annual: there(figures.annual_growth)?,
        volatility_annual: there(figures.summary.volatility)?,
        max_drawdown: there(figures.summary.max_drawdown)?,
        turnover_annual: there(figures.annual_turnover_two_way)?,
        cost_annual: there(figures.annual_cost)?,
    })
}

fn beside(own: &[f64], rival: &Run, comparisons: u64) -> Result<Beside, LearnedError> {
    let differences: Vec<f64> = own.iter().zip(growth(rival)).map(|(a, b)| a - b).collect();
    let row = row(rival)?;
    let test = match test_mean(&differences, LongRunVariance::automatic(differences.len())) {
        Ok(test) => test,
        Err(EvaluateError::Unavailable(reason)) => {
            let reason = Some(reason.to_string());
            return Ok(Beside { row, difference_annual: None, interval: None, verdict: None, p_value: None, reason });
        }
        Err(error) => return Err(error.into()),
    };
    let judged = Judgement::bonferroni(test.p_value, test.mean > 0.0, LEVEL, comparisons)?;
    let year = YEAR as f64;
    let interval = test.interval(1.0 - LEVEL / comparisons as f64)?.map(|end| year * end);
    Ok(Beside {
        row,
        difference_annual: Some(year * test.mean),
        interval: Some(interval),
        verdict: Some(judged.verdict),
        p_value: Some(judged.p_value),
        reason: None,
    })
}
