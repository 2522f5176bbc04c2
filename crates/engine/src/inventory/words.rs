//! How the cards of built-in models are written: words once, in code.

use models::{
    Card, Exposure, Influence, ModelKind, ModelMetric, MonitoredFigure, MonitoringTrigger, Purpose, Tier, TriggerLimit,
};

/// The version of the crates with which the built-in versions were sealed. It is part of their digests: a later version of a crate that
/// gives the same golden outputs leaves it as it is.
const SEALED_WITH: &str = "0.1.0";

/// Who answers for a built-in model.
const OWNER: &str = "the maintainers of this repository for the method, the operator of the service for its use";

/// A figure of a trial: name, value, its interval at 95 % where the trial gives one, verdict.
pub(super) type Figure = (&'static str, f64, Option<[f64; 2]>, &'static str);

/// A trigger of a card.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trigger {
    /// Measure, limit, action: the service measures it.
    Measured(&'static str, TriggerLimit, &'static str),
    /// Measure, threshold, action: no record gives the figure.
    InWords([&'static str; 3]),
}

/// A limit that is crossed below `lower`.
pub(super) const fn below(lower: f64, figure: MonitoredFigure, observations: u32) -> TriggerLimit {
    TriggerLimit { figure, lower: Some(lower), upper: None, observations }
}

/// A limit that is crossed above `upper`.
pub(super) const fn above(upper: f64, figure: MonitoredFigure, observations: u32) -> TriggerLimit {
    TriggerLimit { figure, lower: None, upper: Some(upper), observations }
}

/// A limit that is crossed on either side.
pub(super) const fn outside(lower: f64, upper: f64, figure: MonitoredFigure, observations: u32) -> TriggerLimit {
    TriggerLimit { figure, lower: Some(lower), upper: Some(upper), observations }
}

/// The card of a built-in model or tool.
pub(super) struct Words {
    pub(super) id: &'static str,
    pub(super) purpose: Purpose,
    pub(super) kind: ModelKind,
    pub(super) exposure: Exposure,
    pub(super) influence: Influence,
    pub(super) summary: &'static str,
    pub(super) intended_use: &'static str,
    pub(super) not_for: &'static [&'static str],
    pub(super) features: &'static [&'static str],
    pub(super) target: &'static str,
    pub(super) crates: &'static [&'static str],
    pub(super) figures: &'static [Figure],
    pub(super) trials: u32,
    pub(super) limits: &'static [&'static str],
    pub(super) triggers: &'static [Trigger],
    pub(super) dependencies: &'static [&'static str],
    pub(super) outcomes_analysis: &'static str,
}

impl Words {
    /// The card of a version.
    pub(super) fn card(&self, version: &str) -> Card {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Card {
            id: self.id.to_owned(),
            version: version.to_owned(),
            purpose: self.purpose,
            kind: self.kind,
            exposure: self.exposure,
            influence: self.influence,
            tier: Tier::of(self.exposure, self.influence),
            owner: OWNER.to_owned(),
            summary: self.summary.to_owned(),
            intended_use: self.intended_use.to_owned(),
            not_for: owned(self.not_for),
            features: owned(self.features),
            target: self.target.to_owned(),
            // Nothing built in was trained: settings come from the literature and are the weights of the version.
            data_digest: None,
            training_span: None,
            seed: None,
            crate_versions: self.crates.iter().map(|name| ((*name).to_owned(), SEALED_WITH.to_owned())).collect(),
            metrics: self.figures.iter().map(metric).collect(),
            trials: self.trials,
            known_limits: owned(self.limits),
            monitoring_triggers: self.triggers.iter().map(trigger).collect(),
            dependencies: owned(self.dependencies),
            outcomes_analysis: self.outcomes_analysis.to_owned(),
        }
    }
}

fn metric((name, value, interval, verdict): &Figure) -> ModelMetric {
    ModelMetric { name: (*name).to_owned(), value: *value, interval: *interval, verdict: (*verdict).to_owned() }
}

fn trigger(trigger: &Trigger) -> MonitoringTrigger {
    match trigger {
        Trigger::Measured(measure, limit, action) => MonitoringTrigger::measured(*measure, *limit, *action),
        Trigger::InWords([measure, threshold, action]) => MonitoringTrigger::in_words(*measure, *threshold, *action),
    }
}
