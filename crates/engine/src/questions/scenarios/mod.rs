//! Scenarios of a book.

mod book;
mod correlation;
mod file;
mod liquidity;
mod moments;
mod replays;
mod reverse;
mod shocks;

use stress::scenario::{Window, all_series, windows};

use self::book::ScenarioBook;
pub use self::file::{StressedFile, stress_file};
use self::moments::Moments;
use crate::context::RequestContext;
use crate::dto::metadata::Metadata;
use crate::dto::scenarios::{ScenarioCatalogue, ScenarioRequest, ScenarioResponse, ShippedScenario, ShippedSeries};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::inventory::HISTORICAL_RISK;
use crate::refusal::Refusal;
use crate::telling::inventory::reference;

/// Fewer returns than this say little of correlations.
const FEW_RETURNS: usize = 60;

/// Answers a request for scenarios.
///
/// # Errors
/// [`Refusal::Invalid`] with the part that has no answer.
pub fn scenario_answer(request: &ScenarioRequest, context: &RequestContext) -> Result<ScenarioResponse, Refusal> {
    let book = ScenarioBook::of(request);
    let moments = if request.needs_returns() { Some(Moments::of(request)?) } else { None };
    let mut warnings = warnings(request, &book);
    let chosen: Vec<&Window> = windows()
        .iter()
        .filter(|window| request.scenarios.as_ref().is_none_or(|ids| ids.iter().any(|id| id == window.id)))
        .collect();
    let chosen = in_order_asked(chosen, request.scenarios.as_deref());
    let reverse = match (&request.reverse, &moments) {
        (Some(asked), Some(moments)) => reverse::answer(asked, &book, moments, &mut warnings)?,
        _ => None,
    };
    let correlation = match (&request.correlation, &moments) {
        (Some(asked), Some(moments)) => Some(correlation::answer(asked, &book, moments)?),
        _ => None,
    };
    let models = if moments.is_some() { vec![reference(HISTORICAL_RISK)] } else { Vec::new() };
    Ok(ScenarioResponse {
        portfolio_value: request.portfolio_value,
        cash_weight: book.cash_weight(),
        scenarios: replays::answer(&chosen, request, &book),
        shocks: shocks::answer(request, &book, moments.as_ref(), &mut warnings)?,
        reverse,
        correlation,
        liquidity: request.liquidity.as_ref().map(|asked| liquidity::answer(asked, request, &book)).transpose()?,
        warnings,
        metadata: Metadata::of(context, None, models),
    })
}

/// The windows in the order in which the request names them.
fn in_order_asked<'a>(mut chosen: Vec<&'a Window>, ids: Option<&[String]>) -> Vec<&'a Window> {
    if let Some(ids) = ids {
        chosen.sort_by_key(|window| ids.iter().position(|id| id == window.id));
    }
    chosen
}

/// The windows and series that are shipped.
#[must_use]
pub fn catalogue(context: &RequestContext) -> ScenarioCatalogue {
    let scenarios = windows()
        .iter()
        .map(|window| ShippedScenario {
            id: window.id,
            name: window.name,
            what_happened: window.what_happened,
            start: window.start(),
            end: window.end(),
            step: window.step,
            observations: window.observations,
            series: window.series,
            not_covered_by: all_series().iter().map(|s| s.name).filter(|name| !window.series.contains(name)).collect(),
        })
        .collect();
    let series = all_series()
        .iter()
        .map(|series| ShippedSeries {
            name: series.name,
            kind: series.kind,
            detail: series.kind.sentence(),
            source: series.source,
        })
        .collect();
    ScenarioCatalogue { scenarios, series, metadata: Metadata::of(context, None, Vec::new()) }
}

/// Borrowed cash, short histories, prices in the place of returns.
fn warnings(request: &ScenarioRequest, book: &ScenarioBook<'_>) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    let mut warn = |code, pointer: String, detail: String| warnings.push(PlanWarning { code, pointer, detail });
    let cash = book.cash_weight();
    if cash < -1e-6 {
        let detail =
            format!("the weights sum to {:.4}: the cash above 1 is taken to be borrowed, at no cost", 1.0 - cash);
        warn(WarningCode::ImplausibleInput, "/assets".to_owned(), detail);
    }
    for (name, series) in request.returns.iter().flat_map(|returns| &returns.0) {
        let pointer = format!("/returns/{}", crate::fault::segment(name));
        if series.iter().all(|r| *r > 0.5) {
            warn(
                WarningCode::ImplausibleInput,
                pointer,
                "every return is a gain above 0.5: are these prices?".to_owned(),
            );
        } else if series.len() < FEW_RETURNS {
            let detail = format!("only {} returns: correlations are rough at best", series.len());
            warn(WarningCode::HistoryShort, pointer, detail);
        }
    }
    warnings
}
