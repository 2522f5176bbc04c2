//! Measures, their limits, and how grave it is to pass one.

use std::fmt;

use risk::UnavailableReason;
use serde::{Deserialize, Serialize, Serializer};

use crate::error::PipelineError;

/// Levels of one limit: strictly above a level is its severity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LimitLevels {
    /// Above it, a warning.
    pub warning: f64,
    /// Above it, critical: a person has to look.
    pub critical: f64,
    /// Above it, the plan is rejected; without one, never.
    pub rejected: Option<f64>,
}

/// Limits of risk figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RiskLimits {
    /// One-day value at risk at 95 %, before and after the plan.
    pub var_95: LimitLevels,
    /// Maximum drawdown on the history, before and after the plan.
    pub max_drawdown: LimitLevels,
    /// Annual tracking error after the plan.
    pub tracking_error: LimitLevels,
}

/// What the supervisor holds a plan against.
///
/// | limit | of | warning | critical | rejected |
/// |---|---|---|---|---|
/// | `risk.var_95` | one-day VaR at 95 %, before and after | 3 % | 6 % | 25 % |
/// | `risk.max_drawdown` | maximum drawdown on the history, before and after | 8 % | 16 % | – |
/// | `risk.tracking_error` | annual tracking error, after | 6 % | 12 % | – |
/// | `concentration` | largest weight, after | 40 % | 60 % | – |
/// | `turnover` | two-way turnover of the plan | 18 % | 36 % | – |
/// | `data_shortfall` | 1 − data-quality score | 0.2 | 0.5 | 0.8 |
/// | `max_relaxations` | relaxations granted in one run | | | more than 3 |
///
/// VaR, drawdown and turnover keep the levels that earlier clients know. A weight the policy itself asks for is at most a
/// warning: the mandate wanted it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SupervisorLimits {
    /// Risk figures.
    pub risk: RiskLimits,
    /// Largest weight of an asset after the plan.
    pub concentration: LimitLevels,
    /// Two-way turnover of the plan.
    pub turnover: LimitLevels,
    /// 1 less the data-quality score.
    pub data_shortfall: LimitLevels,
    /// Most relaxations granted in one run.
    pub max_relaxations: usize,
}

impl Default for SupervisorLimits {
    fn default() -> Self {
        let levels = |warning, critical, rejected| LimitLevels { warning, critical, rejected };
        Self {
            risk: RiskLimits {
                var_95: levels(0.03, 0.06, Some(0.25)),
                max_drawdown: levels(0.08, 0.16, None),
                tracking_error: levels(0.06, 0.12, None),
            },
            concentration: levels(0.40, 0.60, None),
            turnover: levels(0.18, 0.36, None),
            data_shortfall: levels(0.2, 0.5, Some(0.8)),
            max_relaxations: 3,
        }
    }
}

impl SupervisorLimits {
    /// Refuses levels that are no numbers or not in ascending order.
    ///
    /// # Errors
    /// [`PipelineError::Limits`] with the first such measure.
    pub fn check(&self) -> Result<(), PipelineError> {
        for (measure, levels) in [
            ("var_95", self.risk.var_95),
            ("max_drawdown", self.risk.max_drawdown),
            ("tracking_error", self.risk.tracking_error),
            ("concentration", self.concentration),
            ("turnover", self.turnover),
            ("data_shortfall", self.data_shortfall),
        ] {
            let last = levels.rejected.unwrap_or(levels.critical);
            let is_ascending = 0.0 <= levels.warning && levels.warning <= levels.critical && levels.critical <= last;
            if !is_ascending || !last.is_finite() {
                return Err(PipelineError::Limits { measure });
            }
        }
        Ok(())
    }
}

/// A measure held against its limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitCheck {
    /// What is measured.
    pub measure: Measure,
    /// On the book before the plan or after it.
    pub point: LimitPoint,
    /// Its value, a fraction; null when it could not be assessed.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.0412))]
    pub value: Option<f64>,
    /// Above this it is a warning.
    #[cfg_attr(feature = "openapi", schema(example = 0.03))]
    pub warning_above: f64,
    /// Above this it is critical.
    #[cfg_attr(feature = "openapi", schema(example = 0.06))]
    pub critical_above: f64,
    /// Above this the plan is rejected; null when that limit has no such level.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.25))]
    pub rejected_above: Option<f64>,
    /// How grave it is.
    pub severity: Severity,
    /// Why it could not be assessed, or why its severity is milder than its value; null otherwise.
    #[cfg_attr(
        feature = "openapi",
        schema(required = true, value_type = Option<String>, example = "fewer than two returns")
    )]
    pub reason: Option<CheckReason>,
}

