//! The limits of the verdict: what a client may set, and what a plan was checked against.

use pipeline::{LimitLevels, SupervisorLimits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{optional_integer, optional_object};
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// The limits that the verdict uses: a measure strictly above a level has the severity of that level. Absent members
/// keep their defaults, and the levels of one limit ascend.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"turnover": {"warning_above": 0.3, "critical_above": 0.6}}))]
pub struct VerdictLimitsRequest {
    /// For volatility, VaR, expected shortfall, stress loss and tracking error: how much more risk than the policy a
    /// book may have, as a share of the policy's own risk. Defaults 0.25 and 0.5. If it is sent, a stress loss that no
    /// window of market history covers requires a review; by default it is a warning.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub risk_budget: Option<LevelsRequest>,
    /// For the largest weight after the plan, unless the policy requires that weight, a fraction of NAV. Defaults 0.4
    /// and 0.6.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub concentration: Option<LevelsRequest>,
    /// For the two-way turnover of the plan, a fraction of NAV. Defaults 0.18 and 0.36.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub turnover: Option<LevelsRequest>,
    /// For the data shortfall, 1 less the data-quality score. Defaults 0.2 and 0.5, and 0.8 for a rejection.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub data_shortfall: Option<ShortfallLevelsRequest>,
    /// Maximum number of relaxations that are granted in one run; with more the plan is rejected.
    #[schema(default = json!(SupervisorLimits::default().relaxations_max), example = 3, minimum = 0, maximum = 100)]
    #[validate(range(max = 100))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub relaxations_max: Option<u64>,
}

/// The levels of one limit.
#[derive(Debug, Clone, Copy, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelsRequest {
    /// Above this it is a warning.
    #[schema(example = 0.3, minimum = 0.0, maximum = 10.0)]
    #[validate(range(min = 0.0, max = 10.0))]
    pub warning_above: Option<f64>,
    /// Above this it is critical: a person has to review the plan.
    #[schema(example = 0.6, minimum = 0.0, maximum = 10.0)]
    #[validate(range(min = 0.0, max = 10.0))]
    pub critical_above: Option<f64>,
}

/// The levels of the data shortfall.
#[derive(Debug, Clone, Copy, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShortfallLevelsRequest {
    /// Above this it is a warning.
    #[schema(example = 0.2, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub warning_above: Option<f64>,
    /// Above this it is critical: a person has to review the plan.
    #[schema(example = 0.5, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub critical_above: Option<f64>,
    /// Above this the plan is rejected.
    #[schema(example = 0.8, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub blocking_above: Option<f64>,
}

impl VerdictLimitsRequest {
    /// The limits of the supervisor, with defaults where none are sent.
    #[must_use]
    pub fn limits(&self) -> SupervisorLimits {
        let mut limits = SupervisorLimits::default();
        let risk = self.risk_budget.unwrap_or_default();
        limits.is_stress_required = risk.warning_above.is_some() || risk.critical_above.is_some();
        limits.risk.warning = risk.warning_above.unwrap_or(limits.risk.warning);
        limits.risk.critical = risk.critical_above.unwrap_or(limits.risk.critical);
        for (levels, sent) in [(&mut limits.concentration, self.concentration), (&mut limits.turnover, self.turnover)] {
            let sent = sent.unwrap_or_default();
            levels.warning = sent.warning_above.unwrap_or(levels.warning);
            levels.critical = sent.critical_above.unwrap_or(levels.critical);
        }
        let sent = self.data_shortfall.unwrap_or_default();
        let levels = &mut limits.data_shortfall;
        levels.warning = sent.warning_above.unwrap_or(levels.warning);
        levels.critical = sent.critical_above.unwrap_or(levels.critical);
        levels.rejected = sent.blocking_above.or(levels.rejected);
        if let Some(most) = self.relaxations_max {
            limits.relaxations_max = most as usize;
        }
        limits
    }

