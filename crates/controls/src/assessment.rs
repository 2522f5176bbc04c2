//! From checks to orders.

use chrono::{DateTime, Utc};

use crate::control::Findings;
use crate::{
    Activity, Check, ControlBook, ControlCase, ControlError, ControlSet, NotReleased, OrderFacts, Outcome, Proposal,
    Subject,
};

impl ControlSet {
    /// Checks a book and the orders of one plan against the controls, at the time `now`.
    ///
    /// Cost: a few passes over orders and positions; sums are exact, and the order of a list affects only the order of
    /// its checks.
    ///
    /// # Errors
    /// [`ControlError`] when book and orders contradict each other; nothing is checked then.
    pub fn assess<T>(
        &self,
        book: &ControlBook,
        proposals: Vec<Proposal<T>>,
        activity: Option<&Activity>,
        now: DateTime<Utc>,
    ) -> Result<Assessment<T>, ControlError> {
        let facts: Vec<&OrderFacts> = proposals.iter().map(|proposal| &proposal.facts).collect();
        let case = ControlCase::new(book, &facts, activity, now)?;
        let mut findings = Findings::for_orders(proposals.len());
        for control in &self.controls {
            findings.run(control.as_ref(), &case);
        }
        let mut checks = findings.into_checks();
        for check in checks.iter_mut().filter(|check| check.outcome == Outcome::Hard) {
            let subject = self.subject_of(check.subject, book, &facts);
            let over = self.overrides.iter().position(|over| over.holds(check.control, subject, now));
            if over.is_some() {
                (check.outcome, check.overridden_by) = (Outcome::Soft, over);
            }
        }
        Ok(Assessment { checks, proposals })
    }

    /// The name by which an override finds a subject.
    fn subject_of<'a>(&self, subject: Subject, book: &'a ControlBook, orders: &[&OrderFacts]) -> Option<&'a str> {
        let asset = |i: usize| book.positions.get(i).map(|position| position.asset.as_str());
        match subject {
            Subject::Plan => None,
            Subject::Asset(i) => asset(i),
            Subject::Group(i) => book.groups.get(i).map(String::as_str),
            Subject::Order(i) => orders.get(i).and_then(|order| asset(order.asset)),
        }
    }
}

/// Who accepts soft breaches, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Who.
    pub who: String,
    /// The reason: at least one character that is not a space.
    pub comment: String,
}

/// Orders with the checks that were applied to them.
#[derive(Debug)]
pub struct Assessment<T> {
    checks: Vec<Check>,
    proposals: Vec<Proposal<T>>,
}

impl<T> Assessment<T> {
    /// Every check, control by control.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The facts of the orders, in the order in which they were proposed.
    pub fn proposals(&self) -> impl Iterator<Item = &OrderFacts> {
        self.proposals.iter().map(|proposal| &proposal.facts)
    }

    /// The most severe outcome: pass, soft or hard. Values that were not assessed because the policy does not require
    /// them do not count, and a plan without a check passes.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let counted = self.checks.iter().map(|check| check.outcome).filter(|outcome| *outcome != Outcome::NotAssessed);
        counted.max().unwrap_or(Outcome::Pass)
    }

    /// The most significant check of each control: the one with the most severe outcome, then the largest value, then
    /// the first subject.
    #[must_use]
    pub fn worst(&self) -> Vec<Check> {
        let mut worst: Vec<Check> = Vec::new();
        for check in &self.checks {
            match worst.iter_mut().find(|kept| kept.control == check.control) {
                None => worst.push(*check),
                Some(kept) if says_more(check, kept) => *kept = *check,
                Some(_) => {}
            }
        }
        worst
    }

    /// The [worst](Self::worst) check of one control.
    #[must_use]
    pub fn worst_of(&self, control: &str) -> Option<Check> {
        self.worst().into_iter().find(|check| check.control == control)
    }

    /// The orders, checked. This is the only way to a [`CheckedOrder`].
    ///
    /// # Errors
    /// [`NotReleased`] for a hard breach, whoever accepts it, and for a soft one without an acceptance that has a name
    /// and a comment.
    pub fn release(self, acceptance: Option<&Acceptance>) -> Result<Vec<CheckedOrder<T>>, NotReleased> {
        match (self.outcome(), acceptance) {
            (Outcome::Hard, _) => return Err(NotReleased::HardBreach),
            (Outcome::Soft, None) => return Err(NotReleased::NotAccepted),
            (Outcome::Soft, Some(by)) if by.who.trim().is_empty() || by.comment.trim().is_empty() => {
                return Err(NotReleased::EmptyAcceptance);
            }
            _ => {}
        }
        Ok(self.proposals.into_iter().map(|Proposal { facts, order }| CheckedOrder { facts, order }).collect())
    }
}

fn says_more(check: &Check, kept: &Check) -> bool {
    let rank = |check: &Check| (check.outcome, check.reading.value().unwrap_or(f64::INFINITY));
    let ((outcome, value), (kept_outcome, kept_value)) = (rank(check), rank(kept));
    outcome > kept_outcome || (outcome == kept_outcome && value > kept_value)
}

/// An order that passed its checks: broker orders are made only from these. It has no constructor;
/// [`Assessment::release`] returns it.
///
/// ```compile_fail
/// fn forge(facts: controls::OrderFacts) -> controls::CheckedOrder<()> {
///     controls::CheckedOrder { facts, order: () }
/// }
/// ```
///
/// Nor can the order inside a checked order be replaced:
///
/// ```compile_fail
/// fn exchange(mut checked: controls::CheckedOrder<u32>) {
///     checked.order = 7;
/// }
/// ```
#[derive(Debug, PartialEq)]
pub struct CheckedOrder<T> {
    facts: OrderFacts,
    order: T,
}

impl<T> CheckedOrder<T> {
    /// What was checked.
    #[must_use]
    pub fn facts(&self) -> &OrderFacts {
        &self.facts
    }

    /// What is sent.
    #[must_use]
    pub fn order(&self) -> &T {
        &self.order
    }

    /// What is sent, by value.
    #[must_use]
    pub fn into_order(self) -> T {
        self.order
    }
}
