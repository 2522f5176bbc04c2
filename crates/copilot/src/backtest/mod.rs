//! The report of a backtest: what was replayed, the results, and whether they can be distinguished from chance.

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