    /// That the levels of each limit ascend, the defaults of those that were not sent included.
    pub(super) fn check(&self, faults: &mut Faults) {
        let limits = self.limits();
        let sent = |levels: Option<LevelsRequest>| levels.is_some_and(|levels| levels.critical_above.is_some());
        let shortfall = self.data_shortfall.unwrap_or_default();
        let risk = LimitLevels { warning: limits.risk.warning, critical: limits.risk.critical, rejected: None };
        for (name, LimitLevels { warning, critical, .. }, has_critical) in [
            ("risk_budget", risk, sent(self.risk_budget)),
            ("concentration", limits.concentration, sent(self.concentration)),
            ("turnover", limits.turnover, sent(self.turnover)),
            ("data_shortfall", limits.data_shortfall, shortfall.critical_above.is_some()),
        ] {
            if warning > critical {
                let (member, detail) = match has_critical {
                    true => ("critical_above", format!("must not be below warning_above, {warning}")),
                    false => ("warning_above", format!("must not be above critical_above, {critical}")),
                };
                faults.add(format!("/verdict_limits/{name}/{member}"), FaultCode::Range, detail);
            }
        }
        let LimitLevels { critical, rejected, .. } = limits.data_shortfall;
        if let Some(level) = rejected.filter(|level| critical > *level) {
            let (member, detail) = match shortfall.blocking_above {
                Some(_) => ("blocking_above", format!("must not be below critical_above, {critical}")),
                None => ("critical_above", format!("must not be above blocking_above, {level}")),
            };
            faults.add(format!("/verdict_limits/data_shortfall/{member}"), FaultCode::Range, detail);
        }
    }
}

/// The limits that the plan was checked against, defaults included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct VerdictLimits {
    /// For volatility, VaR, expected shortfall, stress loss and tracking error: the risk beyond that of the policy, as
    /// shares of the policy's own risk.
    pub risk_budget: Levels,
    /// For the largest weight after the plan, unless the policy requires that weight, fractions of NAV.
    pub concentration: Levels,
    /// For the two-way turnover of the plan, fractions of NAV.
    pub turnover: Levels,
    /// For the data shortfall, 1 less the data-quality score.
    pub data_shortfall: ShortfallLevels,
    /// Maximum number of relaxations that are granted in one run.
    #[schema(example = 3)]
    pub relaxations_max: usize,
}

/// The levels of one limit, as they were used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Levels {
    /// Above this it is a warning.
    #[schema(example = 0.18)]
    pub warning_above: f64,
    /// Above this it is critical.
    #[schema(example = 0.36)]
    pub critical_above: f64,
}

/// The levels of the data shortfall, as they were used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct ShortfallLevels {
    /// Above this it is a warning.
    #[schema(example = 0.2)]
    pub warning_above: f64,
    /// Above this it is critical.
    #[schema(example = 0.5)]
    pub critical_above: f64,
    /// Above this the plan is rejected.
    #[schema(required = true, example = 0.8)]
    pub blocking_above: Option<f64>,
}

impl From<&SupervisorLimits> for VerdictLimits {
    fn from(limits: &SupervisorLimits) -> Self {
        let levels = |levels: LimitLevels| Levels { warning_above: levels.warning, critical_above: levels.critical };
        let shortfall = limits.data_shortfall;
        Self {
            risk_budget: Levels { warning_above: limits.risk.warning, critical_above: limits.risk.critical },
            concentration: levels(limits.concentration),
            turnover: levels(limits.turnover),
            data_shortfall: ShortfallLevels {
                warning_above: shortfall.warning,
                critical_above: shortfall.critical,
                blocking_above: shortfall.rejected,
            },
            relaxations_max: limits.relaxations_max,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sent: serde_json::Value) -> VerdictLimitsRequest {
        serde_json::from_value(sent).unwrap()
    }

    #[test]
    fn what_is_not_sent_keeps_its_default() {
        assert_eq!(read(serde_json::json!({})).limits(), SupervisorLimits::default());
        let limits = read(serde_json::json!({"turnover": {"critical_above": 0.9}, "relaxations_max": 1})).limits();
        assert_eq!((limits.turnover.warning, limits.turnover.critical, limits.relaxations_max), (0.18, 0.9, 1));
        assert_eq!(VerdictLimits::from(&limits).turnover, Levels { warning_above: 0.18, critical_above: 0.9 });
        assert!(
            !limits.is_stress_required && !read(serde_json::json!({"risk_budget": {}})).limits().is_stress_required
        );
    }

    #[test]
    fn a_budget_that_is_sent_is_to_be_held() {
        let limits = read(serde_json::json!({"risk_budget": {"critical_above": 0.5}})).limits();
        assert!(limits.is_stress_required);
        assert_eq!(limits.risk, SupervisorLimits::default().risk);
    }

    #[test]
    fn levels_that_do_not_ascend_are_refused_at_the_level_that_was_sent() {
        let mut faults = Faults::default();
        read(serde_json::json!({"turnover": {"warning_above": 0.5}, "data_shortfall": {"blocking_above": 0.3}}))
            .check(&mut faults);
        let pointers: Vec<_> = faults.into_vec().into_iter().filter_map(|fault| fault.pointer).collect();
        assert_eq!(
            pointers,
            ["/verdict_limits/data_shortfall/blocking_above", "/verdict_limits/turnover/warning_above"]
        );
    }
}
