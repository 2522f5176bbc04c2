//! The record of a run: what each step did, and what of it is under a digest.

use std::sync::Arc;
use std::time::Duration;

use governance::Digest;

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId};
use crate::digest::Canon;
use crate::limits::{LimitCheck, Severity};
use crate::relaxation::Relaxation;
use crate::summary::{AgentSummary, StageSummary};
use crate::warning::RunWarning;

/// What one agent did: the same for the same case, to the bit.
#[derive(Debug, Clone, PartialEq)]
pub struct StageRecord {
    /// Which agent.
    pub id: AgentId,
    /// What the step was for.
    pub objective: &'static str,
    /// What came of it.
    pub summary: StageSummary,
    /// The gravest severity among `checks`; clear without any.
    pub severity: Severity,
    /// Limits this agent held its figures against.
    pub checks: Arc<[LimitCheck]>,
    /// What this agent asked the supervisor to allow; answered in the last step.
    pub relaxations: Vec<Relaxation>,
    /// What this agent warned of.
    pub warnings: Vec<RunWarning>,
}

impl StageRecord {
    /// The record of a step without limits, requests and warnings.
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

    /// With the limits the agent checked, the gravest of which is the severity.
    pub(crate) fn with_checks(mut self, checks: &Arc<[LimitCheck]>) -> Self {
        self.severity = checks.iter().map(|check| check.severity).max().unwrap_or(Severity::Clear);
        self.checks = checks.clone();
        self
    }

    /// Position of the step, from 1.
    #[must_use]
    pub fn step(&self) -> usize {
        self.id.step()
    }
}

/// Where a step started, where it ended, and how long it took. Durations differ from run to run; digests do not.
#[derive(Debug, Clone, PartialEq)]
pub struct StageTrace {
    /// Which agent.
    pub id: AgentId,
    /// SHA-256 of what it was given: of the source for the first agent, the output digest of the one before for every other.
    pub input_digest: Digest,
    /// SHA-256 of the source's digest and all that this agent and those before it added.
    pub output_digest: Digest,
    /// How long it took with its record, microseconds, by the clock the run was handed.
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
    /// An empty one with room for so many steps.
    pub(crate) fn with_room(steps: usize) -> Self {
        Self { stages: Vec::with_capacity(steps), trace: Vec::with_capacity(steps) }
    }
}

/// What an agent's result contributes to the record. It is implemented beside the agent's `act`.
pub(crate) trait Recorded {
    /// Whose result it is.
    type By: Agent;

    /// The record of this step.
    fn record(&self, admitted: &Admitted<'_>) -> StageRecord;
    /// Writes what this step added.
    fn add_to(&self, admitted: &Admitted<'_>, canon: &mut Canon);
}

/// Microseconds between two readings of the clock; a clock that went back counts as standing still.
pub(crate) fn duration_us(start: Duration, end: Duration) -> u64 {
    u64::try_from(end.saturating_sub(start).as_micros()).unwrap_or(u64::MAX)
}
