//! Rows into positions and cash: the numbers of a row agree with each other, with the totals and with the weights, or a
//! question says where they do not.

use std::collections::BTreeMap;

use crate::amounts::{Amount, AmountColumn, amounts, multiplies, not_numbers};
use crate::body::{BodyRow, body};
use crate::column::ColumnRole;
use crate::header::Layout;
use crate::money_rows::{RowWords, currency_in, is_cash};
use crate::number::{NumberCell, read_number};
use crate::options::ImportOptions;
use crate::question::{Doubt, ImportQuestion};
use crate::reading::{ImportedCash, ImportedPosition};
use crate::set_aside::{SetAside, SetAsideReason};
use crate::table::{Row, Table};
use crate::totals::{TotalName, total_name};
use crate::weights::{SUM_TOLERANCE, WeightColumn, WeightUnit, unit_of};

/// Code for "no currency".
const NO_CURRENCY: &str = "XXX";

/// Positions, cash and what belongs to them.
#[derive(Debug, Default)]
pub(crate) struct PositionsRead {
    pub(crate) positions: Vec<ImportedPosition>,
    pub(crate) cash: Vec<ImportedCash>,
    pub(crate) questions: Vec<ImportQuestion>,
    pub(crate) set_aside: Vec<SetAside>,
    pub(crate) nav: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Position,
    Cash,
    Total,
    Aside,
}

/// One row with its numbers.
struct Line<'a> {
    body: BodyRow<'a>,
    kind: Kind,
    quantity: Option<f64>,
    price: Option<f64>,
    value: Option<f64>,
    target: Option<f64>,
    current: Option<f64>,
    currency: Option<String>,
    /// The value is in another currency than the price.
    converted: bool,
    /// A cell of the row holds something that could not be read for certain.
    unread: bool,
}

impl Line<'_> {
    /// The worth of the row: its value, or quantity times price; a unit of cash without a price is worth one.
    fn worth(&self) -> Option<f64> {
        let price = self.price.or((self.kind == Kind::Cash).then_some(1.0));
        self.value.or_else(|| Some(self.quantity? * price?))
    }
}

struct Columns {
    quantity: Option<AmountColumn>,
    price: Option<AmountColumn>,
    value: Option<AmountColumn>,
    target: Option<AmountColumn>,
    current: Option<AmountColumn>,
}

/// Reads the rows below the headings.
pub(crate) fn read(table: &Table, layout: &Layout, options: &ImportOptions) -> PositionsRead {
    let (rows, set_aside) = body(table, layout);
    let mut out = PositionsRead { set_aside, ..PositionsRead::default() };
    let plain: Vec<&Row> = rows.iter().map(|b| b.row).collect();
    let (read, questions) = amounts(&plain, layout, options.decimal_mark);
    out.questions.extend(questions);
    let mut columns = by_role(read);
    let mut kinds: Vec<Kind> = rows.iter().enumerate().map(|(i, body)| kind(i, body, &columns, layout)).collect();
    values_under_weights(&mut columns, layout, &mut out.questions);
    for (i, body) in rows.iter().enumerate() {
        if kinds[i] == Kind::Position || kinds[i] == Kind::Cash {
            if body.asset.is_empty() {
                let value = columns.value.as_ref().and_then(|c| c.written(i));
                let total = value.is_some() && is_sum(i, &kinds, &columns);
                kinds[i] = if total { Kind::Total } else { Kind::Aside };
            }
        }
        if kinds[i] != Kind::Total {
            out.questions.extend(not_numbers(body.row, layout));
        }
    }
    let units = [&columns.target, &columns.current].map(|c| c.as_ref().map(|c| weight_column(c, &kinds, layout)));
    let (target_unit, current_unit) = units_of(units);
    for (column, unit, facts) in [(&columns.target, target_unit, units[0]), (&columns.current, current_unit, units[1])] {
        if let (Some(column), WeightUnit::Open, Some(facts)) = (column, unit, facts) {
            if column.amounts.iter().flatten().next().is_some() {
                out.questions.push(ImportQuestion::of_column(&layout.columns[column.column].heading, Doubt::WeightUnit { sum: cents(facts.sum) }));
            }
        }
    }
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (i, body) in rows.into_iter().enumerate() {
        let line = line(i, body, kinds[i], &columns, (target_unit, current_unit), layout, options, &mut out.questions);
        lines.push(line);
    }
    sort_out(&mut lines, &mut out);
    check_totals(&lines, &mut out.questions);
    check_sums(&lines, layout, &mut out.questions);
    check_disguised_total(&lines, &mut out.questions);
    check_names(&lines, layout, &mut out.questions);
    finish(lines, layout, &mut out);
    out
}

