//! Rows whose only number is in an ambiguous column: cash with an amount in the price column, an asset with only a
//! price; and impossible prices.

use crate::column::ColumnRole;
use crate::header::Layout;
use crate::line::{Line, RowKind};
use crate::note::{ImportNote, Note};
use crate::number::is_nan;
use crate::positions::PositionsRead;
use crate::question::{Doubt, ImportQuestion};

/// Largest distance from one of the price of a unit of cash.
const UNIT_OF_CASH: f64 = 0.005;

/// Reads the only number in a cash row as its amount, and asks if the number may be the price of a unit.
pub(crate) fn settle_cash(lines: &mut [Line<'_>], layout: &Layout, out: &mut PositionsRead) {
    for line in lines.iter_mut().filter(|line| line.kind == RowKind::Cash && line.worth().is_none() && !line.unread) {
        let Some(number) = line.price else { continue };
        let is_unit = (number - 1.0).abs() <= UNIT_OF_CASH;
        let has_weight = line.target.or(line.current).is_some();
        let row = line.body.row.number;
        match (has_weight, is_unit) {
            (false, false) => {
                line.price = None;
                line.value = Some(number);
                let heading = layout.column(ColumnRole::Price).map(|i| layout.columns[i].heading.clone());
                let heading = heading.unwrap_or_default();
                out.notes.push(ImportNote { row, note: Note::CashUnderPrice { heading, amount: number } });
            }
            (true, true) => {}
            (true, false) | (false, true) => {
                out.questions.push(ImportQuestion::of_file(Doubt::CashAmount { number }).at_row(row));
            }
        }
    }
}

/// Asks about prices that are not positive, and about positions with a price but no quantity or value. A negative price
/// is not read.
pub(crate) fn check_prices(lines: &mut [Line<'_>], layout: &Layout, questions: &mut Vec<ImportQuestion>) {
    let sized: Vec<usize> =
        [ColumnRole::Quantity, ColumnRole::Value].into_iter().filter_map(|role| layout.column(role)).collect();
    for line in lines.iter_mut().filter(|line| line.kind == RowKind::Position) {
        let row = line.body.row.number;
        let ask = |doubt: Doubt| ImportQuestion::of_file(doubt).at_row(row);
        let is_bare = [line.quantity, line.value, line.target, line.current].iter().all(Option::is_none);
        // About a number that was lost there is a question already.
        let is_asked = line.unread || sized.iter().any(|i| is_nan(line.body.row.text(*i)));
        if !sized.is_empty() && line.price.is_some() && is_bare && !is_asked {
            questions.push(ask(Doubt::NoQuantity));
        }
        if let Some(price) = line.price.filter(|price| *price <= 0.0) {
            questions.push(ask(Doubt::PriceSign { price }));
        }
        if line.price.take_if(|price| *price < 0.0).is_some() {
            line.unread = true;
        }
    }
}
