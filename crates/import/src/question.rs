//! Questions that a file leaves open. A question is asked instead of guessing.

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// A question about the file, and where it arose.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportQuestion {
    /// The column, by its heading.
    pub column: Option<String>,
    /// The row, counted from one as in the file.
    pub row: Option<usize>,
    /// The open point.
    pub doubt: Doubt,
}

/// An open point. `Display` asks it in a sentence.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Doubt {
    /// Nothing proves which sign separates decimals.
    #[error(
        "the numbers of this column are ambiguous: {sample:?} has a decimal point or comma, or a thousands separator; which?"
    )]
    Mark {
        /// A cell as written.
        sample: String,
        /// Its value if a point separates decimals.
        point: f64,
        /// Its value if a comma does.
        comma: f64,
    },
    /// Cells of the column prove both marks.
    #[error("this column writes decimals with a point in some rows and with a comma in others; which cells are wrong?")]
    MixedMarks,
    /// A cell that should be a number is not.
    #[error("{text:?} is not a number; what should it be?")]
    NotANumber {
        /// The cell.
        text: String,
    },
    /// Nothing proves the unit of weights.
    #[error(
        "the numbers of this column sum to {sum}, which fits neither percent nor fractions; are they percent, fractions, values or units?"
    )]
    WeightUnit {
        /// Their sum.
        sum: f64,
    },
    /// Weights do not sum to one.
    #[error("these weights sum to {percent} %; is the rest cash, or is there a typing error?")]
    WeightSum {
        /// Their sum in percent, rounded to hundredths.
        percent: f64,
    },
    /// Weights sum to more than one.
    #[error("these weights sum to {percent} %, more than the whole; which of them is wrong?")]
    WeightsAboveOne {
        /// Their sum in percent, rounded to hundredths.
        percent: f64,
    },
    /// Weights of the file contradict its values.
    #[error("the weight is {stated_percent} % in the file and {computed_percent} % by its values; which is right?")]
    WeightAgainstValue {
        /// The weight in the file, percent.
        stated_percent: f64,
        /// The weight computed from the values, percent.
        computed_percent: f64,
    },
    /// The file has no targets.
    #[error("the file has no target weights; which targets should be used?")]
    NoTargets,
    /// Some rows have a target and others have none.
    #[error("this row has no target weight and others have one; is its target zero?")]
    NoTarget,
    /// A position has a price, but no quantity or value.
    #[error("this row has a price and no quantity, value or weight; how many units are held?")]
    NoQuantity,
    /// The only amount in a cash row may be the price of a unit.
    #[error("{number} stands under the price of this cash, which has no quantity and no value; is it the amount?")]
    CashAmount {
        /// The number.
        number: f64,
    },
    /// Quantity times price is not the value.
    #[error(
        "quantity times price is {product} and the value is {value}; which of the three is wrong, or is the price in another unit?"
    )]
    Product {
        /// Quantity times price.
        product: f64,
        /// The value in the file.
        value: f64,
    },
    /// A total of the file contradicts its rows.
    #[error("the total is {stated} and the rows sum to {sum}; is a row missing or wrong?")]
    Total {
        /// The total in the file.
        stated: f64,
        /// The sum of the rows.
        sum: f64,
    },
    /// The currency of cash is not stated.
    #[error("the file does not say the currency of this cash; which is it?")]
    CashCurrency,
    /// Liabilities exceed holdings.
    #[error("the net asset value is {nav}, which is not positive; is a sign wrong, or is a row missing?")]
    NegativeNav {
        /// The sum of all positions and of the cash.
        nav: f64,
    },
    /// Amounts are in several currencies and cannot be added.
    #[error("the values are in {currencies}; which exchange rates give the net asset value?")]
    Currencies {
        /// Their codes.
        currencies: String,
    },
    /// The asset column has an unknown heading.
    #[error("no heading names the assets; are they in this column?")]
    AssetColumn,
    /// No heading that is known says how much is held.
    #[error(
        "too few of the headings {headings} are known; which columns hold the asset and its quantity, weight or value?"
    )]
    UnknownHeadings {
        /// The headings.
        headings: String,
    },
    /// A table without headings was read in the usual order.
    #[error("the file has no headings: its columns were read as {order}; is that right?")]
    NoHeadings {
        /// The roles in order.
        order: String,
    },
    /// Two columns have the same heading or role.
    #[error("the columns {first:?} and {second:?} both look like {role} and differ; which is it?")]
    TwoColumns {
        /// The one that was read.
        first: String,
        /// The other.
        second: String,
        /// The role.
        role: &'static str,
    },
    /// A row named as a total has a quantity and a price.
    #[error("is {name:?} a total or an asset?")]
    TotalOrAsset {
        /// The name.
        name: String,
    },
    /// A row may be cash: it has no price although the others have one, or it is named cash and has a price.
    #[error("is {name:?} cash or an asset?")]
    CashOrAsset {
        /// The name.
        name: String,
    },
    /// The column with the names of the assets contains numbers.
    #[error("the cells of this column are numbers; do they name the assets?")]
    NumbersAsAssets,
    /// Every quantity has cents and every price is whole.
    #[error(
        "every number under {quantity:?} has cents and every one under {price:?} is whole; are units and prices swapped?"
    )]
    Swapped {
        /// The heading of the quantities.
        quantity: String,
        /// The heading of the prices.
        price: String,
    },
    /// Bytes that are not characters of the file's encoding.
    #[error("{count} letters could not be read; is the file damaged?")]
    Letters {
        /// How many.
        count: usize,
    },
    /// Other sheets of the workbook have content too.
    #[error("only the first sheet with content was read; should another one be read: {sheets}?")]
    Sheets {
        /// Their names.
        sheets: String,
    },
    /// Nothing proves the order of day and month.
    #[error("the dates of this column, such as {sample:?}, have the day or the month first; which?")]
    DayOrMonth {
        /// A date as written.
        sample: String,
    },
    /// Numbers look like prices, although no heading says so.
    #[error("these numbers look like prices, not returns; should they be turned into returns?")]
    Prices,
    /// Nothing proves whether numbers are prices, fractions or percent.
    #[error("are the numbers of this history prices, returns as fractions or returns in percent?")]
    HistoryUnit,
    /// A list of numbers without the name of the asset.
    #[error("which asset do these numbers belong to?")]
    AssetName,
    /// A price moved by about the ratio of a split.
    #[error("the price went from {before} to {after}; is that a split that the history does not adjust for?")]
    Split {
        /// The price before.
        before: f64,
        /// The price after.
        after: f64,
    },
    /// A price or return moved further than one period usually allows.
    #[error("the return of one period is {percent} %; is one of the two prices wrong?")]
    Jump {
        /// The return in percent, rounded.
        percent: f64,
    },
    /// A price that is not positive.
    #[error("the price is {price}, which is not positive; what should it be?")]
    PriceSign {
        /// The price.
        price: f64,
    },
    /// One date has two rows that differ.
    #[error("the date {date} appears twice with different numbers; which row is right?")]
    RepeatedDate {
        /// The date.
        date: chrono::NaiveDate,
    },
    /// The assets of a history share too few dates.
    #[error("the assets have {dates} dates in common, too few for a return; should one of them be left out?")]
    NoCommonDates {
        /// Dates that all have.
        dates: usize,
    },
}

