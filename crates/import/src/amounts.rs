//! The numbers of each column, read with the decimal mark that is proven for the column.

use crate::column::ColumnRole;
use crate::header::Layout;
use crate::line::RowKind;
use crate::marks::{ColumnMark, prove};
use crate::number::{Decimal, DecimalMark, Evidence, NumberCell, Written, is_nan, read_number};
use crate::question::{Doubt, ImportQuestion};
use crate::table::{Row, shortened};

/// One number of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Amount {
    decimal: Decimal,
    pub(crate) percent: bool,
    pub(crate) pence: bool,
    pub(crate) currency: Option<String>,
}

impl Amount {
    /// The number as written.
    pub(crate) fn written(&self) -> f64 {
        self.decimal.value(0)
    }

    /// The last written decimal place: 0.01 for `12.50`, 1 for `12`.
    pub(crate) fn place(&self) -> f64 {
        self.decimal.place()
    }

    /// A hundredth of the number, for percent and pence.
    pub(crate) fn hundredth(&self) -> f64 {
        self.decimal.value(-2)
    }
}

/// The numbers of one column, by row.
#[derive(Debug, Clone, Default)]
pub(crate) struct AmountColumn {
    pub(crate) column: usize,
    pub(crate) amounts: Vec<Option<Amount>>,
    /// Cells whose content could not be read with certainty.
    pub(crate) unread: Vec<bool>,
}

impl AmountColumn {
    pub(crate) fn written(&self, row: usize) -> Option<f64> {
        self.amounts.get(row)?.as_ref().map(Amount::written)
    }
}

/// Reads a cell, which may hold a workbook number.
pub(crate) fn number_at(row: &Row, column: usize) -> NumberCell {
    match row.cells.get(column) {
        Some(cell) => match cell.exact {
            Some(value) => NumberCell::Number(Written::exact(value)),
            None => read_number(&cell.text),
        },
        None => NumberCell::Empty,
    }
}

/// Reads the columns with numbers of a list of positions.
pub(crate) fn amounts(
    rows: &[&Row],
    layout: &Layout,
    stated: Option<DecimalMark>,
) -> (Vec<(ColumnRole, AmountColumn)>, Vec<ImportQuestion>) {
    let cells: Vec<Vec<NumberCell>> =
        (0..layout.columns.len()).map(|i| rows.iter().map(|row| number_at(row, i)).collect()).collect();
    let has_role = |i: usize| layout.columns[i].role.is_number();
    // Columns of numbers that are not used prove marks too.
    let proves =
        |i: usize| has_role(i) || layout.columns[i].role == ColumnRole::Unused && !cells[i].contains(&NumberCell::Text);
    let (proving, columns): (Vec<usize>, Vec<Vec<NumberCell>>) =
        (0..cells.len()).filter(|&i| proves(i)).map(|i| (i, cells[i].clone())).unzip();
    let mut marks = prove(&columns, stated);
    let role_of = |place: usize| layout.columns[proving[place]].role;
    settle_by_sum(&columns, &mut marks, &role_of);
    settle_by_product(&columns, &mut marks, &role_of);
    let (mut read, mut questions) = (Vec::new(), Vec::new());
    for (place, &column) in proving.iter().enumerate().filter(|(_, column)| has_role(**column)) {
        let heading = &layout.columns[column].heading;
        let amounts: Vec<Option<Amount>> = columns[place].iter().map(|cell| amount(cell, marks[place])).collect();
        let unread = columns[place].iter().zip(&amounts).map(|(c, a)| a.is_none() && *c != NumberCell::Empty).collect();
        questions.extend(
            doubt(&columns[place], marks[place])
                .map(|(at, doubt)| ImportQuestion::of_column(heading, doubt).at_row(rows[at].number)),
        );
        read.push((layout.columns[column].role, AmountColumn { column, amounts, unread }));
    }
    (read, questions)
}

/// Questions about cells in number columns that are not numbers. In a position `NaN` indicates a lost number; elsewhere
/// it counts as empty.
pub(crate) fn not_numbers(row: &Row, kind: RowKind, layout: &Layout) -> Vec<ImportQuestion> {
    let ask = |i: usize| {
        let text = shortened(row.text(i), 40);
        ImportQuestion::of_column(&layout.columns[i].heading, Doubt::NotANumber { text }).at_row(row.number)
    };
    let is_lost = |i: usize| kind == RowKind::Position && is_nan(row.text(i));
    let wrong =
        |i: &usize| layout.columns[*i].role.is_number() && (number_at(row, *i) == NumberCell::Text || is_lost(*i));
    (0..layout.columns.len()).filter(wrong).map(ask).collect()
}

/// A number read with the mark of its column.
pub(crate) fn amount(cell: &NumberCell, mark: ColumnMark) -> Option<Amount> {
    let NumberCell::Number(written) = cell else { return None };
    let decimal = match mark {
        ColumnMark::Proven(mark) => written.under(mark).or(written.certain()),
        _ => written.certain(),
    }?;
    let finite = decimal.value(0).is_finite();
    let (percent, pence, currency) = (written.percent, written.pence, written.currency.clone());
    finite.then(|| Amount { decimal: decimal.clone(), percent, pence, currency })
}

