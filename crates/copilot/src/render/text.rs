//! The brief as plain text, and the parts that all formats share.

use pipeline::VerdictDecision;
use portfolio_core::Action;

use super::order_table::{Cell, Column, columns, text as cell_text};
use crate::committee::{CommitteeBrief, OrderLine, Piece, PlanSource};
use crate::quote;

/// The brief as plain text for a terminal or a message: one line per sentence; a name that does not read like a name is
/// in quotes.
///
/// Nothing in the text moves a cursor or reverses a line: control characters, direction marks and invisible characters
/// of a name are escaped.
#[must_use]
pub fn brief_text(brief: &CommitteeBrief) -> String {
    let mut out = format!("{}\n{}\n", title(brief), decision(brief.decision));
    for line in head(brief) {
        out += &format!("{line}\n");
    }
    for section in &brief.sections {
        out += &format!("\n{}\n", section.question);
        for sentence in &section.sentences {
            out += &format!("  {}\n", sentence.text());
        }
    }
    if !brief.orders.is_empty() {
        out += "\nOrders\n";
        for row in table(&brief.orders) {
            out += &format!("  {}\n", row.trim_end());
        }
    }
    if !brief.actions.is_empty() {
        out += "\nOrders by worth\n";
        for action in &brief.actions {
            out += &format!("  {}. {}\n", action.rank, action.sentence.text());
        }
    }
    if let Some(line) = approval(brief.decision) {
        out += &format!("\n{line}\n");
    }
    out
}

/// The order table in columns, numbers aligned at their right ends.
fn table(orders: &[OrderLine]) -> Vec<String> {
    let columns = columns(orders);
    let written = |column: &&Column| {
        let cells = orders.iter().map(|order| (column.cell)(order));
        let is_number = orders.first().is_some_and(|order| matches!((column.cell)(order), Cell::Number(_)));
        let lines: Vec<String> =
            std::iter::once(column.title.to_owned()).chain(cells.map(|cell| cell_text(&cell, quote::name))).collect();
        let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
        let padded =
            lines.iter().map(|line| if is_number { format!("{line:>width$}") } else { format!("{line:<width$}") });
        padded.collect::<Vec<_>>()
    };
    let columns: Vec<Vec<String>> = columns.iter().map(written).collect();
    let row = |k: usize| columns.iter().map(|column| column[k].as_str()).collect::<Vec<_>>().join("  ");
    (0..=orders.len()).map(row).collect()
}

/// The side of an order.
pub(super) fn side(action: Action) -> &'static str {
    match action {
        Action::Buy => "Buy",
        Action::Sell => "Sell",
        Action::Hold => "Hold",
    }
}

/// The title of a report: that of the portfolio, if there is one.
pub(super) fn title(brief: &CommitteeBrief) -> String {
    brief.title.as_deref().map_or_else(|| "Rebalance report".to_owned(), shown)
}

/// The lines below the decision: the benchmark, the proposer of the plan, and its source if it is stored.
pub(super) fn head(brief: &CommitteeBrief) -> Vec<String> {
    let benchmark = brief.benchmark.as_deref().map(|name| format!("Benchmark: {}.", shown(name)));
    let source = brief.plan.iter().flat_map(source);
    benchmark.into_iter().chain([shown_sentence(&brief.proposed_by.sentence())]).chain(source).collect()
}

/// A line with a name in it, with invisible characters spelt out.
fn shown_sentence(line: &str) -> String {
    format!("{}.", quote::sentence(line))
}

/// The signature line; a rejected plan has none.
pub(super) fn approval(decision: VerdictDecision) -> Option<&'static str> {
    match decision {
        VerdictDecision::Approved | VerdictDecision::ReviewRequired => {
            Some("Approved by ______________________________  date ______________")
        }
        VerdictDecision::Rejected => None,
    }
}

/// The source of a brief, in two lines.
pub(super) fn source(plan: &PlanSource) -> [String; 2] {
    [
        format!("Plan {}, made {} by version {}.", plan.plan_id, plan.created_at, plan.engine_version),
        format!("Stored under SHA-256 {}.", plan.digest),
    ]
}

/// The decision as a headline. The software proposes; a person approves.
pub(super) fn decision(decision: VerdictDecision) -> &'static str {
    match decision {
        VerdictDecision::Approved => "Proposed for approval",
        VerdictDecision::ReviewRequired => "Review required before approval",
        VerdictDecision::Rejected => "Rejected: not proposed for approval",
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