impl Doubt {
    /// The possible answers, in words.
    #[must_use]
    pub fn readings(&self) -> Vec<String> {
        let of = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect();
        match self {
            Self::Mark { point, comma, .. } => {
                vec![
                    format!("{point} (the point separates decimals)"),
                    format!("{comma} (the comma separates decimals)"),
                ]
            }
            Self::MixedMarks => of(&["the point separates decimals", "the comma separates decimals"]),
            Self::NotANumber { .. } => of(&["leave it empty", "correct the file"]),
            Self::WeightUnit { .. } => of(&["percent", "fractions", "values", "units"]),
            Self::WeightSum { .. } => of(&["the rest is cash", "typing error"]),
            Self::WeightAgainstValue { stated_percent, computed_percent } => {
                vec![format!("{stated_percent} % (as written)"), format!("{computed_percent} % (from the values)")]
            }
            Self::NoTargets => of(&["the current weights", "targets from another file", "targets entered by hand"]),
            Self::NoTarget => of(&["0 %", "correct the file"]),
            Self::WeightsAboveOne { .. } => of(&["typing error", "a row is a total"]),
            Self::NoQuantity => of(&["none", "correct the file"]),
            Self::CashAmount { .. } => of(&["the amount", "the price of a unit"]),
            Self::NegativeNav { .. } => of(&["a sign is wrong", "a row is missing"]),
            Self::Product { .. } => {
                of(&["the price is in pence or percent", "the quantity is wrong", "the value is wrong"])
            }
            Self::Total { .. } => of(&["a row is missing", "a row is wrong", "the total is wrong"]),
            Self::CashCurrency => of(&["the currency of the portfolio", "another currency"]),
            Self::Currencies { currencies } => currencies.split(", ").map(|c| format!("all in {c}")).collect(),
            Self::AssetColumn | Self::NoHeadings { .. } => of(&["yes", "no, map the columns"]),
            Self::TwoColumns { first, second, .. } => vec![first.clone(), second.clone()],
            Self::UnknownHeadings { .. } => {
                of(&["asset", "quantity", "price", "value", "target weight", "current weight"])
            }
            Self::CashOrAsset { .. } => of(&["cash", "an asset"]),
            Self::NumbersAsAssets => of(&["yes", "no, map the columns"]),
            Self::Swapped { .. } => of(&["swapped", "as headed"]),
            Self::TotalOrAsset { .. } => of(&["a total", "an asset"]),
            Self::Letters { .. } => of(&["yes, export it again", "no"]),
            Self::Sheets { sheets } => sheets.split(", ").map(str::to_owned).collect(),
            Self::DayOrMonth { .. } => of(&["day first", "month first"]),
            Self::Prices | Self::HistoryUnit => of(&["prices", "returns as fractions", "returns in percent"]),
            Self::AssetName => of(&["an asset of the book"]),
            Self::Split { .. } => of(&["a split", "a real return"]),
            Self::Jump { .. } => of(&["a real return", "a wrong price"]),
            Self::PriceSign { .. } => of(&["leave it out", "correct the file"]),
            Self::RepeatedDate { .. } => of(&["the first row", "the second row"]),
            Self::NoCommonDates { .. } => of(&["leave an asset out", "correct the file"]),
        }
    }
}

impl ImportQuestion {
    /// A question about the whole file.
    #[must_use]
    pub fn of_file(doubt: Doubt) -> Self {
        Self { column: None, row: None, doubt }
    }

    /// A question about a column.
    #[must_use]
    pub fn of_column(column: &str, doubt: Doubt) -> Self {
        Self { column: Some(column.to_owned()), row: None, doubt }
    }

    /// The same question, about a row.
    #[must_use]
    pub fn at_row(self, row: usize) -> Self {
        Self { row: Some(row), ..self }
    }
}

impl Serialize for ImportQuestion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = 2 + usize::from(self.column.is_some()) + usize::from(self.row.is_some());
        let mut out = serializer.serialize_struct("ImportQuestion", members)?;
        match &self.column {
            Some(column) => out.serialize_field("column", column)?,
            None => out.skip_field("column")?,
        }
        match &self.row {
            Some(row) => out.serialize_field("row", row)?,
            None => out.skip_field("row")?,
        }
        out.serialize_field("text", &self.doubt.to_string())?;
        out.serialize_field("readings", &self.doubt.readings())?;
        out.end()
    }
}
