//! An override: a hard breach counts as a soft one for a limited time, in somebody's name.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{PolicyFault, PolicyFaultKind};

/// Longest duration of an override, days.
pub const OVERRIDE_DAYS_MAX: i64 = 31;

/// Longest text, characters.
pub(crate) const TEXT_MAX: usize = 200;

/// A hard breach of one control counts as a soft one from `starts_at` until before `ends_at`: somebody still has to
/// accept the plan. Every override has an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ControlOverride))]
pub struct Override {
    /// Name of the control.
    #[cfg_attr(feature = "openapi", schema(example = "order_notional", min_length = 1, max_length = 200))]
    pub control: String,
    /// Only for this asset, group, or asset of an order; absent: for every subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "VTI", min_length = 1, max_length = 200))]
    pub subject: Option<String>,
    /// Who granted it.
    #[cfg_attr(feature = "openapi", schema(example = "Kim Lee", min_length = 1, max_length = 200))]
    pub who: String,
    /// The reason.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "transition of the core sleeve", min_length = 1, max_length = 200)
    )]
    pub why: String,
    /// When it begins.
    #[cfg_attr(feature = "openapi", schema(example = "2026-11-27T09:00:00Z"))]
    pub starts_at: DateTime<Utc>,
    /// When it ends, at most 31 days later; at this moment it no longer applies.
    #[cfg_attr(feature = "openapi", schema(example = "2026-11-27T17:00:00Z"))]
    pub ends_at: DateTime<Utc>,
}

impl Override {
    /// Whether it applies at `now` for a control and a subject of this name.
    #[must_use]
    pub fn holds(&self, control: &str, subject: Option<&str>, now: DateTime<Utc>) -> bool {
        self.control == control
            && (self.subject.is_none() || self.subject.as_deref() == subject)
            && self.starts_at <= now
            && now < self.ends_at
    }

    pub(crate) fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Vec::new();
        let texts = [
            ("control", Some(&self.control)),
            ("subject", self.subject.as_ref()),
            ("who", Some(&self.who)),
            ("why", Some(&self.why)),
        ];
        for (member, text) in texts {
            if text.is_some_and(|text| !is_text(text)) {
                faults.push(PolicyFault::of(member, PolicyFaultKind::Text));
            }
        }
        if is_text(&self.control) && crate::unit_of(&self.control).is_none() {
            faults.push(PolicyFault::of("control", PolicyFaultKind::UnknownControl));
        }
        let lasts = self.ends_at.signed_duration_since(self.starts_at);
        if lasts <= TimeDelta::zero() {
            faults.push(PolicyFault::of("ends_at", PolicyFaultKind::EndsBeforeStart));
        } else if lasts > TimeDelta::days(OVERRIDE_DAYS_MAX) {
            faults.push(PolicyFault::of("ends_at", PolicyFaultKind::TooLong));
        }
        faults
    }
}

/// Whether a text is neither blank nor too long.
pub(crate) fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= TEXT_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{at, granted};

    #[test]
    fn it_holds_from_its_first_to_before_its_last_moment() {
        let over = granted("leverage", None);
        let holds = |time: &str| over.holds("leverage", None, at(time));
        assert_eq!(
            ["08:59:59.999", "09:00:00", "16:59:59.999", "17:00:00"].map(|time| holds(&format!("2026-11-27T{time}Z"))),
            [false, true, true, false]
        );
        assert!(!over.holds("turnover", None, at("2026-11-27T10:00:00Z")));
    }

    #[test]
    fn one_with_a_subject_holds_for_it_alone() {
        let (over, now) = (granted("price_collar", Some("VTI")), at("2026-11-27T10:00:00Z"));
        assert!(over.holds("price_collar", Some("VTI"), now));
        assert!(!over.holds("price_collar", Some("BND"), now));
        assert!(!over.holds("price_collar", None, now));
        assert!(granted("price_collar", None).holds("price_collar", Some("BND"), now));
    }

    #[test]
    fn one_without_an_end_or_a_name_is_refused() {
        let faults = |change: fn(&mut Override)| {
            let mut over = granted("leverage", Some("VTI"));
            change(&mut over);
            over.faults()
        };
        assert_eq!(faults(|_| ()), []);
        let at = |member, kind| [PolicyFault::of(member, kind)];
        assert_eq!(faults(|o| o.who = " ".to_owned()), at("who", PolicyFaultKind::Text));
        assert_eq!(faults(|o| o.why.clear()), at("why", PolicyFaultKind::Text));
        assert_eq!(faults(|o| o.control.clear()), at("control", PolicyFaultKind::Text));
        let misspelt = faults(|o| o.control = "price_colar".to_owned());
        assert_eq!(misspelt, at("control", PolicyFaultKind::UnknownControl));
        assert_eq!(faults(|o| o.subject = Some(String::new())), at("subject", PolicyFaultKind::Text));
        assert_eq!(faults(|o| o.why = "é".repeat(200)), []);
        assert_eq!(faults(|o| o.why = "é".repeat(201)), at("why", PolicyFaultKind::Text));
        assert_eq!(faults(|o| o.ends_at = o.starts_at), at("ends_at", PolicyFaultKind::EndsBeforeStart));
        assert_eq!(faults(|o| o.ends_at = o.starts_at + TimeDelta::days(31)), []);
        let longer = faults(|o| o.ends_at = o.starts_at + TimeDelta::days(31) + TimeDelta::milliseconds(1));
        assert_eq!(longer, at("ends_at", PolicyFaultKind::TooLong));
        assert!(
            serde_json::from_str::<Override>(
                r#"{"control":"a","who":"b","why":"c","starts_at":"2026-11-27T09:00:00Z"}"#
            )
            .is_err()
        );
    }
}
