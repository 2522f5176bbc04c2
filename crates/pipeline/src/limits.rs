//! The limits that measures are compared with, and the budget from which they follow.

use std::fmt;

use risk::{RiskOptions, RiskSummary};
use serde::{Deserialize, Serialize};

use crate::error::PipelineError;

/// Levels of one limit; a value strictly above a level has its severity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LimitLevels {
    /// Above this the severity is a warning.
    pub warning: f64,
    /// Above this it is critical: a person must review the plan.
    pub critical: f64,
    /// Above this the plan is rejected; `None`: never.
    pub rejected: Option<f64>,
}

impl LimitLevels {
    /// Anything above zero is critical, whatever the other figures.
    pub(crate) const ANY: Self = Self { warning: 0.0, critical: 0.0, rejected: None };
}

/// The risk that a book may carry beyond the policy's own. All limits of risk figures follow from this one budget.
///
/// With `σ` the annual volatility of the policy on the same histories and `ρ` a share of this budget, the levels are
///
/// | figure | level |
/// |---|---|
/// | annual volatility | `(1 + ρ)·σ` |
/// | one-day VaR and expected shortfall at 95 % | `(1 + ρ)` times the policy's |
/// | annual tracking error against the policy | `ρ·σ` |
/// | loss in the worst window of market history | `(1 + ρ)` times the policy's |
///
/// The levels agree with each other. Under one law, volatility, VaR and expected shortfall are multiples of each other,
/// so they exceed the same share together. A stress loss is compared with the policy's in the same windows, so a book
/// that is the policy with more of everything exceeds every share together. A book whose tracking error is within `ρ·σ`
/// has a volatility within `(1 + ρ)·σ`, because the volatility of a sum is at most the sum of the volatilities. A book
/// that is exactly the policy is clear, whatever the risk of the policy.
///
/// | field | default | meaning |
/// |---|---|---|
/// | `warning` | 0.25 | above this share, a warning |
/// | `critical` | 0.5 | above this share, critical |
/// | `least_volatility` | 0.01 | a policy with less annual risk is treated as if it had this much: an allowance for residual risk |
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RiskBudget {
    /// Share of the policy's risk above which the severity is a warning.
    pub warning: f64,
    /// Share of the policy's risk above which it is critical.
    pub critical: f64,
    /// Minimum annual volatility, a fraction: a policy with less is treated as if it had this much.
    pub least_volatility: f64,
}

impl Default for RiskBudget {
    fn default() -> Self {
        Self { warning: 0.25, critical: 0.5, least_volatility: 0.01 }
    }
}

/// A one-day VaR at 95 % that hardly any portfolio has: it means an annual volatility of 145 %. The histories may be
/// percentages read as fractions.
const UNUSUAL_VAR_95: f64 = 0.15;
/// A one-day VaR at 95 % that no portfolio has: the histories are not returns.
const IMPLAUSIBLE_VAR_95: f64 = 0.25;

impl RiskBudget {
    /// Levels of a figure that is also computed for the policy; `policys` is the policy's value, `least` the value at
    /// the minimum volatility.
    fn above(&self, policys: Option<f64>, least: f64) -> LimitLevels {
        let base = policys.unwrap_or(0.0).max(least);
        LimitLevels { warning: (1.0 + self.warning) * base, critical: (1.0 + self.critical) * base, rejected: None }
    }

    /// Levels of the annual volatility.
    #[must_use]
    pub fn volatility(&self, policy: &RiskSummary) -> LimitLevels {
        self.above(policy.volatility, self.least_volatility)
    }

    /// Levels of the one-day VaR at 95 %. Whatever the policy, a VaR is critical above 15 % and rejected above 25 %: no
    /// market has shown such values.
    #[must_use]
    pub fn var_95(&self, policy: &RiskSummary) -> LimitLevels {
        let LimitLevels { warning, critical, .. } = self.above(policy.var_95, self.normal_day(NORMAL_QUANTILE_95));
        let most = |level: f64| level.min(UNUSUAL_VAR_95);
        LimitLevels { warning: most(warning), critical: most(critical), rejected: Some(IMPLAUSIBLE_VAR_95) }
    }

