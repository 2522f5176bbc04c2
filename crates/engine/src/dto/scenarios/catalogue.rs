//! The windows of market history that are shipped.

use portfolio_core::NaiveDate;
use serde::Serialize;
use stress::scenario::{SeriesKind, WindowStep};
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;

/// The windows of market history that can be replayed, and the series they hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioCatalogue {
    /// The windows, oldest first.
    pub scenarios: Vec<ShippedScenario>,
    /// Every series, by ascending name.
    pub series: Vec<ShippedSeries>,
    /// When, and by which version, this was answered.
    pub metadata: Metadata,
}

/// One window of market history.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShippedScenario {
    /// Its identifier.
    #[schema(example = "2020_march")]
    pub id: &'static str,
    /// Its name.
    #[schema(example = "Pandemic")]
    pub name: &'static str,
    /// What happened.
    #[schema(example = "The pandemic of COVID-19 closed economies; US stocks fell by a third within five weeks.")]
    pub what_happened: &'static str,
    /// The close from which returns are measured.
    #[schema(example = "2020-02-19")]
    pub start: NaiveDate,
    /// Its last close.
    #[schema(example = "2020-03-23")]
    pub end: NaiveDate,
    /// The interval between the dates on which a book is valued within it.
    pub step: WindowStep,
    /// Dates after the start.
    #[schema(example = 23)]
    pub observations: usize,
    /// Series that cover it.
    #[schema(example = json!(["AAPL", "SP500_INDEX"]))]
    pub series: &'static [&'static str],
    /// Shipped series that do not cover it: an asset that only they represent is not assessed.
    #[schema(example = json!(["UST10Y_TR", "WTI"]))]
    pub not_covered_by: Vec<&'static str>,
}

/// One series of the shipped prices.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShippedSeries {
    /// Its name.
    #[schema(example = "SP500_INDEX")]
    pub name: &'static str,
    /// What it measures.
    pub kind: SeriesKind,
    /// What its returns include and leave out.
    #[schema(example = "an index of prices in US dollars, without dividends")]
    pub detail: &'static str,
    /// The file of the repository that it is cut from.
    #[schema(example = "data/stocks_1990_2022.csv.gz")]
    pub source: &'static str,
}
