//! A file of positions, targets or a history: what a client sends, and how the file was read.

use chrono::NaiveDate;
pub use import::ColumnRole;
use import::{Doubt, Reading, ReadingKind};
use serde::de::Deserializer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, openapi};
use validator::Validate;

use crate::decode::{Document, pairs};
use crate::dto::checks::check_name;
use crate::dto::metadata::Metadata;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Questions, and rows set aside, that one answer lists.
const MAX_LISTED: usize = 1_000;

/// A file to read, and what the client knows about it.
///
/// The file is sent in `text` or in `base64`, not in both. A web page sends pasted text as `text` and a chosen file as
/// `base64` (the part of `FileReader.readAsDataURL` after the comma); the file may then be in any encoding, or a
/// workbook (`.xlsx`). Both are members of one JSON document, because the mapping of columns is a map and every fault
/// has a pointer. The body has at most 8 MiB.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "Symbol;Target;Quantity;Price\nVTI;60 %;212;287,31\nBND;40 %;500;73,44\nCash;;;8.431,22\n",
    "currency": "USD"
}))]
pub struct ImportPreviewRequest {
    /// The file as text.
    #[schema(example = "Symbol,Target,Quantity,Price\nVTI,60%,212,287.31\nBND,40%,500,73.44\n")]
    pub text: Option<String>,
    /// The bytes of the file in base64 (RFC 4648, section 4, with padding).
    #[schema(example = "U3ltYm9sLFF1YW50aXR5ClZUSSwyMTIK", content_encoding = "base64")]
    pub base64: Option<String>,
    /// What columns hold, by their headings: the answer to a question about a column, or the interpretation of a file
    /// of unknown format.
    pub columns: Option<ColumnMapping>,
    /// The decimal separator in columns where it is ambiguous.
    pub decimal_mark: Option<DecimalMark>,
    /// Whether day or month comes first, in dates where this is ambiguous.
    pub date_order: Option<DateOrder>,
    /// ISO 4217 code of amounts that state no currency.
    #[schema(example = "USD", pattern = "^[A-Z]{3}$")]
    pub currency: Option<String>,
    /// Name of the asset in a history of one asset that does not name it; 1 to 255 characters after trimming.
    #[schema(example = "VTI", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset_name: Option<String>,
    /// What the numbers of a history represent, where the file does not prove it.
    pub history_unit: Option<HistoryUnit>,
    /// How to treat a price that moves by the ratio of a split. Absent: the answer asks a question.
    pub splits: Option<SplitRule>,
    /// The sheet of a workbook to read. Absent: the first one with content.
    #[schema(example = "Positions", min_length = 1, max_length = 255)]
    pub sheet: Option<String>,
    /// What rows hold, by their numbers, counted from one as in the file: the answer for a row that may be cash, an
    /// asset or a total.
    pub rows: Option<RowMapping>,
}

/// What rows hold, by their numbers in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowMapping(pub Vec<(String, RowContent)>);

impl<'de> Deserialize<'de> for RowMapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        pairs(deserializer).map(Self)
    }
}

/// Written by hand: derived, it would not state its limit.
impl PartialSchema for RowMapping {
    fn schema() -> RefOr<Schema> {
        let content = openapi::Ref::from_schema_name(<RowContent as ToSchema>::name());
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::from(content)))
            .max_properties(Some(MAX_LISTED))
            .examples([serde_json::json!({"8": "cash", "11": "total"})])
            .description(Some("What rows hold, by their numbers, counted from one as in the file: at most 1,000."))
            .into()
    }
}

impl ToSchema for RowMapping {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((<RowContent as ToSchema>::name().into_owned(), RowContent::schema()));
    }
}

/// What a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportRowContent)]
pub enum RowContent {
    /// An asset.
    Asset,
    /// Cash.
    Cash,
    /// A sum of other rows.
    Total,
}

impl From<RowContent> for import::RowContent {
    fn from(content: RowContent) -> Self {
        match content {
            RowContent::Asset => Self::Asset,
            RowContent::Cash => Self::Cash,
            RowContent::Total => Self::Total,
        }
    }
}

/// What the numbers of a history represent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportHistoryUnit)]
pub enum HistoryUnit {
    /// Prices.
    Prices,
    /// Returns as fractions: 0.01.
    Fractions,
    /// Returns in percent: 1.
    Percent,
}

impl From<HistoryUnit> for import::HistoryNumbers {
    fn from(unit: HistoryUnit) -> Self {
        match unit {
            HistoryUnit::Prices => Self::Prices,
            HistoryUnit::Fractions => Self::Fractions,
            HistoryUnit::Percent => Self::Percent,
        }
    }
}

