//! Forecasts of VaR and CVaR to test against the returns.

use portfolio_core::Confidence;
use risk::backtest::{CoverageTest, ShortfallTest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// A forecast loss of one period, a fraction, positive for a loss.
#[derive(ToSchema)]
#[schema(minimum = -1000.0, maximum = 1000.0, example = 0.02)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct ForecastVar(f64);

/// A forecast mean loss beyond the VaR, a fraction.
#[derive(ToSchema)]
#[schema(minimum = 0.000_000_001, maximum = 1000.0, example = 0.03)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct ForecastCvar(f64);

/// Forecasts made before each return, one per return.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BacktestRequest {
    /// Value at risk forecast for each return, a fraction, positive for a loss.
    #[schema(value_type = Vec<ForecastVar>, example = json!([0.02, 0.02, 0.019, 0.019, 0.02]), min_items = 1, max_items = 100_000)]
    pub var: Vec<f64>,
    /// Conditional value at risk forecast for each return, a fraction, above 0.
    #[schema(value_type = Option<Vec<ForecastCvar>>, example = json!([0.03, 0.03, 0.028, 0.028, 0.03]), max_items = 100_000)]
    pub cvar: Option<Vec<f64>>,
    /// Confidence level the forecasts were made at.
    #[schema(default = json!(Confidence::P95.get()), example = 0.95, minimum = 0.5, maximum = 0.9999)]
    #[validate(range(min = 0.5, max = 0.9999))]
    pub level: Option<f64>,
}

impl BacktestRequest {
    /// How many numbers it holds.
    pub(super) fn size(&self) -> usize {
        self.var.len() + self.cvar.as_ref().map_or(0, Vec::len)
    }

    /// One forecast of each kind per return, in range.
    pub(super) fn check(&self, periods: usize, faults: &mut Faults) {
        let mut list = |member: &str, values: &[f64], least: f64| {
            if values.len() != periods {
                let words = format!("must have {periods} entries, one per return");
                faults.add(format!("/backtest/{member}"), FaultCode::Length, words);
            }
            for (t, value) in values.iter().enumerate() {
                if !(least..=1e3).contains(value) {
                    let words = format!("must be at least {least} and at most 1000");
                    faults.add(format!("/backtest/{member}/{t}"), FaultCode::Range, words);
                }
                if faults.is_full() {
                    return;
                }
            }
        };
        list("var", &self.var, -1e3);
        if let Some(cvar) = &self.cvar {
            list("cvar", cvar, 1e-9);
        }
    }
}

/// Tests of VaR and CVaR forecasts against the returns that followed.
#[derive(Debug, Serialize, ToSchema)]
pub struct BacktestReport {
    /// Confidence level of the forecasts.
    #[schema(example = 0.95)]
    pub level: f64,
    /// Test that there are as many violations as the level implies: Kupiec (1995).
    pub kupiec: CoverageTest,
    /// Test that violations are independent of the previous one: Christoffersen (1998); null for a single return.
    #[schema(required)]
    pub independence: Option<CoverageTest>,
    /// Test of both at once: Christoffersen (1998); null for a single return.
    #[schema(required)]
    pub conditional_coverage: Option<CoverageTest>,
    /// Test that the CVaR forecasts are large enough: Acerbi and Székely (2014); absent without CVaR forecasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub acerbi_szekely: Option<ShortfallTest>,
}
