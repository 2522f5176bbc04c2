//! The programme in standard conic form, for `clarabel`: problems that the structured engine cannot solve, programmes
//! over exponential cones, and the elastic problem of contradictory limits.

mod assembly;
mod programme;
mod reference;
mod risk;

pub(crate) use assembly::{Assembly, ITERATIONS};
pub(crate) use programme::minimise;
pub use reference::ConicReference;
pub(crate) use risk::{add_factors, add_tracking};
