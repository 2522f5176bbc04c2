//! Earlier plans in the window with the same orders.

use crate::activity::is_within;
use crate::{Control, ControlCase, Findings, PlanFingerprint, Reading, Subject, UnknownReason, WindowLevels};

/// Limits how often the same orders are sent within a window. A plan without orders is not a duplicate.
#[derive(Debug)]
pub(crate) struct DuplicatePlan(pub(crate) WindowLevels);

impl Control for DuplicatePlan {
    fn name(&self) -> &'static str {
        "duplicate_plan"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        let same = case.activity.map(|activity| {
            if case.orders.is_empty() || activity.plans.is_empty() {
                return 0.0;
            }
            let own = PlanFingerprint::of(case.book, case.orders);
            let is_same = |at, other: &PlanFingerprint| is_within(at, self.0.window_seconds, case.now) && *other == own;
            activity.plans.iter().filter(|plan| is_same(plan.at, &plan.fingerprint)).count() as f64
        });
        findings.add(Subject::Plan, &self.0.levels(), Reading::of(same, UnknownReason::Activity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    use crate::samples::{buy, now, one_after, one_asset};
    use crate::{Activity, Outcome, PastPlan};

    fn after(seconds: &[i64], orders: &[crate::OrderFacts]) -> (Option<f64>, Outcome) {
        let (book, first) = (one_asset(), buy("10", "100.00"));
        let fingerprint = PlanFingerprint::of(&book, &[&first]);
        let plan = |ago: &i64| PastPlan { fingerprint: fingerprint.clone(), at: now() - TimeDelta::seconds(*ago) };
        let activity = Activity { plans: seconds.iter().map(plan).collect(), orders: Vec::new() };
        one_after(&DuplicatePlan(WindowLevels::hard(0.0, 3_600)), &book, orders, Some(&activity))
    }

    #[test]
    fn the_same_orders_within_the_window_breach_it() {
        let same = [buy("10", "100.00")];
        assert_eq!(after(&[], &same), (Some(0.0), Outcome::Pass));
        assert_eq!(after(&[3_601], &same), (Some(0.0), Outcome::Pass));
        assert_eq!(after(&[3_600], &same), (Some(1.0), Outcome::Hard));
        assert_eq!(after(&[10, 20, 5_000], &same), (Some(2.0), Outcome::Hard));
        assert_eq!(after(&[10], &[buy("11", "100.00")]), (Some(0.0), Outcome::Pass));
    }

    #[test]
    fn a_plan_without_orders_is_no_duplicate_and_an_unknown_past_no_pass() {
        let nothing = Activity {
            plans: vec![PastPlan { fingerprint: PlanFingerprint::of(&one_asset(), &[]), at: now() }],
            orders: Vec::new(),
        };
        let control = DuplicatePlan(WindowLevels::hard(0.0, 60));
        assert_eq!(one_after(&control, &one_asset(), &[], Some(&nothing)), (Some(0.0), Outcome::Pass));
        assert_eq!(one_after(&control, &one_asset(), &[], None), (None, Outcome::Hard));
    }
}
