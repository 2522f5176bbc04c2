//! The approvals that the policy requires.

use serde::{Deserialize, Serialize};

use crate::{PolicyFault, PolicyFaultKind};

/// Requirements for the release of a plan's orders.
///
/// | member | default | meaning |
/// | --- | --- | --- |
/// | `required` | false | orders are released only after the plan was approved |
/// | `maker_checker` | false | the approver is not the proposer, and both are known by their keys |
/// | `price_age_seconds_max` | none | a plan whose prices are older cannot be approved, and its orders are not released |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalRules {
    /// Whether orders are released only after an approval.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub required: bool,
    /// Whether an actor other than the proposer must approve; both must be known by their keys.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub maker_checker: bool,
    /// Most seconds between the creation of a plan, or the time of its prices if known, and its approval or the first
    /// export of its orders; absent: no limit.
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
