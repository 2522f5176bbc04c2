//! Cost and days of forced sales.

use risk::days_to_exit;
use stress::scenario::liquidation_haircut;

use super::book::{ScenarioBook, cents};
use crate::dto::scenarios::{
    LiquidityRequest, LiquidityScenario, NotAssessedReason, PositionLiquidity, ScenarioAssetRequest, ScenarioRequest,
};
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// What selling each position costs and how long it takes.
pub(super) fn answer(
    asked: &LiquidityRequest,
    request: &ScenarioRequest,
    book: &ScenarioBook<'_>,
) -> Result<LiquidityScenario, Refusal> {
    let refused = |error: &dyn std::fmt::Display| Refusal::fault("/liquidity", FaultCode::Value, error.to_string());
    let values: Vec<f64> = book.weights.iter().map(|weight| weight * book.value).collect();
    let haircuts: Vec<Option<f64>> = request.assets.iter().map(|asset| haircut(asset, asked)).collect();
    let cost = liquidation_haircut(&values, &haircuts).map_err(|error| refused(&error))?;
    let days = values.iter().zip(&request.assets).map(|(value, asset)| days(*value, asset, asked.participation));
    let days: Vec<Option<f64>> = days.collect::<Result<_, _>>().map_err(|error| refused(&error))?;
    let mut not_assessed = Vec::new();
    for i in 0..values.len() {
        if haircuts[i].is_none() {
            not_assessed.push(book.left_out(i, NotAssessedReason::NoHaircut));
        }
        if days[i].is_none() {
            not_assessed.push(book.left_out(i, NotAssessedReason::NoVolume));
        }
    }
    let by_asset: Vec<PositionLiquidity> = (0..values.len())
        .map(|i| PositionLiquidity {
            asset: book.names[i].to_owned(),
            value: cents(values[i]),
            haircut_bps: haircuts[i],
            cost: cost.costs[i].map(cents),
            days: days[i],
        })
        .collect();
    Ok(LiquidityScenario {
        cost: cost.total.map(|_| cents(by_asset.iter().filter_map(|position| position.cost).sum())),
        days: days.iter().try_fold(0.0_f64, |most, days| days.map(|days| most.max(days))),
        by_asset,
        covered_weight: cost.covered_weight,
        not_assessed,
    })
}

/// The haircut of an asset, or of its class.
fn haircut(asset: &ScenarioAssetRequest, asked: &LiquidityRequest) -> Option<f64> {
    let of_class = || {
        let class = asset.asset_class.as_deref()?.trim();
        let classes = &asked.haircuts_bps.as_ref()?.0;
        classes.iter().find(|(name, _)| name.trim() == class).map(|(_, bps)| *bps)
    };
    asset.haircut_bps.or_else(of_class)
}

/// Days to sell a position at a share of its volume; none without a share or a volume, unless there is nothing to sell.
fn days(value: f64, asset: &ScenarioAssetRequest, participation: Option<f64>) -> Result<Option<f64>, risk::RiskError> {
    match (participation, asset.average_daily_volume, asset.price) {
        _ if value == 0.0 => Ok(Some(0.0)),
        (Some(participation), Some(units), Some(price)) => {
            Ok(days_to_exit(&[value], &[units * price], participation)?.portfolio_days)
        }
        _ => Ok(None),
    }
}
