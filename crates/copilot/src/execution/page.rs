//! Execution of a plan as a printable page.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use portfolio_core::Currency;

use super::facts::{CostFacts, ExecutedOrderFacts, ExecutionFacts};
use crate::number;
use crate::quote;
use crate::render::base_style;

/// The style of the report, the only text of its `<style>` element. A server that sends a report with a content security policy names
/// the SHA-256 of exactly this text.
pub const EXECUTION_STYLE: &str = concat!(
    base_style!(),
    "\
body{max-width:60rem}.key{color:#4b5563;font-size:.85rem}\
.caveat{border-left:.3rem solid #b45309;padding:.25rem .75rem;background:#fffbeb}\
data{font-variant-numeric:tabular-nums;white-space:nowrap}\
table{border-collapse:collapse;width:100%;font-size:.8rem}\
th,td{text-align:right;padding:.2rem .4rem;border-bottom:1px solid #d6d3d1;vertical-align:top}\
th:first-child,td:first-child{text-align:left}tfoot th,tfoot td{font-weight:600;border-top:2px solid #6b7280}\
code{font-size:.75rem;overflow-wrap:anywhere}\
@media print{body{margin:0;max-width:none}h2{break-after:avoid}li,tr{break-inside:avoid}}"
);

/// The parts of the costs in the order in which they add up: heading, member, and figure.
type Part = (&'static str, &'static str, fn(&CostFacts) -> Option<f64>);
const PARTS: [Part; 5] = [
    ("Delay", "delay", |costs| Some(costs.delay)),
    ("Trading", "trading", |costs| Some(costs.trading)),
    ("Opportunity", "opportunity", |costs| costs.opportunity),
    ("Fees", "fees", |costs| Some(costs.fees)),
    ("Shortfall", "shortfall", |costs| costs.shortfall),
];
/// The references with which the costs are compared.
const YARDSTICKS: [Part; 4] = [
    ("Spread in trading", "spread", |costs| costs.spread),
    ("Impact in trading", "impact", |costs| costs.impact),
    ("Against VWAP", "against_vwap", |costs| costs.against_vwap),
    ("Beyond the estimate", "beyond_estimate", |costs| costs.beyond_estimate),
];

