//! The columns of the order table, the same in every format.

use super::text::side;
use crate::committee::{CitedNumber, OrderLine};

/// What a cell shows.
pub(super) enum Cell<'a> {
    /// Our own words.
    Words(&'a str),
    /// What the client sent: to be escaped.
    Name(Option<&'a str>),
    /// A figure with its source.
    Number(Option<&'a CitedNumber>),
}

/// A column of the table.
pub(super) struct Column {
    pub(super) title: &'static str,
    /// Whether it is left out where no order has anything to show in it.
    is_optional: bool,
    pub(super) cell: fn(&OrderLine) -> Cell<'_>,
}

impl Column {
    const fn always(title: &'static str, cell: fn(&OrderLine) -> Cell<'_>) -> Self {
        Self { title, is_optional: false, cell }
    }

    const fn if_sent(title: &'static str, cell: fn(&OrderLine) -> Cell<'_>) -> Self {
        Self { title, is_optional: true, cell }
    }
}

const COLUMNS: [Column; 11] = [
    Column::always("Side", |order| Cell::Words(side(order.side))),
    Column::always("Asset", |order| Cell::Name(Some(&order.asset))),
    Column::if_sent("Name", |order| Cell::Name(order.name.as_deref())),
    Column::if_sent("Identifier", |order| Cell::Name(order.identifier.as_deref())),
    Column::if_sent("Class", |order| Cell::Name(order.asset_class.as_deref())),
    Column::always("Quantity", |order| Cell::Number(order.quantity.as_ref())),
    Column::always("Price", |order| Cell::Number(order.price.as_ref())),
    Column::always("Value", |order| Cell::Number(Some(&order.value))),
    Column::always("Account", |order| Cell::Name(order.account.as_deref())),
    Column::if_sent("Sleeve", |order| Cell::Name(order.sleeve.as_deref())),
    Column::always("Reason", |order| Cell::Words(order.reason)),
];

/// The columns that these orders fill.
pub(super) fn columns(orders: &[OrderLine]) -> Vec<&'static Column> {
    let is_filled = |column: &Column| orders.iter().any(|order| !matches!((column.cell)(order), Cell::Name(None)));
    COLUMNS.iter().filter(|column| !column.is_optional || is_filled(column)).collect()
}

/// A cell as text; `told` writes what the client sent.
pub(super) fn text(cell: &Cell<'_>, told: impl Fn(&str) -> String) -> String {
    match cell {
        Cell::Words(words) => (*words).to_owned(),
        Cell::Name(name) => name.map(told).unwrap_or_default(),
        Cell::Number(cited) => cited.map(|cited| cited.text.clone()).unwrap_or_default(),
    }
}
