//! Hamilton's switching autoregression.

mod fit;
mod model;
mod simplex;

pub use fit::{SwitchingFit, fit_switching};
pub use model::SwitchingAutoregression;
