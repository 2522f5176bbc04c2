//! The checks of the control policy in a committee's brief: a sentence for each breach, and one for all that is kept.

use controls::{ControlUnit, Outcome};

use super::{BriefSentence, CommitteeFacts, ControlBreach, words};
use crate::Stated;

/// Largest number of breaches with a sentence each; the plan's answer lists all of them.
const MOST: usize = 20;

/// Whether the plan complies with the policy, each breach, and what is checked later.
pub(super) fn sentences(facts: &CommitteeFacts) -> Vec<BriefSentence> {
    let Some(controls) = &facts.controls else {
        return vec![BriefSentence::new("The plan was made before its answer held the checks of the control policy.")];
    };
    let of_policy = |words: &str| BriefSentence::new(words).plain(&controls.policy_version);
    if let Some(reason) = &controls.reason {
        return vec![
            of_policy("Not one limit of control policy version ")
                .words(" could be checked, because ")
                .quoted(reason)
                .words("."),
        ];
    }
    let is_breach = |breach: &&ControlBreach| breach.outcome != Outcome::NotAssessed;
    let (breaches, unknown): (Vec<_>, Vec<_>) = controls.open.iter().partition(is_breach);
    let has_hard = breaches.iter().any(|breach| breach.outcome == Outcome::Hard);
    let head = match (breaches.is_empty(), has_hard, controls.checks) {
        (_, _, 0) => of_policy("Version ").words(" of the control policy has no limit that a plan alone can breach."),
        (true, _, _) => {
            of_policy("None: every limit of control policy version ").words(" that could be checked is kept.")
        }
        (false, false, _) => {
            of_policy("Soft limits of control policy version ").words(" are breached: an approval needs a comment.")
        }
        (false, true, _) => of_policy("Hard limits of control policy version ")
            .words(" are breached: no order leaves until the plan or the policy changes."),
    };
    let mut sentences = vec![head];
    let all = breaches.len();
    sentences.extend(breaches.into_iter().chain(unknown).take(MOST).map(|breach| sentence(facts, breach)));
    if all > MOST {
        sentences.push(BriefSentence::new("Further breaches are in the plan's answer."));
    }
    if !controls.kept.is_empty() {
        let kept = controls.kept.iter().map(|check| within(facts, check)).collect();
        sentences.push(BriefSentence::new("Kept, each with its limit: ").list(kept, MOST).words("."));
    }
    if !controls.at_approval.is_empty() {
        let names = controls.at_approval.iter().map(|name| BriefSentence::new(&words::control(name))).collect();
        let later = BriefSentence::new(
            "Checked at approval and export, because they depend on the time or on what was done before: ",
        );
        sentences.push(later.list(names, controls.at_approval.len()).words("."));
    }
    sentences
}

fn sentence(facts: &CommitteeFacts, breach: &ControlBreach) -> BriefSentence {
    let head = match breach.outcome {
        Outcome::Pass => "Kept: ",
        Outcome::NotAssessed => "Not assessed: ",
        Outcome::Soft => "Soft breach: ",
        Outcome::Hard => "Hard breach: ",
    };
    told(facts, breach, BriefSentence::new(head), ", above ").words(".")
}

/// A check that is kept, as a part of a sentence.
fn within(facts: &CommitteeFacts, kept: &ControlBreach) -> BriefSentence {
    told(facts, kept, BriefSentence::default(), " of ")
}

/// What was checked, its value and its limit, with the words between the two.
fn told(facts: &CommitteeFacts, check: &ControlBreach, head: BriefSentence, between: &str) -> BriefSentence {
    let ControlBreach { control, subject, value, limit, unit, .. } = check;
    let head = head.words(&words::control(control));
    let head = match subject {
        Some(subject) => head.words(" of ").name(subject),
        None => head,
    };
    let value = match value {
        Stated::Given(value) => value,
        Stated::Missing { reason } => return head.words(", because ").quoted(reason),
    };
    let head = head.words(" ");
    match unit {
        ControlUnit::Fraction => head.percent_apart(value, limit.value).words(between).level(limit, value.value),
        ControlUnit::Money => {
            let money = |head: BriefSentence, it| head.money(it, facts.minor_digits, &facts.currency);
            money(money(head, value).words(between), limit)
        }
        ControlUnit::Number => head.plain(value).words(between).plain(limit),
    }
}
