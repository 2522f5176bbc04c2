//! Groups of assets that have a band of their own.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::dto::band::{BandInput, BandSetting};

/// Groups of one request.
pub(super) const MAX_GROUPS: usize = 100;

/// Assets whose weights are considered together: those of one class or of one sleeve, and the band around the sum of
/// their targets.
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
    /// The class whose assets are in the group, as `assets[].asset_class` has it. Either this or `sleeve`, not both.
    #[schema(example = "equity", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset_class: Option<String>,
    /// The sleeve whose assets are in the group, as `assets[].sleeve` has it. Either this or `asset_class`, not both.
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
    /// Drift as a share of the target weight, (w − t)/t; absent where something is held and the target is zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.1)]
    pub relative_drift: Option<f64>,
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
}
