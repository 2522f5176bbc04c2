//! From the fills of a plan's orders to the book after them and the costs of execution.
//!
//! Reports are stored as control records with the topic `fills:` and the plan's id, each with an entry in the audit
//! trail. The orders they refer to are those that were exported, as stored by the step to `executing`. The current
//! state is computed from all reports at every reading, so there is no state besides them.

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
