//! The results of a replay.

use governance::Digest;
use portfolio_core::Money;

use crate::error::BacktestError;
use crate::figures::Figures;
use crate::history::History;
use crate::options::ReplayOptions;
use crate::policy::Decision;
use crate::record::{Cause, DayRecord};
use crate::trial::Trial;
use crate::walk::Walk;

/// The result of a replay: one run per trial, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// The row of the first decision.
    pub start: usize,
    /// The runs, in the order of the trials.
    pub runs: Vec<Run>,
    /// Number of different trials in the ledger when the replay ended: the number of tries from which the best is
    /// chosen.
    pub trials: usize,
    /// SHA-256 of the history and of everything in the runs that is not derived from other parts of them.
    pub digest: Digest,
}

impl Backtest {
    /// The digest of a backtest: that of the history's digest and those of its runs, in their order.
    #[must_use]
    pub fn digest_of<'a>(history: &'a Digest, runs: impl Iterator<Item = &'a Digest>) -> Digest {
        let fields: Vec<&[u8]> = std::iter::once(history).chain(runs).map(|digest| &digest.as_bytes()[..]).collect();
        Digest::of_fields("smart-portfolio-rebalancer/backtest/1", &fields)
    }
}

/// The run of one trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Name of the trial.
    pub name: String,
    /// Digest of the trial: equal for equal policies, parameters, terms, settings and histories.
    pub trial: Digest,
    /// Wealth per unit invested at the end of each day from the first decision on, after costs; deposits and
    /// withdrawals do not count as gains or losses.
    pub wealth: Vec<f64>,
    /// The days on which something traded or a plan was made, in order.
    pub records: Vec<DayRecord>,
    /// Value of the account at the end.
    pub terminal_value: Money,
    /// The figures after costs.
    pub figures: Figures,
    /// SHA-256 of the trial, the wealth and the records.
    pub digest: Digest,
}

impl Run {
    /// Wealth per unit invested at the end.
    #[must_use]
    pub fn terminal_wealth(&self) -> f64 {
        self.wealth.last().copied().unwrap_or(1.0)
    }

    /// Returns of the account between the days after costs, oldest first. Costs of the first day are in the first of them.
    #[must_use]
    pub fn returns(&self) -> Vec<f64> {
        returns_of(&self.wealth)
    }

    /// Loss of wealth from its running peak on each day, a fraction from 0 to 1.
    #[must_use]
    pub fn drawdown(&self) -> Vec<f64> {
        let mut peak = 1.0_f64;
        let fall = |wealth: &f64| {
            peak = peak.max(*wealth);
            1.0 - wealth / peak
        };
        self.wealth.iter().map(fall).collect()
    }

    /// Two-way turnover of the decisions, fractions of NAV, summed over the days; sales that fund withdrawals are left
    /// out.
    #[must_use]
    pub fn turnover_two_way(&self) -> f64 {
        // The sum of no floating-point numbers is −0.
        self.decisions().map(DayRecord::turnover_two_way).fold(0.0, |sum, turnover| sum + turnover)
    }

    /// All costs, including those of sales that fund withdrawals.
    #[must_use]
    pub fn costs(&self) -> Money {
        let minor = self.records.iter().map(|record| record.costs().minor()).sum();
        Money::from_minor(minor, self.terminal_value.currency())
    }

    /// Costs as fractions of NAV, summed over the days.
    #[must_use]
    pub fn cost_fraction(&self) -> f64 {
        self.records.iter().map(DayRecord::cost_fraction).fold(0.0, |sum, cost| sum + cost)
    }

    /// Number of executed trades.
    #[must_use]
    pub fn trades(&self) -> usize {
        self.records.iter().map(|record| record.trades.len()).sum()
    }

    /// The days on which the policy traded, or the pipeline made a plan.
    pub fn decisions(&self) -> impl Iterator<Item = &DayRecord> {
        self.records.iter().filter(|record| record.cause == Cause::Decision)
    }

    /// The record of the decision of a day; `None` if the policy held.
    #[must_use]
    pub fn decision(&self, day: usize) -> Option<&DayRecord> {
        self.decisions().find(|record| record.day == day)
    }

    /// Repeats the decision of a day, with everything behind it: the plan of the pipeline with its forecasts, limits
    /// and verdict.
    ///
    /// The account is brought to that day by the recorded trades; `history`, `trial` and `options` are those of the replay.
    ///
    /// # Errors
    /// [`BacktestError::NoSuchDay`] for a day outside the replay, and the errors of the decision itself.
    pub fn decide_again(
        &self,
        history: &History,
        trial: &Trial,
        options: &ReplayOptions,
        day: usize,
    ) -> Result<Decision, BacktestError> {
        if day < options.start || day >= options.rows(history) {
            return Err(BacktestError::NoSuchDay { day });
        }
        let mut walk = Walk::open(history, trial, 0, options)?;
        walk.follow(&self.records, day)?;
        walk.decide()
    }

    pub(crate) fn digest_of(trial: &Digest, name: &str, wealth: &[f64], records: &[DayRecord]) -> Digest {
        let wealth: Vec<u8> = wealth.iter().flat_map(|wealth| wealth.to_le_bytes()).collect();
        let records: Vec<u8> = records.iter().flat_map(DayRecord::bytes).collect();
        let fields: [&[u8]; 4] = [trial.as_bytes(), name.as_bytes(), &wealth, &records];
        Digest::of_fields("smart-portfolio-rebalancer/backtest-run/1", &fields)
    }
}

/// The returns of a wealth curve that begins with 1 before its first entry, the first two entries in one return. Zero
/// wealth has a return of zero.
pub(crate) fn returns_of(wealth: &[f64]) -> Vec<f64> {
    let from = |i: usize| if i == 0 { 1.0 } else { wealth[i] };
    let earned = |i: usize| if from(i - 1) > 0.0 { wealth[i] / from(i - 1) - 1.0 } else { 0.0 };
    (1..wealth.len()).map(earned).collect()
}
