//! The report of a backtest as a printable page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::facts::{BacktestFacts, PolicyFacts, PolicyFigure};
use super::words::{FIGURES, comparison, interval, place, value};
use super::{curves, facts};
use crate::number;
use crate::quote;
use crate::render::base_style;

/// The style of the report, the only text of its `<style>` element. A server that sends a report with a content security policy names
/// the SHA-256 of exactly this text.
pub const BACKTEST_STYLE: &str = concat!(
    base_style!(),
    "\
.verdict{font-weight:600;border-left:.3rem solid #6b7280;padding:.25rem .75rem;background:#f3f4f6}\
.caveat{border-left:.3rem solid #b45309;padding:.25rem .75rem;background:#fffbeb}\
data{font-variant-numeric:tabular-nums;white-space:nowrap}.interval{display:block;color:#4b5563;font-size:.75rem}\
table{border-collapse:collapse;width:100%;font-size:.8rem}\
th,td{text-align:right;padding:.2rem .4rem;border-bottom:1px solid #d6d3d1;vertical-align:top}\
th:first-child,td:first-child{text-align:left}code{font-size:.75rem;overflow-wrap:anywhere}\
svg{max-width:100%;height:auto;display:block;margin:.5rem 0}svg.stroke{display:inline}\
svg text{font:10px system-ui,sans-serif;fill:#4b5563}.rule{stroke:#e7e5e4}\
.curve{fill:none;stroke-width:1.5}.c0{stroke:#1d4ed8}.c1{stroke:#b45309}.c2{stroke:#15803d}.c3{stroke:#b91c1c}\
.c4{stroke:#7e22ce}.c5{stroke:#0e7490}.c6{stroke:#4b5563}.c7{stroke:#be185d}\
.key{color:#4b5563;font-size:.85rem}\
@media print{body{margin:0;max-width:none}h2{break-after:avoid}svg,li,tr{break-inside:avoid}}"
);

/// Largest number of assets that are named.
const MOST_NAMES: usize = 100;

/// A backtest as one printable HTML page with its curves: no script, no link, no external resource.
///
/// Each number is a `<data>` element whose `title` is the JSON pointer of its source in the answer. Names appear only as text.
#[must_use]
pub fn backtest_html(facts: &BacktestFacts) -> String {
    let title = match facts.policies.len() {
        1 => "Backtest of 1 policy".to_owned(),
        count => format!("Backtest of {count} policies"),
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { (title) }
                style { (PreEscaped(BACKTEST_STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    p class="key" { (period(facts)) }
                    (verdicts(facts))
                    @for caveat in &facts.caveats { p class="caveat" { bdi { (caveat) } } }
                    section {
                        h2 { "Wealth" }
                        p class="key" { "Per unit invested, after costs, on a logarithmic axis." }
                        @if let Some(chart) = curves::wealth(facts) { (chart) }
                        (curves::key(facts))
                        h2 { "Drawdown" }
                        @if let Some(chart) = curves::drawdown(facts) { (chart) }
                    }
                    section { h2 { "Figures after costs" } (figures(facts)) }
                    section { h2 { "Trading" } (trading(facts)) }
                    @if !facts.warnings.is_empty() {
                        section {
                            h2 { "What was assumed or is missing" }
                            ul { @for (pointer, detail) in &facts.warnings { li { code { bdi { (quote::bare(pointer)) } } " " bdi { (quote::bare(detail)) } } } }
                        }
                    }
                    section { h2 { "Where this comes from" } (source(facts)) }
                }
            }
        }
    };
    page.into_string()
}

/// What was replayed, in a sentence.
fn period(facts: &BacktestFacts) -> Markup {
    let days = facts.policies.first().map_or(0, |policy| policy.wealth.len());
    let dates = facts.dates.as_ref().and_then(|dates| Some((dates.first()?, dates.last()?)));
    html! {
        @if facts.assets.len() == 1 { "1 asset, " } @else { (number::whole(facts.assets.len() as u64)) " assets, " }
        (number::whole(days as u64)) " days"
        @if let Some((first, last)) = dates { " from " (first) " to " (last) }
        "."
    }
}

