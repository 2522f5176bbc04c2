//! The record of the supervisor.

use std::fmt;

use super::{Judged, Supervisor, VerdictDecision};
use crate::admitted::Admitted;
use crate::digest::Canon;
use crate::limits::Severity;
use crate::record::{Recorded, StageRecord};

/// The summary of the supervisor; Display gives the verdict's own sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictSummary {
    /// The decision.
    pub decision: VerdictDecision,
    /// The highest severity.
    pub severity: Severity,
    /// The verdict in a sentence.
    pub sentence: String,
}

impl fmt::Display for VerdictSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Recorded for Judged {
    type By = Supervisor;

    fn record(&self, _: &Admitted<'_>) -> StageRecord {
        let verdict = &self.verdict;
        let summary = VerdictSummary {
            decision: verdict.decision,
            severity: verdict.severity,
            sentence: verdict.sentence.clone(),
        };
        StageRecord {
            relaxations: verdict.relaxations.clone(),
            severity: verdict.severity,
            ..StageRecord::of::<Self::By>(summary).with_checks(&verdict.checks)
        }
    }

    fn add_to(&self, _: &Admitted<'_>, canon: &mut Canon) {
        canon.text(&self.verdict.sentence);
    }
}
