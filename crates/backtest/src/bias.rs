//! The bias tester: checks whether a decision changes when everything after its day is replaced.

use std::fmt;

use governance::Digest;
use portfolio_core::Seed;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::error::BacktestError;
use crate::history::History;
use crate::options::ReplayOptions;
use crate::past::Past;
use crate::replay::check;
use crate::trial::Trial;
use crate::walk::Walk;

/// What replaces the rows after the day of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Poison {
    /// Independent returns between −10 % and +10 %, and the prices they give.
    Noise,
    /// NaN, prices and returns alike.
    Nan,
    /// The prices and returns of the whole history in reversed order.
    Reversed,
}

impl Poison {
    /// Every poison.
    pub const ALL: [Self; 3] = [Self::Noise, Self::Nan, Self::Reversed];
}

impl fmt::Display for Poison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Noise => "noise",
            Self::Nan => "NaN",
            Self::Reversed => "the reversed series",
        })
    }
}

/// The extent of a bias test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BiasOptions {
    /// Seed of the noise.
    pub seed: Seed,
    /// Tests the decision of every n-th row, from the first; at least 1.
    pub every: usize,
}

impl Default for BiasOptions {
    fn default() -> Self {
        Self { seed: Seed(0), every: 1 }
    }
}

/// A decision that changed with the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangedDecision {
    /// The row of the decision.
    pub day: usize,
    /// The replacement of its future.
    pub poison: Poison,
    /// Digest of the decision with the actual future.
    pub before: Digest,
    /// Digest of the decision with the other future; `None` if the policy failed with it.
    pub after: Option<Digest>,
}

/// The result of a bias test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BiasReport {
    /// Name of the trial.
    pub trial: String,
    /// Number of repeated decisions, one for each tested day and poison.
    pub decisions: usize,
    /// Number of these on days on which the policy traded.
    pub active: usize,
    /// Decisions that changed: each is a look into the future.
    pub changed: Vec<ChangedDecision>,
}

impl BiasReport {
    /// Whether no decision changed.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.changed.is_empty()
    }
}

/// Replays a trial, repeats each decision with everything after its day replaced by noise, by NaN and by the reversed
/// series, and reports every decision that changed in trades, costs or the digest of a plan.
///
/// Later prices, returns, dates, gaps and delistings are replaced; the account is the same. Only data that the replay
/// provides can be replaced: a policy that contains future data itself (a file, a model trained on the whole history)
/// is not detected.
///
/// # Errors
/// As [`replay`](crate::replay()), for the unchanged history.
///
/// # Example
/// ```
/// use backtest::{BiasOptions, BuyAndHold, History, ReplayOptions, Terms, Trial, test_bias};
/// use portfolio_core::{ReturnPanel, Universe};
///
/// let panel = ReturnPanel::new(Universe::new(["A", "B"])?, vec![vec![0.01, -0.02, 0.03], vec![0.0, 0.02, -0.01]])?;
/// let hold = Trial::new("hold", BuyAndHold::new(vec![0.5, 0.5]), Terms::free(2));
/// let history = History::from_returns(panel)?;
/// let report = test_bias(&history, &hold, &ReplayOptions::default(), &BiasOptions::default())?;
/// assert!(report.is_blind() && report.decisions == 3 * 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn test_bias(
    history: &History,
    trial: &Trial,
    options: &ReplayOptions,
    bias: &BiasOptions,
) -> Result<BiasReport, BacktestError> {
    let options = &ReplayOptions { benchmark: 0, ..options.clone() };
    check(history, std::slice::from_ref(trial), options)?;
    let mut report = BiasReport { trial: trial.name.clone(), decisions: 0, active: 0, changed: Vec::new() };
    let last = options.rows(history) - 1;
    Walk::open(history, trial, 0, options)?.walk_on(|walk, decision| {
        let desk = walk.desk();
        let day = desk.past.day();
        if day == last || !desk.days_since_start().is_multiple_of(bias.every.max(1)) {
            return Ok(());
        }
        let before = decision.digest();
        let is_active = decision.trades().is_some() || decision.plan_digest().is_some();
        for poison in Poison::ALL {
            let other = poisoned(history, day, poison, bias.seed);
            let past = Past::of(&other, day);
            let again = trial.policy.decide(&past, &crate::Desk { past, ..desk });
            let after = again.ok().map(|decision| decision.digest());
            report.decisions += 1;
            report.active += usize::from(is_active);
            if after != Some(before) {
                report.changed.push(ChangedDecision { day, poison, before, after });
            }
        }
        Ok(())
    })?;
    Ok(report)
}

