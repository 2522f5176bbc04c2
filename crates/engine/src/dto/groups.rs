//! Groups of assets that have a band of their own.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::dto::checks::check_name;
use crate::dto::instructions::{BandInput, BandSetting, check_band_setting};
use crate::dto::portfolio::RebalanceRequest;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Groups of one request.
const MAX_GROUPS: usize = 100;

/// Assets whose weights are judged together: those of one class or of one sleeve, and the band around the sum of their targets.
///
/// When the group is outside its band, each of its assets trades, in its own band or not: back by the same share of its drift, until the
/// group is at its target (`destination` 0) or at the edge of its band (1).
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"asset_class": "equity", "band": {"relative": 0.25, "cap": 0.05}}))]
pub struct BandGroupRequest {
    /// Its name, distinct among the groups; 1 to 255 characters after trimming. Default: the class or the sleeve.
    #[schema(example = "Equity", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub name: Option<String>,
    /// The class whose assets are in the group, as `assets[].asset_class` has it. It or `sleeve`, not both.
    #[schema(example = "equity", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset_class: Option<String>,
    /// The sleeve whose assets are in the group, as `assets[].sleeve` has it. It or `asset_class`, not both.
    #[schema(example = "core", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub sleeve: Option<String>,
    /// How wide the band around the sum of the targets is.
    #[schema(value_type = BandInput)]
    pub band: BandSetting,
}

/// A group against its band.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GroupDriftEntry {
    /// Its name.
    #[schema(example = "Equity")]
    pub name: String,
    /// Sum of the weights held, fraction of NAV.
    #[schema(example = 0.66)]
    pub current_weight: f64,
    /// Sum of the target weights.
    #[schema(example = 0.6)]
    pub target_weight: f64,
    /// Current less target weight, positive when overweight.
    #[schema(example = 0.06)]
    pub drift: f64,
    /// Half-width of the band around the target weight, fraction of NAV.
    #[schema(example = 0.05)]
    pub band_half_width: f64,
    /// Whether the drift is strictly greater than the half-width.
    pub is_breached: bool,
    /// Sum of the weights after the plan, fraction of the NAV left after costs.
    #[schema(example = 0.6)]
    pub weight_after: f64,
}

/// What the assets of a group have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Membership<'a> {
    /// Their class.
    AssetClass(&'a str),
    /// Their sleeve.
    Sleeve(&'a str),
}

impl BandGroupRequest {
    /// What its assets have in common; `None` where the request is not valid.
    pub(crate) fn membership(&self) -> Option<Membership<'_>> {
        match (&self.asset_class, &self.sleeve) {
            (Some(class), None) => Some(Membership::AssetClass(class.trim())),
            (None, Some(sleeve)) => Some(Membership::Sleeve(sleeve.trim())),
            _ => None,
        }
    }

    /// Its name, trimmed.
    pub(crate) fn title(&self) -> &str {
        [&self.name, &self.asset_class, &self.sleeve].into_iter().flatten().next().map_or("", |name| name.trim())
    }

    /// The positions of its assets in the request.
    pub(crate) fn members(&self, request: &RebalanceRequest) -> Vec<usize> {
        let Some(membership) = self.membership() else { return Vec::new() };
        let belongs = |i: &usize| {
            let asset = &request.assets[*i];
            match membership {
                Membership::AssetClass(class) => asset.asset_class.as_deref().is_some_and(|own| own.trim() == class),
                Membership::Sleeve(sleeve) => asset.sleeve.as_deref().is_some_and(|own| own.trim() == sleeve),
            }
        };
        (0..request.assets.len()).filter(belongs).collect()
    }
}

impl RebalanceRequest {
    /// Rules of the groups; those of their numbers are checked with the band.
    pub(super) fn check_groups(&self, faults: &mut Faults) {
        let Some(groups) = &self.groups else { return };
        if groups.len() > MAX_GROUPS {
            faults.add("/groups", FaultCode::Limit, format!("must have at most {MAX_GROUPS} entries"));
            return;
        }
        for (k, group) in groups.iter().enumerate() {
            let at = |member: &str| format!("/groups/{k}/{member}");
            for (member, text) in
                [("name", &group.name), ("asset_class", &group.asset_class), ("sleeve", &group.sleeve)]
            {
                if let Some(text) = text {
                    check_name(text, || at(member), faults);
                }
            }
            check_band_setting(&at("band"), &group.band, faults);
            match group.membership() {
                None if group.asset_class.is_some() => {
                    faults.add(at("sleeve"), FaultCode::Value, "send asset_class or sleeve, not both");
                }
                None => {
                    faults.add(at("asset_class"), FaultCode::Required, "is required, or a sleeve");
                }
                Some(membership) if group.members(self).is_empty() => {
                    let (member, detail) = match membership {
                        Membership::AssetClass(_) => ("asset_class", "no asset has this asset_class"),
                        Membership::Sleeve(_) => ("sleeve", "no asset has this sleeve"),
                    };
                    faults.add(at(member), FaultCode::Value, detail);
                }
                Some(_) => {}
            }
            if groups[..k].iter().any(|earlier| earlier.title() == group.title()) {
                let member = [("name", &group.name), ("asset_class", &group.asset_class), ("sleeve", &group.sleeve)]
                    .into_iter()
                    .find_map(|(member, text)| text.as_ref().map(|_| member));
                faults.add(at(member.unwrap_or("name")), FaultCode::DuplicateName, "repeats the name of another group");
            }
            if faults.is_full() {
                return;
            }
        }
    }
}