/// How to treat a price that moves by the ratio of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportSplitRule)]
pub enum SplitRule {
    /// It is a split: the prices before it are adjusted, and a note says by which ratio.
    Adjust,
}

/// What columns hold, by their headings in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMapping(pub Vec<(String, ColumnRole)>);

impl<'de> Deserialize<'de> for ColumnMapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        pairs(deserializer).map(Self)
    }
}

/// Written by hand: derived, it would not state its limit.
impl PartialSchema for ColumnMapping {
    fn schema() -> RefOr<Schema> {
        let role = openapi::Ref::from_schema_name(<ColumnRole as ToSchema>::name());
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::from(role)))
            .max_properties(Some(import::MAX_COLUMNS))
            .examples([serde_json::json!({"Benchmark weight": "unused", "Model weight": "target_weight"})])
            .description(Some("What columns hold, by their headings in the file: at most 2,000."))
            .into()
    }
}

impl ToSchema for ColumnMapping {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((<ColumnRole as ToSchema>::name().into_owned(), ColumnRole::schema()));
    }
}

/// The decimal separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1,234.50`
    Point,
    /// `1.234,50`
    Comma,
}

impl From<DecimalMark> for import::DecimalMark {
    fn from(mark: DecimalMark) -> Self {
        match mark {
            DecimalMark::Point => Self::Point,
            DecimalMark::Comma => Self::Comma,
        }
    }
}

/// Whether day or month comes first in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `31/01/2026`
    DayFirst,
    /// `01/31/2026`
    MonthFirst,
}

impl From<DateOrder> for import::DateOrder {
    fn from(order: DateOrder) -> Self {
        match order {
            DateOrder::DayFirst => Self::DayFirst,
            DateOrder::MonthFirst => Self::MonthFirst,
        }
    }
}

/// What was read from a file: what is certain, what is open, what was set aside, and how the file was interpreted.
///
/// Every row with content is booked (a position, cash, a date of a history) or set aside with a reason.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ImportPreview {
    /// What the file holds.
    pub kind: ImportKind,
    /// Rows with an asset, in the order of the file; identical rows are kept.
    pub positions: Vec<ImportPosition>,
    /// Amounts of cash, one for each row that holds some.
    pub cash: Vec<ImportCash>,
    /// The history; absent for a file of positions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub history: Option<ImportHistory>,
    /// What the file leaves open.
    pub questions: Vec<ImportQuestion>,
    /// What is not part of the book.
    pub set_aside: Vec<ImportSetAside>,
    /// Rows that were read in another way than the headings alone suggest; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub notes: Vec<ImportNote>,
    /// Net asset value: the values of all positions and the cash; absent unless all are known in one currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 147_679.94)]
    pub nav: Option<f64>,
    /// How each column was interpreted, in the order of the file.
    pub columns: Vec<ImportColumn>,
    /// Row of the headings, counted from one; absent for a file without them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 3)]
    pub header_row: Option<usize>,
    /// The broker or program whose file format was recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "schwab")]
    pub dialect: Option<String>,
    /// Encoding of the text; absent for a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "UTF-8")]
    pub encoding: Option<&'static str>,
    /// Character between the cells; absent for a workbook and for a list of one number per line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = ";")]
    pub delimiter: Option<char>,
    /// Number of questions that are not listed, because an answer lists at most 1,000.
    #[schema(example = 0)]
    pub further_questions: usize,
    /// Number of rows set aside that are not listed, because an answer lists at most 1,000.
    #[schema(example = 0)]
    pub further_set_aside: usize,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// Positions, targets, or both.
    Positions,
    /// Prices of assets over time.
    PriceHistory,
    /// Returns of assets over time.
    Returns,
}

/// One position. A member is absent where the file does not state it with certainty.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ImportPosition {
    /// Symbol, identifier or name.
    #[schema(example = "VTI")]
    pub asset: String,
    /// Name of the asset, where the file has one in addition to the text it identifies the asset by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Vanguard Total Stock Market ETF")]
    pub name: Option<String>,
    /// ISIN of the asset, with a valid check digit; also where the file identifies the asset by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "US9229087690")]
    pub isin: Option<String>,
    /// Units held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 212.0)]
    pub quantity: Option<f64>,
    /// Price of one unit, in major units of the currency: pence are converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 287.31)]
    pub price: Option<f64>,
    /// Value of the position.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 60_909.72)]
    pub value: Option<f64>,
    /// Target weight, a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.6)]
    pub target_weight: Option<f64>,
    /// Current weight, a fraction: from the file, or from the values where all are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.66)]
    pub current_weight: Option<f64>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "joint")]
    pub account: Option<String>,
    /// The class of the asset, in the words of the file; `cash` for a row of cash that states weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Equity")]
    pub asset_class: Option<String>,
    /// ISO 4217 code of the price's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "USD")]
    pub currency: Option<String>,
}

