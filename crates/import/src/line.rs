//! One row with its numbers.

use crate::body::BodyRow;

/// The content of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowKind {
    Position,
    Cash,
    Total,
    Aside,
}

/// One row with its numbers.
pub(crate) struct Line<'a> {
    pub(crate) body: BodyRow<'a>,
    pub(crate) kind: RowKind,
    pub(crate) quantity: Option<f64>,
    pub(crate) price: Option<f64>,
    pub(crate) value: Option<f64>,
    /// The last places that are written of quantity, price, value and target; that of the target as a fraction. Zero where there is none.
    pub(crate) places: [f64; 4],
    pub(crate) target: Option<f64>,
    pub(crate) current: Option<f64>,
    pub(crate) currency: Option<String>,
    /// The value is in another currency than the price.
    pub(crate) converted: bool,
    /// The caller stated what the row contains.
    pub(crate) settled: bool,
    /// A cell of the row could not be read with certainty.
    pub(crate) unread: bool,
}

impl Line<'_> {
    /// The worth of the row: its value, or quantity times price; a unit of cash without a price is worth one.
    pub(crate) fn worth(&self) -> Option<f64> {
        let price = self.price.or((self.kind == RowKind::Cash).then_some(1.0));
        self.value.or_else(|| Some(self.quantity? * price?))
    }

    /// True for a position or cash.
    pub(crate) fn is_booked(&self) -> bool {
        matches!(self.kind, RowKind::Position | RowKind::Cash)
    }
}

/// Rounded to hundredths: sums of amounts in a question, and the net asset value.
pub(crate) fn cents(value: f64) -> f64 {
    let rounded = (100.0 * value).round() / 100.0;
    if rounded.is_finite() { rounded } else { value }
}
