//! The words for limits, measures and requests in a committee's brief.

use optimizer::{Limit, Objective};
use pipeline::{LimitPoint, Measure, RelaxationKind, Severity};

use super::{BenchmarkFacts, BriefSentence, CommitteeFacts};

/// A binding limit with the name of the limited asset, group or exposure.
pub(super) fn limit(facts: &CommitteeFacts, limit: &Limit) -> BriefSentence {
    let asset = |words: &str, i: usize| BriefSentence::new(words).name(&facts.assets[i].asset);
    let named = |words: &str, name: &str| BriefSentence::new(words).name(name);
    match limit {
        Limit::CashMin => BriefSentence::new("the minimum cash"),
        Limit::CashMax => BriefSentence::new("the maximum cash"),
        Limit::Lower { asset: i } => asset("the minimum weight of ", *i),
        Limit::Upper { asset: i } => asset("the maximum weight of ", *i),
        Limit::Trade { asset: i } => asset("the trading restriction or maximum trade of ", *i),
        Limit::GroupLower { name } => named("the minimum weight of the group ", name),
        Limit::GroupUpper { name } => named("the maximum weight of the group ", name),
        Limit::ExposureLower { name } => named("the minimum exposure to ", name),
        Limit::ExposureUpper { name } => named("the maximum exposure to ", name),
        Limit::Turnover => BriefSentence::new("the turnover limit"),
        Limit::Leverage => BriefSentence::new("the leverage limit"),
        Limit::TrackingError => BriefSentence::new("the maximum tracking error"),
    }
}

/// The name of a control of the policy in a sentence: that of the verdict's measure where the limit is on the same
/// figure.
pub(super) fn control(name: &str) -> String {
    match name {
        "concentration_name" => Measure::Concentration.name().to_owned(),
        "concentration_group" => "largest group weight".to_owned(),
        "turnover" => Measure::Turnover.name().to_owned(),
        "tracking_error" => Measure::TrackingError.name().to_owned(),
        "var_budget" => Measure::Var95.name().to_owned(),
        "drawdown_stop" => "drawdown from the high-water mark".to_owned(),
        "oversold" => "sales beyond the holding".to_owned(),
        "stale_prices" => "price age".to_owned(),
        other => other.replace('_', " "),
    }
}

/// The quantity that an objective measures, if it is not money.
pub(super) fn measured_by(objective: Objective) -> Option<&'static str> {
    match objective {
        Objective::Utility => None,
        Objective::Variance => Some("risk aversion times annual variance"),
        Objective::TrackingError => Some("risk aversion times squared annual tracking error"),
    }
}

/// The asset that a limit applies to, if there is one.
pub(super) fn limited_asset(limit: &Limit) -> Option<usize> {
    match limit {
        Limit::Lower { asset } | Limit::Upper { asset } | Limit::Trade { asset } => Some(*asset),
        _ => None,
    }
}

/// The book that a measure describes.
pub(super) fn point(point: LimitPoint) -> &'static str {
    match point {
        LimitPoint::Before => "before the plan",
        LimitPoint::After => "after the plan",
    }
}

/// A severity at the start of a sentence.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Clear => "Clear",
        Severity::Warning => "Warning",
        Severity::NotAssessed => "Not assessed",
        Severity::Critical => "Critical",
        Severity::Blocking => "Blocking",
    }
}

/// The request of an agent.
pub(super) fn request(kind: RelaxationKind) -> &'static str {
    match kind {
        RelaxationKind::WithoutRiskFigures => "to plan without figures of risk",
        RelaxationKind::WithoutSimulation => "to plan without the simulation",
        RelaxationKind::WithoutTilt => "to plan without the forecast tilt",
        RelaxationKind::LargerTurnover => "to trade more than the turnover limit",
        RelaxationKind::LooserLimits => "to loosen limits that contradict each other",
    }
}

/// The reference for tracking error, in words. A name is data.
pub(super) fn benchmark(facts: &BenchmarkFacts) -> String {
    match facts {
        BenchmarkFacts::Policy { name: None } => "the targets, rebalanced daily".to_owned(),
        BenchmarkFacts::Policy { name: Some(name) } => format!("{name}, which is the targets, rebalanced daily"),
        BenchmarkFacts::Returns { name: Some(name) } => name.clone(),
        BenchmarkFacts::Returns { name: None } => "the returns that were sent, without a name".to_owned(),
    }
}
