//! Limits of one control.

use serde::{Deserialize, Serialize};

use crate::{Outcome, PolicyFault, PolicyFaultKind, Reading};

/// How a control treats an unknown value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ControlWhenUnknown))]
pub enum WhenUnknown {
    /// As a breach of the hard limit: the default, so that a missing figure lets nothing through.
    #[default]
    Hard,
    /// As a breach of the soft limit: it must be accepted.
    Soft,
    /// Not at all: the check says `not_assessed` and the plan passes it.
    NotAssessed,
}

/// The limits of a control. A value strictly above a limit breaches it; a value equal to it passes.
///
/// | member | default | meaning |
/// | --- | --- | --- |
/// | `soft` | none | above this, somebody has to accept the plan with a comment |
/// | `hard` | none | above this, no order is exported |
/// | `unknown` | `hard` | how an unknown value is treated |
///
/// At least one of the limits must be given, and `soft` must not be above `hard`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ControlLevels))]
pub struct Levels {
    /// Above this, the plan must be accepted with a comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = 0.4, minimum = 0.0))]
    pub soft: Option<f64>,
    /// Above this, no order is exported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = 0.6, minimum = 0.0))]
    pub hard: Option<f64>,
    /// How an unknown value is treated.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = json!(WhenUnknown::default())))]
    pub unknown: WhenUnknown,
}

impl Levels {
    /// One hard limit.
    #[must_use]
    pub fn hard(limit: f64) -> Self {
        Self { soft: None, hard: Some(limit), unknown: WhenUnknown::Hard }
    }

    /// One soft limit; an unknown value counts as a breach of it.
    #[must_use]
    pub fn soft(limit: f64) -> Self {
        Self { soft: Some(limit), hard: None, unknown: WhenUnknown::Soft }
    }

    /// The outcome of a value, and the limit it was compared with: the one it breaches, else the lowest.
    pub(crate) fn judge(&self, reading: Reading) -> (Outcome, f64) {
        let lowest = self.soft.or(self.hard).unwrap_or(f64::INFINITY);
        let highest = self.hard.or(self.soft).unwrap_or(f64::INFINITY);
        match reading {
            Reading::Unknown(_) => match self.unknown {
                WhenUnknown::Hard => (Outcome::Hard, highest),
                WhenUnknown::Soft => (Outcome::Soft, lowest),
                WhenUnknown::NotAssessed => (Outcome::NotAssessed, lowest),
            },
            Reading::Known(value) if self.hard.is_some_and(|limit| value > limit) => (Outcome::Hard, highest),
            Reading::Known(value) if self.soft.is_some_and(|limit| value > limit) => (Outcome::Soft, lowest),
            Reading::Known(_) => (Outcome::Pass, lowest),
        }
    }

    /// The faults of the limits.
    pub(crate) fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Vec::new();
        if self.soft.is_none() && self.hard.is_none() {
            faults.push(PolicyFault { at: Vec::new(), kind: PolicyFaultKind::NoLimit });
        }
        for (member, limit) in [("soft", self.soft), ("hard", self.hard)] {
            if limit.is_some_and(|limit| !(limit.is_finite() && limit >= 0.0)) {
                faults.push(PolicyFault::of(member, PolicyFaultKind::NotALimit));
            }
        }
        if let (Some(soft), Some(hard)) = (self.soft, self.hard)
            && soft > hard
        {
            faults.push(PolicyFault::of("hard", PolicyFaultKind::BelowSoft));
        }
        faults
    }
}

/// The limits of a control that looks back over a window of time: those of a control without a window, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ControlWindowLevels))]
pub struct WindowLevels {
    /// Above this, the plan must be accepted with a comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = 50.0, minimum = 0.0))]
    pub soft: Option<f64>,
    /// Above this, no order is exported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = 200.0, minimum = 0.0))]
    pub hard: Option<f64>,
    /// How an unknown value is treated.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = json!(WhenUnknown::default())))]
    pub unknown: WhenUnknown,
    /// How far the control looks back, seconds, 1 to 2,678,400 (31 days). An event of exactly that age is included.
    #[cfg_attr(feature = "openapi", schema(example = 60, minimum = 1, maximum = 2_678_400))]
    pub window_seconds: u32,
}