    /// The severity when, according to these histories, the policy's VaR is larger than any portfolio's. Figures from
    /// such histories must not be acted on, neither for the policy nor for any other book.
    pub(crate) fn implausibility(policy: &RiskSummary) -> Severity {
        match policy.var_95 {
            Some(var) if var > IMPLAUSIBLE_VAR_95 => Severity::Blocking,
            Some(var) if var > UNUSUAL_VAR_95 => Severity::Critical,
            _ => Severity::Clear,
        }
    }

    /// Levels of the one-day expected shortfall at 95 %.
    #[must_use]
    pub fn cvar_95(&self, policy: &RiskSummary) -> LimitLevels {
        self.above(policy.cvar_95, self.normal_day(NORMAL_SHORTFALL_95))
    }

    /// Levels of the annual tracking error against the policy.
    #[must_use]
    pub fn tracking_error(&self, policy: &RiskSummary) -> LimitLevels {
        let base = policy.volatility.unwrap_or(0.0).max(self.least_volatility);
        LimitLevels { warning: self.warning * base, critical: self.critical * base, rejected: None }
    }

    /// Levels of the loss in the worst window of market history. A policy that loses nothing there is treated as if it
    /// lost the expected shortfall of a year at the minimum volatility.
    #[must_use]
    pub fn stress_loss(&self, policys: Option<f64>) -> LimitLevels {
        self.above(policys, NORMAL_SHORTFALL_95 * self.least_volatility)
    }

    /// The daily loss of a normal law with the least volatility, at `deviations` standard deviations.
    fn normal_day(&self, deviations: f64) -> f64 {
        deviations * self.least_volatility / RiskOptions::default().periods_per_year.sqrt()
    }

    fn is_ordered(&self) -> bool {
        0.0 <= self.warning
            && self.warning <= self.critical
            && self.critical.is_finite()
            && self.least_volatility >= 0.0
    }
}

/// `z` with Φ(z) = 0.95, in standard deviations.
const NORMAL_QUANTILE_95: f64 = 1.644_853_626_951_472_2;
/// `φ(z)/0.05`: the expected shortfall of a standard normal loss at 95 %.
const NORMAL_SHORTFALL_95: f64 = 2.062_712_807_507_073;

/// The limits against which the supervisor checks a plan.
///
/// | limit | of | warning | critical | rejected |
/// |---|---|---|---|---|
/// | `risk` | volatility, VaR, expected shortfall and stress loss against the policy's own; tracking error against the policy; before and after | 25 % more | 50 % more, VaR above 15 % | VaR above 25 % |
/// | `concentration` | largest weight, after, where the policy does not require it | 40 % | 60 % | – |
/// | `turnover` | two-way turnover of the plan | 18 % | 36 % | – |
/// | `net_cost` | cost of the trades less their benefit, which a request sets by its least worth | any above it | – | – |
/// | `implausible_inputs` | inputs that no portfolio or market has shown; cannot be changed | – | any | – |
/// | `unraised_cash` | the part of the cash to raise that is not raised; cannot be changed | – | any | – |
/// | `data_shortfall` | 1 − data-quality score | 0.2 | 0.5 | 0.8 |
/// | `relaxations_max` | relaxations granted in one run | | | more than 3 |
/// | `is_stress_required` | a stress loss that cannot be assessed | always | if set, like a critical one | – |
///
/// Three rules keep a plan from being penalised for a fault that it corrects:
///
/// * a risk figure of the book before the plan is at most a warning when the plan brings it back within its limit;
/// * a weight that the policy itself requires is clear;
/// * turnover of a plan that ends on the policy is clear, and turnover towards it at most a warning.
///
/// A drawdown has no limit here, because it grows with the length of the history and says little about the next year.
/// It stays among the figures and the [alerts](AlertLevels).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SupervisorLimits {
    /// Risk figures.
    pub risk: RiskBudget,
    /// Largest weight of an asset after the plan.
    pub concentration: LimitLevels,
    /// Two-way turnover of the plan.
    pub turnover: LimitLevels,
    /// One minus the data-quality score.
    pub data_shortfall: LimitLevels,
    /// Maximum number of relaxations granted in one run.
    pub relaxations_max: usize,
    /// Whether a stress loss that no window of market history covers requires a review. It does if the caller set the
    /// budget of `risk`: a person has to judge a limit that was requested and cannot be checked. By default it is only
    /// reported.
    pub is_stress_required: bool,
}

