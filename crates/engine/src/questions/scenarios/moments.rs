//! The covariance of assets and factors.

use portfolio_core::{Covariance, ReturnPanel, Universe};
use risk::{CovarianceEstimator, RiskOptions, SampleCovariance};

use super::book::ScenarioBook;
use crate::dto::scenarios::ScenarioRequest;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// The sample covariance of the series of a request, per period.
pub(super) struct Moments<'a> {
    pub(super) names: Vec<&'a str>,
    pub(super) covariance: Covariance,
}

impl<'a> Moments<'a> {
    pub(super) fn of(request: &'a ScenarioRequest) -> Result<Self, Refusal> {
        let refused = |error: &dyn std::fmt::Display| Refusal::fault("/returns", FaultCode::Value, error.to_string());
        let returns = request.returns.as_ref().ok_or(Refusal::Internal)?;
        let names: Vec<&str> = returns.0.iter().map(|(name, _)| name.trim()).collect();
        let universe = Universe::new(names.iter().copied()).map_err(|error| refused(&error))?;
        let series = returns.0.iter().map(|(_, series)| series.clone()).collect();
        let panel = ReturnPanel::new(universe, series).map_err(|error| refused(&error))?;
        let periods = request.periods_per_year.unwrap_or_else(|| RiskOptions::default().periods_per_year);
        let estimate = SampleCovariance.estimate(&panel, periods).map_err(|error| refused(&error))?;
        Ok(Self { names, covariance: estimate.covariance })
    }

    /// Place of a series.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name.trim())
    }

    /// The assets of the book that have a series, each with its place; and those that have none.
    pub(super) fn of_book(&self, book: &ScenarioBook<'_>) -> (Vec<(usize, usize)>, Vec<usize>) {
        let mut known = Vec::new();
        let mut unknown = Vec::new();
        for (asset, name) in book.names.iter().enumerate() {
            match self.position(name) {
                Some(place) => known.push((asset, place)),
                None => unknown.push(asset),
            }
        }
        (known, unknown)
    }
}