fn by_role(read: Vec<(ColumnRole, AmountColumn)>) -> Columns {
    let mut columns = Columns { quantity: None, price: None, value: None, target: None, current: None };
    for (role, column) in read {
        match role {
            ColumnRole::Quantity => columns.quantity = Some(column),
            ColumnRole::Price => columns.price = Some(column),
            ColumnRole::Value => columns.value = Some(column),
            ColumnRole::TargetWeight => columns.target = Some(column),
            ColumnRole::CurrentWeight => columns.current = Some(column),
            _ => {}
        }
    }
    columns
}

fn kind(i: usize, body: &BodyRow<'_>, columns: &Columns, layout: &Layout) -> Kind {
    let at = |column: &Option<AmountColumn>| column.as_ref().and_then(|c| c.written(i));
    let (quantity, price) = (at(&columns.quantity), at(&columns.price));
    let named = [&body.asset, &body.name].map(|n| total_name(n));
    let traded = quantity.is_some() && price.is_some();
    if named.contains(&TotalName::Word) && !traded || named.contains(&TotalName::Part) && quantity.is_none() && price.is_none() {
        return Kind::Total;
    }
    let words = RowWords { asset: &body.asset, name: &body.name, class: &body.class, quantity, price };
    if layout.names_asset() && is_cash(&words) { Kind::Cash } else { Kind::Position }
}

/// A bare `Current` with signs of currency holds values.
fn values_under_weights(columns: &mut Columns, layout: &Layout, questions: &mut Vec<ImportQuestion>) {
    let is_money = |column: &AmountColumn| column.amounts.iter().flatten().any(|a| a.currency.is_some() || a.pence);
    if let Some(column) = columns.current.take_if(|c| is_money(c)) {
        let heading = &layout.columns[column.column];
        if columns.value.is_none() && !heading.percent {
            columns.value = Some(column);
        } else {
            questions.push(ImportQuestion::of_column(&heading.heading, Doubt::WeightUnit { sum: sum_of(&column) }));
        }
    }
    if let Some(column) = columns.target.take_if(|c| is_money(c)) {
        let heading = &layout.columns[column.column].heading;
        questions.push(ImportQuestion::of_column(heading, Doubt::WeightUnit { sum: sum_of(&column) }));
    }
}

fn sum_of(column: &AmountColumn) -> f64 {
    cents(column.amounts.iter().flatten().map(Amount::written).sum())
}

/// The value of a row is the sum of the values of all others.
fn is_sum(i: usize, kinds: &[Kind], columns: &Columns) -> bool {
    let Some(values) = &columns.value else { return false };
    let others: Vec<f64> =
        (0..kinds.len()).filter(|&k| k != i && kinds[k] != Kind::Total).filter_map(|k| values.written(k)).collect();
    let sum: f64 = others.iter().sum();
    others.len() > 1 && values.written(i).is_some_and(|v| close(v, sum, others.len()))
}

fn close(stated: f64, sum: f64, rows: usize) -> bool {
    (stated - sum).abs() <= 1e-4 * stated.abs() + 0.01 * rows as f64
}

fn weight_column(column: &AmountColumn, kinds: &[Kind], layout: &Layout) -> WeightColumn {
    let heading = &layout.columns[column.column];
    let counted = || column.amounts.iter().zip(kinds).filter(|(_, k)| matches!(k, Kind::Position | Kind::Cash)).filter_map(|(a, _)| a.as_ref());
    WeightColumn {
        sum: counted().map(Amount::written).sum(),
        largest: counted().map(|a| a.written().abs()).fold(0.0, f64::max),
        signed: counted().any(|a| a.percent),
        headed: heading.percent,
        says_weight: heading.says_weight,
    }
}