fn verdicts(facts: &BacktestFacts) -> Markup {
    html! {
        section {
            h2 { "Verdict" }
            @for told in &facts.comparisons { p class="verdict" { bdi { (comparison(told)) } } }
            @if facts.comparisons.is_empty() { p class="verdict" { "One policy is compared with none." } }
            p {
                (cell("/trials", &number::whole(facts.trials)))
                @if facts.trials == 1 { " policy was tried." } @else { " different policies were tried." }
                " The more are tried, the better the best of them looks by chance: the verdicts allow for it."
            }
        }
    }
}

/// A number with its location in the answer.
fn cell(pointer: &str, text: &str) -> Markup {
    html! { data title=(pointer) { (text) } }
}

fn figures(facts: &BacktestFacts) -> Markup {
    let level = facts.policies.iter().flat_map(|policy| &policy.figures).find_map(|figure| figure.level);
    html! {
        table {
            thead { tr { th scope="col" { "Policy" } @for (_, heading) in FIGURES { th scope="col" { (heading) } } } }
            tbody {
                @for (i, policy) in facts.policies.iter().enumerate() {
                    tr {
                        th scope="row" { bdi { (quote::bare(&policy.name)) } }
                        @for (name, _) in FIGURES {
                            td { @if let Some(figure) = policy.figures.iter().find(|figure| figure.name == name) { (figure_cell(i, figure)) } }
                        }
                    }
                }
            }
        }
        p class="key" {
            "Nothing is annualised over less than a year. The tracking error is to the first policy. "
            @if let Some(level) = level { "Intervals cover the true value with a probability of " (number::percent(level)) "." }
        }
    }
}

fn figure_cell(policy: usize, figure: &PolicyFigure) -> Markup {
    html! {
        @match figure.value {
            Some(number) => (cell(&format!("/policies/{policy}/{}", place(figure.name)), &value(figure.name, number))),
            None => "–",
        }
        @if let Some(interval) = interval(figure) { span class="interval" { (interval) } }
    }
}

fn trading(facts: &BacktestFacts) -> Markup {
    let row = |i: usize, policy: &PolicyFacts| {
        let at = |member: &str| format!("/policies/{i}/{member}");
        html! {
            th scope="row" { bdi { (quote::bare(&policy.name)) } }
            td { (rule(&policy.asked)) }
            td { (cell(&at("terminal_wealth"), &number::fixed(policy.terminal_wealth, 4))) }
            td { (cell(&at("turnover_two_way"), &number::percent(policy.turnover_two_way))) }
            td { (cell(&at("cost_fraction"), &number::percent(policy.cost_fraction))) }
            td { (cell(&at("trades"), &number::whole(policy.trades))) }
        }
    };
    html! {
        table {
            thead {
                tr {
                    @for heading in ["Policy", "Rule", "Wealth at the end", "Turnover, both sides", "Costs", "Trades"] {
                        th scope="col" { (heading) }
                    }
                }
            }
            tbody { @for (i, policy) in facts.policies.iter().enumerate() { tr { (row(i, policy)) } } }
        }
        p class="key" { "Turnover and costs are fractions of the value of the account, summed over the days." }
    }
}

fn rule(asked: &facts::ReplayedPolicy) -> String {
    format!("{}, {} bps a side", asked.rule, number::plain(asked.cost_bps, 2))
}

fn source(facts: &BacktestFacts) -> Markup {
    let source = &facts.source;
    html! {
        @if let Some(id) = &source.backtest_id { p class="key" { "Backtest " code { (id) } } }
        p class="key" { "Answered at " (source.created_at) " by version " (source.engine_version) "." }
        p class="key" { "SHA-256 of the request: " code { (source.request_digest) } }
        p class="key" { "SHA-256 of history and runs: " code { (facts.digest) } }
        p class="key" {
            "Assets: " bdi { (facts.assets.iter().take(MOST_NAMES).map(|name| quote::name(name)).collect::<Vec<_>>().join(", ")) }
            @if facts.assets.len() > MOST_NAMES { " and " (facts.assets.len() - MOST_NAMES) " more" }
        }
    }
}