impl Default for SupervisorLimits {
    fn default() -> Self {
        let levels = |warning, critical, rejected| LimitLevels { warning, critical, rejected };
        Self {
            risk: RiskBudget::default(),
            concentration: levels(0.40, 0.60, None),
            turnover: levels(0.18, 0.36, None),
            data_shortfall: levels(0.2, 0.5, Some(0.8)),
            relaxations_max: 3,
            is_stress_required: false,
        }
    }
}

/// Alert levels of a brief: absolute and equal for every policy, as earlier clients know them. They do not affect the
/// decision, so a brief calls no drawdown critical, and VaR only with a verdict that is not an approval.
///
/// | alert | of | warning | critical |
/// |---|---|---|---|
/// | `var_95` | one-day VaR at 95 % of the current weights | 3 % | 6 % |
/// | `max_drawdown` | maximum drawdown of the current weights on the history | 8 % | 16 % |
/// | `turnover` | two-way turnover of the plan | 18 % | 36 % |
/// | `live_drawdown` | drawdown of the current weights from the high-water mark at the end of the history | 8 % | 16 % |
///
/// The maximum drawdown grows with the length of the history and remains after the loss is recovered. The live drawdown
/// does neither.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AlertLevels {
    /// One-day value at risk at 95 %.
    pub var_95: LimitLevels,
    /// Maximum drawdown on the history.
    pub max_drawdown: LimitLevels,
    /// Two-way turnover of the plan.
    pub turnover: LimitLevels,
    /// Drawdown from the high-water mark at the end of the history.
    pub live_drawdown: LimitLevels,
}

impl Default for AlertLevels {
    fn default() -> Self {
        let levels = |warning, critical| LimitLevels { warning, critical, rejected: None };
        Self {
            var_95: levels(0.03, 0.06),
            max_drawdown: levels(0.08, 0.16),
            turnover: levels(0.18, 0.36),
            live_drawdown: levels(0.08, 0.16),
        }
    }
}

impl SupervisorLimits {
    /// Rejects levels that are not numbers or not in ascending order.
    ///
    /// # Errors
    /// [`PipelineError::Limits`] with the first such measure.
    pub fn check(&self) -> Result<(), PipelineError> {
        if !self.risk.is_ordered() {
            return Err(PipelineError::Limits { measure: "risk" });
        }
        all_ordered([
            ("concentration", self.concentration),
            ("turnover", self.turnover),
            ("data_shortfall", self.data_shortfall),
        ])
    }
}

impl AlertLevels {
    /// Rejects levels that are not numbers or not in ascending order.
    ///
    /// # Errors
    /// [`PipelineError::Limits`] with the first such measure.
    pub fn check(&self) -> Result<(), PipelineError> {
        all_ordered([
            ("var_95", self.var_95),
            ("max_drawdown", self.max_drawdown),
            ("turnover", self.turnover),
            ("live_drawdown", self.live_drawdown),
        ])
    }
}