/// The history with everything after a day replaced.
fn poisoned(history: &History, day: usize, poison: Poison, seed: Seed) -> History {
    let last = history.days() - 1;
    match poison {
        Poison::Nan => history.with_other_future(day, |_, _| f64::NAN, |_, _| f64::NAN),
        Poison::Reversed => {
            let returns = |asset: usize, period: usize| {
                let series = history.panel().series(asset).unwrap_or_default();
                series.get(last - 1 - period).copied().unwrap_or_default()
            };
            history.with_other_future(day, |asset, row| history.row(last - row)[asset], returns)
        }
        Poison::Noise => {
            let generator = || ChaCha8Rng::seed_from_u64(seed.0 ^ day as u64);
            let draw = |generator: &mut ChaCha8Rng| 0.2 * (generator.next_u64() as f64 / u64::MAX as f64) - 0.1;
            let (mut for_prices, mut for_returns) = (generator(), generator());
            history.with_other_future(
                day,
                |asset, _| history.row(day)[asset] * (1.0 + draw(&mut for_prices)),
                |_, _| draw(&mut for_returns),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decision, Desk, Policy, PolicyError, Terms};
    use portfolio_core::{ModelParameter, ReturnPanel, Universe};

    /// Buys the asset that will rise most tomorrow, through access that only tests have.
    #[derive(Debug)]
    struct Peeker {
        target: [f64; 2],
        /// Looks ahead at the returns, not at the prices.
        returns: bool,
    }

    impl Policy for Peeker {
        fn id(&self) -> &str {
            "peeker"
        }

        fn parameters(&self) -> Vec<ModelParameter> {
            Vec::new()
        }

        fn target(&self) -> &[f64] {
            &self.target
        }

        fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
            let (all, day) = (past.back_door(), past.day());
            if day + 1 >= all.days() {
                return Ok(Decision::Hold);
            }
            let gain = |i: usize| match self.returns {
                true => all.panel().series(i).unwrap()[day],
                false => all.row(day + 1)[i] / all.row(day)[i],
            };
            Ok(desk.trade_to(if gain(0) > gain(1) { &[1.0, 0.0] } else { &[0.0, 1.0] })?)
        }
    }

    fn history() -> History {
        let wave = |phase: usize| (0..60).map(|t| [0.01, -0.004, 0.002, -0.007, 0.005][(t + phase) % 5]).collect();
        History::from_returns(ReturnPanel::new(Universe::new(["A", "B"]).unwrap(), vec![wave(0), wave(2)]).unwrap())
            .unwrap()
    }

    #[test]
    fn a_policy_that_peeks_is_caught_by_every_poison() {
        for returns in [false, true] {
            let peeker = Trial::new("peeker", Peeker { target: [0.5, 0.5], returns }, Terms::free(2));
            let report = test_bias(&history(), &peeker, &ReplayOptions::default(), &BiasOptions::default()).unwrap();
            assert_eq!((report.decisions, report.is_blind()), (180, false));
            for poison in Poison::ALL {
                let caught = report.changed.iter().filter(|changed| changed.poison == poison).count();
                assert!(caught >= 10, "{poison}: {caught}");
            }
        }
    }

    #[test]
    fn a_poisoned_history_has_the_same_past() {
        let history = history();
        for poison in Poison::ALL {
            let other = poisoned(&history, 20, poison, Seed(1));
            let (before, after) = (Past::of(&history, 20), Past::of(&other, 20));
            assert_eq!(before.prices(), after.prices());
            assert_eq!(before.panel(None).unwrap(), after.panel(None).unwrap());
            // Row 30 of 61 is the middle of the reversed series too.
            let same = (21..61).filter(|&row| history.row(row) == other.row(row)).collect::<Vec<_>>();
            assert!(same.is_empty() || (poison == Poison::Reversed && same == [30]), "{poison}: {same:?}");
            let series = |history: &History| history.panel().series(0).unwrap()[20..].to_vec();
            assert_ne!(series(&history), series(&other));
        }
    }
}
