//! Turns rows into positions and cash: the numbers of a row agree with each other and with the weights, or a question
//! is asked.

use std::collections::BTreeMap;

use crate::agreement::check;
use crate::amounts::{amounts, multiplies, multiplies_to_the_digit, not_numbers};
use crate::body::body;
use crate::column::ColumnRole;
use crate::error::ImportError;
use crate::header::Layout;
use crate::line::{Line, RowKind, cents};
use crate::line_reader::{LineReader, NO_CURRENCY};
use crate::lone_numbers::{check_prices, settle_cash};
use crate::note::{ImportNote, Note};
use crate::number_columns::{by_role, is_sum, kind, values_under_weights, weight_units};
use crate::options::{ImportOptions, RowContent};
use crate::question::{Doubt, ImportQuestion};
use crate::reading::{ImportedCash, ImportedPosition};
use crate::set_aside::{SetAside, SetAsideReason};
use crate::table::{Row, Table};
use crate::weights::SUM_TOLERANCE;

/// Positions, cash and what belongs to them.
#[derive(Debug, Default)]
pub(crate) struct PositionsRead {
    pub(crate) positions: Vec<ImportedPosition>,
    pub(crate) cash: Vec<ImportedCash>,
    pub(crate) questions: Vec<ImportQuestion>,
    pub(crate) set_aside: Vec<SetAside>,
    pub(crate) notes: Vec<ImportNote>,
    pub(crate) nav: Option<f64>,
}

/// Reads the rows below the headings.
///
/// # Errors
/// [`ImportError::NoRow`] where the options say what a row holds that is not among them.
pub(crate) fn read(table: &Table, layout: &Layout, options: &ImportOptions) -> Result<PositionsRead, ImportError> {
    let (rows, set_aside) = body(table, layout);
    if let Some(row) = options.rows.keys().find(|row| rows.iter().all(|body| body.row.number != **row)) {
        return Err(ImportError::NoRow { row: *row });
    }
    let plain: Vec<&Row> = rows.iter().map(|b| b.row).collect();
    let (read, questions) = amounts(&plain, layout, options.decimal_mark);
    let mut out = PositionsRead { set_aside, questions, ..PositionsRead::default() };
    let mut columns = by_role(read);
    let mut kinds: Vec<RowKind> = rows.iter().enumerate().map(|(i, body)| kind(i, body, &columns, layout)).collect();
    values_under_weights(&mut columns, layout, &mut out.questions);
    for (kind, body) in kinds.iter_mut().zip(&rows) {
        *kind = match options.rows.get(&body.row.number) {
            Some(RowContent::Asset) => RowKind::Position,
            Some(RowContent::Cash) => RowKind::Cash,
            Some(RowContent::Total) => RowKind::Total,
            None => *kind,
        };
    }
    for (i, body) in rows.iter().enumerate() {
        if body.asset.is_empty() && kinds[i] != RowKind::Total {
            kinds[i] = if is_sum(i, &kinds, &columns) { RowKind::Total } else { RowKind::Aside };
        }
        if kinds[i] != RowKind::Total {
            out.questions.extend(not_numbers(body.row, kinds[i], layout));
        }
    }
    let (target_unit, current_unit) = weight_units(&columns, &kinds, layout, &mut out.questions);
    let reader = LineReader { columns: &columns, layout, options, target_unit, current_unit };
    let numbered = rows.into_iter().zip(&kinds).enumerate();
    let mut lines: Vec<Line<'_>> =
        numbered.map(|(i, (body, kind))| reader.line(i, body, *kind, &mut out.questions)).collect();
    settle_places(&mut lines);
    settle_cash(&mut lines, layout, &mut out);
    check_prices(&mut lines, layout, &mut out.questions);
    sort_out(&mut lines, &mut out);
    check(&lines, layout, &mut out.questions);
    price_from_value(&mut lines, layout, &mut out.notes);
    finish(lines, layout, &mut out);
    Ok(out)
}

