//! The report of a backtest: what was replayed, what came of it, and how far that can be told from chance.

mod csv;
mod curves;
mod facts;
mod page;
mod words;

pub use csv::backtest_csv;
pub use facts::{
    BacktestFacts, BacktestSource, ComparisonFacts, PolicyFacts, PolicyFigure, PolicyFigureName, ReplayedPolicy,
};
pub use page::{BACKTEST_STYLE, backtest_html};
