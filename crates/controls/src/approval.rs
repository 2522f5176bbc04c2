//! What the policy asks of people.

use serde::{Deserialize, Serialize};

use crate::{PolicyFault, PolicyFaultKind};

/// What a plan needs before its orders leave.
///
/// | member | default | meaning |
/// | --- | --- | --- |
/// | `required` | false | orders leave only after somebody approved the plan |
/// | `maker_checker` | false | who approves is not who proposed, and both are known: each has a key |
/// | `price_age_seconds_max` | none | a plan whose prices are older cannot be approved, and its orders do not leave |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalRules {
    /// Whether orders leave only after an approval.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub required: bool,
    /// Whether another actor than the proposer has to approve; both have to be known by their keys.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub maker_checker: bool,
    /// Most seconds between the making of a plan, or the time of its prices where it is known, and its approval or the first export of its orders; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = 86_400, minimum = 1, maximum = 2_678_400))]
    pub price_age_seconds_max: Option<u32>,
}

impl ApprovalRules {
    pub(crate) fn faults(&self, path: &str, faults: &mut Vec<PolicyFault>) {
        if self.price_age_seconds_max.is_some_and(|age| !(1..=31 * 24 * 3600).contains(&age)) {
            let path = format!("{path}/price_age_seconds_max");
            faults.push(PolicyFault { path, kind: PolicyFaultKind::PriceAge });
        }
    }
}
