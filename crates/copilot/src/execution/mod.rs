//! Execution of a plan, presented from its answer: as a printable page and as a table.

mod csv;
mod facts;
mod history;
mod page;

pub use csv::execution_csv;
pub use facts::{CancelFacts, CostFacts, ExecutedBookFacts, ExecutedOrderFacts, ExecutedPositionFacts, ExecutionFacts};
pub use history::{CostSumFacts, ExecutionHistoryFacts, PlanCostFacts, execution_history_csv};
pub use page::{EXECUTION_STYLE, execution_html};
