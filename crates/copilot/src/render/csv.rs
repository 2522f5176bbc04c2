//! The ranked orders as a table.

use super::text::{shown, side};
use crate::committee::CommitteeBrief;

/// The ranked orders as CSV (RFC 4180): rank, asset, action, worth in basis points of NAV a year, sentence; then what the request says of
/// the asset, empty where it says nothing.
///
/// A cell that a spreadsheet could take for a formula starts with an apostrophe.
#[must_use]
pub fn actions_csv(brief: &CommitteeBrief) -> String {
    let mut out =
        "rank,asset,action,marginal_benefit_bps,sentence,name,identifier,asset_class,account,sleeve\r\n".to_owned();
    for action in &brief.actions {
        let verb = side(action.action);
        let worth = action.marginal_benefit_bps.map(|bps| bps.to_string()).unwrap_or_default();
        let order = brief.orders.iter().find(|order| order.asset == action.asset);
        let sent =
            order.map_or([const { &None }; 5], |o| [&o.name, &o.identifier, &o.asset_class, &o.account, &o.sleeve]);
        let sent = sent.map(|text| text.as_deref().map(|text| cell(&shown(text))).unwrap_or_default());
        let cells = [cell(&shown(&action.asset)), verb.to_owned(), worth, cell(&action.sentence.text())];
        let cells: Vec<String> = cells.into_iter().chain(sent).collect();
        out += &format!("{},{}\r\n", action.rank, cells.join(","));
    }
    out
}

/// A text cell: quoted, with quotes doubled, and never a formula. Text is always quoted and numbers never are, whereas
/// CSV libraries quote by need or by row.
pub(crate) fn cell(text: &str) -> String {
    let inert = if text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{inert}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_ends_early() {
        for (raw, want) in [
            ("=1+1", "\"'=1+1\""),
            ("+A1", "\"'+A1\""),
            (" -2", "\"' -2\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("a\"b,c", "\"a\"\"b,c\""),
            ("AAPL", "\"AAPL\""),
        ] {
            assert_eq!(cell(raw), want);
        }
    }
}
