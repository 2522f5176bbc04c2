//! The brief as a printable page.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use pipeline::VerdictDecision;

use super::chart;
use super::order_table::{Cell, columns};
use super::text::{approval, decision, head, plain, shown, title};
use crate::committee::{BriefSentence, CommitteeBrief, CommitteeFacts, OrderLine, Piece};

/// The style of the report, the only text of its `<style>` element. A server that sends a report with a content
/// security policy names the SHA-256 of exactly this text.
pub const REPORT_STYLE: &str = concat!(
    super::base_style!(),
    "\
.verdict{font-weight:600;border-left:.3rem solid #6b7280;padding:.25rem .75rem;background:#f3f4f6}\
.approved{border-color:#15803d}.review{border-color:#b45309}.rejected{border-color:#b91c1c}\
data{font-variant-numeric:tabular-nums;white-space:nowrap}\
table{border-collapse:collapse;width:100%;font-size:.85rem}\
th,td{text-align:left;padding:.2rem .4rem;border-bottom:1px solid #d6d3d1;vertical-align:top}\
td.number{text-align:right}.sign{margin-top:2.5rem;white-space:pre-wrap}\
svg{max-width:100%;height:auto;display:block;margin:.5rem 0}\
svg text{font:11px system-ui,sans-serif;fill:#1a1d21}svg .value{fill:#4b5563;font-size:10px}\
svg .before{fill:#9ca3af}svg .target{fill:#d6d3d1}svg .after{fill:#1d4ed8}\
.key{color:#4b5563;font-size:.85rem}\
@media print{body{margin:0;max-width:none}h2{break-after:avoid}svg,li,tr,.sign{break-inside:avoid}}"
);

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
                title { (title(brief)) }
                style { (PreEscaped(REPORT_STYLE)) }
            }
            body {
                main {
                    h1 { bdi { (title(brief)) } }
                    p class={ "verdict " (class) } { (decision(brief.decision)) }
                    @for line in head(brief) {
                        p class="key" { bdi { (line) } }
                    }
                    @for section in &brief.sections {
                        section {
                            h2 { (section.question) }
                            @for sentence in &section.sentences {
                                p { (inline(sentence)) }
                            }
                        }
                    }
                    @if !brief.orders.is_empty() {
                        section {
                            h2 { "Orders" }
                            (order_table(&brief.orders))
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
                    @if let Some(line) = approval(brief.decision) {
                        p class="sign" { (line) }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn order_table(orders: &[OrderLine]) -> Markup {
    let columns = columns(orders);
    html! {
        table {
            thead { tr { @for column in &columns { th scope="col" { (column.title) } } } }
            tbody {
                @for order in orders {
                    tr {
                        @for column in &columns {
                            @match (column.cell)(order) {
                                Cell::Words(words) => td { (words) },
                                Cell::Name(name) => td { @if let Some(name) = name { bdi { (shown(name)) } } },
                                Cell::Number(cited) => td class="number" {
                                    @if let Some(cited) = cited { data title=(cited.pointer) { (cited.text) } }
                                },
                            }
                        }
                    }
                }
            }
        }
    }
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
