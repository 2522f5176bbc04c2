//! The record of the third agent.

use std::fmt;

use super::{Assessed, RiskAgent};
use crate::admitted::Admitted;
use crate::digest::Canon;
use crate::limits::Severity;
use crate::record::{Recorded, StageRecord};
use crate::sentence::Sentence;

/// The summary of the Risk Agent.
#[derive(Debug, Clone, PartialEq)]
pub struct AssessmentSummary {
    /// One-day VaR at 95 % of the current weights.
    pub var_95: Option<f64>,
    /// Their maximum drawdown.
    pub max_drawdown: Option<f64>,
    /// Number of limits that are not clear.
    pub passed: usize,
    /// Number of limits.
    pub limits: usize,
}

impl fmt::Display for AssessmentSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = Sentence::new().say("One-day VaR95 ").percent(self.var_95);
        let sentence = sentence.say(", maximum drawdown ").percent(self.max_drawdown).say("; ");
        match self.passed {
            0 => sentence.say("every limit is clear."),
            passed => sentence.whole(passed).say(" of ").count(self.limits, "limit").say(" exceeded or not assessed."),
        }
        .fmt(f)
    }
}

impl Recorded for Assessed {
    type By = RiskAgent;

    fn record(&self, _: &Admitted<'_>) -> StageRecord {
        let summary = AssessmentSummary {
            var_95: self.now.var_95,
            max_drawdown: self.now.max_drawdown,
            passed: self.checks.iter().filter(|check| check.severity > Severity::Clear).count(),
            limits: self.checks.len(),
        };
        StageRecord {
            relaxations: self.asked.clone(),
            warnings: self.warnings.iter().chain(&self.simulation_warning).cloned().collect(),
            ..StageRecord::of::<Self::By>(summary).with_checks(&self.checks)
        }
    }

    fn add_to(&self, _: &Admitted<'_>, canon: &mut Canon) {
        canon.risk(&self.now).risk(&self.target);
        let statistics = self.simulation.as_ref().ok().map(|simulated| &simulated.report.statistics);
        canon.optional(statistics.map(|s| s.mean_terminal_value.value));
        canon.optional(statistics.map(|s| s.terminal_quantile_05.value));
        canon.optional(statistics.map(|s| s.probability_of_loss.value));
    }
}
