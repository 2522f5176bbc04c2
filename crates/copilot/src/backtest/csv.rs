//! The days of a backtest as a table.

use super::facts::BacktestFacts;
use crate::render::cell;

/// Wealth and drawdown of every policy by day as CSV (RFC 4180), each number with all its digits: `day`, `date` where there are dates, and
/// two columns for each policy.
///
/// A cell that a spreadsheet could take for a formula starts with an apostrophe.
#[must_use]
pub fn backtest_csv(facts: &BacktestFacts) -> String {
    let mut out = "day".to_owned();
    if facts.dates.is_some() {
        out += ",date";
    }
    for policy in &facts.policies {
        let name = crate::quote::bare(&policy.name);
        out += &format!(",{},{}", cell(&format!("{name}: wealth")), cell(&format!("{name}: drawdown")));
    }
    out += "\r\n";
    let days = facts.policies.iter().map(|policy| policy.wealth.len()).max().unwrap_or(0);
    for row in 0..days {
        out += &(facts.first_day + row).to_string();
        if let Some(dates) = &facts.dates {
            out += &dates.get(row).map_or_else(|| ",".to_owned(), |date| format!(",{date}"));
        }
        for policy in &facts.policies {
            for series in [&policy.wealth, &policy.drawdown] {
                out += &series.get(row).map_or_else(|| ",".to_owned(), |value| format!(",{value}"));
            }
        }
        out += "\r\n";
    }
    out
}