/// One amount of cash.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ImportCash {
    /// ISO 4217 code; `XXX`, the code for no currency, where a question asks for the currency.
    #[schema(example = "USD")]
    pub currency: String,
    /// The amount, major units.
    #[schema(example = 8431.22)]
    pub amount: f64,
}

/// A history of aligned returns: every asset has a return in every period.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ImportHistory {
    /// The assets, in the order of the file.
    #[schema(example = json!(["VTI", "BND"]))]
    pub assets: Vec<String>,
    /// Returns of each asset.
    #[schema(example = 3)]
    pub observations: usize,
    /// The date on which each return ends, oldest first; empty for a list without dates.
    #[schema(example = json!(["2026-01-05", "2026-01-06", "2026-01-07"]))]
    pub dates: Vec<NaiveDate>,
    /// Simple returns per period, fractions: one list for each asset, oldest first. Prices are converted to returns by
    /// one rule: a date counts when every asset has a price on it, and a return is the ratio of the prices on
    /// neighbouring dates that count, minus one.
    #[schema(example = json!([[0.004, -0.002, 0.0031], [0.0001, 0.0009, -0.0004]]))]
    pub returns: Vec<Vec<f64>>,
}

/// What a file leaves open. The service asks a question instead of guessing.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ImportQuestion {
    /// The column, by its heading; absent where the question is not about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Price")]
    pub column: Option<String>,
    /// The row, counted from one as in the file; absent where the question is not about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2)]
    pub row: Option<usize>,
    /// The question in a sentence.
    #[schema(
        example = "the numbers of this column are ambiguous: \"67.500\" has a decimal point or comma, or a thousands separator; which?"
    )]
    pub text: String,
    /// The possible answers.
    #[schema(example = json!(["67.5 (the point separates decimals)", "67500 (the comma separates decimals)"]))]
    pub readings: Vec<String>,
    /// Member of the request that answers it; absent where the file or the plan has to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub answered_by: Option<ImportAnswer>,
}

/// A member of the request that answers questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportAnswer {
    /// `columns`
    Columns,
    /// `decimal_mark`
    DecimalMark,
    /// `date_order`
    DateOrder,
    /// `currency`
    Currency,
    /// `asset_name`
    AssetName,
    /// `history_unit`
    HistoryUnit,
    /// `splits`
    Splits,
    /// `sheet`
    Sheet,
    /// `rows`
    Rows,
}

/// A row that was not booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportSetAside {
    /// The row, counted from one as in the file; for a column that is not read, the row of its heading.
    #[schema(example = 8)]
    pub row: usize,
    /// Why.
    #[schema(example = "total, repeats the other rows: Account Total")]
    pub reason: String,
}

/// How a row was read, where the headings alone do not determine it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportNote {
    /// The row, counted from one as in the file.
    #[schema(example = 7)]
    pub row: usize,
    /// How it was read.
    #[schema(example = "8431.22 under \"Price\" is the only number of this cash and was read as its amount")]
    pub text: String,
}

/// How a column was interpreted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportColumn {
    /// Its heading, as in the file.
    #[schema(example = "Market value")]
    pub heading: String,
    /// The role that was assigned to it.
    pub role: ColumnRole,
}

/// What was read from a file, for the client that sent it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPreviewResponse {
    /// What was read.
    #[serde(flatten)]
    pub preview: ImportPreview,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}

