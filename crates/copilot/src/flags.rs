//! Measures above their alert levels, as values and as sentences.

use pipeline::{Measure, VerdictDecision};
use risk::RiskFigure;
use serde::Serialize;

use crate::facts::{Facts, WarningFacts};
use crate::{number, quote};

/// The sentence of an approved plan without flags: every measure was assessed and none is above its limit.
pub const ALL_CLEAR: &str = "Risk posture within configured guardrails";

/// Code of a warning of implausible input.
const IMPLAUSIBLE: &str = "implausible_input";

/// A measure above its limit, or one that could not be assessed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RiskFlag {
    /// The measure.
    pub code: RiskFlagCode,
    /// Its severity.
    pub severity: FlagSeverity,
    /// The measure's value, a fraction, or a number of `implausible_inputs`; `null` when it could not be assessed.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.0412))]
    pub value: Option<f64>,
    /// The level above which the measure is a warning, a fraction.
    #[cfg_attr(feature = "openapi", schema(example = 0.03))]
    pub warning_above: f64,
    /// The level above which the measure is critical, a fraction.
    #[cfg_attr(feature = "openapi", schema(example = 0.06))]
    pub critical_above: f64,
    /// Why the measure could not be assessed, or what is implausible; `null` otherwise.
    #[cfg_attr(feature = "openapi", schema(required, example = "fewer than 2 common observations"))]
    pub reason: Option<String>,
}

/// The measures that have a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RiskFlagCode {
    /// Inputs with numbers that no portfolio and no market has shown.
    #[serde(rename = "implausible_inputs")]
    ImplausibleInputs,
    /// One-period value at risk at 95 %.
    #[serde(rename = "var_95")]
    Var95,
    /// Maximum drawdown.
    #[serde(rename = "max_drawdown")]
    MaxDrawdown,
    /// Two-way turnover of the plan.
    #[serde(rename = "turnover")]
    Turnover,
    /// Drawdown from the high-water mark at the end of the history.
    #[serde(rename = "live_drawdown")]
    LiveDrawdown,
}

/// The severity of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlagSeverity {
    /// Above the limit.
    Warning,
    /// The data do not support an assessment.
    NotAssessed,
    /// Above the critical limit of a measure for which the verdict has a limit; drawdowns are at most a warning.
    Critical,
}

impl RiskFlagCode {
    /// The measure's name in a sentence.
    fn name(self) -> &'static str {
        match self {
            Self::ImplausibleInputs => "Implausible input",
            Self::Var95 => "VaR95",
            Self::MaxDrawdown => "Max drawdown",
            Self::Turnover => "Turnover",
            Self::LiveDrawdown => "Drawdown from the high-water mark",
        }
    }
}

impl RiskFlag {
    /// The flag of a turnover. The cap is its critical level: a turnover beyond it is not described as approaching it.
    fn turnover(&self, value: f64) -> String {
        let cap = number::limit_percent(self.critical_above);
        if value > self.critical_above {
            return format!(
                "Turnover above governance cap ({}% against a cap of {cap})",
                number::apart(value, self.critical_above)
            );
        }
        let (shown, warning) = (number::apart(value, self.warning_above), number::limit_percent(self.warning_above));
        format!("Turnover approaching governance cap ({shown}%, warning above {warning}, cap {cap})")
    }

    /// The flag in the narrative: the measure by the name that it has everywhere, its value and its levels.
    pub(crate) fn told(&self) -> String {
        let name = match self.code {
            RiskFlagCode::ImplausibleInputs => return self.sentence(),
            RiskFlagCode::Var95 => Measure::Var95.name(),
            RiskFlagCode::Turnover => Measure::Turnover.name(),
            RiskFlagCode::MaxDrawdown => "maximum drawdown",
            RiskFlagCode::LiveDrawdown => "drawdown from the high-water mark",
        };
        let Some(value) = self.value else { return self.sentence() };
        let (warning, critical) =
            (number::limit_percent(self.warning_above), number::limit_percent(self.critical_above));
        let passed = if value > self.critical_above { self.critical_above } else { self.warning_above };
        let value = number::apart(value, passed);
        match self.code {
            RiskFlagCode::MaxDrawdown | RiskFlagCode::LiveDrawdown => format!("{name} {value}%, alert above {warning}"),
            _ => format!("{name} {value}%, warning above {warning}, critical above {critical}"),
        }
    }

