//! What the answer of a plan says about the control policy: the checks that depend on the plan alone.

use std::error::Error;

use chrono::{DateTime, Utc};
use controls::{Activity, OrderFacts};
use orders::OrderList;

use super::assess::{AssessedPlan, assess_orders, entries_of};
use super::policy_of_plan::PolicyOfPlan;
use crate::dto::controls::{ControlCheckEntry, ControlSubjectKind};
use crate::dto::plan::PlanControls;
use crate::planning::plan::PlannedCase;

/// Why there are no checks of a plan whose orders have no exact figures.
const NO_ORDERS: &str = "an order of the plan cannot be told in exact decimals";

/// The checks of a plan with these orders; `None` where the plan is held against no policy.
pub(crate) fn plan_controls(
    planned: &PlannedCase,
    orders: Result<&OrderList, &(dyn Error + Send + Sync)>,
) -> Option<PlanControls> {
    let PolicyOfPlan { version, reference, policy } = planned.case.echo.control_policy.as_ref()?;
    let checked_at_approval = policy.stateful_controls().into_iter().map(str::to_owned).collect();
    let stateless = policy.stateless();
    // No control that is left reads the time.
    let time = DateTime::<Utc>::UNIX_EPOCH;
    let assessed = orders.ok().and_then(|list| {
        assess_orders(planned, list.orders.clone(), &stateless, Some(&Activity::default()), time, time).ok()
    });
    let Some(AssessedPlan { assessment, book, .. }) = assessed else {
        return Some(PlanControls {
            policy_version: *version,
            policy_reference: reference.clone(),
            outcome: None,
            reason: Some(NO_ORDERS.to_owned()),
            checks: Vec::new(),
            checked_at_approval,
        });
    };
    let facts: Vec<&OrderFacts> = assessment.proposals().collect();
    let mut checks = entries_of(&assessment.breaches_or_worst(), &book, &facts, &stateless);
    checks.iter_mut().for_each(without_order_id);
    Some(PlanControls {
        policy_version: *version,
        policy_reference: reference.clone(),
        outcome: Some(assessment.outcome()),
        reason: None,
        checks,
        checked_at_approval,
    })
}

/// Ids of orders follow from the id of the plan, which differs between equal requests. A plan has one order of an asset, so the asset names it.
fn without_order_id(check: &mut ControlCheckEntry) {
    if check.subject == ControlSubjectKind::Order {
        check.subject_id = None;
    }
}
