//! Pre-trade controls on the wire: the policy, a check, halts, and decisions about a plan.

use chrono::{DateTime, Utc};
use controls::{ControlPolicy, Outcome, PolicyStep};
use portfolio_core::Currency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use crate::decode::{Document, object, objects, optional_object};
use crate::dto::absent;
use crate::dto::labels::reference_fault;
use crate::dto::metadata::Metadata;
use crate::dto::side::Side;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Most positions, and most orders, of a check.
const ENTRIES_MAX: usize = 10_000;

/// A policy as it is sent.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct ControlPolicyDocument(pub ControlPolicy);

impl Validate for ControlPolicyDocument {
    fn validate(&self) -> Result<(), ValidationErrors> {
        // The library says what is wrong, in `check`.
        Ok(())
    }
}

impl Document for ControlPolicyDocument {
    fn check_size(&self, _: &mut Faults) {}

    fn check(&self, faults: &mut Faults) {
        for fault in self.0.faults() {
            faults.add(policy_pointer(&fault.at), FaultCode::Value, fault.kind.to_string());
        }
    }
}

/// The JSON pointer to a part of a policy.
fn policy_pointer(at: &[PolicyStep]) -> String {
    at.iter().fold(String::new(), |pointer, step| match step {
        PolicyStep::Member(name) => pointer + "/" + name,
        PolicyStep::Entry(position) => format!("{pointer}/{position}"),
    })
}

/// A book and orders to be checked against the policy.
///
/// Rules beyond the ranges: each asset has at most one position; a position has a `value`, or a `quantity` and a
/// `price`; an order has a price to value it with, that of its position or its own `limit_price`; the ids of orders are
/// distinct.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "book": {"currency": "USD", "cash": 20_000, "positions": [
        {"asset": "VTI", "quantity": 200, "price": 287.59, "priced_at": "2026-11-27T14:29:00Z", "average_daily_volume": 3_500_000},
        {"asset": "BND", "value": 22_000, "price": 73.2}
    ]},
    "orders": [{"asset": "BND", "side": "buy", "quantity": 100, "limit_price": 73.5}]
}))]
pub struct ControlCheckRequest {
    /// The book before the orders.
    #[validate(nested)]
    #[serde(deserialize_with = "object")]
    pub book: ControlBookRequest,
    /// The orders.
    #[schema(max_items = 10_000)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub orders: Vec<ControlOrderRequest>,
    /// The policy to hold them against. Default: that of plans with the `client_reference`.
    #[serde(default, deserialize_with = "optional_object")]
    pub policy: Option<ControlPolicyDocument>,
    /// The `client_reference` of plans: the book is held against their own policy where they have one, else against that of the service. It
    /// says nothing beside `policy`.
    #[schema(
        example = "order-2026-0107",
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029][^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$"
    )]
    pub client_reference: Option<String>,
}

/// The book before the orders. Amounts are in its currency.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlBookRequest {
    /// ISO 4217 code of the book's currency.
    #[schema(default = json!(Currency::USD.to_string()), example = "USD", pattern = "^[A-Z]{3}$")]
    pub currency: Option<String>,
    /// Net asset value; if `cash` is sent, it has to agree with the sum of the positions' values and the cash. Default:
    /// the positions' values and `cash`.
    #[schema(example = 99_518.0, minimum = -1e13, maximum = 1e13)]
    #[validate(range(min = -1e13, max = 1e13))]
    pub nav: Option<f64>,
    /// Cash of the book.
    #[schema(default = 0.0, example = 20_000.0, minimum = -1e13, maximum = 1e13)]
    #[validate(range(min = -1e13, max = 1e13))]
    pub cash: Option<f64>,
    /// The positions.
    #[schema(max_items = 10_000)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub positions: Vec<ControlPositionRequest>,
    /// Risk of the book after the orders; an absent figure is unknown.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub risk: Option<ControlRiskRequest>,
}

impl ControlBookRequest {
    /// The absolute values of positions and cash, as far as they are stated.
    pub(crate) fn gross(&self) -> f64 {
        let value = |position: &ControlPositionRequest| {
            position.value.or_else(|| Some(position.quantity? * position.price?)).unwrap_or(0.0).abs()
        };
        self.positions.iter().map(value).sum::<f64>() + self.cash.unwrap_or(0.0).abs()
    }
}

