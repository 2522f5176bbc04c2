//! The brief as a printable page.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use pipeline::VerdictDecision;

use super::chart;
use super::text::{decision, plain, source};
use crate::committee::{BriefSentence, CommitteeBrief, CommitteeFacts, Piece};

/// The style of the report, the only text of its `<style>` element. A server that sends a report with a content
/// security policy names the SHA-256 of exactly this text.
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

/// The brief as one printable HTML page with its charts: no script, no link, no external resource.
///
/// Each number is a `<data>` element whose `title` is the JSON pointer of its source. Names appear only as text.
#[must_use]
pub fn report_html(facts: &CommitteeFacts, brief: &CommitteeBrief) -> String {
    let class = match brief.decision {
        VerdictDecision::Approved => "approved",
        VerdictDecision::ReviewRequired => "review",
        VerdictDecision::Rejected => "rejected",
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { "Rebalance report" }
                style { (PreEscaped(REPORT_STYLE)) }
            }
            body {
                main {
                    h1 { "Rebalance report" }
                    p class={ "verdict " (class) } { (decision(brief.decision)) }
                    @for line in brief.plan.iter().flat_map(source) {
                        p class="key" { (line) }
                    }
                    @for section in &brief.sections {
                        section {
                            h2 { (section.question) }
                            @for sentence in &section.sentences {
                                p { (inline(sentence)) }
                            }
                        }
                    }
                    @if !brief.actions.is_empty() {
                        section {
                            h2 { "Orders by worth" }
                            ol {
                                @for action in &brief.actions {
                                    li { (inline(&action.sentence)) }
                                }
                            }
                        }
                    }
                    section {
                        h2 { "Weights" }
                        p class="key" {
                            "Grey: before. Light: target. Blue: after the plan. The assets furthest from their targets."
                        }
                        (chart::weights(facts))
                    }
                    @if let Some(risk) = chart::risk(facts) {
                        section {
                            h2 { "Risk" }
                            p class="key" { "Grey: before. Blue: after the plan." }
                            (risk)
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn inline(sentence: &BriefSentence) -> Markup {
    html! {
        @for piece in sentence.pieces() {
            @match piece {
                Piece::Name(name) => bdi { (name) },
                Piece::Number(number) => data title=(number.pointer) { (number.text) },
                words => (plain(words)),
            }
        }
    }
}
