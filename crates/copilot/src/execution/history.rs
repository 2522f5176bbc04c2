//! Execution of many plans as a table.

use serde::Deserialize;

use super::facts::CostFacts;
use crate::render::cell;

/// The first line.
const HEADER: &str = "plan_id,client_reference,left_at,state,orders,plans,left_out,decision_value,shortfall,shortfall_bps,delay,trading,\
    spread,impact,opportunity,fees,against_vwap,beyond_estimate,currency";

/// A plan and what its execution cost.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PlanCostFacts {
    /// The plan.
    pub plan_id: String,
    /// The client's reference.
    pub client_reference: Option<String>,
    /// When its orders left.
    pub left_at: String,
    /// Where it stands.
    pub state: String,
    /// How many orders left.
    pub orders: u64,
    /// ISO 4217 code of its amounts.
    pub currency: String,
    /// The sums over its orders.
    pub costs: CostFacts,
}

/// The sums over plans in one currency.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CostSumFacts {
    /// ISO 4217 code of the amounts.
    pub currency: String,
    /// Plans in the sums.
    pub plans: u64,
    /// Plans whose shortfall is not known.
    pub left_out: u64,
    /// The sums.
    pub costs: CostFacts,
}

/// Execution of many plans, read from its answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ExecutionHistoryFacts {
    /// The plans.
    pub plans: Vec<PlanCostFacts>,
    /// The sums by currency.
    pub totals: Vec<CostSumFacts>,
}

/// One line for each plan and a last one, `total`, for each currency, as CSV (RFC 4180), with the names that the figures have in JSON.
///
/// Numbers are bare and have all their digits, texts are quoted, and what is not known is empty. A text that a spreadsheet could take for
/// a formula starts with an apostrophe.
#[must_use]
pub fn execution_history_csv(facts: &ExecutionHistoryFacts) -> String {
    let text = |text: &str| cell(&crate::quote::bare(text));
    let plans = facts.plans.iter().map(|plan| {
        let reference = plan.client_reference.as_deref().map(text).unwrap_or_default();
        let head = [text(&plan.plan_id), reference, text(&plan.left_at), text(&plan.state), plan.orders.to_string()];
        line(head.into_iter().chain([String::new(), String::new()]), &plan.costs, &plan.currency)
    });
    let totals = facts.totals.iter().map(|sums| {
        let head = std::iter::once(cell("total")).chain(std::iter::repeat_n(String::new(), 4));
        line(head.chain([sums.plans.to_string(), sums.left_out.to_string()]), &sums.costs, &sums.currency)
    });
    std::iter::once(format!("{HEADER}\r\n")).chain(plans).chain(totals).collect()
}

fn line(head: impl Iterator<Item = String>, costs: &CostFacts, currency: &str) -> String {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let CostFacts { spread, impact, opportunity, against_vwap, beyond_estimate, .. } = *costs;
    let figures = [
        Some(costs.decision_value),
        costs.shortfall,
        costs.shortfall_bps,
        Some(costs.delay),
        Some(costs.trading),
        spread,
        impact,
        opportunity,
        Some(costs.fees),
        against_vwap,
        beyond_estimate,
    ];
    let cells: Vec<String> = head.chain(figures.map(number)).chain([cell(currency)]).collect();
    format!("{}\r\n", cells.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_plan_and_each_currency_with_references_that_no_spreadsheet_evaluates() {
        let costs = CostFacts {
            decision_value: 40_000.0,
            shortfall: Some(76.0),
            shortfall_bps: Some(19.0),
            delay: 28.0,
            trading: 7.0,
            spread: None,
            impact: None,
            opportunity: Some(24.0),
            fees: 17.0,
            against_vwap: Some(-7.0),
            beyond_estimate: Some(10.0),
        };
        let plan = PlanCostFacts {
            plan_id: "p-1".to_owned(),
            client_reference: Some("=1+1".to_owned()),
            left_at: "2026-01-02T03:04:05.678901Z".to_owned(),
            state: "done".to_owned(),
            orders: 3,
            currency: "USD".to_owned(),
            costs,
        };
        let sums = CostSumFacts { currency: "USD".to_owned(), plans: 1, left_out: 2, costs };
        let table = execution_history_csv(&ExecutionHistoryFacts { plans: vec![plan], totals: vec![sums] });
        let lines: Vec<&str> = table.split_terminator("\r\n").collect();
        let figures = "40000,76,19,28,7,,,24,17,-7,10,\"USD\"";
        assert_eq!(lines[1], format!("\"p-1\",\"'=1+1\",\"2026-01-02T03:04:05.678901Z\",\"done\",3,,,{figures}"));
        assert_eq!(lines[2], format!("\"total\",,,,,1,2,{figures}"));
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.split(',').count() == 19), "{table}");
    }
}
