//! Risk of a book under other correlations.

use risk::normal_quantile;
use stress::scenario::{CorrelationTarget, stress_correlations};

use super::book::ScenarioBook;
use super::moments::Moments;
use crate::dto::absent;
use crate::dto::scenarios::{CorrelationRequest, CorrelationScenario, NotAssessedReason};
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// The confidence of value at risk.
const CONFIDENCE: f64 = 0.95;

/// Volatility and value at risk before and after.
pub(super) fn answer(
    asked: &CorrelationRequest,
    book: &ScenarioBook<'_>,
    moments: &Moments<'_>,
) -> Result<CorrelationScenario, Refusal> {
    let refused = |error: &dyn std::fmt::Display| Refusal::fault("/correlation", FaultCode::Value, error.to_string());
    let (known, unknown) = moments.of_book(book);
    let places: Vec<usize> = known.iter().map(|(_, place)| *place).collect();
    if places.is_empty() {
        return Err(Refusal::fault("/returns", FaultCode::Value, "has no series of an asset of the book"));
    }
    let before = moments.covariance.select(&places).map_err(|error| refused(&error))?;
    let weights: Vec<f64> = known.iter().map(|(asset, _)| book.weights[*asset]).collect();
    let target = match (&asked.level, &asked.matrix) {
        (Some(level), _) => CorrelationTarget::Level(*level),
        (None, Some(matrix)) => CorrelationTarget::Matrix(matrix.concat()),
        (None, None) => return Err(Refusal::Internal),
    };
    let after = stress_correlations(&before, &target, asked.blend.unwrap_or(absent::BLEND)).map_err(|error| {
        let pointer = if asked.matrix.is_some() { "/correlation/matrix" } else { "/correlation" };
        Refusal::fault(pointer, FaultCode::Value, error.to_string())
    })?;
    let horizon_days = asked.horizon_days.unwrap_or(absent::VAR_HORIZON_DAYS);
    let deviation = |covariance: &portfolio_core::Covariance| {
        covariance.variance(&weights).map(|variance| variance.max(0.0).sqrt()).map_err(|error| refused(&error))
    };
    let (old, new) = (deviation(&before)?, deviation(&after.covariance)?);
    let year = before.periods_per_year().sqrt();
    let quantile = normal_quantile(CONFIDENCE).map_err(|error| refused(&error))? * (horizon_days as f64).sqrt();
    Ok(CorrelationScenario {
        volatility_before: old * year,
        volatility_after: new * year,
        horizon_days,
        var_95_before: book.amount(old * quantile),
        var_95_after: book.amount(new * quantile),
        repaired: after.repaired,
        smallest_eigenvalue: after.smallest_eigenvalue,
        largest_repair: after.largest_repair,
        covered_weight: book.covered(known.iter().map(|(asset, _)| *asset)),
        not_assessed: unknown.iter().map(|asset| book.left_out(*asset, NotAssessedReason::NoReturns)).collect(),
    })
}
