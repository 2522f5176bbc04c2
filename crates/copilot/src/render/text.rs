//! The brief as plain text, and the parts that all formats share.

use pipeline::VerdictDecision;

use crate::committee::{CommitteeBrief, Piece, PlanSource};
use crate::quote;

/// The brief as plain text for a terminal or a message: one line per sentence, names in quotes.
///
/// Nothing in the text moves a cursor or reverses a line: control characters, direction marks and invisible characters
/// of a name are escaped.
#[must_use]
pub fn brief_text(brief: &CommitteeBrief) -> String {
    let mut out = format!("{}\n", decision(brief.decision));
    for line in brief.plan.iter().flat_map(source) {
        out += &format!("{line}\n");
    }
    for section in &brief.sections {
        out += &format!("\n{}\n", section.question);
        for sentence in &section.sentences {
            out += &format!("  {}\n", sentence.text());
        }
    }
    if !brief.actions.is_empty() {
        out += "\nOrders by worth\n";
        for action in &brief.actions {
            out += &format!("  {}. {}\n", action.rank, action.sentence.text());
        }
    }
    out
}

/// The source of a brief, in two lines.
pub(super) fn source(plan: &PlanSource) -> [String; 2] {
    [
        format!("Plan {}, made {} by version {}.", plan.plan_id, plan.created_at, plan.engine_version),
        format!("Stored under SHA-256 {}.", plan.digest),
    ]
}

/// The decision as a headline.
pub(super) fn decision(decision: VerdictDecision) -> &'static str {
    match decision {
        VerdictDecision::Approved => "Approved",
        VerdictDecision::ReviewRequired => "Review required",
        VerdictDecision::Rejected => "Rejected",
    }
}

/// A piece as plain text, names without quotes.
pub(super) fn plain(piece: &Piece) -> &str {
    match piece {
        Piece::Words(text) | Piece::Name(text) => text,
        Piece::Number(number) => &number.text,
    }
}

/// An external name in the form that all formats use.
pub(super) fn shown(name: &str) -> String {
    quote::bare(name)
}
