//! Targets tilted by the forecasts, as far as evidence, budget and bands allow.

use std::fmt;

use forecast::{AssetForecast, Tilt, TiltAsset, TiltLimit, TiltOptions, tilt_targets};
use serde::Serialize;

use crate::admitted::Admitted;
use crate::market_data::CommonHistory;

/// The share of the drift band that a tilt may use, so that a tilted book is not at its own trigger.
const BAND_SHARE: f64 = 0.5;

/// The effect of the tilt on the targets.
#[derive(Debug, Clone, PartialEq)]
pub struct TiltedTargets {
    /// Annual tracking error that the tilt spends, a fraction.
    pub tracking_error_spent: f64,
    /// Share of the budget that the evidence supports, 0 to 1.
    pub strength: f64,
    /// The binding limit of the tilt.
    pub limited_by: TiltLimitName,
    /// The same as the end of a sentence.
    pub reason: TiltReason,
    /// Whether the request has a tilt budget and the data do not allow a tilt.
    pub is_impossible: bool,
}

/// Why the tilt is no larger. Display gives the end of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TiltReason {
    /// The request has no tilt budget.
    NoBudget,
    /// There is no common history on which to measure its risk.
    NoCommonHistory,
    /// The drift band leaves no room for it.
    NoBand,
    /// The forecasts cannot be compared with each other.
    NotComparable,
    /// The reason stated by the tilt itself.
    Stated(&'static str),
}

impl fmt::Display for TiltReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoBudget => "the tracking-error budget is zero",
            Self::NoCommonHistory => "there is no common history to measure its risk on",
            Self::NoBand => "the drift band leaves no room for it",
            Self::NotComparable => "the forecasts cannot be weighed against each other",
            Self::Stated(reason) => reason,
        })
    }
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

/// Moves targets towards better forecasts, as far as evidence, budget and bands allow. The sum of the targets does not
/// change.
pub(super) fn tilt(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    forecasts: &[AssetForecast],
    budget: Option<f64>,
) -> (Vec<f64>, TiltedTargets) {
    let target = admitted.target();
    let none = |limited_by, reason, is_impossible| {
        let tilt = TiltedTargets { tracking_error_spent: 0.0, strength: 0.0, limited_by, reason, is_impossible };
        (target.to_vec(), tilt)
    };
    let cap = BAND_SHARE * admitted.config.sizing.drift_threshold;
    let Some(budget) = budget.filter(|budget| *budget > 0.0) else {
        return none(TiltLimitName::SwitchedOff, TiltReason::NoBudget, false);
    };
    let Some(panel) = &common.panel else {
        return none(TiltLimitName::NoCommonHistory, TiltReason::NoCommonHistory, !common.columns.is_empty());
    };
    if cap == 0.0 {
        return none(TiltLimitName::ActiveWeight, TiltReason::NoBand, false);
    }
    let assets: Vec<TiltAsset<'_>> = common
        .columns
        .iter()
        .zip(panel.columns())
        .map(|(&i, returns)| TiltAsset::new(target[i], &forecasts[i], returns))
        .collect();
    let options = TiltOptions { tracking_error_budget: budget, max_active_weight: cap, ..TiltOptions::default() };
    // Admission accepts the same options as the tilt. If they ever differ, the policy's own targets remain.
    let Ok(tilt) = tilt_targets(&assets, &options) else {
        return none(TiltLimitName::Evidence, TiltReason::NotComparable, true);
    };
    apply(target, common, &tilt)
}

fn apply(target: &[f64], common: &CommonHistory, tilt: &Tilt) -> (Vec<f64>, TiltedTargets) {
    let mut weights = target.to_vec();
    for (&i, active) in common.columns.iter().zip(&tilt.active_weights) {
        weights[i] = (weights[i] + active).max(0.0);
    }
    let tilted = TiltedTargets {
        tracking_error_spent: tilt.tracking_error_annual,
        strength: tilt.strength,
        limited_by: match tilt.limited_by {
            TiltLimit::TooFewAssets => TiltLimitName::TooFewAssets,
            TiltLimit::Evidence => TiltLimitName::Evidence,
            TiltLimit::TrackingError => TiltLimitName::TrackingError,
            TiltLimit::ActiveWeight => TiltLimitName::ActiveWeight,
        },
        reason: TiltReason::Stated(tilt.reason),
        is_impossible: false,
    };
    (weights, tilted)
}
