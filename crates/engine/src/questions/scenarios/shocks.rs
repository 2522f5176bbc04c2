//! Hypothetical moves of a book.

use stress::scenario::{PropagatedReturn, ScenarioError, propagate};

use super::book::{ScenarioBook, cents};
use super::moments::Moments;
use crate::dto::scenarios::{
    AssetUnderShock, NotAssessedReason, ScenarioRequest, ShockMoveRequest, ShockOrigin, ShockRequest, ShockScenario,
};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// What each shock does to the book.
pub(super) fn answer(
    request: &ScenarioRequest,
    book: &ScenarioBook<'_>,
    moments: Option<&Moments<'_>>,
    warnings: &mut Vec<PlanWarning>,
) -> Result<Vec<ShockScenario>, Refusal> {
    let shocks = request.shocks.iter().flatten().enumerate();
    shocks.map(|(i, shock)| one(i, shock, request, book, moments, warnings)).collect()
}

fn one(
    index: usize,
    shock: &ShockRequest,
    request: &ScenarioRequest,
    book: &ScenarioBook<'_>,
    moments: Option<&Moments<'_>>,
    warnings: &mut Vec<PlanWarning>,
) -> Result<ShockScenario, Refusal> {
    let stated = stated(shock, request, book);
    let expected = match moments.filter(|_| shock.propagates()) {
        Some(moments) => Some(expected(index, shock, &stated, book, moments)?),
        None => None,
    };
    let mut by_asset = Vec::new();
    let mut not_assessed = Vec::new();
    let mut covered = Vec::new();
    let mut total = 0.0;
    for (i, (name, weight)) in book.names.iter().zip(&book.weights).enumerate() {
        let place = moments.and_then(|moments| moments.position(name));
        let (found, origin) = match (stated.get(i).copied().flatten(), &expected, place) {
            (Some(value), _, _) => (PropagatedReturn { value, limited: false }, ShockOrigin::Stated),
            (None, Some(expected), Some(place)) => match expected.get(place) {
                Some(found) => (*found, ShockOrigin::Propagated),
                None => continue,
            },
            (None, Some(_), None) => {
                not_assessed.push(book.left_out(i, NotAssessedReason::NoReturns));
                continue;
            }
            (None, None, _) => (PropagatedReturn { value: 0.0, limited: false }, ShockOrigin::Unmoved),
        };
        if found.limited {
            let detail = format!("{name} would be expected to lose more than everything; its loss is set to 100 %");
            warnings.push(PlanWarning {
                code: WarningCode::ImplausibleInput,
                pointer: format!("/shocks/{index}"),
                detail,
            });
        }
        covered.push(i);
        total += weight * found.value;
        by_asset.push(AssetUnderShock {
            asset: (*name).to_owned(),
            weight: *weight,
            asset_return: found.value,
            origin,
            limited: found.limited,
            profit_and_loss: book.amount(weight * found.value),
        });
    }
    let assessed = !by_asset.is_empty();
    Ok(ShockScenario {
        name: shock.name.trim().to_owned(),
        propagated: shock.propagates(),
        profit_and_loss: assessed.then(|| cents(by_asset.iter().map(|asset| asset.profit_and_loss).sum())),
        book_return: assessed.then_some(total),
        by_asset,
        covered_weight: book.covered(covered.into_iter()),
        not_assessed,
    })
}

/// The stated return of each asset: its own move, or else that of its class.
fn stated(shock: &ShockRequest, request: &ScenarioRequest, book: &ScenarioBook<'_>) -> Vec<Option<f64>> {
    let find = |matches: &dyn Fn(&ShockMoveRequest) -> bool| {
        shock.moves.iter().find(|stated| matches(stated)).map(|stated| stated.move_return)
    };
    let same = |a: Option<&String>, b: &str| a.is_some_and(|a| a.trim() == b.trim());
    book.names
        .iter()
        .zip(&request.assets)
        .map(|(name, asset)| {
            let own = find(&|stated| same(stated.asset.as_ref(), name));
            let class = asset.asset_class.as_deref();
            own.or_else(|| find(&|stated| class.is_some_and(|class| same(stated.asset_class.as_ref(), class))))
        })
        .collect()
}

/// Expected returns of all series given the stated moves of those that have one.
fn expected(
    index: usize,
    shock: &ShockRequest,
    stated: &[Option<f64>],
    book: &ScenarioBook<'_>,
    moments: &Moments<'_>,
) -> Result<Vec<PropagatedReturn>, Refusal> {
    let assets = book.names.iter().zip(stated).filter_map(|(name, stated)| Some((moments.position(name)?, (*stated)?)));
    let factors = shock
        .moves
        .iter()
        .filter_map(|stated| Some((moments.position(stated.factor.as_deref()?)?, stated.move_return)));
    let shocked: Vec<(usize, f64)> = assets.chain(factors).collect();
    let pointer = format!("/shocks/{index}/moves");
    if shocked.is_empty() {
        let detail = "none of what moves has an entry in returns, so the shock cannot propagate";
        return Err(Refusal::fault(pointer, FaultCode::Value, detail));
    }
    propagate(&moments.covariance, &shocked).map_err(|error| {
        let detail = match &error {
            ScenarioError::Singular { asset } => {
                let name = moments.names.get(*asset).copied().unwrap_or_default();
                format!("the covariance of what moves is singular: by the returns sent, the move of {name} is fixed by those before it, or it never moves")
            }
            other => other.to_string(),
        };
        Refusal::fault(pointer, FaultCode::Value, detail)
    })
}