    /// The flag as text. Clients match the beginning of this text.
    pub(crate) fn sentence(&self) -> String {
        let Some(value) = self.value else {
            let reason = self.reason.as_deref().map(quote::sentence).unwrap_or_default();
            return format!("{} not assessed: {reason}", self.code.name());
        };
        let limit = number::exact_percent(self.warning_above);
        let head = match self.code {
            RiskFlagCode::ImplausibleInputs => {
                let what = self.reason.as_deref().map(quote::sentence).unwrap_or_default();
                return format!("{}: {what}", self.code.name());
            }
            RiskFlagCode::Var95 => format!("VaR95 elevated above {limit}%"),
            RiskFlagCode::MaxDrawdown => format!("Max drawdown above {limit}%"),
            RiskFlagCode::Turnover => return self.turnover(value),
            RiskFlagCode::LiveDrawdown => format!("Drawdown from the high-water mark above {limit}%"),
        };
        // Enough decimals to tell the value from the limit it exceeded: the critical limit for a critical flag.
        let (passed, critical) = match self.severity {
            FlagSeverity::Critical => {
                (self.critical_above, format!(", critical above {}", number::limit_percent(self.critical_above)))
            }
            FlagSeverity::Warning | FlagSeverity::NotAssessed => (self.warning_above, String::new()),
        };
        let value = number::apart(value, passed);
        format!("{head} ({value}% against a limit of {}{critical})", number::limit_percent(self.warning_above))
    }
}

/// The flags of a plan in a fixed order; empty when every measure was assessed and is within its limit.
pub(crate) fn raise(facts: &Facts) -> Vec<RiskFlag> {
    let alerts = &facts.alerts;
    let measured = [
        (RiskFlagCode::Var95, facts.risk.figure(RiskFigure::Var95), alerts.var_95),
        (RiskFlagCode::MaxDrawdown, facts.risk.figure(RiskFigure::MaxDrawdown), alerts.max_drawdown),
        (RiskFlagCode::Turnover, Ok(facts.turnover_used), alerts.turnover),
        (RiskFlagCode::LiveDrawdown, facts.risk.figure(RiskFigure::LiveDrawdown), alerts.live_drawdown),
    ]
    .into_iter()
    .filter_map(|(code, measure, levels)| {
        let (severity, value, reason) = match measure {
            // It is missing together with the maximum drawdown, whose flag says why.
            Err(_) if code == RiskFlagCode::LiveDrawdown => return None,
            Err(reason) => (FlagSeverity::NotAssessed, None, Some(reason.to_string())),
            Ok(value) if value > levels.critical && may_be_critical(code, facts) => {
                (FlagSeverity::Critical, Some(value), None)
            }
            Ok(value) if value > levels.warning => (FlagSeverity::Warning, Some(value), None),
            Ok(_) => return None,
        };
        Some(RiskFlag { code, severity, value, warning_above: levels.warning, critical_above: levels.critical, reason })
    });
    implausible(facts).into_iter().chain(measured).collect()
}

/// Whether the verdict supports a critical flag of this measure. Alert levels decide nothing: with an approval no flag
/// may say that something is critical, and drawdowns, which have no limit, are alerts only.
fn may_be_critical(code: RiskFlagCode, facts: &Facts) -> bool {
    match code {
        RiskFlagCode::MaxDrawdown | RiskFlagCode::LiveDrawdown => false,
        RiskFlagCode::Var95 => facts.verdict.decision != VerdictDecision::Approved,
        RiskFlagCode::Turnover | RiskFlagCode::ImplausibleInputs => true,
    }
}

