//! The brief as a printable page.

use pipeline::VerdictDecision;

use super::chart;
use super::text::{decision, plain, source};
use crate::committee::{BriefSentence, CommitteeBrief, CommitteeFacts, Piece};

/// The style of the report, alone in its `<style>` element: a server that answers a report with a content security policy
/// names the SHA-256 of exactly this text.
pub const REPORT_STYLE: &str = "\
:root{color-scheme:light}\
body{font:15px/1.5 system-ui,sans-serif;color:#1a1d21;background:#fff;max-width:44rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.05rem;margin:1.5rem 0 .25rem}\
p,li{margin:.25rem 0}ol,ul{padding-left:1.25rem}\
.verdict{font-weight:600;border-left:.3rem solid #6b7280;padding:.25rem .75rem;background:#f3f4f6}\
.approved{border-color:#15803d}.review{border-color:#b45309}.rejected{border-color:#b91c1c}\
data{font-variant-numeric:tabular-nums;white-space:nowrap}\
svg{max-width:100%;height:auto;display:block;margin:.5rem 0}\
svg text{font:11px system-ui,sans-serif;fill:#1a1d21}svg .value{fill:#4b5563;font-size:10px}\
svg .before{fill:#9ca3af}svg .target{fill:#d6d3d1}svg .after{fill:#1d4ed8}\
.key{color:#4b5563;font-size:.85rem}\
@media print{body{margin:0;max-width:none}h2{break-after:avoid}svg,li{break-inside:avoid}}";

/// The brief as one printable HTML page with its charts: no script, no link, nothing loaded from anywhere.
///
/// Each number is a `<data>` element whose `title` is the JSON pointer of its source. Names are text and nothing else.
#[must_use]
pub fn report_html(facts: &CommitteeFacts, brief: &CommitteeBrief) -> String {
    let class = match brief.decision {
        VerdictDecision::Approved => "approved",
        VerdictDecision::ReviewRequired => "review",
        VerdictDecision::Rejected => "rejected",
    };
    let lines = brief.plan.iter().flat_map(source);
    let mut body: String = lines.map(|line| format!("<p class=\"key\">{}</p>\n", escape(&line))).collect();
    for section in &brief.sections {
        body += &format!("<section>\n<h2>{}</h2>\n", escape(section.question));
        for sentence in &section.sentences {
            body += &format!("<p>{}</p>\n", inline(sentence));
        }
        body += "</section>\n";
    }
    if !brief.actions.is_empty() {
        body += "<section>\n<h2>Orders by worth</h2>\n<ol>\n";
        for action in &brief.actions {
            body += &format!("<li>{}</li>\n", inline(&action.sentence));
        }
        body += "</ol>\n</section>\n";
    }
    let risk = match chart::risk(facts) {
        chart if chart.is_empty() => chart,
        chart => format!(
            "<section>\n<h2>Risk</h2>\n<p class=\"key\">Grey: before. Blue: after the plan.</p>\n{chart}</section>\n"
        ),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>Rebalance report</title>\n<style>{REPORT_STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>Rebalance report</h1>\n<p class=\"verdict {class}\">{}</p>\n{body}\
         <section>\n<h2>Weights</h2>\n<p class=\"key\">Grey: before. Light: target. Blue: after the plan. \
         The assets furthest from their targets.</p>\n{}</section>\n{risk}</main>\n</body>\n</html>\n",
        decision(brief.decision),
        chart::weights(facts),
    )
}

fn inline(sentence: &BriefSentence) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Name(name) => format!("<bdi>{}</bdi>", escape(name)),
        Piece::Number(number) => {
            format!("<data title=\"{}\">{}</data>", escape(&number.pointer), escape(&number.text))
        }
        words => escape(plain(words)),
    };
    sentence.pieces().iter().map(one).collect()
}

/// Text as text: the five characters that could be anything else.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
