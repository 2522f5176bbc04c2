//! Tests of VaR and CVaR forecasts against realised losses.

mod coverage;
mod shortfall;

pub use coverage::{CoverageTest, christoffersen_test, kupiec_test};
pub use shortfall::{ShortfallTest, acerbi_szekely_test};