/// A position.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlPositionRequest {
    /// Id of the asset.
    #[schema(example = "VTI", min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub asset: String,
    /// Market value, negative for a short position. Default: `quantity` times `price`.
    #[schema(example = 57_518.0, minimum = -1e13, maximum = 1e13)]
    #[validate(range(min = -1e13, max = 1e13))]
    pub value: Option<f64>,
    /// Units, negative for a short position.
    #[schema(example = 200.0, minimum = -1e12, maximum = 1e12)]
    #[validate(range(min = -1e12, max = 1e12))]
    pub quantity: Option<f64>,
    /// Reference price.
    #[schema(example = 287.59, exclusive_minimum = 0.0, maximum = 1e12)]
    #[validate(range(exclusive_min = 0.0, max = 1e12))]
    pub price: Option<f64>,
    /// When that price was observed, not in the future.
    #[schema(example = "2026-11-27T14:29:00Z")]
    pub priced_at: Option<DateTime<Utc>>,
    /// Names of the groups it belongs to.
    #[schema(example = json!(["US equity"]), max_items = 100)]
    #[validate(length(max = 100))]
    pub groups: Option<Vec<String>>,
    /// Average daily volume, units.
    #[schema(example = 3_500_000.0, minimum = 0.0, maximum = 1e15)]
    #[validate(range(min = 0.0, max = 1e15))]
    pub average_daily_volume: Option<f64>,
}

/// Risk figures, fractions, positive for a loss.
#[derive(Debug, Clone, Copy, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlRiskRequest {
    /// Annual tracking error against the policy.
    #[schema(example = 0.02, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub tracking_error: Option<f64>,
    /// One-day value at risk at 95 %.
    #[schema(example = 0.015, minimum = -1000.0, maximum = 1000.0)]
    #[validate(range(min = -1000.0, max = 1000.0))]
    pub var_95: Option<f64>,
    /// Drawdown from the high-water mark.
    #[schema(example = 0.05, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub drawdown: Option<f64>,
}

/// An order.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlOrderRequest {
    /// Its id. Default: its position in the list, from 1.
    #[schema(example = "BRQGCXBIYMWB5S6KM", min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub id: Option<String>,
    /// Id of the asset.
    #[schema(example = "BND", min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub asset: String,
    /// Purchase or sale.
    pub side: Side,
    /// Units.
    #[schema(example = 100.0, exclusive_minimum = 0.0, maximum = 1e12)]
    #[validate(range(exclusive_min = 0.0, max = 1e12))]
    pub quantity: f64,
    /// Limit price; absent for a market order.
    #[schema(example = 73.5, exclusive_minimum = 0.0, maximum = 1e12)]
    #[validate(range(exclusive_min = 0.0, max = 1e12))]
    pub limit_price: Option<f64>,
}

impl Document for ControlCheckRequest {
    fn check_size(&self, faults: &mut Faults) {
        for (pointer, count) in [("/book/positions", self.book.positions.len()), ("/orders", self.orders.len())] {
            if count > ENTRIES_MAX {
                faults.add(pointer, FaultCode::Length, format!("must have at most {ENTRIES_MAX} entries"));
            }
        }
    }

    fn check(&self, faults: &mut Faults) {
        if let Some((code, detail)) = self.client_reference.as_deref().and_then(reference_fault) {
            faults.add("/client_reference", code, detail);
        }
        if let Some(policy) = &self.policy {
            faults.within("/policy", |faults| policy.check(faults));
        }
    }
}

/// Kind of the subject of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ControlSubjectKind {
    /// The plan as a whole.
    Plan,
    /// An asset.
    Asset,
    /// A group.
    Group,
    /// An order.
    Order,
}

/// One control on one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ControlCheckEntry {
    /// Name of the control.
    #[schema(example = "price_collar")]
    pub control: String,
    /// Kind of the subject.
    pub subject: ControlSubjectKind,
    /// Id of the asset or order, or name of the group; null for the plan, and for an order in the answer of a plan.
    #[schema(required, example = "BRQGCXBIYMWB5S6KM")]
    pub subject_id: Option<String>,
    /// Id of the asset that an order trades; absent for other subjects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "BND")]
    pub asset: Option<String>,
    /// The value, in the control's unit; null when it is not known.
    #[schema(required, example = 0.0041)]
    pub value: Option<f64>,
    /// The limit it was compared with: the one that is breached, else the lowest.
    #[schema(example = 0.05)]
    pub limit: f64,
    /// Outcome of the check.
    pub outcome: Outcome,
    /// Why the value is not known; absent when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "the time of the asset's price is not known")]
    pub reason: Option<String>,
    /// Who granted the override that turned a hard breach into a soft one; absent without an override.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Kim Lee")]
    pub overridden_by: Option<String>,
}

/// The checks of orders, and their outcome.
#[derive(Debug, Serialize, ToSchema)]
pub struct ControlCheckResponse {
    /// The most severe outcome: `pass`, `soft` or `hard`. A check that is `not_assessed` does not count, and without a
    /// check the outcome is `pass`.
    pub outcome: Outcome,
    /// Every check, control by control.
    pub checks: Vec<ControlCheckEntry>,
    /// Version of the service's policy that was used: 0 is the default, null when the request contained a policy.
    #[schema(required, example = 3)]
    pub policy_version: Option<u64>,
    /// The `client_reference` of the plans whose own policy that is; absent where it is that of the service or of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "order-2026-0107")]
    pub policy_reference: Option<String>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// Halts a scope, or lifts its halt.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"scope": "all", "reason": "prices of the morning are wrong"}))]
pub struct HaltRequest {
    /// What is halted: `all`, `actor:` and the name of an actor, or `reference:` and the `client_reference` of plans.
    #[schema(default = json!(absent::HALT_SCOPE), example = "all", min_length = 1, max_length = 220)]
    pub scope: Option<String>,
    /// Why: 1 to 200 characters, not blank.
    #[schema(example = "prices of the morning are wrong", min_length = 1, max_length = 200)]
    pub reason: String,
}

impl Document for HaltRequest {
    fn check_size(&self, _: &mut Faults) {}

