//! The programme in standard conic form, for `clarabel`: what the structured engine cannot settle, programmes over
//! exponential cones, and the elastic problem behind a contradiction.

mod assembly;
mod programme;
mod reference;
mod risk;

pub(crate) use assembly::{Assembly, ITERATIONS};
pub(crate) use programme::minimise;
pub use reference::ConicReference;
pub(crate) use risk::{add_factors, add_tracking};
