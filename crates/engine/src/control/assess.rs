//! The plan of a stored request checked against the policy, earlier activity, and checks as they are on the wire.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use controls::{
    Activity, Assessment, Check, ControlBook, ControlPolicy, ControlPosition, ControlSet, OrderFacts, PastOrder,
    PastPlan, PlanFingerprint, PlanRisk, Proposal, Subject,
};
use governance::ControlDeed;
use orders::{Decimal, Order};
use pipeline::VerdictDecision;
use portfolio_core::{Currency, Money, Rounding, TradeSide};
use store::{Store, StoredControl};

use super::steps::{KeptOrder, KeptOrders, StepDocument};
use crate::dto::controls::{ControlCheckEntry, ControlSubjectKind};
use crate::planning::plan::PlannedCase;
use crate::records::time::time_text;
use crate::refusal::Refusal;
use crate::telling::orders::order_list;

/// The windows of a policy at their longest, seconds.
pub(super) fn longest_window(policy: &ControlPolicy) -> Option<u32> {
    [policy.duplicate_plan, policy.order_rate, policy.notional_rate, policy.repeated_execution]
        .into_iter()
        .flatten()
        .map(|levels| levels.window_seconds)
        .max()
}

/// The plans that were approved, or exported without an approval, within the longest window of the policy, apart from one. The policy of the
/// service counts every plan; one of the plans with a `client_reference` counts these.
pub(super) async fn recent_activity(
    store: &Store,
    policy: &ControlPolicy,
    reference: Option<&str>,
    now: DateTime<Utc>,
    except: Option<&str>,
) -> Result<Activity, Refusal> {
    let Some(window) = longest_window(policy) else { return Ok(Activity::default()) };
    let since = time_text(now - TimeDelta::seconds(i64::from(window)));
    let read = |error| Refusal::of_store(&error);
    let mut deeds = store.plan_deeds(ControlDeed::Approved, &since).await.map_err(read)?;
    deeds.extend(store.plan_deeds(ControlDeed::Executing, &since).await.map_err(read)?);
    // A plan that was cancelled before its orders left has sent none.
    let cancelled = store.plan_deeds(ControlDeed::Cancelled, &since).await.map_err(read)?;
    let left: BTreeSet<&str> = of_deed(&deeds, ControlDeed::Executing);
    let unsent: BTreeSet<&str> = of_deed(&cancelled, ControlDeed::Cancelled).difference(&left).copied().collect();
    let mut activity = Activity::default();
    for deed in &deeds {
        if unsent.contains(deed.record.topic.as_str()) {
            continue;
        }
        if except.is_some_and(|plan_id| deed.record.topic.strip_prefix("plan:") == Some(plan_id)) {
            continue;
        }
        let StepDocument { kept: Some(kept), client_reference, .. } = StepDocument::read(deed)? else { continue };
        if reference.is_some() && client_reference.as_deref() != reference {
            continue;
        }
        let at = DateTime::parse_from_rfc3339(&deed.record.recorded_at).map_err(|e| Refusal::unreadable(&e))?;
        let at = at.with_timezone(&Utc);
        for order in kept.orders {
            let currency: Currency = order.currency.parse().map_err(|_| Refusal::RecordChanged)?;
            activity.orders.push(PastOrder {
                asset: order.asset,
                side: if order.buy { TradeSide::Buy } else { TradeSide::Sell },
                notional: Money::from_minor(order.minor, currency),
                at,
            });
        }
        activity.plans.push(PastPlan { fingerprint: PlanFingerprint::stored(kept.fingerprint), at });
    }
    Ok(activity)
}

/// The topics of the deeds of one word.
fn of_deed(deeds: &[StoredControl], deed: ControlDeed) -> BTreeSet<&str> {
    deeds.iter().filter(|stored| stored.record.deed == deed).map(|stored| stored.record.topic.as_str()).collect()
}

/// A plan with its orders, held against a policy.
pub(super) struct AssessedPlan {
    /// The checks and the orders.
    pub(super) assessment: Assessment<Order>,
    /// The worst check of each control.
    pub(super) worst: Vec<ControlCheckEntry>,
    /// The book that was checked.
    pub(super) book: ControlBook,
    /// What an approval keeps of the orders.
    pub(super) kept: KeptOrders,
    is_rejected: bool,
}

impl AssessedPlan {
    /// Refuses orders of a plan whose own verdict says that none of them is to be placed. Whoever has other limits plans under them, with
    /// `verdict_limits`; an approval with a comment is for a review.
    ///
    /// # Errors
    /// [`Refusal::PlanNotMovable`].
    pub(super) fn refuse_if_rejected(&self) -> Result<(), Refusal> {
        if self.is_rejected {
            let detail = "its verdict is REJECTED: plan again, or under other verdict_limits";
            return Err(Refusal::PlanNotMovable(detail.to_owned(), Vec::new()));
        }
        Ok(())
    }
}

