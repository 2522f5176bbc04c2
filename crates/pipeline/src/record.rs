//! The record of a run: what each step did, and which part of it the digests cover.

use std::sync::Arc;
use std::time::Duration;

use governance::Digest;

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId};
use crate::digest::Canon;
use crate::limit_check::LimitCheck;
use crate::limits::Severity;
use crate::relaxation::Relaxation;
use crate::summary::{AgentSummary, StageSummary};
use crate::warning::RunWarning;

/// What one agent did: bit for bit the same for the same case.
#[derive(Debug, Clone, PartialEq)]
pub struct StageRecord {
    /// Which agent.
    pub id: AgentId,
    /// The purpose of the step.
    pub objective: &'static str,
    /// The result of the step.
    pub summary: StageSummary,
    /// The highest severity among `checks`; clear without any.
    pub severity: Severity,
    /// The limits that this agent checked.
    pub checks: Arc<[LimitCheck]>,
    /// The relaxations that this agent requested; the last step answers them.
    pub relaxations: Vec<Relaxation>,
    /// The warnings of this agent.
    pub warnings: Vec<RunWarning>,
}

impl StageRecord {
    /// The record of a step without limits, requests or warnings.
    pub(crate) fn of<A: Agent>(summary: impl AgentSummary) -> Self {
        Self {
            id: A::ID,
            objective: A::OBJECTIVE,
            summary: StageSummary::new(summary),
            severity: Severity::Clear,
            checks: Arc::default(),
            relaxations: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Adds the limits that the agent checked; the severity is the highest of theirs.
    pub(crate) fn with_checks(mut self, checks: &Arc<[LimitCheck]>) -> Self {
        let counts = checks.iter().filter(|check| !check.is_without_window());
        self.severity = counts.map(|check| check.severity).max().unwrap_or(Severity::Clear);
        self.checks = checks.clone();
        self
    }

    /// Position of the step, from 1.
    #[must_use]
    pub fn step(&self) -> usize {
        self.id.step()
    }
}

/// The input and output digests of a step, and its duration. Durations differ from run to run; digests do not.
#[derive(Debug, Clone, PartialEq)]
pub struct StageTrace {
    /// Which agent.
    pub id: AgentId,
    /// SHA-256 of its input: the digest of the source for the first agent, the output digest of the previous agent for
    /// the others.
    pub input_digest: Digest,
    /// SHA-256 of the source's digest and everything that this agent and those before it added.
    pub output_digest: Digest,
    /// Duration of the step and its record in microseconds, by the clock of the run.
    pub duration_us: u64,
}

/// The record of a run: what each agent did, with digests and durations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunRecord {
    /// The steps, in order.
    pub stages: Vec<StageRecord>,
    /// Their digests and durations; empty for a run that was not traced.
    pub trace: Vec<StageTrace>,
}

impl RunRecord {
    /// An empty record with room for the given number of steps.
    pub(crate) fn with_room(steps: usize) -> Self {
        Self { stages: Vec::with_capacity(steps), trace: Vec::with_capacity(steps) }
    }
}

/// The contribution of an agent's result to the record, implemented next to the agent's `act`.
pub(crate) trait Recorded {
    /// The agent of the result.
    type By: Agent;

    /// The record of this step.
    fn record(&self, admitted: &Admitted<'_>) -> StageRecord;
    /// Writes what this step added.
    fn add_to(&self, admitted: &Admitted<'_>, canon: &mut Canon);
}

/// Microseconds between two readings of the clock; 0 if the clock went back.
pub(crate) fn duration_us(start: Duration, end: Duration) -> u64 {
    u64::try_from(end.saturating_sub(start).as_micros()).unwrap_or(u64::MAX)
}
