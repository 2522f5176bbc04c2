//! Orders of a request file, made without the service: checked against the same policy and the same halts before they
//! are written.

use chrono::{DateTime, Utc};
use controls::{Activity, ControlPolicy};
use governance::Actor;
use store::Store;

use super::assess::{AssessedPlan, assess_orders, recent_activity};
use super::export::{not_released, without_approval};
use super::halts::Halts;
use super::policy;
use super::released::ReleasedOrders;
use crate::context::RequestContext;
use crate::decode::decode;
use crate::dto::controls::ControlPolicyDocument;
use crate::planning::plan::PlannedCase;
use crate::refusal::Refusal;
use crate::telling::orders::order_list;

/// What the orders of a file are held against.
#[derive(Debug)]
pub struct FileControls {
    policy: ControlPolicy,
    halts: Halts,
    /// What was done before; `None` where there are no records that say it.
    activity: Option<Activity>,
}

/// A control policy in JSON.
///
/// # Errors
/// Its faults.
pub fn policy_of(bytes: &[u8]) -> Result<ControlPolicy, Refusal> {
    let ControlPolicyDocument(policy) = decode(bytes).map_err(Refusal::Invalid)?;
    Ok(policy)
}

impl FileControls {
    /// The halts of the records and the policy of plans with this `client_reference`, or the default without records; `policy` stands in for
    /// theirs.
    ///
    /// # Errors
    /// Records that cannot be read.
    pub async fn read(
        store: Option<&Store>,
        policy: Option<ControlPolicy>,
        reference: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let Some(store) = store else {
            return Ok(Self { policy: policy.unwrap_or_default(), halts: Halts::default(), activity: None });
        };
        let halts = Halts::read(store).await.map_err(|error| Refusal::of_store(&error))?;
        let (policy, own) = match policy {
            Some(policy) => (policy, None),
            None => {
                let standing = policy::of_store(store, reference).await?;
                (standing.policy, standing.reference)
            }
        };
        let activity = Some(recent_activity(store, &policy, own.as_deref(), now, None).await?);
        Ok(Self { policy, halts, activity })
    }

    /// The orders of a plan, checked.
    ///
    /// # Errors
    /// [`Refusal::Halted`]; [`Refusal::PlanNotMovable`] where the policy requires an approval, which a file has none of, and for a hard breach, with
    /// the checks; [`Refusal::Internal`] for orders that exact decimals cannot hold.
    pub fn release(
        &self,
        planned: &PlannedCase,
        plan_id: &str,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<ReleasedOrders, Refusal> {
        self.halts.refuse(actor.as_str(), planned.case.echo.client_reference.as_deref())?;
        if self.policy.approval.required {
            let why = "the policy lets orders leave only after an approval: those of a stored plan, by the service";
            return Err(Refusal::PlanNotMovable(why.to_owned(), Vec::new()));
        }
        let mut list = order_list(planned, plan_id).map_err(|error| Refusal::internal(error.as_ref()))?;
        let orders = std::mem::take(&mut list.orders);
        let now = context.received_at;
        let assessed = assess_orders(planned, orders, &self.policy, self.activity.as_ref(), now, now)?;
        let AssessedPlan { assessment, worst, .. } = assessed;
        let accepted = without_approval();
        let checked = assessment.release(Some(&accepted)).map_err(|why| not_released(why, &worst))?;
        Ok(ReleasedOrders::of(list, checked))
    }
}
