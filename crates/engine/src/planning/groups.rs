//! The groups of a request: their bands, and their weights.

use portfolio_core::bands::groups::{BandGroup, GroupDrift, measure_groups};
use portfolio_core::bands::relative_drift;
use portfolio_core::{BandRule, TradeRow, TradingRules, round_to_12_decimals};

use crate::dto::band::BandSetting;
use crate::dto::groups::GroupDriftEntry;
use crate::dto::portfolio::RebalanceRequest;
use crate::fault::Fault;
use crate::fault_code::FaultCode;
use crate::planning::rules::band_rule;

/// A group with the name that the client gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredGroup {
    name: String,
    assets: Vec<usize>,
    drift: GroupDrift,
}

impl MeasuredGroup {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its assets, by place in the book.
    #[must_use]
    pub fn assets(&self) -> &[usize] {
        &self.assets
    }

    /// The group before the plan and after its trades.
    #[must_use]
    pub fn told(&self, rows: &[TradeRow]) -> GroupDriftEntry {
        let GroupDrift { weight, target, drift, half_width, is_breached } = self.drift;
        let after = self.assets.iter().filter_map(|asset| rows.get(*asset)).map(|row| row.weight_after).sum();
        GroupDriftEntry {
            name: self.name.clone(),
            current_weight: weight,
            target_weight: target,
            drift,
            relative_drift: share_of(weight, target),
            band_half_width: round_to_12_decimals(half_width),
            is_breached,
            weight_after: round_to_12_decimals(after),
        }
    }
}

/// The bands of the groups; `own_width` is that of the band that computes itself, of the sum of the targets and the members.
pub(super) fn groups_of(
    request: &RebalanceRequest,
    target: &[f64],
    own_width: impl Fn(f64, &[usize]) -> f64,
) -> Vec<BandGroup> {
    let group = |sent: &crate::dto::groups::BandGroupRequest| {
        let assets = sent.members(request);
        let rule = match sent.band {
            BandSetting::Rule(rule) => band_rule(rule),
            BandSetting::Computed => {
                let total: f64 = assets.iter().map(|asset| target[*asset]).sum();
                let width = own_width(total.min(1.0), &assets).min(1.0);
                BandRule { relative: 0.0, floor: width, cap: width }
            }
        };
        BandGroup { assets, rule }
    };
    request.groups.iter().flatten().map(group).collect()
}

/// The groups against their bands.
///
/// # Errors
/// Bands that are out of range, which the checks of the request have refused already.
pub(super) fn measured(
    request: &RebalanceRequest,
    rules: &TradingRules,
    current: &[f64],
    target: &[f64],
) -> Result<Vec<MeasuredGroup>, Vec<Fault>> {
    let drifts = measure_groups(&rules.groups, current, target)
        .map_err(|e| vec![Fault::in_body("/groups", FaultCode::Value, e.to_string())])?;
    let named = request.groups.iter().flatten().zip(&rules.groups).zip(drifts);
    Ok(named
        .map(|((sent, group), drift)| MeasuredGroup {
            name: sent.title().to_owned(),
            assets: group.assets.clone(),
            drift,
        })
        .collect())
}

/// Drift as a share of the target; `None` where there is none, or where it is too small to divide by.
pub(crate) fn share_of(weight: f64, target: f64) -> Option<f64> {
    relative_drift(weight, target).share().filter(|share| share.is_finite()).map(round_to_12_decimals)
}
