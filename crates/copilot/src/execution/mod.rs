//! Execution of a plan, presented from its answer: as a printable page and as a table.

mod csv;
mod facts;
mod page;

pub use csv::execution_csv;
pub use facts::{CostFacts, ExecutedBookFacts, ExecutedOrderFacts, ExecutedPositionFacts, ExecutionFacts};
pub use page::{EXECUTION_STYLE, execution_html};
