//! The supervisor's verdict in a committee's brief: each measure once, with its level.

use pipeline::{LimitPoint, Measure, Severity, VerdictDecision, measures_in_words};

use super::{BriefSentence, Cited, CommitteeFacts, LimitFacts, words};
use crate::Stated;

/// The decision, then what is not clear: figures above a level by measure, then what could not be assessed by reason.
pub(super) fn sentences(facts: &CommitteeFacts) -> Vec<BriefSentence> {
    let open: Vec<&LimitFacts> = facts.limits.iter().filter(|limit| limit.severity != Severity::Clear).collect();
    let mut sentences = vec![BriefSentence::new(decision(facts.decision, open.is_empty()))];
    let mut told: Vec<&LimitFacts> = Vec::new();
    for limit in &open {
        let Stated::Given(value) = &limit.value else { continue };
        if told.iter().any(|earlier| std::ptr::eq(*earlier, *limit)) {
            continue;
        }
        let twin = open.iter().find(|other| is_twin(limit, other)).copied();
        told.extend(twin);
        sentences.push(figure(limit, value, twin));
    }
    sentences.extend(unassessed(&open));
    sentences
}

fn decision(decision: VerdictDecision, is_clear: bool) -> &'static str {
    match decision {
        VerdictDecision::Approved if is_clear => "Every limit is clear: the plan is proposed for approval.",
        VerdictDecision::Approved => "Nothing is above a critical level: the plan is proposed for approval.",
        VerdictDecision::ReviewRequired => "The plan needs a review before it is approved and anything is traded.",
        VerdictDecision::Rejected => "The plan is rejected: it is not proposed for approval.",
    }
}

/// Whether the other check is the same one of the book after the plan.
fn is_twin(limit: &LimitFacts, other: &LimitFacts) -> bool {
    limit.measure == other.measure
        && (limit.point, other.point) == (LimitPoint::Before, LimitPoint::After)
        && limit.severity == other.severity
        && limit.level.value == other.level.value
        && limit.reason == other.reason
        && other.value.given().is_some()
}

/// A figure with its level, of one book or of both.
fn figure(limit: &LimitFacts, value: &Cited, twin: Option<&LimitFacts>) -> BriefSentence {
    let level = &limit.level;
    let head = BriefSentence::new(words::severity(limit.severity)).words(": ").words(limit.measure.name());
    if limit.measure == Measure::ImplausibleInputs {
        return head.words(": ").plain(value).words(".");
    }
    let head = match limit.measure.is_of_a_book() {
        true => head.words(" ").words(words::point(limit.point)),
        false => head,
    };
    let told = head.words(" ").percent_apart(value, level.value);
    let told = match twin.and_then(|twin| twin.value.given()) {
        Some(after) => told.words(" and after it ").percent_apart(after, level.value),
        None => told,
    };
    let told = match value.value > level.value {
        true => told.words(", above ").level(level, value.value),
        false => told.words(", with a level of ").level(level, value.value),
    };
    match &limit.reason {
        Some(reason) => told.words(": ").quoted(reason).words("."),
        None => told.words("."),
    }
}

/// What could not be assessed: one sentence for each severity and reason.
fn unassessed(open: &[&LimitFacts]) -> Vec<BriefSentence> {
    let mut groups: Vec<(Severity, &str, Vec<&LimitFacts>)> = Vec::new();
    for limit in open {
        let Stated::Missing { reason } = &limit.value else { continue };
        match groups.iter_mut().find(|(severity, known, _)| (*severity, *known) == (limit.severity, reason)) {
            Some((_, _, of_group)) => of_group.push(limit),
            None => groups.push((limit.severity, reason, vec![limit])),
        }
    }
    let one = |(severity, reason, limits): (Severity, &str, Vec<&LimitFacts>)| {
        let measures = measures_in_words(limits.iter().map(|limit| (limit.measure, limit.point)));
        let sentence = BriefSentence::new(words::severity(severity)).words(": ").words(&measures);
        sentence.words(", because ").quoted(reason).words(".")
    };
    groups.into_iter().map(one).collect()
}
