//! Tests of VaR and CVaR forecasts against what happened.

mod coverage;
mod shortfall;

pub use coverage::{CoverageTest, christoffersen_test, kupiec_test};
pub use shortfall::{ShortfallTest, acerbi_szekely_test};
