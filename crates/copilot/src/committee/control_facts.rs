//! The facts of the control policy in a committee's brief.

use controls::{ControlUnit, Outcome};

use super::Cited;
use crate::Stated;

/// The result of the control policy for a plan, apart from checks that depend on the time or on earlier plans.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlFacts {
    /// Version of the policy; 0 is the default document.
    pub policy_version: Cited,
    /// Why no control could be checked; `None` when they were.
    pub reason: Option<String>,
    /// Number of checks in the answer; if 0, the policy has no limit that a plan alone can breach.
    pub checks: usize,
    /// The checks that failed, and those that could not be assessed.
    pub open: Vec<ControlBreach>,
    /// Of each control that is kept, the check that says most.
    pub kept: Vec<ControlBreach>,
    /// Names of the controls that are checked at approval and export only.
    pub at_approval: Vec<String>,
}

/// A check: one that failed, that could not be assessed, or that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlBreach {
    /// The control's name on the wire.
    pub control: String,
    /// The asset or group, as the client named it; `None` for the plan as a whole.
    pub subject: Option<String>,
    /// Its outcome.
    pub outcome: Outcome,
    /// The value in the control's unit, or why there is none.
    pub value: Stated<Cited>,
    /// The limit it was held against.
    pub limit: Cited,
    /// The unit of value and limit.
    pub unit: ControlUnit,
}

/// Every number with its source.
pub(super) fn numbers(facts: &ControlFacts) -> impl Iterator<Item = &Cited> {
    let of = |breach| {
        let ControlBreach { value, limit, .. }: &ControlBreach = breach;
        [value.given(), Some(limit)].into_iter().flatten()
    };
    std::iter::once(&facts.policy_version).chain(facts.open.iter().chain(&facts.kept).flat_map(of))
}