fn units_of(columns: [Option<WeightColumn>; 2]) -> (WeightUnit, WeightUnit) {
    let alone = columns.map(|c| c.map_or(WeightUnit::Open, |c| unit_of(&c, None)));
    let known = |unit: WeightUnit| Some(unit).filter(|u| *u != WeightUnit::Open);
    let with = |i: usize| columns[i].map_or(WeightUnit::Open, |c| unit_of(&c, known(alone[1 - i])));
    (with(0), with(1))
}

#[allow(clippy::too_many_arguments)]
fn line<'a>(
    i: usize,
    body: BodyRow<'a>,
    kind: Kind,
    columns: &Columns,
    units: (WeightUnit, WeightUnit),
    layout: &Layout,
    options: &ImportOptions,
    questions: &mut Vec<ImportQuestion>,
) -> Line<'a> {
    let cell = |column: &Option<AmountColumn>| column.as_ref().and_then(|c| c.amounts[i].clone());
    let heading = |column: &Option<AmountColumn>| column.as_ref().map(|c| &layout.columns[c.column]);
    let (price, value) = (cell(&columns.price), cell(&columns.value));
    let row_pence = matches!(body.currency.as_str(), "GBX" | "GBp");
    let pence_price = row_pence || heading(&columns.price).is_some_and(|h| h.pence) || price.as_ref().is_some_and(|p| p.pence);
    let pence_value = heading(&columns.value).is_some_and(|h| h.pence) || value.as_ref().is_some_and(|p| p.pence);
    let money = |amount: &Option<Amount>, pence: bool| amount.as_ref().map(|a| if pence { a.hundredth() } else { a.written() });
    let quantity = cell(&columns.quantity).map(|a| a.written());
    let price_read = money(&price, pence_price);
    let mut value_read = money(&value, pence_value);
    if row_pence && !pence_value {
        // Files with prices in pence have values in pounds or in pence: quantity times price says which.
        if let (Some(q), Some(p), Some(v)) = (quantity, price_read, value_read) {
            let in_pence = money(&value, true);
            if !multiplies(q, p, v) && in_pence.is_some_and(|v| multiplies(q, p, v)) {
                value_read = in_pence;
            }
        }
    }
    let sign = price.as_ref().and_then(|a| a.currency.clone()).or_else(|| value.as_ref().and_then(|a| a.currency.clone()));
    let headed = heading(&columns.price).and_then(|h| h.currency.clone()).or_else(|| heading(&columns.value).and_then(|h| h.currency.clone()));
    let spoken = layout.dialect.as_ref().and_then(|d| d.currency().map(str::to_owned));
    let currency = if pence_price || pence_value {
        Some("GBP".to_owned())
    } else {
        let written = Some(body.currency.clone()).filter(|c| !c.is_empty() && c != "--" && c != "-");
        let known = spoken.clone().or_else(|| options.currency.clone());
        let sign = sign.map(|s| match s.as_str() {
            "$" => known.clone().filter(|c| DOLLARS.contains(&c.as_str())).unwrap_or_else(|| "USD".to_owned()),
            "¥" => known.clone().filter(|c| c == "CNY").unwrap_or_else(|| "JPY".to_owned()),
            "kr" => known.clone().filter(|c| ["SEK", "NOK", "DKK", "ISK"].contains(&c.as_str())).unwrap_or_else(|| NO_CURRENCY.to_owned()),
            _ => s,
        });
        written.or(sign).or_else(|| Some(kind == Kind::Cash).filter(|c| *c).and_then(|_| currency_in(&body.asset).or_else(|| currency_in(&body.name)))).or(headed).or(known)
    };
    let mut weight = |column: &Option<AmountColumn>, unit: WeightUnit| {
        let amount = cell(column)?;
        let headed = heading(column).is_some_and(|h| h.percent);
        match unit {
            WeightUnit::Percent if !amount.percent && amount.written() != 0.0 && !headed && signed(column) => {
                let heading = heading(column)?;
                let doubt = Doubt::WeightUnit { sum: amount.written() };
                questions.push(ImportQuestion::of_column(&heading.heading, doubt).at_row(body.row.number));
                None
            }
            WeightUnit::Percent => Some(amount.hundredth()),
            WeightUnit::Fraction => Some(amount.written()),
            WeightUnit::Open => None,
        }
    };
    let value_currency = heading(&columns.value).and_then(|h| h.currency.clone());
    let converted = value_currency.is_some() && currency.is_some() && value_currency != currency;
    let (target, current) = (weight(&columns.target, units.0), weight(&columns.current, units.1));
    let all = [&columns.quantity, &columns.price, &columns.value, &columns.target, &columns.current];
    let unread = all.iter().any(|c| c.as_ref().is_some_and(|c| c.unread[i]))
        || cell(&columns.target).is_some() && target.is_none()
        || cell(&columns.current).is_some() && current.is_none();
    Line { kind, quantity, price: price_read, value: value_read, target, current, currency, converted, unread, body }
}

