//! The brief as Markdown.

use super::order_table::{Cell, Column, columns, text};
use super::text::{approval, decision, head, plain, title};
use crate::committee::{BriefSentence, CommitteeBrief, OrderLine, Piece};
use crate::quote;

/// The brief as Markdown (CommonMark, also safe in GitHub's dialect): a heading per question, a list item per sentence.
///
/// A name that reads as one is shown as it is; any other is a code span, in which nothing is markup or a link. Everything else
/// is escaped.
#[must_use]
pub fn brief_markdown(brief: &CommitteeBrief) -> String {
    let mut out = format!("## {}\n\n**{}**\n", escape(&title(brief)), decision(brief.decision));
    for line in head(brief) {
        out += &format!("\n{}\n", escape(&line));
    }
    for section in &brief.sections {
        out += &format!("\n### {}\n\n", section.question);
        for sentence in &section.sentences {
            out += &format!("- {}\n", inline(sentence));
        }
    }
    if !brief.orders.is_empty() {
        out += "\n### Orders\n\n";
        out += &table(&brief.orders);
    }
    if !brief.actions.is_empty() {
        out += "\n### Orders by worth\n\n";
        for action in &brief.actions {
            out += &format!("{}. {}\n", action.rank, inline(&action.sentence));
        }
    }
    if let Some(line) = approval(brief.decision) {
        out += &format!("\n{}\n", escape(line));
    }
    out
}

/// The order table in GitHub's dialect.
fn table(orders: &[OrderLine]) -> String {
    let columns = columns(orders);
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let is_number = |column: &Column| orders.iter().any(|order| matches!((column.cell)(order), Cell::Number(_)));
    let titles = row(columns.iter().map(|column| column.title.to_owned()).collect());
    let rule = row(columns.iter().map(|column| if is_number(column) { "---:" } else { "---" }.to_owned()).collect());
    let body = |order| row(columns.iter().map(|column| text(&(column.cell)(order), in_a_cell)).collect());
    [titles, rule].into_iter().chain(orders.iter().map(body)).collect()
}

/// A name in a cell, where a pipe ends the cell even inside a code span.
fn in_a_cell(name: &str) -> String {
    told(&quote::bare(name)).replace('|', "\\|")
}

fn inline(sentence: &BriefSentence) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Name(name) => told(name),
        other => escape(plain(other)),
    };
    sentence.pieces().iter().map(one).collect()
}

/// A name that needs no escapes, or a code span.
fn told(name: &str) -> String {
    if portfolio_core::is_plain_name(name) { name.to_owned() } else { code_span(name) }
}

/// A code span whose fence is longer than any run of backticks in it.
fn code_span(name: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in name.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    // A space on either side separates backticks at the ends from the fence; a renderer strips one space from each end.
    let pad = if name.starts_with(['`', ' ']) || name.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{name}{pad}{fence}")
}

/// Escapes our own words and sentences of the planner: characters that could be markup or start a link.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' | '!' | '@') {
            out.push('\\');
        }
        out.push(c);
    }
    out.replace("://", "\\://").replace("www.", "www\\.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_code_span() {
        for (name, shown) in [
            ("A,B", "`A,B`"),
            ("**bold** [x](http://e)", "`**bold** [x](http://e)`"),
            ("a`b``c", "```a`b``c```"),
            ("`", "`` ` ``"),
            ("<img src=x onerror=alert(1)>", "`<img src=x onerror=alert(1)>`"),
        ] {
            assert_eq!(code_span(name), shown);
        }
    }

    #[test]
    fn a_name_that_reads_as_one_needs_no_code_span_and_a_pipe_ends_no_cell() {
        assert_eq!((told("SP500_INDEX"), told("*x*")), ("SP500_INDEX".to_owned(), "`*x*`".to_owned()));
        assert_eq!(in_a_cell("a|b"), "`a\\|b`");
    }

    #[test]
    fn words_are_no_markup() {
        assert_eq!(escape("a_b *c* <b> [l](u) a@b"), "a\\_b \\*c\\* \\<b\\> \\[l\\](u) a\\@b");
        assert_eq!(escape("see https://e.com or www.e.com"), "see https\\://e.com or www\\.e.com");
    }
}
