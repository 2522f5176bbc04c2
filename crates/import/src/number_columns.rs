//! The number columns of a list of positions, used to recognise totals and cash and to find the unit of weights.

use crate::agreement::close;
use crate::amounts::{Amount, AmountColumn};
use crate::body::BodyRow;
use crate::column::ColumnRole;
use crate::header::Layout;
use crate::line::{RowKind, cents};
use crate::money_rows::{RowWords, is_cash};
use crate::question::{Doubt, ImportQuestion};
use crate::totals::{TotalName, total_name};
use crate::weights::{WeightColumn, WeightUnit, unit_of};

/// The number columns of a list of positions.
pub(crate) struct NumberColumns {
    pub(crate) quantity: Option<AmountColumn>,
    pub(crate) price: Option<AmountColumn>,
    pub(crate) value: Option<AmountColumn>,
    pub(crate) target: Option<AmountColumn>,
    pub(crate) current: Option<AmountColumn>,
}

/// The columns by their roles.
pub(crate) fn by_role(read: Vec<(ColumnRole, AmountColumn)>) -> NumberColumns {
    let mut columns = NumberColumns { quantity: None, price: None, value: None, target: None, current: None };
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

/// The content of a row, judged by its name and numbers.
pub(crate) fn kind(i: usize, body: &BodyRow<'_>, columns: &NumberColumns, layout: &Layout) -> RowKind {
    let at = |column: &Option<AmountColumn>| column.as_ref().and_then(|c| c.written(i));
    let (quantity, price) = (at(&columns.quantity), at(&columns.price));
    let named = [&body.asset, &body.name].map(|n| total_name(n));
    let traded = quantity.is_some() && price.is_some();
    if named.contains(&TotalName::Word) && !traded
        || named.contains(&TotalName::Part) && quantity.is_none() && price.is_none()
    {
        return RowKind::Total;
    }
    let words = RowWords { asset: &body.asset, name: &body.name, class: &body.class, quantity, price };
    if layout.names_asset() && is_cash(&words) { RowKind::Cash } else { RowKind::Position }
}

/// A column headed only `Current` holds values if its cells have currency signs.
pub(crate) fn values_under_weights(columns: &mut NumberColumns, layout: &Layout, questions: &mut Vec<ImportQuestion>) {
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
pub(crate) fn is_sum(i: usize, kinds: &[RowKind], columns: &NumberColumns) -> bool {
    let Some(values) = &columns.value else { return false };
    let others: Vec<f64> =
        (0..kinds.len()).filter(|&k| k != i && kinds[k] != RowKind::Total).filter_map(|k| values.written(k)).collect();
    let sum: f64 = others.iter().sum();
    others.len() > 1 && values.written(i).is_some_and(|v| close(v, sum, others.len()))
}

/// The units of target and current weights, and a question where one is open.
pub(crate) fn weight_units(
    columns: &NumberColumns,
    kinds: &[RowKind],
    layout: &Layout,
    questions: &mut Vec<ImportQuestion>,
) -> (WeightUnit, WeightUnit) {
    let both = [&columns.target, &columns.current];
    let facts = both.map(|c| c.as_ref().map(|c| weight_column(c, kinds, layout)));
    let units = units_of(facts);
    for ((column, unit), facts) in both.into_iter().zip([units.0, units.1]).zip(facts) {
        if let (Some(column), WeightUnit::Open, Some(facts)) = (column, unit, facts)
            && column.amounts.iter().any(Option::is_some)
        {
            let heading = &layout.columns[column.column].heading;
            questions.push(ImportQuestion::of_column(heading, Doubt::WeightUnit { sum: cents(facts.sum) }));
        }
    }
    units
}

fn weight_column(column: &AmountColumn, kinds: &[RowKind], layout: &Layout) -> WeightColumn {
    let heading = &layout.columns[column.column];
    let counted = || {
        column
            .amounts
            .iter()
            .zip(kinds)
            .filter(|(_, k)| matches!(k, RowKind::Position | RowKind::Cash))
            .filter_map(|(a, _)| a.as_ref())
    };
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
