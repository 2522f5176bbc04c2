//! The steps of a plan as they are stored, and the states they lead to.

use chrono::{DateTime, Utc};
use governance::ControlDeed;
use orders::{Decimal, Order};
use portfolio_core::TradeSide;
use serde::{Deserialize, Serialize};
use store::{StoredControl, StoredPlan};

use crate::dto::controls::{ControlCheckEntry, PlanState};
use crate::refusal::Refusal;

/// A step as it is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct StepDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<String>,
    /// Version of the policy that an approval or the first export was held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) policy_version: Option<u64>,
    /// The `client_reference` whose own policy that is; absent for that of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) policy_reference: Option<String>,
    /// The `client_reference` of the plan, where `kept` counts it: the windows of its own policy count its own plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) client_reference: Option<String>,
    /// The worst check of each control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) checks: Option<Vec<ControlCheckEntry>>,
    /// What the controls that look back need of the orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kept: Option<KeptOrders>,
    /// The orders as they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) exported: Option<Vec<ExportedOrder>>,
}

impl StepDocument {
    /// The document of a step.
    ///
    /// # Errors
    /// [`Refusal::RecordChanged`] for one that cannot be read.
    pub(super) fn read(step: &StoredControl) -> Result<Self, Refusal> {
        serde_json::from_slice(step.record.document.bytes()).map_err(|error| Refusal::unreadable(&error))
    }
}

/// What an approval, or an export without one, keeps of the orders it is about, for the controls that look back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptOrders {
    /// What the orders do.
    pub(super) fingerprint: String,
    /// Each order.
    pub(super) orders: Vec<KeptOrder>,
}

/// An order as an approval keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptOrder {
    pub(super) asset: String,
    pub(super) buy: bool,
    pub(super) minor: i64,
    pub(super) currency: String,
}

/// An order as it left: what its fills are held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExportedOrder {
    /// Its id.
    pub(crate) id: String,
    /// Id of the asset.
    pub(crate) asset: String,
    buy: bool,
    quantity: String,
    price: String,
    /// What it was expected to cost, minor units of the book's currency.
    pub(crate) cost_minor: i64,
}

impl ExportedOrder {
    pub(super) fn of(order: &Order) -> Self {
        Self {
            id: order.client_order_id.clone(),
            asset: order.asset.clone(),
            buy: order.side == TradeSide::Buy,
            quantity: order.quantity.to_string(),
            price: order.reference_price.to_string(),
            cost_minor: order.estimated_cost.minor(),
        }
    }

    /// Purchase or sale.
    pub(crate) fn side(&self) -> TradeSide {
        if self.buy { TradeSide::Buy } else { TradeSide::Sell }
    }

    /// Units ordered.
    ///
    /// # Errors
    /// [`Refusal::RecordChanged`] for a text that is no number.
    pub(crate) fn quantity(&self) -> Result<Decimal, Refusal> {
        self.quantity.parse().map_err(|_| Refusal::RecordChanged)
    }

    /// The price that the plan used.
    ///
    /// # Errors
    /// [`Refusal::RecordChanged`] for a text that is no number.
    pub(crate) fn reference_price(&self) -> Result<Decimal, Refusal> {
        self.price.parse().map_err(|_| Refusal::RecordChanged)
    }
}

/// The topic of the steps of a plan.
pub(crate) fn topic_of(plan_id: &str) -> String {
    format!("plan:{plan_id}")
}

/// The state that a deed leads to.
pub(crate) fn state_after(deed: ControlDeed) -> PlanState {
    match deed {
        ControlDeed::Approved => PlanState::Approved,
        ControlDeed::Rejected => PlanState::Rejected,
        ControlDeed::Cancelled => PlanState::Cancelled,
        ControlDeed::Executing => PlanState::Executing,
        ControlDeed::Done => PlanState::Done,
        ControlDeed::PolicySaved
        | ControlDeed::PolicyWithdrawn
        | ControlDeed::Halted
        | ControlDeed::Resumed
        | ControlDeed::FillsRecorded
        | ControlDeed::CostsRefitted
        | ControlDeed::ModelTrained
        | ControlDeed::KeyCreated
        | ControlDeed::KeyRevoked
        | ControlDeed::ApprovalRefused
        | ControlDeed::ExportRefused
        | ControlDeed::TrialsCounted => PlanState::Proposed,
    }
}

/// The deed that leads to a state; `None` for a plan about which nothing was decided.
#[must_use]
pub fn deed_before(state: PlanState) -> Option<ControlDeed> {
    match state {
        PlanState::Proposed => None,
        PlanState::Approved => Some(ControlDeed::Approved),
        PlanState::Rejected => Some(ControlDeed::Rejected),
        PlanState::Executing => Some(ControlDeed::Executing),
        PlanState::Done => Some(ControlDeed::Done),
        PlanState::Cancelled => Some(ControlDeed::Cancelled),
    }
}

/// The state that the steps of a plan lead to.
pub(crate) fn state_of(records: &[StoredControl]) -> PlanState {
    records.last().map_or(PlanState::Proposed, |last| state_after(last.record.deed))
}

/// The orders that left, of a plan whose steps these are; `None` when none did.
///
/// # Errors
/// A step that cannot be read.
pub(crate) fn exported_among(records: &[StoredControl]) -> Result<Option<Vec<ExportedOrder>>, Refusal> {
    let left = records.iter().find(|stored| stored.record.deed == ControlDeed::Executing);
    left.map_or(Ok(None), |step| Ok(StepDocument::read(step)?.exported))
}

/// When the request of a plan was received: its prices count as observed then.
pub(super) fn made_at(plan: &StoredPlan) -> Result<DateTime<Utc>, Refusal> {
    let time = DateTime::parse_from_rfc3339(&plan.record.created_at).map_err(|error| Refusal::unreadable(&error))?;
    Ok(time.with_timezone(&Utc))
}
