//! From the fills of a plan's orders to the book after them and to what execution cost.
//!
//! Reports are kept as records of control with the topic `fills:` and the plan's id, each under an entry of the audit trail. The orders they
//! are held against are those that left, as the step to `executing` keeps them. What stands is settled from all reports at every reading,
//! so there is no state beside them.

mod after;
mod csv;
mod history;
mod measure;
mod plausible;
mod record;
mod refit;
mod reports;

pub use history::{ExecutionHistoryQuery, history, history_table};
pub use measure::{execution, execution_report};
pub use record::{FillsBody, fills, record};
pub use refit::refit_costs;