    fn check(&self, faults: &mut Faults) {
        if !ControlPolicy::is_comment(&self.reason) {
            faults.add("/reason", FaultCode::Length, "must have 1 to 200 characters and not be blank");
        }
    }
}

/// A halt in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HaltEntry {
    /// What is halted.
    #[schema(example = "all")]
    pub scope: String,
    /// Why.
    #[schema(example = "prices of the morning are wrong")]
    pub reason: String,
    /// Who ordered it.
    #[schema(example = "api")]
    pub actor: String,
    /// Since when, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub halted_at: String,
    /// Sequence of the audit entry that recorded it.
    #[schema(example = 17, minimum = 1)]
    pub sequence: u64,
}

/// The halts in force, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct HaltList {
    /// The halts; empty when nothing is halted.
    pub halts: Vec<HaltEntry>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// A decision about a plan.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"comment": "the transition that the committee agreed on"}))]
pub struct PlanDecisionRequest {
    /// The reason: 1 to 200 characters, not blank. An approval despite a soft breach needs one.
    #[schema(example = "the transition that the committee agreed on", min_length = 1, max_length = 200)]
    pub comment: Option<String>,
}

impl Document for PlanDecisionRequest {
    fn check_size(&self, _: &mut Faults) {}

    fn check(&self, faults: &mut Faults) {
        if self.comment.as_deref().is_some_and(|text| !ControlPolicy::is_comment(text)) {
            faults.add("/comment", FaultCode::Length, "must have 1 to 200 characters and not be blank");
        }
    }
}

/// The state of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// It was made; there is no decision yet.
    Proposed,
    /// Somebody approved it.
    Approved,
    /// Somebody rejected it.
    Rejected,
    /// Its orders were exported.
    Executing,
    /// Nothing remains to be done.
    Done,
    /// It was cancelled.
    Cancelled,
}

impl PlanState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Proposed, Self::Approved, Self::Rejected, Self::Executing, Self::Done, Self::Cancelled];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Executing => "executing",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What is returned about a plan in addition to its state and steps, on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatePart {
    /// The checks that an approval would run now.
    Checks,
}

impl PlanStatePart {
    /// The part of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        (name == "checks").then_some(Self::Checks)
    }
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanStep {
    /// The state it led to.
    pub state: PlanState,
    /// Who took it.
    #[schema(example = "desk:lee")]
    pub actor: String,
    /// When, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub taken_at: String,
    /// Why; absent without a comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "the transition that the committee agreed on")]
    pub comment: Option<String>,
    /// Sequence of the audit entry that recorded it.
    #[schema(example = 18, minimum = 1)]
    pub sequence: u64,
}

/// A step of a plan that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusedStep {
    /// Its approval.
    Approval,
    /// The export of its orders.
    Export,
}

/// A refused approval or export. The same refusal within a minute is recorded once.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlanRefusal {
    /// What was refused.
    pub step: RefusedStep,
    /// Who asked for it.
    #[schema(example = "desk:lee")]
    pub actor: String,
    /// When, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub refused_at: String,
    /// Why.
    #[schema(example = "it breaches hard limits: turnover")]
    pub reason: String,
    /// The checks that were breached; empty where another rule refused it.
    pub checks: Vec<ControlCheckEntry>,
    /// Sequence of the audit entry that recorded it.
    #[schema(example = 17, minimum = 1)]
    pub sequence: u64,
}

/// The state of a plan and the decisions that led to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanStateResponse {
    /// The plan's id.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// Its state.
    pub state: PlanState,
    /// The steps that were taken, oldest first.
    pub steps: Vec<PlanStep>,
    /// The latest refused approvals and exports, at most 50, oldest first.
    #[schema(max_items = 50)]
    pub refusals: Vec<PlanRefusal>,
    /// The worst check of each control at the first export of the plan, or before that at its approval; for a plan
    /// without a decision, with `include=checks`, as an approval would find it now; otherwise absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub checks: Option<Vec<ControlCheckEntry>>,
    /// Version of the policy that `checks` were held against; absent without checks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 3)]
    pub policy_version: Option<u64>,
    /// The `client_reference` of the plans whose own policy that is; absent where it is that of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "order-2026-0107")]
    pub policy_reference: Option<String>,
    /// Until when it can be approved and its orders can leave, UTC: the time of its prices and the age that the policy allows them. Absent where
    /// the policy allows any, and for a plan whose orders left or will not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-01-02T09:04:05.678901Z", format = "date-time")]
    pub expires_at: Option<String>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}
