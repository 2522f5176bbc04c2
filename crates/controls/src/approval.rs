//! The rules of a policy for approval by people.

use serde::{Deserialize, Serialize};

use crate::{PolicyFault, PolicyFaultKind};

/// What a plan needs before its orders are exported.
///
/// | member | default | meaning |
/// | --- | --- | --- |
/// | `required` | false | orders are exported only after somebody approved the plan |
/// | `maker_checker` | false | the approver is not the proposer, and both are known: each has a key |
/// | `price_age_seconds_max` | none | a plan with older prices cannot be approved, and its orders not exported |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalRules {
    /// Whether orders are exported only after an approval.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub required: bool,
    /// Whether an actor other than the proposer has to approve; both have to be known by their keys.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub maker_checker: bool,
    /// Most seconds from the time of a plan's prices, or from the making of the plan where that time is not known, to
    /// its approval or the first export of its orders; absent: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = 86_400, minimum = 1, maximum = 2_678_400))]
    pub price_age_seconds_max: Option<u32>,
}

impl ApprovalRules {
    pub(crate) fn faults(&self) -> Vec<PolicyFault> {
        let implausible = self.price_age_seconds_max.is_some_and(|age| !(1..=31 * 24 * 3600).contains(&age));
        implausible.then(|| PolicyFault::of("price_age_seconds_max", PolicyFaultKind::PriceAge)).into_iter().collect()
    }
}