fn all_ordered<const N: usize>(measures: [(&'static str, LimitLevels); N]) -> Result<(), PipelineError> {
    let is_ordered = |levels: &LimitLevels| {
        let last = levels.rejected.unwrap_or(levels.critical);
        0.0 <= levels.warning && levels.warning <= levels.critical && levels.critical <= last && last.is_finite()
    };
    match measures.iter().find(|(_, levels)| !is_ordered(levels)) {
        Some(&(measure, _)) => Err(PipelineError::Limits { measure }),
        None => Ok(()),
    }
}
/// The severity of something; a more severe one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Severity {
    /// Within the limit.
    Clear,
    /// Above the warning level.
    Warning,
    /// Above the critical level, or not shown to be within it: a person has to look.
    Critical,
    /// The data cannot say: a person has to look.
    NotAssessed,
    /// Above the level at which a plan is rejected.
    Blocking,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Clear => "clear",
            Self::Warning => "warning",
            Self::NotAssessed => "not assessed",
            Self::Critical => "critical",
            Self::Blocking => "blocking",
        })
    }
}

#[cfg(test)]
mod tests {
    use risk::{normal_quantile, summarise};

    use super::*;

    fn policy() -> RiskSummary {
        let returns: Vec<f64> = (0..200).map(|t| 0.01 * f64::from((t * 7) % 11 - 5) / 5.0).collect();
        summarise(&returns, None, &RiskOptions::default()).unwrap()
    }

    #[test]
    fn the_levels_of_risk_follow_from_one_budget() {
        let (budget, policy) = (RiskBudget::default(), policy());
        let volatility = policy.volatility.unwrap();
        assert_eq!(budget.volatility(&policy).critical, 1.5 * volatility);
        assert_eq!(budget.tracking_error(&policy).warning, 0.25 * volatility);
        assert_eq!(budget.cvar_95(&policy).warning, 1.25 * policy.cvar_95.unwrap());
        assert_eq!(budget.var_95(&policy).rejected, Some(0.25));
        // A tracking error at its level gives a volatility of at most its own level.
        let (tracking, levels) = (budget.tracking_error(&policy), budget.volatility(&policy));
        assert!((volatility + tracking.critical - levels.critical).abs() < 1e-15);
    }

    #[test]
    fn a_policy_without_risk_leaves_the_least_volatility_as_the_budget() {
        let calm = summarise(&[0.0001; 100], None, &RiskOptions::default()).unwrap();
        let budget = RiskBudget::default();
        assert_eq!(budget.volatility(&calm).warning, 0.0125);
        assert!((NORMAL_QUANTILE_95 - normal_quantile(0.95).unwrap()).abs() < 1e-12);
        assert!((budget.var_95(&calm).warning - 1.25 * NORMAL_QUANTILE_95 * 0.01 / 252.0_f64.sqrt()).abs() < 1e-15);
        assert!((NORMAL_SHORTFALL_95 - risk::normal_density(NORMAL_QUANTILE_95) / 0.05).abs() < 1e-12);
    }

    #[test]
    fn the_levels_of_the_alerts_are_those_earlier_clients_know() {
        let AlertLevels { var_95, max_drawdown, turnover, .. } = AlertLevels::default();
        assert_eq!((var_95.critical, max_drawdown.critical, turnover.critical), (0.06, 0.16, 0.36));
        assert_eq!((var_95.warning, max_drawdown.warning, turnover.warning), (0.03, 0.08, 0.18));
    }

    #[test]
    fn levels_out_of_order_are_refused() {
        assert_eq!(SupervisorLimits::default().check(), Ok(()));
        let mut limits = SupervisorLimits::default();
        limits.turnover.critical = 0.1;
        assert_eq!(limits.check(), Err(PipelineError::Limits { measure: "turnover" }));
        limits.turnover.critical = f64::NAN;
        assert!(limits.check().is_err());
        let mut limits = SupervisorLimits::default();
        limits.risk.critical = 0.1;
        assert_eq!(limits.check(), Err(PipelineError::Limits { measure: "risk" }));
    }
}
