//! Execution of a plan as a table.

use super::facts::{CostFacts, ExecutionFacts};
use crate::render::cell;

/// The first line.
const HEADER: &str = "client_order_id,asset,side,state,quantity,filled,open,average_price,decision_price,arrival_price,end_price,vwap,\
    decision_value,shortfall,shortfall_bps,delay,trading,spread,impact,opportunity,fees,against_vwap,estimated_cost,beyond_estimate,currency,\
    cancelled,cancelled_at";

/// One line for each order and a last one, `total`, for all of them, as CSV (RFC 4180), with the names that the figures have in JSON.
///
/// The estimate and the cancelled quantity are those of each order, and are empty in the last line. Numbers are unquoted and have all their digits,
/// texts are quoted, and unknown values are empty. A text that a spreadsheet could take for a formula starts with an
/// apostrophe.
#[must_use]
pub fn execution_csv(facts: &ExecutionFacts) -> String {
    let mut out = format!("{HEADER}\r\n");
    for order in &facts.orders {
        let mut cells: Vec<String> = [&order.client_order_id, &order.asset, &order.side, &order.state]
            .into_iter()
            .map(|text| cell(&crate::quote::bare(text)))
            .collect();
        cells.extend([order.quantity.clone(), order.filled.clone(), order.open.clone()]);
        cells.push(number(order.average_price));
        cells.push(order.decision_price.to_string());
        cells.extend([order.arrival_price, order.end_price, order.vwap].map(number));
        push_costs(&mut cells, &order.costs, Some(order.estimated_cost), &facts.currency);
        let cancel = order.cancel.as_ref();
        cells.push(cancel.map(|cancel| cancel.quantity.clone()).unwrap_or_default());
        cells.push(cancel.map(|cancel| cell(&cancel.cancelled_at)).unwrap_or_default());
        out += &format!("{}\r\n", cells.join(","));
    }
    let mut cells = vec![cell("total")];
    cells.resize(12, String::new());
    push_costs(&mut cells, &facts.total, None, &facts.currency);
    cells.extend([String::new(), String::new()]);
    out + &format!("{}\r\n", cells.join(","))
}

fn push_costs(cells: &mut Vec<String>, costs: &CostFacts, estimate: Option<f64>, currency: &str) {
    cells.push(costs.decision_value.to_string());
    cells.extend([costs.shortfall, costs.shortfall_bps, Some(costs.delay), Some(costs.trading)].map(number));
    cells.extend([costs.spread, costs.impact, costs.opportunity, Some(costs.fees), costs.against_vwap].map(number));
    cells.extend([estimate, costs.beyond_estimate].map(number));
    cells.push(cell(currency));
}

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