/// Execution of a plan as one printable HTML page: no script, no link, no external resource.
///
/// Each number is a `<data>` element whose `title` is the JSON pointer of its source in the answer. Names appear only as text.
#[must_use]
pub fn execution_html(facts: &ExecutionFacts) -> String {
    let title = "Execution of a plan";
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { (title) }
                style { (PreEscaped(EXECUTION_STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    p class="key" {
                        "Plan " code { bdi { (quote::bare(&facts.plan_id)) } } " is " (facts.state) ". Amounts are in " (facts.currency)
                        "; a cost is positive, a gain negative."
                    }
                    @if !facts.unmatched.is_empty() {
                        p class="caveat" {
                            "Corrections or busts wait for fills or cancels that were not reported: "
                            @for (i, id) in facts.unmatched.iter().enumerate() { @if i > 0 { ", " } code { bdi { (quote::bare(id)) } } } "."
                        }
                    }
                    section { h2 { "Orders" } (orders(facts)) }
                    section {
                        h2 { "Implementation shortfall" }
                        p class="key" { "Delay, trading, opportunity and fees add up to the shortfall against the decision price (Perold), to the minor unit." }
                        (costs(facts, &PARTS))
                    }
                    section { h2 { "Against other yardsticks" } (costs(facts, &YARDSTICKS)) }
                    section {
                        h2 { "Book after the fills" }
                        (book(facts))
                        p class="key" {
                            "At the same prices the book before the orders would be worth "
                            (amount(facts, "/book/do_nothing_value", Some(facts.book.do_nothing_value))) ": trading came to "
                            (amount(facts, "/book/against_doing_nothing", Some(facts.book.against_doing_nothing))) " against doing nothing."
                        }
                    }
                    @if !facts.warnings.is_empty() || !facts.unavailable.is_empty() {
                        section {
                            h2 { "What was assumed or is missing" }
                            ul {
                                @for remark in facts.warnings.iter().chain(&facts.unavailable) {
                                    li { code { bdi { (quote::bare(&remark.pointer)) } } " " bdi { (quote::bare(&remark.detail)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

/// A number with its location in the answer.
fn told(pointer: &str, text: &str) -> Markup {
    html! { data title=(pointer) { (text) } }
}

/// An amount, or a dash for one that does not exist.
fn amount(facts: &ExecutionFacts, pointer: &str, value: Option<f64>) -> Markup {
    let digits = facts.currency.parse().map_or(2, Currency::minor_digits);
    html! { @match value { Some(value) => (told(pointer, &number::fixed(value, usize::from(digits)))), None => "–" } }
}

/// A price, or a dash for one that is not known.
fn price(pointer: &str, value: Option<f64>) -> Markup {
    html! { @match value { Some(value) => (told(pointer, &number::plain(value, 6))), None => "–" } }
}

fn orders(facts: &ExecutionFacts) -> Markup {
    const HEADINGS: [&str; 10] =
        ["Asset", "Side", "State", "Ordered", "Filled", "Decision", "Arrival", "Average", "VWAP", "End"];
    html! {
        table {
            thead { tr { @for heading in HEADINGS { th scope="col" { (heading) } } } }
            tbody { @for (i, order) in facts.orders.iter().enumerate() { (order_row(&format!("/orders/{i}"), order)) } }
        }
    }
}

fn order_row(at: &str, order: &ExecutedOrderFacts) -> Markup {
    let place = |name: &str| format!("{at}/{name}");
    html! {
        tr {
            th scope="row" { bdi { (quote::bare(&order.asset)) } }
            td { (order.side) }
            td { (order.state) @if let Some(cancel) = &order.cancel { ", rest " (told(&place("cancel/quantity"), &cancel.quantity)) } }
            td { (told(&place("quantity"), &order.quantity)) }
            td { (told(&place("filled"), &order.filled)) }
            td { (price(&place("decision_price"), Some(order.decision_price))) }
            td { (price(&place("arrival_price"), order.arrival_price)) }
            td { (price(&place("average_price"), order.average_price)) }
            td { (price(&place("vwap"), order.vwap)) }
            td { (price(&place("end_price"), order.end_price)) }
        }
    }
}

fn costs(facts: &ExecutionFacts, parts: &[Part]) -> Markup {
    let cells = |at: String, costs: &CostFacts| {
        html! { @for (_, member, of) in parts { td { (amount(facts, &format!("{at}/{member}"), of(costs))) } } }
    };
    html! {
        table {
            thead { tr { th scope="col" { "Asset" } @for (heading, ..) in parts { th scope="col" { (heading) } } } }
            tbody {
                @for (i, order) in facts.orders.iter().enumerate() {
                    tr { th scope="row" { bdi { (quote::bare(&order.asset)) } } (cells(format!("/orders/{i}/costs"), &order.costs)) }
                }
            }
            tfoot { tr { th scope="row" { "All orders" } (cells("/total".to_owned(), &facts.total)) } }
        }
    }
}

fn book(facts: &ExecutionFacts) -> Markup {
    let weight = |pointer: &str, weight: Option<f64>| {
        html! { @match weight { Some(weight) => (told(pointer, &number::percent(weight))), None => "–" } }
    };
    html! {
        table {
            thead { tr { @for heading in ["Asset", "Units before", "Units", "Price", "Value", "Weight"] { th scope="col" { (heading) } } } }
            tbody {
                @for (i, position) in facts.book.positions.iter().enumerate() {
                    @let at = format!("/book/positions/{i}");
                    tr {
                        th scope="row" { bdi { (quote::bare(&position.asset)) } }
                        td { (told(&format!("{at}/quantity_before"), &number::plain(position.quantity_before, 8))) }
                        td { (told(&format!("{at}/quantity"), &number::plain(position.quantity, 8))) }
                        td { (price(&format!("{at}/price"), Some(position.price))) }
                        td { (amount(facts, &format!("{at}/value"), Some(position.value))) }
                        td { (weight(&format!("{at}/weight"), position.weight)) }
                    }
                }
                tr {
                    th scope="row" { "Cash" } td {} td {} td {}
                    td { (amount(facts, "/book/cash", Some(facts.book.cash))) }
                    td { (weight("/book/cash_weight", facts.book.cash_weight)) }
                }
            }
            tfoot { tr { th scope="row" { "Portfolio" } td {} td {} td {} td { (amount(facts, "/book/portfolio_value", Some(facts.book.portfolio_value))) } td {} } }
        }
    }
}
