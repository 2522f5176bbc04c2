//! More precision per path: the value at the horizon under normal shocks, by points that are not independent.

mod choice;
mod controls;
mod figures;
mod method;
mod points;
mod preintegration;
mod quantile;
mod report;
mod sample;
mod sobol;
mod terminal;
mod terminal_figure;

pub use method::VarianceReduction;
pub use report::{FEWEST_PRECISE_PATHS, PreciseReport, simulate_precisely};
pub use terminal_figure::TerminalFigure;
