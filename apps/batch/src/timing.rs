//! How long accounts took: measured, so under no hash and in no manifest.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::decision::Decided;
use crate::totals::{Histogram, TAIL};

/// An account that took long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimedAccount {
    /// Its id.
    pub account_id: String,
    /// Microseconds from the account before it to its last row.
    pub micros: f64,
    /// Iterations of the solver and of the search for the costs.
    pub work: u32,
    /// Its outcome.
    pub outcome: String,
    /// The reason of a refusal or of a fallback.
    pub reason: Option<String>,
}

/// The times of a set of accounts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Timing {
    /// Accounts by their time, microseconds.
    pub micros: Histogram,
    /// The slowest, the slowest first; at most [`TAIL`].
    pub slowest: Vec<TimedAccount>,
    #[serde(skip)]
    threshold: Duration,
}

impl Timing {
    pub(crate) fn add(&mut self, account_id: &str, took: Duration, decided: &Decided) {
        self.micros.add(1e6 * took.as_secs_f64());
        if took > self.threshold || self.slowest.len() < TAIL {
            self.slowest.push(TimedAccount {
                account_id: account_id.to_owned(),
                micros: 1e6 * took.as_secs_f64(),
                work: decided.work,
                outcome: decided.outcome.name().to_owned(),
                reason: decided.reason.as_ref().map(ToString::to_string),
            });
            if self.slowest.len() >= 2 * TAIL {
                self.keep();
                self.threshold = Duration::from_secs_f64(1e-6 * self.slowest.last().map_or(0.0, |last| last.micros));
            }
        }
    }

    /// Adds the times of other accounts.
    pub fn merge(&mut self, other: &Self) {
        self.micros.merge(&other.micros);
        self.slowest.extend(other.slowest.iter().cloned());
        self.keep();
    }

    fn keep(&mut self) {
        self.slowest.sort_by(|a, b| b.micros.total_cmp(&a.micros).then_with(|| a.account_id.cmp(&b.account_id)));
        self.slowest.truncate(TAIL);
    }
}
