//! The brief as Markdown.

use super::text::{decision, plain, source};
use crate::committee::{BriefSentence, CommitteeBrief, Piece};

/// The brief as Markdown (CommonMark, also safe in GitHub's dialect): a heading per question, a list item per sentence.
///
/// A name is a code span, in which nothing is markup or a link; everything else is escaped.
#[must_use]
pub fn brief_markdown(brief: &CommitteeBrief) -> String {
    let mut out = format!("**{}**\n", decision(brief.decision));
    for line in brief.plan.iter().flat_map(source) {
        out += &format!("\n{}\n", escape(&line));
    }
    for section in &brief.sections {
        out += &format!("\n### {}\n\n", section.question);
        for sentence in &section.sentences {
            out += &format!("- {}\n", inline(sentence));
        }
    }
    if !brief.actions.is_empty() {
        out += "\n### Orders by worth\n\n";
        for action in &brief.actions {
            out += &format!("{}. {}\n", action.rank, inline(&action.sentence));
        }
    }
    out
}

fn inline(sentence: &BriefSentence) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Name(name) => code_span(name),
        other => escape(plain(other)),
    };
    sentence.pieces().iter().map(one).collect()
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
            ("AAPL", "`AAPL`"),
            ("**bold** [x](http://e)", "`**bold** [x](http://e)`"),
            ("a`b``c", "```a`b``c```"),
            ("`", "`` ` ``"),
            ("<img src=x onerror=alert(1)>", "`<img src=x onerror=alert(1)>`"),
        ] {
            assert_eq!(code_span(name), shown);
        }
    }

    #[test]
    fn words_are_no_markup() {
        assert_eq!(escape("a_b *c* <b> [l](u) a@b"), "a\\_b \\*c\\* \\<b\\> \\[l\\](u) a\\@b");
        assert_eq!(escape("see https://e.com or www.e.com"), "see https\\://e.com or www\\.e.com");
    }
}