/// The open question of a column, and its row.
pub(crate) fn doubt(cells: &[NumberCell], mark: ColumnMark) -> Option<(usize, Doubt)> {
    let open = cells.iter().enumerate().find_map(|(i, cell)| match cell {
        NumberCell::Number(written) if written.evidence() == Evidence::Open => Some((i, written)),
        _ => None,
    });
    match (mark, open) {
        (ColumnMark::Open | ColumnMark::Mixed, Some((i, written))) => {
            let value = |mark| written.under(mark).map(|d| d.value(0));
            let (point, comma) = (value(DecimalMark::Point)?, value(DecimalMark::Comma)?);
            Some((i, Doubt::Mark { sample: sample(point, comma), point, comma }))
        }
        (ColumnMark::Mixed, None) => Some((0, Doubt::MixedMarks)),
        _ => None,
    }
}

/// The number with its mark, as in the file but without signs.
fn sample(point: f64, comma: f64) -> String {
    if point.abs() < comma.abs() { grouped(comma, '.') } else { grouped(point, ',') }
}

fn grouped(value: f64, mark: char) -> String {
    let digits = format!("{value}");
    let split = digits.len().saturating_sub(3);
    format!("{}{mark}{}", &digits[..split], &digits[split..])
}

/// Weights that sum to one under one mark only.
fn settle_by_sum(columns: &[Vec<NumberCell>], marks: &mut [ColumnMark], role: &impl Fn(usize) -> ColumnRole) {
    for (place, cells) in columns.iter().enumerate() {
        if marks[place] != ColumnMark::Open
            || !matches!(role(place), ColumnRole::TargetWeight | ColumnRole::CurrentWeight)
        {
            continue;
        }
        let sums = |mark: DecimalMark| {
            let sum: f64 = cells.iter().filter_map(|c| amount(c, ColumnMark::Proven(mark))).map(|a| a.written()).sum();
            (99.0..=101.0).contains(&sum) || (0.99..=1.01).contains(&sum)
        };
        settle(&mut marks[place], sums(DecimalMark::Point), sums(DecimalMark::Comma));
    }
}

fn settle(mark: &mut ColumnMark, point: bool, comma: bool) {
    match (point, comma) {
        (true, false) => *mark = ColumnMark::Proven(DecimalMark::Point),
        (false, true) => *mark = ColumnMark::Proven(DecimalMark::Comma),
        _ => {}
    }
}

/// Quantity times price is the value in every row, under one choice of marks only.
fn settle_by_product(columns: &[Vec<NumberCell>], marks: &mut [ColumnMark], role: &impl Fn(usize) -> ColumnRole) {
    let of = |wanted: ColumnRole| (0..columns.len()).find(|&i| role(i) == wanted);
    let (Some(quantity), Some(price), Some(value)) =
        (of(ColumnRole::Quantity), of(ColumnRole::Price), of(ColumnRole::Value))
    else {
        return;
    };
    let three = [quantity, price, value];
    if !three.iter().any(|&i| marks[i] == ColumnMark::Open) {
        return;
    }
    let choices = |i: usize| match marks[i] {
        ColumnMark::Open => vec![ColumnMark::Proven(DecimalMark::Point), ColumnMark::Proven(DecimalMark::Comma)],
        mark => vec![mark],
    };
    let mut fitting = Vec::new();
    for q in choices(quantity) {
        for p in choices(price) {
            for v in choices(value) {
                if all_rows_multiply(columns, three, [q, p, v]) {
                    fitting.push([q, p, v]);
                }
            }
        }
    }
    if let [only] = fitting.as_slice() {
        three.iter().zip(only).for_each(|(&i, mark)| marks[i] = *mark);
    }
}

fn all_rows_multiply(columns: &[Vec<NumberCell>], three: [usize; 3], marks: [ColumnMark; 3]) -> bool {
    let at = |k: usize, row: usize| amount(&columns[three[k]][row], marks[k]);
    let mut told = 0;
    for row in 0..columns[three[0]].len() {
        if let (Some(q), Some(p), Some(v)) = (at(0, row), at(1, row), at(2, row)) {
            if !multiplies(q.written(), p.written(), v.written()) {
                return false;
            }
            told += 1;
        }
    }
    // One row could agree by chance or by damage.
    told > 1
}

/// Quantity times price is the value, up to half a percent and half a cent of the printed price.
pub(crate) fn multiplies(quantity: f64, price: f64, value: f64) -> bool {
    let rounding = (0.005 * quantity.abs()).min(0.05 * value.abs());
    (quantity * price - value).abs() <= 0.005 * value.abs() + rounding + 0.02
}

/// Quantity times price is the value, up to the rounding of the digits that are written: half of the last place of each. A whole number of
/// units is not rounded. `places`: the last places of quantity, price and value.
pub(crate) fn multiplies_to_the_digit([quantity, price, value]: [f64; 3], places: &[f64; 4]) -> bool {
    let of_quantity = if quantity.fract() == 0.0 { 0.0 } else { places[0] };
    let rounding = 0.5 * (of_quantity * price.abs() + places[1] * quantity.abs() + places[2]);
    // A value that was rounded from a rounded price, and the dust of binary fractions.
    (quantity * price - value).abs() <= 1.01 * rounding + 1e-12 * value.abs()
}
