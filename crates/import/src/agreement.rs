//! Checks that rows agree with totals, with weights that sum to one, and with their names. Where they do not, a
//! question is asked.

use crate::column::ColumnRole;
use crate::header::Layout;
use crate::line::{Line, RowKind, cents};
use crate::money_rows::names_cash;
use crate::number::{NumberCell, read_number};
use crate::question::{Doubt, ImportQuestion};
use crate::totals::{TotalName, total_name};
use crate::weights::SUM_TOLERANCE;

/// Decimals of amounts beyond a cent are not those of a total.
const CENT: f64 = 0.01;

/// A number of a row.
type Measure = fn(&Line<'_>) -> Option<f64>;

/// Asks where rows disagree.
pub(crate) fn check(lines: &[Line<'_>], layout: &Layout, questions: &mut Vec<ImportQuestion>) {
    check_totals(lines, questions);
    check_sums(lines, layout, questions);
    check_disguised_total(lines, questions);
    check_names(lines, layout, questions);
    check_swapped(lines, layout, questions);
}

/// A total is the sum of this many rows, up to their rounding.
pub(crate) fn close(stated: f64, sum: f64, rows: usize) -> bool {
    (stated - sum).abs() <= 1e-4 * stated.abs() + 0.01 * rows as f64
}

/// Compares each total with the rows since the last total and with all rows.
fn check_totals(lines: &[Line<'_>], questions: &mut Vec<ImportQuestion>) {
    let booked = |line: &&Line<'_>| line.is_booked();
    let measures: [Measure; 3] = [|l| l.value, |l| l.target, |l| l.current];
    for (i, total) in lines.iter().enumerate().filter(|(_, line)| line.kind == RowKind::Total) {
        for (which, measure) in measures.iter().enumerate() {
            let Some(stated) = measure(total) else { continue };
            let start = lines[..i].iter().rposition(|l| l.kind == RowKind::Total).map_or(0, |at| at + 1);
            let end = lines[i + 1..].iter().position(|l| l.kind == RowKind::Total).map_or(lines.len(), |at| i + 1 + at);
            let sum = |part: &[Line<'_>]| part.iter().filter(booked).filter_map(measure).sum::<f64>();
            // Each value is rounded in its last place, and so is the total.
            let place = |l: &Line<'_>| l.places[2].max(CENT);
            let rounding =
                0.5 * (lines.iter().filter(booked).map(place).sum::<f64>() + place(total)) + 1e-12 * stated.abs();
            let near = |sum: f64| (stated - sum).abs() <= if which == 0 { 1.01 * rounding } else { SUM_TOLERANCE };
            let sums = [sum(lines), sum(&lines[..i]), sum(&lines[start..i]), sum(&lines[i + 1..end])];
            let classes = || lines[..i].iter().rev().take_while(|l| l.kind != RowKind::Total).count();
            if !sums.into_iter().any(near) && (classes() > 0 || i == 0) {
                let doubt = Doubt::Total { stated: cents(stated), sum: cents(sums[0]) };
                questions.push(ImportQuestion::of_file(doubt).at_row(total.body.row.number));
            }
        }
    }
}

/// Weights sum to one, every row has a target or none has, and there are targets.
fn check_sums(lines: &[Line<'_>], layout: &Layout, questions: &mut Vec<ImportQuestion>) {
    let booked: Vec<&Line<'_>> = lines.iter().filter(|l| l.is_booked()).collect();
    let measures: [(ColumnRole, Measure); 2] =
        [(ColumnRole::TargetWeight, |l| l.target), (ColumnRole::CurrentWeight, |l| l.current)];
    for (role, measure) in measures {
        let Some(column) = layout.column(role) else { continue };
        let heading = &layout.columns[column].heading;
        let known: Vec<f64> = booked.iter().filter_map(|l| measure(l)).collect();
        let sum: f64 = known.iter().sum();
        // What rounding of the targets may leave: half of the last place of each. The weights that are held come from programs that leave out
        // rows of their own.
        let rounding = match role {
            ColumnRole::TargetWeight => 0.505 * booked.iter().map(|l| l.places[3]).sum::<f64>() + 1e-9,
            _ => SUM_TOLERANCE,
        };
        if !known.is_empty() && (sum - 1.0).abs() > rounding.min(SUM_TOLERANCE) {
            let percent = cents(100.0 * sum);
            // Above one there is no rest that could be cash.
            let doubt = if sum > 1.0 { Doubt::WeightsAboveOne { percent } } else { Doubt::WeightSum { percent } };
            questions.push(ImportQuestion::of_column(heading, doubt));
        }
        if role == ColumnRole::TargetWeight && !known.is_empty() {
            let without = booked.iter().filter(|l| l.kind == RowKind::Position && l.target.is_none() && !l.unread);
            questions
                .extend(without.map(|l| ImportQuestion::of_column(heading, Doubt::NoTarget).at_row(l.body.row.number)));
        }
    }
    let priced = booked.iter().any(|l| l.kind == RowKind::Position);
    if layout.column(ColumnRole::TargetWeight).is_none() && priced {
        questions.push(ImportQuestion::of_file(Doubt::NoTargets));
    }
}

/// A first or last row with the sum of all others, without quantity and price, may be a total with another name.
fn check_disguised_total(lines: &[Line<'_>], questions: &mut Vec<ImportQuestion>) {
    let booked: Vec<&Line<'_>> = lines.iter().filter(|l| l.is_booked()).collect();
    let sum: f64 = booked.iter().filter_map(|l| l.value).sum();
    for line in booked.first().into_iter().chain(booked.last()) {
        let half = line.value.is_some_and(|v| booked.len() > 2 && close(2.0 * v, sum, booked.len()));
        let named = total_name(&line.body.asset) == TotalName::Word;
        if line.kind == RowKind::Position && !line.settled && (half && line.quantity.is_none() || named) {
            let doubt = Doubt::TotalOrAsset { name: line.body.asset.clone() };
            questions.push(ImportQuestion::of_file(doubt).at_row(line.body.row.number));
        }
    }
}

/// A row without a price among priced ones, or with a name for cash and a price, may be cash; names that are numbers
/// may belong to another column.
fn check_names(lines: &[Line<'_>], layout: &Layout, questions: &mut Vec<ImportQuestion>) {
    let positions: Vec<&Line<'_>> = lines.iter().filter(|l| l.kind == RowKind::Position).collect();
    let unpriced = positions.iter().filter(|l| l.price.is_none()).count();
    for line in &positions {
        let alone = unpriced == 1 && positions.len() > 2 && line.price.is_none() && !line.unread;
        let counted = line.worth().or(line.quantity).is_some();
        let called_cash = names_cash(&line.body.asset) && names_cash(&line.body.name);
        if !line.settled && (alone && counted || called_cash) {
            let doubt = Doubt::CashOrAsset { name: line.body.asset.clone() };
            questions.push(ImportQuestion::of_file(doubt).at_row(line.body.row.number));
        }
    }
    let is_number = |line: &&Line<'_>| matches!(read_number(&line.body.asset), NumberCell::Number(_));
    if let Some(column) = layout.column(ColumnRole::Asset).filter(|i| !layout.columns[*i].stated)
        && !positions.is_empty()
        && positions.iter().all(is_number)
    {
        questions.push(ImportQuestion::of_column(&layout.columns[column].heading, Doubt::NumbersAsAssets));
    }
}

/// Fewer rows may have cents and whole numbers by chance.
const SWAPPED_ROWS: usize = 3;

/// Whole prices of units with cents look like units under the heading of the price, and prices under that of the units.
/// The value proves nothing: it is the same product.
fn check_swapped(lines: &[Line<'_>], layout: &Layout, questions: &mut Vec<ImportQuestion>) {
    let [Some(quantity), Some(price)] = [ColumnRole::Quantity, ColumnRole::Price].map(|role| layout.column(role))
    else {
        return;
    };
    let [quantity, price] = [quantity, price].map(|i| &layout.columns[i]);
    let counted: Vec<&Line<'_>> = lines
        .iter()
        .filter(|line| line.kind == RowKind::Position && line.quantity.is_some() && line.price.is_some())
        .collect();
    let is_cents = |line: &&Line<'_>| (0.005..0.5).contains(&line.places[0]);
    let is_whole = |line: &&Line<'_>| line.places[1] >= 1.0;
    if counted.len() >= SWAPPED_ROWS
        && !(quantity.stated || price.stated)
        && counted.iter().all(is_cents)
        && counted.iter().all(is_whole)
    {
        let doubt = Doubt::Swapped { quantity: quantity.heading.clone(), price: price.heading.clone() };
        questions.push(ImportQuestion::of_column(&quantity.heading, doubt));
    }
}