/// Why a limit could not be assessed, or why its severity is milder than its value. Printed and serialised, it is a sentence
/// without its full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckReason {
    /// The figure does not exist for these histories.
    Missing(UnavailableReason),
    /// The figure does not exist, and nobody said why.
    Unavailable,
    /// No asset with a weight has a history.
    NoHistory,
    /// There is no asset.
    NoAssets,
    /// The weight is one that the policy asks for.
    PolicyTarget,
}

impl fmt::Display for CheckReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing(reason) => reason.sentence(),
            Self::Unavailable => "it is unavailable",
            Self::NoHistory => "no asset with a weight has a history",
            Self::NoAssets => "no assets",
            Self::PolicyTarget => "the policy's own target asks for it",
        })
    }
}

impl Serialize for CheckReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl LimitCheck {
    /// Checks a value against its levels; `reason` says why there is no value.
    pub(crate) fn of(
        measure: Measure,
        point: LimitPoint,
        levels: LimitLevels,
        value: Option<f64>,
        reason: impl FnOnce() -> CheckReason,
    ) -> Self {
        let severity = match value {
            None => Severity::NotAssessed,
            Some(value) if levels.rejected.is_some_and(|level| value > level) => Severity::Blocking,
            Some(value) if value > levels.critical => Severity::Critical,
            Some(value) if value > levels.warning => Severity::Warning,
            Some(_) => Severity::Clear,
        };
        Self {
            measure,
            point,
            value,
            warning_above: levels.warning,
            critical_above: levels.critical,
            rejected_above: levels.rejected,
            severity,
            reason: value.is_none().then(reason),
        }
    }
}

/// What has a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Measure {
    /// One-day value at risk at 95 %.
    #[serde(rename = "var_95")]
    Var95,
    /// Maximum drawdown on the history.
    #[serde(rename = "max_drawdown")]
    MaxDrawdown,
    /// Annual tracking error against the benchmark, else against the targets.
    #[serde(rename = "tracking_error")]
    TrackingError,
    /// Largest weight of an asset.
    #[serde(rename = "concentration")]
    Concentration,
    /// Two-way turnover.
    #[serde(rename = "turnover")]
    Turnover,
    /// 1 less the data-quality score.
    #[serde(rename = "data_shortfall")]
    DataShortfall,
}

impl Measure {
    /// The measure in a sentence.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Var95 => "one-day VaR95",
            Self::MaxDrawdown => "maximum drawdown",
            Self::TrackingError => "annual tracking error",
            Self::Concentration => "largest weight",
            Self::Turnover => "two-way turnover",
            Self::DataShortfall => "data-quality shortfall",
        }
    }
}

/// Which book a measure is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LimitPoint {
    /// The book before the plan.
    Before,
    /// The book after the plan, or the plan itself.
    After,
}

/// How grave something is; a graver one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Severity {
    /// Within the limit.
    Clear,
    /// Above the warning level.
    Warning,
    /// The data cannot say.
    NotAssessed,
    /// Above the critical level: a person has to look.
    Critical,
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
    use super::*;

    fn severity(value: Option<f64>) -> Severity {
        let levels = SupervisorLimits::default().risk.var_95;
        LimitCheck::of(Measure::Var95, LimitPoint::Before, levels, value, || CheckReason::NoHistory).severity
    }

    #[test]
    fn strictly_above_a_level_is_its_severity() {
        let got = [Some(0.03), Some(0.0301), Some(0.061), Some(0.26), None].map(severity);
        use Severity::{Blocking, Clear, Critical, NotAssessed, Warning};
        assert_eq!(got, [Clear, Warning, Critical, Blocking, NotAssessed]);
    }

    /// The flags of the brief read these levels: they are the ones earlier clients know.
    #[test]
    fn the_levels_of_the_flags_are_those_earlier_clients_know() {
        let limits = SupervisorLimits::default();
        assert_eq!(limits.risk.var_95.critical, 0.06);
        assert_eq!(limits.risk.max_drawdown.critical, 0.16);
        assert_eq!(limits.turnover.critical, 0.36);
    }

    #[test]
    fn levels_out_of_order_are_refused() {
        assert_eq!(SupervisorLimits::default().check(), Ok(()));
        let mut limits = SupervisorLimits::default();
        limits.turnover.critical = 0.1;
        assert_eq!(limits.check(), Err(PipelineError::Limits { measure: "turnover" }));
        limits.turnover.critical = f64::NAN;
        assert!(limits.check().is_err());
    }
}