/// The flag of implausible input, with the first of its sentences: with such input no other figure is meaningful.
fn implausible(facts: &Facts) -> Option<RiskFlag> {
    let found: Vec<&WarningFacts> = facts.warnings.iter().filter(|warning| warning.code == IMPLAUSIBLE).collect();
    found.first().map(|first| RiskFlag {
        code: RiskFlagCode::ImplausibleInputs,
        severity: FlagSeverity::Critical,
        value: Some(found.len() as f64),
        warning_above: 0.0,
        critical_above: 0.0,
        reason: Some(first.sentence.clone()),
    })
}

/// One sentence for each flag; if there are none, the all-clear, or the verdict's sentence if it does not support the
/// all-clear.
pub(crate) fn sentences(facts: &Facts, flags: &[RiskFlag]) -> Vec<String> {
    match flags {
        [] => vec![facts.verdict.objection().unwrap_or_else(|| ALL_CLEAR.to_owned())],
        flags => flags.iter().map(RiskFlag::sentence).collect(),
    }
}

#[cfg(test)]
mod tests {
    use risk::{Unavailable, UnavailableReason};

    use super::*;
    use crate::sample;

    fn texts(facts: &Facts) -> Vec<String> {
        sentences(facts, &raise(facts))
    }

    #[test]
    fn a_loss_since_the_high_water_mark_is_flagged_beside_the_deepest_one() {
        let mut facts = with_measures(0.01, 0.2, 0.1);
        facts.risk.live_drawdown = Some(0.02);
        assert_eq!(raise(&facts).len(), 1, "the deepest fall is made good");
        facts.risk.live_drawdown = Some(0.09);
        assert_eq!(texts(&facts)[1], "Drawdown from the high-water mark above 8% (9.00% against a limit of 8.00%)");
    }

    fn with_measures(var_95: f64, max_drawdown: f64, turnover_used: f64) -> Facts {
        let mut facts = sample::mixed();
        facts.risk.var_95 = Some(var_95);
        facts.risk.max_drawdown = Some(max_drawdown);
        facts.turnover_used = turnover_used;
        facts
    }

    #[test]
    fn implausible_input_is_flagged_first_and_leaves_no_all_clear() {
        let mut facts = with_measures(0.01, 0.02, 0.1);
        let found = |sentence: &str| WarningFacts { code: IMPLAUSIBLE.to_owned(), sentence: sentence.to_owned() };
        facts.warnings = vec![found("weights sum to 12"), found("prices")];
        let flags = raise(&facts);
        assert_eq!(texts(&facts), ["Implausible input: weights sum to 12"]);
        assert_eq!((flags[0].severity, flags[0].value), (FlagSeverity::Critical, Some(2.0)));
    }

    #[test]
    fn flags_begin_with_the_words_clients_match() {
        assert_eq!(
            texts(&with_measures(0.0412, 0.12, 0.195)),
            [
                "VaR95 elevated above 3% (4.12% against a limit of 3.00%)",
                "Max drawdown above 8% (12.00% against a limit of 8.00%)",
                "Turnover approaching governance cap (19.50%, warning above 18.00%, cap 36.00%)",
            ]
        );
    }

    #[test]
    fn the_narrative_names_a_measure_as_the_verdict_does() {
        let told: Vec<_> = raise(&with_measures(0.0412, 0.12, 0.195)).iter().map(RiskFlag::told).collect();
        assert_eq!(
            told,
            [
                "one-day VaR95 4.12%, warning above 3.00%, critical above 6.00%",
                "maximum drawdown 12.00%, alert above 8.00%",
                "two-way turnover 19.50%, warning above 18.00%, critical above 36.00%",
            ]
        );
    }

