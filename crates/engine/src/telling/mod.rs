//! One plan in several forms; none of them recomputes anything.

pub mod advise;
pub mod backtest_report;
pub mod committee;
pub mod execution;
pub mod inventory;
mod kept;
pub mod optimal;
pub mod order_files;
pub mod orders;
pub mod present;
pub mod report;
pub mod tandem;
pub mod view;