/// Holds the orders of a plan against a policy at `now`. Prices count as observed when the plan's request was received, at `priced_at`.
///
/// # Errors
/// [`Refusal::Internal`] for figures that exact decimals cannot hold.
pub(super) fn assess_plan(
    planned: &PlannedCase,
    plan_id: &str,
    policy: &ControlPolicy,
    activity: &Activity,
    priced_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<AssessedPlan, Refusal> {
    let list = order_list(planned, plan_id).map_err(|error| Refusal::internal(error.as_ref()))?;
    assess_orders(planned, list.orders, policy, Some(activity), priced_at, now)
}

/// As [`assess_plan`], of orders that were made of the plan; without an `activity` it is not known what was done before.
///
/// # Errors
/// As [`assess_plan`].
pub(super) fn assess_orders(
    planned: &PlannedCase,
    orders: Vec<Order>,
    policy: &ControlPolicy,
    activity: Option<&Activity>,
    priced_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<AssessedPlan, Refusal> {
    let book = book_of(planned, priced_at)?;
    let mut proposals = Vec::with_capacity(orders.len());
    for order in orders {
        let asset = planned.case.names().iter().position(|name| *name == order.asset).ok_or(Refusal::Internal)?;
        let rate = planned.case.book.positions()[asset].fx_rate.unwrap_or(1.0);
        // What a purchase may cost is what its limit allows, as for orders that are only checked.
        let most = order.notional_at_most().ok_or(Refusal::Internal)?;
        let worth = |money: Money| match order.currency == book.nav.currency() {
            true => Ok(money),
            false => in_book(money.major() * rate, book.nav.currency()),
        };
        let facts = OrderFacts {
            id: order.client_order_id.clone(),
            asset,
            side: order.side,
            quantity: order.quantity,
            price: order.limit_price,
            notional: worth(most)?,
            market_value: worth(order.notional)?,
        };
        proposals.push(Proposal { facts, order });
    }
    let facts: Vec<&OrderFacts> = proposals.iter().map(|proposal| &proposal.facts).collect();
    let kept = KeptOrders {
        fingerprint: PlanFingerprint::of(&book, &facts).as_str().to_owned(),
        orders: facts
            .iter()
            .map(|facts| KeptOrder {
                asset: book.positions[facts.asset].asset.clone(),
                buy: facts.side == TradeSide::Buy,
                minor: facts.notional.minor(),
                currency: facts.notional.currency().code().to_owned(),
            })
            .collect(),
    };
    let assessment = ControlSet::of(policy).assess(&book, proposals, activity, now);
    let assessment = assessment.map_err(|error| Refusal::internal(&error))?;
    let orders: Vec<&OrderFacts> = assessment.proposals().collect();
    let worst = entries_of(&assessment.worst(), &book, &orders, policy);
    let is_rejected = planned.plan.verdict.decision == VerdictDecision::Rejected;
    Ok(AssessedPlan { assessment, worst, book, kept, is_rejected })
}

fn in_book(major: f64, currency: Currency) -> Result<Money, Refusal> {
    Money::from_major(major, currency, Rounding::HalfEven).map_err(|error| Refusal::internal(&error))
}

/// The book of a plan before its trades, with the risk after them.
fn book_of(planned: &PlannedCase, priced_at: DateTime<Utc>) -> Result<ControlBook, Refusal> {
    let PlannedCase { case, plan } = planned;
    let (book, nav) = (&case.book, case.book.nav());
    let groups: Vec<String> = case.echo.groups.iter().map(|group| group.name().to_owned()).collect();
    let mut positions = Vec::with_capacity(book.assets());
    for (i, position) in book.positions().iter().enumerate() {
        let own = case.echo.groups.iter().enumerate().filter(|(_, group)| group.assets().contains(&i));
        positions.push(ControlPosition {
            asset: case.names()[i].clone(),
            quantity: Some(case.units_held(i)),
            value: in_book(book.weights()[i] * nav.major(), nav.currency())?,
            groups: own.map(|(place, _)| place).collect(),
            reference_price: Decimal::from_f64(position.price).ok(),
            priced_at: Some(priced_at),
            average_daily_volume: case.average_daily_volumes.get(i).copied().flatten(),
        });
    }
    let risk = PlanRisk {
        tracking_error: plan.active_after.tracking_error,
        var_95: plan.risk_after.var_95,
        drawdown: plan.risk_now.live_drawdown,
    };
    Ok(ControlBook { nav, positions, groups, risk })
}

/// Checks in the words of the wire.
pub(super) fn entries_of(
    checks: &[Check],
    book: &ControlBook,
    orders: &[&OrderFacts],
    policy: &ControlPolicy,
) -> Vec<ControlCheckEntry> {
    let entry = |check: &Check| {
        let order = match check.subject {
            Subject::Order(i) => orders.get(i),
            _ => None,
        };
        let (subject, subject_id) = match check.subject {
            Subject::Plan => (ControlSubjectKind::Plan, None),
            Subject::Asset(i) => (ControlSubjectKind::Asset, book.positions.get(i).map(|p| p.asset.clone())),
            Subject::Group(i) => (ControlSubjectKind::Group, book.groups.get(i).cloned()),
            Subject::Order(_) => (ControlSubjectKind::Order, order.map(|facts| facts.id.clone())),
        };
        let reason = match check.reading {
            controls::Reading::Known(_) => None,
            controls::Reading::Unknown(reason) => Some(reason.sentence().to_owned()),
        };
        let over = check.overridden_by.and_then(|place| policy.overrides.get(place));
        ControlCheckEntry {
            control: check.control.to_owned(),
            subject,
            subject_id,
            asset: order.and_then(|facts| book.positions.get(facts.asset)).map(|position| position.asset.clone()),
            value: check.reading.value(),
            limit: check.limit,
            outcome: check.outcome,
            reason,
            overridden_by: over.map(|over| over.who.clone()),
        }
    };
    checks.iter().map(entry).collect()
}