    #[test]
    fn a_turnover_above_the_cap_does_not_approach_it() {
        let said = texts(&with_measures(0.01, 0.02, 0.4));
        assert_eq!(said, ["Turnover above governance cap (40.00% against a cap of 36.00%)"]);
    }

    #[test]
    fn a_measure_on_its_limit_is_no_flag_and_the_all_clear_counts_as_none() {
        let facts = with_measures(0.03, 0.08, 0.18);
        assert_eq!(raise(&facts), []);
        assert_eq!(texts(&facts), [ALL_CLEAR]);
    }

    #[test]
    fn a_plan_that_is_not_approved_has_no_all_clear() {
        let mut facts = with_measures(0.03, 0.08, 0.18);
        let sentence = "Review required: above a critical level: annual tracking error after the plan.";
        facts.verdict.decision = pipeline::VerdictDecision::ReviewRequired;
        facts.verdict.sentence = sentence.to_owned();
        assert_eq!(texts(&facts), [sentence.trim_end_matches('.')]);
        let text = crate::narrative::write(&facts, &raise(&facts));
        assert!(text.contains(sentence) && !text.contains(ALL_CLEAR), "{text}");
    }

    #[test]
    fn the_text_follows_the_supervisors_limit() {
        let mut facts = with_measures(0.026, 0.0, 0.0);
        facts.alerts.var_95.warning = 0.025;
        assert_eq!(texts(&facts), ["VaR95 elevated above 2.5% (2.60% against a limit of 2.50%)"]);
    }

    #[test]
    fn a_value_just_above_its_limit_is_written_so_that_it_is_above() {
        assert_eq!(
            texts(&with_measures(0.030_001, 0.0, 0.0)),
            ["VaR95 elevated above 3% (3.0001% against a limit of 3.00%)"]
        );
    }

    #[test]
    fn a_drawdown_is_an_alert_and_no_flag_is_critical_beside_an_approval() {
        let mut facts = with_measures(0.061, 0.2806, 0.1);
        facts.risk.live_drawdown = Some(0.2);
        facts.verdict.decision = pipeline::VerdictDecision::Approved;
        let severities = |facts: &Facts| raise(facts).iter().map(|flag| flag.severity).collect::<Vec<_>>();
        assert_eq!(severities(&facts), [FlagSeverity::Warning; 3]);
        assert_eq!(texts(&facts)[1], "Max drawdown above 8% (28.06% against a limit of 8.00%)");
        facts.verdict.decision = pipeline::VerdictDecision::ReviewRequired;
        assert_eq!(severities(&facts), [FlagSeverity::Critical, FlagSeverity::Warning, FlagSeverity::Warning]);
    }

    #[test]
    fn above_the_critical_limit_the_flag_is_critical() {
        let mut facts = with_measures(0.061, 0.09, 0.36);
        facts.verdict.decision = pipeline::VerdictDecision::ReviewRequired;
        let flags = raise(&facts);
        let severities: Vec<_> = flags.iter().map(|flag| flag.severity).collect();
        assert_eq!(severities, [FlagSeverity::Critical, FlagSeverity::Warning, FlagSeverity::Warning]);
        assert_eq!(
            flags[0].sentence(),
            "VaR95 elevated above 3% (6.10% against a limit of 3.00%, critical above 6.00%)"
        );
    }

    #[test]
    fn a_missing_measure_is_said_and_there_is_no_all_clear() {
        let mut facts = with_measures(0.01, 0.02, 0.1);
        facts.risk.var_95 = None;
        facts.risk.unavailable = vec![Unavailable { metric: "var_95", reason: UnavailableReason::TooFewReturns }];
        let flags = raise(&facts);
        assert_eq!(sentences(&facts, &flags), ["VaR95 not assessed: the history is too short for this figure"]);
        assert_eq!((flags[0].severity, flags[0].value), (FlagSeverity::NotAssessed, None));
    }
}
