//! The most likely move that loses a stated share of a book.

use portfolio_core::Covariance;
use stress::scenario::{ScenarioError, reverse_stress};

use super::book::ScenarioBook;
use super::moments::Moments;
use crate::dto::absent;
use crate::dto::scenarios::{AssetReversal, NotAssessedReason, ReverseRequest, ReverseScenario};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// The move, or none with a warning when no move loses as much.
pub(super) fn answer(
    asked: &ReverseRequest,
    book: &ScenarioBook<'_>,
    moments: &Moments<'_>,
    warnings: &mut Vec<PlanWarning>,
) -> Result<Option<ReverseScenario>, Refusal> {
    let horizon_days = asked.horizon_days.unwrap_or(absent::REVERSE_HORIZON_DAYS);
    let (known, unknown) = moments.of_book(book);
    let places: Vec<usize> = known.iter().map(|(_, place)| *place).collect();
    let weights: Vec<f64> = known.iter().map(|(asset, _)| book.weights[*asset]).collect();
    let found = if places.is_empty() {
        Err(ScenarioError::NoRisk)
    } else {
        over(&moments.covariance, &places, horizon_days).and_then(|sigma| reverse_stress(&sigma, &weights, asked.loss))
    };
    let found = match found {
        Ok(found) => found,
        Err(error @ (ScenarioError::NoRisk | ScenarioError::OutOfReach | ScenarioError::NotConverged { .. })) => {
            let (code, pointer) = (WarningCode::FigureUnavailable, "/reverse".to_owned());
            warnings.push(PlanWarning { code, pointer, detail: error.to_string() });
            return Ok(None);
        }
        Err(error) => return Err(Refusal::fault("/reverse", FaultCode::Value, error.to_string())),
    };
    let by_asset = known
        .iter()
        .zip(&found.returns)
        .enumerate()
        .map(|(i, ((asset, _), asset_return))| AssetReversal {
            asset: book.names[*asset].to_owned(),
            weight: book.weights[*asset],
            asset_return: *asset_return,
            at_floor: found.at_floor.contains(&i),
            profit_and_loss: book.amount(book.weights[*asset] * asset_return),
        })
        .collect();
    Ok(Some(ReverseScenario {
        loss: asked.loss,
        horizon_days,
        profit_and_loss: book.amount(-asked.loss),
        mahalanobis_distance: found.mahalanobis_distance,
        normal_probability: found.normal_probability,
        kkt_residual: found.kkt_residual,
        by_asset,
        covered_weight: book.covered(known.iter().map(|(asset, _)| *asset)),
        not_assessed: unknown.iter().map(|asset| book.left_out(*asset, NotAssessedReason::NoReturns)).collect(),
    }))
}

/// The covariance of some series over several periods.
fn over(covariance: &Covariance, places: &[usize], periods: u64) -> Result<Covariance, ScenarioError> {
    let selected = covariance.select(places)?;
    let scaled = selected.as_slice().iter().map(|value| value * periods as f64).collect();
    Ok(Covariance::estimated(selected.universe().clone(), scaled, selected.periods_per_year())?)
}