/// Longest window: 31 days.
const WINDOW_MAX: u32 = 31 * 24 * 3600;

impl WindowLevels {
    /// One hard limit over a window.
    #[must_use]
    pub fn hard(limit: f64, window_seconds: u32) -> Self {
        Self { soft: None, hard: Some(limit), unknown: WhenUnknown::Hard, window_seconds }
    }

    /// The limits without the window.
    #[must_use]
    pub fn levels(&self) -> Levels {
        Levels { soft: self.soft, hard: self.hard, unknown: self.unknown }
    }

    /// The faults of limits and window.
    pub(crate) fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = self.levels().faults();
        if !(1..=WINDOW_MAX).contains(&self.window_seconds) {
            faults.push(PolicyFault::of("window_seconds", PolicyFaultKind::Window));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UnknownReason;

    #[test]
    fn a_limit_itself_passes_and_the_next_number_does_not() {
        let both = Levels { soft: Some(0.4), hard: Some(0.6), unknown: WhenUnknown::Hard };
        let outcome = |value: f64| both.judge(Reading::Known(value));
        assert_eq!(outcome(0.4), (Outcome::Pass, 0.4));
        assert_eq!(outcome(0.4_f64.next_up()), (Outcome::Soft, 0.4));
        assert_eq!(outcome(0.6), (Outcome::Soft, 0.4));
        assert_eq!(outcome(0.6_f64.next_up()), (Outcome::Hard, 0.6));
        assert_eq!(Levels::hard(1.0).judge(Reading::Known(1.0)), (Outcome::Pass, 1.0));
        assert_eq!(Levels::hard(1.0).judge(Reading::Known(1.0_f64.next_up())), (Outcome::Hard, 1.0));
        assert_eq!(Levels::soft(1.0).judge(Reading::Known(9.0)), (Outcome::Soft, 1.0));
    }

    #[test]
    fn what_is_not_known_is_what_the_policy_says() {
        let levels = |unknown| Levels { soft: Some(1.0), hard: Some(2.0), unknown };
        let outcome = |unknown| levels(unknown).judge(Reading::Unknown(UnknownReason::Risk));
        assert_eq!(outcome(WhenUnknown::Hard), (Outcome::Hard, 2.0));
        assert_eq!(outcome(WhenUnknown::Soft), (Outcome::Soft, 1.0));
        assert_eq!(outcome(WhenUnknown::NotAssessed), (Outcome::NotAssessed, 1.0));
        let read: Levels = serde_json::from_str(r#"{"hard": 3}"#).unwrap();
        assert_eq!(read, Levels::hard(3.0));
    }

    #[test]
    fn every_fault_says_where_it_is() {
        let faults = |soft, hard| Levels { soft, hard, unknown: WhenUnknown::Hard }.faults();
        let at = |member, kind| [PolicyFault::of(member, kind)];
        assert_eq!(faults(None, None), [PolicyFault { at: Vec::new(), kind: PolicyFaultKind::NoLimit }]);
        assert_eq!(faults(Some(-1.0), None), at("soft", PolicyFaultKind::NotALimit));
        assert_eq!(faults(None, Some(f64::NAN)), at("hard", PolicyFaultKind::NotALimit));
        assert_eq!(faults(None, Some(f64::INFINITY)), at("hard", PolicyFaultKind::NotALimit));
        assert_eq!(faults(Some(2.0), Some(1.0)), at("hard", PolicyFaultKind::BelowSoft));
        assert_eq!(faults(Some(1.0), Some(1.0)), []);
        assert_eq!(faults(Some(0.0), None), []);
        let window = |window_seconds| WindowLevels::hard(1.0, window_seconds).faults();
        for outside in [0, 2_678_401] {
            assert_eq!(window(outside), at("window_seconds", PolicyFaultKind::Window));
        }
        assert_eq!([1, 2_678_400].map(window), [[], []]);
    }
}
