//! Plans expire: after some time their prices are too old to approve them or to export their orders.

use chrono::{DateTime, TimeDelta, Utc};
use controls::ControlPolicy;

use crate::refusal::Refusal;

/// When a plan expires whose prices count as observed at `made_at`; `None` where the policy says nothing of it.
pub(super) fn expiry(policy: &ControlPolicy, made_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let most = policy.approval.price_age_seconds_max?;
    made_at.checked_add_signed(TimeDelta::seconds(i64::from(most)))
}

/// Refuses to move a plan whose prices are older than the policy allows.
///
/// # Errors
/// [`Refusal::PlanNotMovable`].
pub(super) fn refuse_if_expired(
    policy: &ControlPolicy,
    made_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    match (expiry(policy, made_at), policy.approval.price_age_seconds_max) {
        (Some(expires_at), Some(most)) if now > expires_at => {
            let why = format!("it expired: its prices are older than the {most} seconds that the policy allows");
            Err(Refusal::PlanNotMovable(why, Vec::new()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use controls::ApprovalRules;

    #[test]
    fn a_plan_expires_after_its_last_second_and_never_without_a_rule() {
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        let rule = |most| ControlPolicy {
            approval: ApprovalRules { price_age_seconds_max: most, ..ApprovalRules::default() },
            ..ControlPolicy::empty()
        };
        assert_eq!(expiry(&rule(Some(60)), at(0)), Some(at(60)));
        assert!(refuse_if_expired(&rule(Some(60)), at(0), at(60)).is_ok());
        assert!(refuse_if_expired(&rule(Some(60)), at(0), at(60) + TimeDelta::milliseconds(1)).is_err());
        assert!(refuse_if_expired(&rule(None), at(0), at(1_000_000)).is_ok());
    }
}
