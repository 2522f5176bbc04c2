//! The control policy in the answer of a plan.

use controls::Outcome;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::controls::ControlCheckEntry;

/// The plan checked against the control policy in force when the plan was made, as far as the result depends on the
/// plan alone: equal requests have equal checks under one version of the policy. Limits that depend on the time or on
/// earlier activity, and overrides, which expire, are applied at approval and export:
/// `GET /api/plans/{plan_id}/state?include=checks` returns what an approval would find now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlanControls {
    /// Version of the policy; 0 is the default document. `GET /api/controls/policy?version=` reads it.
    #[schema(example = 0)]
    pub policy_version: u64,
    /// The `client_reference` of the plans whose own policy that is; absent where it is that of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "order-2026-0107")]
    pub policy_reference: Option<String>,
    /// The gravest outcome: `pass`, `soft` or `hard`. A check that is `not_assessed` does not count, and without a check it is `pass`. Null when
    /// nothing could be checked.
    #[schema(required = true)]
    pub outcome: Option<Outcome>,
    /// Why nothing could be checked; absent when it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "an order of the plan cannot be told in exact decimals")]
    pub reason: Option<String>,
    /// Every breach and, for a control without one, its worst check. An order is identified by its `asset`, without
    /// `subject_id`.
    pub checks: Vec<ControlCheckEntry>,
    /// Controls with a limit in the policy that are checked at approval and export only: `stale_prices`, `duplicate_plan`, `order_rate`,
    /// `notional_rate`, `repeated_execution`.
    #[schema(example = json!(["stale_prices", "duplicate_plan"]))]
    pub checked_at_approval: Vec<String>,
}