const DOLLARS: [&str; 7] = ["USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD"];

fn signed(column: &Option<AmountColumn>) -> bool {
    column.as_ref().is_some_and(|c| c.amounts.iter().flatten().any(|a| a.percent))
}

/// Sets aside rows without numbers or without a name, and asks about rows whose numbers do not multiply.
fn sort_out(lines: &mut [Line<'_>], out: &mut PositionsRead) {
    for line in lines.iter_mut() {
        let row = line.body.row;
        let bare = [line.quantity, line.price, line.value, line.target, line.current].iter().all(Option::is_none);
        let reason = match line.kind {
            Kind::Total => SetAsideReason::Total { name: if line.body.asset.is_empty() { row.shown() } else { line.body.asset.clone() } },
            Kind::Aside if bare => SetAsideReason::Note { text: row.shown() },
            Kind::Aside => SetAsideReason::NoAsset { text: row.shown() },
            Kind::Position | Kind::Cash if bare && !line.unread => SetAsideReason::NoNumbers { text: row.shown() },
            Kind::Position | Kind::Cash => {
                if let (Some(q), Some(p), Some(v), Kind::Position) = (line.quantity, line.price, line.value, line.kind) {
                    if !multiplies(q, p, v) && !line.converted {
                        let doubt = Doubt::Product { product: cents(q * p), value: v };
                        out.questions.push(ImportQuestion::of_file(doubt).at_row(row.number));
                    }
                }
                continue;
            }
        };
        if line.kind != Kind::Total {
            line.kind = Kind::Aside;
        }
        out.set_aside.push(SetAside { row: row.number, reason });
    }
}

/// Compares each total with the rows since the last total and with all rows.
fn check_totals(lines: &[Line<'_>], questions: &mut Vec<ImportQuestion>) {
    let booked = |line: &&Line<'_>| matches!(line.kind, Kind::Position | Kind::Cash);
    let measures: [fn(&Line<'_>) -> Option<f64>; 3] = [|l| l.value, |l| l.target, |l| l.current];
    for (i, total) in lines.iter().enumerate().filter(|(_, line)| line.kind == Kind::Total) {
        for (which, measure) in measures.iter().enumerate() {
            let Some(stated) = measure(total) else { continue };
            let start = lines[..i].iter().rposition(|l| l.kind == Kind::Total).map_or(0, |at| at + 1);
            let end = lines[i + 1..].iter().position(|l| l.kind == Kind::Total).map_or(lines.len(), |at| i + 1 + at);
            let sum = |part: &[Line<'_>]| part.iter().filter(booked).filter_map(measure).sum::<f64>();
            let rows = lines.iter().filter(booked).count();
            let near = |sum: f64| if which == 0 { close(stated, sum, rows) } else { (stated - sum).abs() <= SUM_TOLERANCE };
            let sums = [sum(lines), sum(&lines[..i]), sum(&lines[start..i]), sum(&lines[i + 1..end])];
            let classes = || lines[..i].iter().rev().take_while(|l| l.kind != Kind::Total).count();
            if !sums.into_iter().any(near) && (classes() > 0 || i == 0) {
                let doubt = Doubt::Total { stated: cents(stated), sum: cents(sums[0]) };
                questions.push(ImportQuestion::of_file(doubt).at_row(total.body.row.number));
            }
        }
    }
}

fn check_sums(lines: &[Line<'_>], layout: &Layout, questions: &mut Vec<ImportQuestion>) {
    let booked: Vec<&Line<'_>> = lines.iter().filter(|l| matches!(l.kind, Kind::Position | Kind::Cash)).collect();
    let measures: [(ColumnRole, fn(&Line<'_>) -> Option<f64>); 2] =
        [(ColumnRole::TargetWeight, |l| l.target), (ColumnRole::CurrentWeight, |l| l.current)];
    for (role, measure) in measures {
        let Some(column) = layout.column(role) else { continue };
        let heading = &layout.columns[column].heading;
        let known: Vec<f64> = booked.iter().filter_map(|l| measure(l)).collect();
        let sum: f64 = known.iter().sum();
        if !known.is_empty() && (sum - 1.0).abs() > SUM_TOLERANCE {
            questions.push(ImportQuestion::of_column(heading, Doubt::WeightSum { percent: cents(100.0 * sum) }));
        }
        if role == ColumnRole::TargetWeight && !known.is_empty() {
            let without = booked.iter().filter(|l| l.kind == Kind::Position && l.target.is_none() && !l.unread);
            questions.extend(without.map(|l| ImportQuestion::of_column(heading, Doubt::NoTarget).at_row(l.body.row.number)));
        }
    }
    let priced = booked.iter().any(|l| l.kind == Kind::Position);
    if layout.column(ColumnRole::TargetWeight).is_none() && priced {
        questions.push(ImportQuestion::of_file(Doubt::NoTargets));
    }
}

/// A first or last row with the sum of all others, without quantity and price, may be a total with another name.
fn check_disguised_total(lines: &[Line<'_>], questions: &mut Vec<ImportQuestion>) {
    let booked: Vec<&Line<'_>> = lines.iter().filter(|l| matches!(l.kind, Kind::Position | Kind::Cash)).collect();
    let sum: f64 = booked.iter().filter_map(|l| l.value).sum();
    for line in booked.first().into_iter().chain(booked.last()) {
        let half = line.value.is_some_and(|v| booked.len() > 2 && close(2.0 * v, sum, booked.len()));
        let named = total_name(&line.body.asset) == TotalName::Word;
        if line.kind == Kind::Position && (half && line.quantity.is_none() || named) {
            let doubt = Doubt::TotalOrAsset { name: line.body.asset.clone() };
            questions.push(ImportQuestion::of_file(doubt).at_row(line.body.row.number));
        }
    }
}

/// A row without a price among priced ones may be cash with an unknown name, and names that are numbers may be another column.
fn check_names(lines: &[Line<'_>], layout: &Layout, questions: &mut Vec<ImportQuestion>) {
    let positions: Vec<&Line<'_>> = lines.iter().filter(|l| l.kind == Kind::Position).collect();
    let unpriced: Vec<&&Line<'_>> = positions.iter().filter(|l| l.price.is_none()).collect();
    if let [one] = unpriced.as_slice()
        && positions.len() > 2
        && !one.unread
        && one.worth().or(one.quantity).is_some()
    {
        let doubt = Doubt::CashOrAsset { name: one.body.asset.clone() };
        questions.push(ImportQuestion::of_file(doubt).at_row(one.body.row.number));
    }
    let is_number = |line: &&Line<'_>| matches!(read_number(&line.body.asset), NumberCell::Number(_));
    if let Some(column) = layout.column(ColumnRole::Asset)
        && !positions.is_empty()
        && positions.iter().all(is_number)
    {
        questions.push(ImportQuestion::of_column(&layout.columns[column].heading, Doubt::NumbersAsAssets));
    }
}

/// Makes positions and cash; weights that are certain from values are computed, and compared where the file states them.
fn finish(lines: Vec<Line<'_>>, layout: &Layout, out: &mut PositionsRead) {
    let booked: Vec<Line<'_>> = lines.into_iter().filter(|l| matches!(l.kind, Kind::Position | Kind::Cash)).collect();
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
        out.nav = Some(cents(booked.iter().filter_map(Line::worth).sum()));
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
        if line.kind == Kind::Position {
            let asset_class = Some(line.body.class.clone()).filter(|c| !c.is_empty() && c != "--");
            out.positions.push(ImportedPosition { quantity: line.quantity, price: line.price, value: line.value, asset_class, ..position });
            continue;
        }
        let amount = line.worth();
        if amount.is_none() || line.target.is_some() {
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

/// Rounded to hundredths: sums of amounts in a question and the net asset value.
fn cents(value: f64) -> f64 {
    let rounded = (100.0 * value).round() / 100.0;
    if rounded.is_finite() { rounded } else { value }
}
