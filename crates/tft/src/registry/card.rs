//! The card of a version: where it comes from, what its examination and its trial found, and what it looks at.

use governance::Digest;
use models::{Card, Exposure, Influence, ModelKind, ModelMetric, MonitoringTrigger, Tier};

use super::{Facts, Trial};
use crate::{Admitted, AttentionAhead, Explanation, StaticInput, TftSpec, Weight};

/// The version of the crate that seals.
const CRATE: &str = env!("CARGO_PKG_VERSION");

/// Says of weights that they were examined.
pub(super) fn examined(weights: Digest) -> String {
    format!("all of the weights {weights}, within 1 %")
}

pub(super) fn card(admitted: &Admitted, facts: Facts, trial: &Trial, told: &Explanation) -> Card {
    let spec = admitted.model().spec();
    let (exposure, influence) = (Exposure::WhenNamed, Influence::Informs);
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    // A model with scales of its own is scaled by whoever runs it.
    let scaled: &[&str] = if spec.series.is_empty() {
        &["Inputs and target have the scale of its training: whoever asks it has to scale them alike."]
    } else {
        &[]
    };
    let mut known_limits = owned(scaled);
    known_limits
        .extend(owned(&["Selection weights and attention say which inputs it used, not what causes the target."]));
    if !trial.shows_edge() {
        known_limits.insert(0, format!("On {}: {}.", trial.data, trial.verdict()));
    }
    Card {
        id: facts.id,
        version: facts.version,
        purpose: facts.purpose,
        kind: ModelKind::Model,
        exposure,
        influence,
        tier: Tier::of(exposure, influence),
        owner: facts.owner,
        summary: facts.summary,
        intended_use: format!("A challenger: quantiles of the coming {} periods where it is named.", spec.horizon),
        not_for: owned(&["series that it was not trained on", "trades, while its trial shows no edge"]),
        features: features(spec),
        target: facts.target,
        data_digest: Some(facts.data),
        training_span: Some(facts.span),
        seed: Some(facts.seed.0),
        crate_versions: [("tft".to_owned(), CRATE.to_owned())].into(),
        metrics: metrics(admitted, trial, told),
        trials: facts.trials,
        known_limits,
        monitoring_triggers: vec![
            MonitoringTrigger::in_words(
                "pinball loss against the rivals of its trial",
                "worse beyond chance than one of them",
                "demote, and train again",
            ),
            MonitoringTrigger::in_words(
                "share of outcomes below each quantile, over a year",
                "more than 5 points from the level",
                "demote, and train again",
            ),
        ],
        dependencies: Vec::new(),
        outcomes_analysis: format!("{}: {}.", trial.data, trial.verdict()),
    }
}

fn features(spec: &TftSpec) -> Vec<String> {
    let statics = spec.statics.iter().map(|input| format!("{}, static", StaticInput::name(input)));
    let observed = spec.observed.iter().map(|name| format!("{name}, over {} periods", spec.lookback));
    let known = spec.known.iter().map(|name| format!("{name}, known {} periods ahead", spec.horizon));
    statics.chain(observed).chain(known).collect()
}

fn metrics(admitted: &Admitted, trial: &Trial, told: &Explanation) -> Vec<ModelMetric> {
    let plain = |name: String, value: f64, verdict: String| ModelMetric { name, value, interval: None, verdict };
    let found = admitted.examination();
    let learnt = &found.comparison;
    let tested = |judgement: &evaluate::Judgement| {
        let evaluate::Judgement { verdict, p_value, trials, level } = judgement;
        let tests = if *trials == 1 { "1 test".to_owned() } else { format!("{trials} tests") };
        format!("{verdict} (Diebold-Mariano, p = {p_value:.3}, {tests} at {:.0} % in all)", 100.0 * level)
    };
    let mut all = vec![
        plain(
            "tensors whose derivative was compared with a difference".to_owned(),
            found.differences.len() as f64,
            examined(found.weights),
        ),
        plain(
            format!("pinball loss less than that of unconditional quantiles, {} origins", learnt.origins),
            learnt.unconditional - learnt.model,
            tested(&learnt.judgement),
        ),
    ];
    for rival in &trial.rivals {
        let name = format!("pinball loss less than that of {}, {}, {} origins", rival.name, trial.data, trial.origins);
        all.push(plain(name, rival.loss - trial.loss, tested(&rival.judgement)));
    }
    let of = format!("mean over {} windows", told.windows);
    let selections =
        [("static covariates", &told.statics), ("past inputs", &told.past), ("known inputs ahead", &told.future)];
    for (kind, weights) in selections {
        for Weight { name, weight } in weights {
            all.push(plain(format!("selection weight of {name} among the {kind}"), *weight, of.clone()));
        }
    }
    for AttentionAhead { ahead, weights } in &told.attention {
        for (place, share) in bands(weights, *ahead) {
            all.push(plain(format!("attention {ahead} ahead: {place}"), share, of.clone()));
        }
    }
    all
}

/// The attention of a step of the horizon by where it falls: the origin is the last row of the lookback, and `ahead`
/// rows follow it.
fn bands(weights: &[f64], ahead: usize) -> Vec<(&'static str, f64)> {
    let behind = weights.len().saturating_sub(ahead);
    let (past, future) = weights.split_at(behind);
    let cuts = [behind.saturating_sub(22), behind.saturating_sub(5), behind.saturating_sub(1)];
    let parts = [
        ("earlier than 22 periods", &past[..cuts[0]]),
        ("6 to 22 periods up to the origin", &past[cuts[0]..cuts[1]]),
        ("2 to 5 periods up to the origin", &past[cuts[1]..cuts[2]]),
        ("the origin", &past[cuts[2]..]),
        ("after the origin", future),
    ];
    let share = |(place, part): (&'static str, &[f64])| (!part.is_empty()).then(|| (place, part.iter().sum()));
    parts.into_iter().filter_map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attention_is_told_by_where_it_falls() {
        // 24 rows up to the origin, of weights 1 to 24, and two after it, of weights 100 and 200.
        let mut weights: Vec<f64> = (1..=24).map(f64::from).collect();
        weights.extend([100.0, 200.0]);
        let told: Vec<f64> = bands(&weights, 2).into_iter().map(|(_, share)| share).collect();
        // 1 + 2; 3 to 19; 20 to 23; 24.
        assert_eq!(told, [3.0, 187.0, 86.0, 24.0, 300.0]);
        let short: Vec<_> = bands(&[0.25, 0.75], 1).into_iter().collect();
        assert_eq!(short, [("the origin", 0.25), ("after the origin", 0.75)]);
    }
}
