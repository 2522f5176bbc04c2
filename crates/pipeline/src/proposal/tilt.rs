use forecast::{AssetForecast, Tilt, TiltAsset, TiltLimit, TiltOptions, tilt_targets};
use serde::Serialize;

use crate::Portfolio;
use crate::market_data::Market;

/// A tilt may use this share of the drift band, so that a tilted book does not sit on its own trigger.
const BAND_SHARE: f64 = 0.5;

/// Targets after the tilt, and what the tilt did.
#[derive(Debug, Clone, PartialEq)]
pub struct TiltedTargets {
    /// Optimised target weight of each asset; same sum as the targets.
    pub weights: Vec<f64>,
    /// Tracking error a year the tilt spends, a fraction.
    pub tracking_error_spent: f64,
    /// Share of the budget the evidence supports, 0 to 1.
    pub strength: f64,
    /// What limited it.
    pub limited_by: TiltLimitName,
    /// The same as the end of a sentence.
    pub reason: &'static str,
    /// Whether a tilt was asked for and the data does not allow one.
    pub is_impossible: bool,
}

/// What limited the forecast tilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TiltLimitName {
    /// The request switched the tilt off.
    SwitchedOff,
    /// There is no common history to measure the tilt's risk on.
    NoCommonHistory,
    /// Fewer than two assets can be tilted.
    TooFewAssets,
    /// The evidence that expected returns differ.
    Evidence,
    /// The tracking-error budget.
    TrackingError,
    /// The largest move allowed to a weight: half of the drift band.
    ActiveWeight,
}

/// Moves targets towards better forecasts, as far as evidence, budget and bands allow.
pub(super) fn tilt(portfolio: &Portfolio, market: &Market, forecasts: &[AssetForecast]) -> TiltedTargets {
    let target = &portfolio.weights.target;
    let none = |limited_by, reason, is_impossible| TiltedTargets {
        weights: target.clone(),
        tracking_error_spent: 0.0,
        strength: 0.0,
        limited_by,
        reason,
        is_impossible,
    };
    let cap = BAND_SHARE * portfolio.sizing.drift_threshold;
    if portfolio.tracking_error_budget == 0.0 {
        return none(TiltLimitName::SwitchedOff, "the tracking-error budget is zero", false);
    }
    let Some(panel) = &market.panel else {
        let reason = "there is no common history to measure its risk on";
        return none(TiltLimitName::NoCommonHistory, reason, !market.columns.is_empty());
    };
    if cap == 0.0 {
        return none(TiltLimitName::ActiveWeight, "the drift band leaves no room for it", false);
    }
    let assets: Vec<TiltAsset<'_>> = market
        .columns
        .iter()
        .enumerate()
        .map(|(column, &i)| TiltAsset::new(target[i], &forecasts[i], panel.series(column).unwrap_or_default()))
        .collect();
    let options = TiltOptions {
        tracking_error_budget: portfolio.tracking_error_budget,
        max_active_weight: cap,
        ..TiltOptions::default()
    };
    // The decoder admits what the tilt accepts; should they ever differ, the policy's own targets stand.
    let Ok(tilt) = tilt_targets(&assets, &options) else {
        return none(TiltLimitName::Evidence, "the forecasts cannot be weighed against each other", true);
    };
    apply(target, market, &tilt)
}

fn apply(target: &[f64], market: &Market, tilt: &Tilt) -> TiltedTargets {
    let mut weights = target.to_vec();
    for (&i, active) in market.columns.iter().zip(&tilt.active_weights) {
        weights[i] = (weights[i] + active).max(0.0);
    }
    TiltedTargets {
        weights,
        tracking_error_spent: tilt.tracking_error_annual,
        strength: tilt.strength,
        limited_by: match tilt.limited_by {
            TiltLimit::TooFewAssets => TiltLimitName::TooFewAssets,
            TiltLimit::Evidence => TiltLimitName::Evidence,
            TiltLimit::TrackingError => TiltLimitName::TrackingError,
            TiltLimit::ActiveWeight => TiltLimitName::ActiveWeight,
        },
        reason: tilt.reason,
        is_impossible: false,
    }
}