/// The price of each position in a file without prices, if it follows from units and value in one currency. Twelve
/// digits: the accuracy of recovering a multiplied price by division.
fn price_from_value(lines: &mut [Line<'_>], layout: &Layout, notes: &mut Vec<ImportNote>) {
    if layout.column(ColumnRole::Price).is_some() {
        return;
    }
    for line in lines.iter_mut().filter(|line| line.kind == RowKind::Position && !line.converted && !line.unread) {
        if let (Some(quantity), Some(value)) = (line.quantity, line.value)
            && quantity > 0.0
            && value > 0.0
        {
            let price = format!("{:.11e}", value / quantity).parse().unwrap_or(value / quantity);
            line.price = Some(price);
            notes.push(ImportNote { row: line.body.row.number, note: Note::PriceFromValue { price } });
        }
    }
}

/// A column prints as many decimals in a row as in all others, but for zeros at the end: `9,907.6` among amounts with cents is 9,907.60, and
/// no number that was rounded to a tenth.
fn settle_places(lines: &mut [Line<'_>]) {
    for column in [1, 2, 3] {
        let written = |line: &Line<'_>| line.kind == RowKind::Position && line.places[column] > 0.0;
        // The coarsest place, and the coarsest but for the row that has it.
        let (mut coarsest, mut next, mut at) = (0.0, 0.0, None);
        for (i, line) in lines.iter().enumerate().filter(|(_, line)| written(line)) {
            let place = line.places[column];
            if place > coarsest {
                (next, coarsest, at) = (coarsest, place, Some(i));
            } else if place > next {
                next = place;
            }
        }
        if let Some(line) = at.and_then(|i| lines.get_mut(i))
            && next > 0.0
        {
            line.places[column] = next;
        }
    }
}

/// How quantity times price agrees with the value in a row that has all three in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Product {
    /// To the written digits.
    Agrees,
    /// To half a percent.
    Near,
    /// Not.
    Differs,
}

fn product(line: &Line<'_>) -> Option<(Product, Doubt)> {
    let (Some(q), Some(p), Some(v)) = (line.quantity, line.price, line.value) else { return None };
    if line.kind != RowKind::Position || line.converted {
        return None;
    }
    let how = if !multiplies(q, p, v) {
        Product::Differs
    } else if multiplies_to_the_digit([q, p, v], &line.places) {
        Product::Agrees
    } else {
        Product::Near
    };
    Some((how, Doubt::Product { product: cents(q * p), value: v }))
}

/// Sets aside rows without numbers or without a name, and asks about rows in which quantity times price is not the
/// value.
fn sort_out(lines: &mut [Line<'_>], out: &mut PositionsRead) {
    let count = |lines: &[Line<'_>], wanted| lines.iter().filter_map(product).filter(|(how, _)| *how == wanted).count();
    // One row among those that agree to the digit has a wrong digit; where most differ, the prices are older than the values.
    let agreeing = count(lines, Product::Agrees);
    let asks_near = agreeing > 0 && agreeing >= count(lines, Product::Near);
    for line in lines.iter_mut() {
        let row = line.body.row;
        let bare = [line.quantity, line.price, line.value, line.target, line.current].iter().all(Option::is_none);
        let reason = match line.kind {
            RowKind::Total => SetAsideReason::Total {
                name: if line.body.asset.is_empty() { row.shown() } else { line.body.asset.clone() },
            },
            RowKind::Aside if bare => SetAsideReason::Note { text: row.shown() },
            RowKind::Aside => SetAsideReason::NoAsset { text: row.shown() },
            RowKind::Position | RowKind::Cash if bare && !line.unread => {
                SetAsideReason::NoNumbers { text: row.shown() }
            }
            RowKind::Position | RowKind::Cash => {
                match product(line) {
                    Some((Product::Near, Doubt::Product { product, value })) if !asks_near => {
                        out.notes.push(ImportNote { row: row.number, note: Note::NearProduct { product, value } });
                    }
                    Some((Product::Near | Product::Differs, doubt)) => {
                        out.questions.push(ImportQuestion::of_file(doubt).at_row(row.number));
                    }
                    _ => {}
                }
                continue;
            }
        };
        if line.kind != RowKind::Total {
            line.kind = RowKind::Aside;
        }
        out.set_aside.push(SetAside { row: row.number, reason });
    }
}

/// Makes positions and cash; weights that follow with certainty from values are computed, and compared with those
/// stated in the file.
fn finish(lines: Vec<Line<'_>>, layout: &Layout, out: &mut PositionsRead) {
    let booked: Vec<Line<'_>> = lines.into_iter().filter(Line::is_booked).collect();
    let mut currencies: Vec<&str> = booked.iter().filter_map(|l| l.currency.as_deref()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let all_known = booked.iter().all(|l| l.worth().is_some()) && !booked.is_empty();
    // Values under a heading that names a currency are in that currency, whatever the price is in.
    let base = layout.column(ColumnRole::Value).and_then(|i| layout.columns[i].currency.clone()).is_some()
        && booked.iter().all(|l| l.value.is_some());
    if all_known && currencies.len() > 1 && !base {
        out.questions.push(ImportQuestion::of_file(Doubt::Currencies { currencies: currencies.join(", ") }));
    } else if all_known {
        let nav = cents(booked.iter().filter_map(Line::worth).sum());
        if nav < 0.0 {
            out.questions.push(ImportQuestion::of_file(Doubt::NegativeNav { nav }));
        }
        out.nav = Some(nav);
    }
    let nav = out.nav.filter(|nav| *nav > 0.0);
    let states_weights = booked.iter().any(|l| l.current.is_some());
    let weights_column = layout.column(ColumnRole::CurrentWeight).map(|i| layout.columns[i].heading.clone());
    let by_account = worth_by_account(&booked);
    let mut asked = false;
    for line in booked {
        let of = |whole: Option<f64>| line.worth().zip(whole).map(|(worth, whole)| worth / whole);
        let computed = of(nav);
        let in_account = of(line.body.account.as_ref().and_then(|a| by_account.get(a)).copied().filter(|w| *w > 0.0));
        let near = |weight: f64, stated: f64| (stated - weight).abs() <= SUM_TOLERANCE;
        let current = match line.current {
            None if states_weights => None,
            None => computed,
            Some(stated) if computed.is_none_or(|weight| near(weight, stated)) => Some(stated),
            // The file states weights within each account.
            Some(stated) if in_account.is_some_and(|weight| near(weight, stated)) => computed,
            Some(stated) => {
                if !asked {
                    let percent = |weight: f64| cents(100.0 * weight);
                    let computed_percent = percent(computed.unwrap_or_default());
                    let doubt = Doubt::WeightAgainstValue { stated_percent: percent(stated), computed_percent };
                    let column = weights_column.clone();
                    out.questions.push(ImportQuestion { column, row: Some(line.body.row.number), doubt });
                    asked = true;
                }
                None
            }
        };
        let row = line.body.row.number;
        let position = ImportedPosition {
            asset: line.body.asset.clone(),
            target_weight: line.target,
            current_weight: current,
            account: line.body.account.clone(),
            currency: line.currency.clone().filter(|c| c != NO_CURRENCY),
            row,
            ..ImportedPosition::default()
        };
        if line.kind == RowKind::Position {
            let named = Some(line.body.name.clone()).filter(|name| !name.is_empty() && *name != line.body.asset);
            let asset_class = Some(line.body.class.clone()).filter(|c| !c.is_empty() && c != "--");
            out.positions.push(ImportedPosition {
                name: named,
                isin: line.body.isin.clone(),
                quantity: line.quantity,
                price: line.price,
                value: line.value,
                asset_class,
                ..position
            });
            continue;
        }
        let amount = line.worth();
        if amount.is_none() && line.target.is_none() && line.current.is_none() {
            let reason = SetAsideReason::NoAmount { text: line.body.row.shown() };
            out.set_aside.push(SetAside { row, reason });
        } else if amount.is_none() || line.target.is_some() {
            out.positions.push(ImportedPosition { asset_class: Some("cash".to_owned()), ..position });
        }
        if let Some(amount) = amount {
            if line.currency.as_deref().is_none_or(|c| c == NO_CURRENCY) {
                out.questions.push(ImportQuestion::of_file(Doubt::CashCurrency).at_row(row));
            }
            let currency = line.currency.unwrap_or_else(|| NO_CURRENCY.to_owned());
            out.cash.push(ImportedCash { currency, amount, row });
        }
    }
}

fn worth_by_account(lines: &[Line<'_>]) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        if let (Some(account), Some(worth)) = (&line.body.account, line.worth()) {
            *sums.entry(account.clone()).or_insert(0.0) += worth;
        }
    }
    sums
}