impl From<Reading> for ImportPreview {
    fn from(reading: Reading) -> Self {
        let how = reading.understanding;
        Self {
            kind: match reading.kind {
                ReadingKind::PriceHistory => ImportKind::PriceHistory,
                ReadingKind::Returns => ImportKind::Returns,
                _ => ImportKind::Positions,
            },
            positions: reading.positions.into_iter().map(ImportPosition::from).collect(),
            cash: reading.cash.into_iter().map(|c| ImportCash { currency: c.currency, amount: c.amount }).collect(),
            history: reading.history.map(|history| ImportHistory {
                assets: history.assets,
                observations: history.observations,
                dates: history.dates,
                returns: history.returns,
            }),
            questions: reading.questions.into_iter().map(ImportQuestion::from).collect(),
            set_aside: reading
                .set_aside
                .into_iter()
                .map(|aside| ImportSetAside { row: aside.row, reason: aside.reason.to_string() })
                .collect(),
            notes: reading
                .notes
                .into_iter()
                .map(|note| ImportNote { row: note.row, text: note.note.to_string() })
                .collect(),
            nav: reading.nav,
            columns: how.columns.into_iter().map(|(heading, role)| ImportColumn { heading, role }).collect(),
            header_row: how.header_row,
            dialect: how.dialect,
            encoding: how.encoding,
            delimiter: how.delimiter,
            further_questions: 0,
            further_set_aside: 0,
        }
    }
}

impl From<import::ImportedPosition> for ImportPosition {
    fn from(read: import::ImportedPosition) -> Self {
        Self {
            asset: read.asset,
            name: read.name,
            isin: read.isin,
            quantity: read.quantity,
            price: read.price,
            value: read.value,
            target_weight: read.target_weight,
            current_weight: read.current_weight,
            account: read.account,
            asset_class: read.asset_class,
            currency: read.currency,
        }
    }
}

impl From<import::ImportQuestion> for ImportQuestion {
    fn from(asked: import::ImportQuestion) -> Self {
        let answered_by = match &asked.doubt {
            Doubt::Mark { .. } => Some(ImportAnswer::DecimalMark),
            Doubt::CashCurrency => Some(ImportAnswer::Currency),
            Doubt::DayOrMonth { .. } => Some(ImportAnswer::DateOrder),
            Doubt::AssetName => Some(ImportAnswer::AssetName),
            Doubt::Prices | Doubt::HistoryUnit => Some(ImportAnswer::HistoryUnit),
            Doubt::Split { .. } => Some(ImportAnswer::Splits),
            Doubt::Sheets { .. } => Some(ImportAnswer::Sheet),
            Doubt::TotalOrAsset { .. } | Doubt::CashOrAsset { .. } => Some(ImportAnswer::Rows),
            Doubt::AssetColumn
            | Doubt::UnknownHeadings { .. }
            | Doubt::TwoColumns { .. }
            | Doubt::NumbersAsAssets
            | Doubt::Swapped { .. }
            | Doubt::WeightUnit { .. } => Some(ImportAnswer::Columns),
            _ => None,
        };
        Self {
            column: asked.column,
            row: asked.row,
            text: asked.doubt.to_string(),
            readings: asked.doubt.readings(),
            answered_by,
        }
    }
}

impl ImportPreview {
    /// The same with lists that one answer can hold, and how many entries they leave out.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.further_questions = self.questions.len().saturating_sub(MAX_LISTED);
        self.further_set_aside = self.set_aside.len().saturating_sub(MAX_LISTED);
        self.questions.truncate(MAX_LISTED);
        self.set_aside.truncate(MAX_LISTED);
        self
    }
}

impl Document for ImportPreviewRequest {
    fn check_size(&self, faults: &mut Faults) {
        if self.columns.as_ref().is_some_and(|columns| columns.0.len() > import::MAX_COLUMNS) {
            let detail = format!("must have at most {} entries", import::MAX_COLUMNS);
            faults.add("/columns", FaultCode::Limit, detail);
        }
        if self.rows.as_ref().is_some_and(|rows| rows.0.len() > MAX_LISTED) {
            faults.add("/rows", FaultCode::Limit, format!("must have at most {MAX_LISTED} entries"));
        }
    }

    fn check(&self, faults: &mut Faults) {
        match (&self.text, &self.base64) {
            (None, None) => faults.add("/text", FaultCode::Required, "is required, unless \"base64\" has the file"),
            (Some(_), Some(_)) => faults.add("/base64", FaultCode::Value, "goes without \"text\": send one of the two"),
            _ => {}
        }
        if let Some(code) = &self.currency
            && code.parse::<portfolio_core::Currency>().is_err()
        {
            let detail = "must be an ISO 4217 code of a currency with at most three decimals";
            faults.add("/currency", FaultCode::Value, detail);
        }
        if self.sheet.as_ref().is_some_and(|sheet| !(1..=255).contains(&sheet.chars().count())) {
            faults.add("/sheet", FaultCode::Limit, "must have 1 to 255 characters");
        }
        if let Some(name) = &self.asset_name {
            check_name(name, || "/asset_name".to_owned(), faults);
        }
    }
}
