//! Evidence that the service measured, and what a request claims beside it.

use super::rule::{EvidenceGap, Finding, weigh};
use super::{DriftFindings, IntervalCoverage, PromotionEvidence, SuperiorityTest};

/// What was measured of a challenger, and why a part could not be measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeasuredEvidence {
    /// The parts that were measured.
    pub evidence: PromotionEvidence,
    /// The parts that were not, as JSON pointers from the evidence, each with the reason.
    pub unmeasured: Vec<(&'static str, String)>,
}

/// The evidence that counts: what was measured, where a claim may make it worse and never better.
///
/// Fewer decisions, a higher p-value of the challenger, a coverage further from its nominal one, and a drift that only the claim has seen
/// count. So do trials that are not on record: as many attempts as the claim lists beyond the measured ones, each with a p-value of 1,
/// because a small one would raise the limit of a step-up procedure for the others. A part that was not measured is missing, whatever is
/// claimed.
///
/// # Example
/// ```
/// use models::{PromotionEvidence, counted};
///
/// let measured = PromotionEvidence { decisions: Some(60), ..PromotionEvidence::default() };
/// let claimed = PromotionEvidence { decisions: Some(5_000), ..PromotionEvidence::default() };
/// assert_eq!(counted(&measured, &claimed).decisions, Some(60));
/// ```
#[must_use]
pub fn counted(measured: &PromotionEvidence, claimed: &PromotionEvidence) -> PromotionEvidence {
    PromotionEvidence {
        decisions: measured.decisions.map(|own| claimed.decisions.map_or(own, |claim| own.min(claim))),
        superiority: measured.superiority.as_ref().map(|own| with_trials(own, claimed.superiority.as_ref())),
        coverage: measured.coverage.map(|own| claimed.coverage.map_or(own, |claim| further(own, claim))),
        drift: measured.drift.map(|own| claimed.drift.map_or(own, |claim| more_drift(own, claim))),
    }
}

fn with_trials(measured: &SuperiorityTest, claimed: Option<&SuperiorityTest>) -> SuperiorityTest {
    let mut counted = measured.clone();
    let Some(claimed) = claimed else { return counted };
    if let (Some(own), Some(claim)) =
        (counted.p_values.get_mut(measured.challenger), claimed.p_values.get(claimed.challenger))
    {
        *own = own.max(*claim);
    }
    counted.p_values.resize(measured.p_values.len().max(claimed.p_values.len()), 1.0);
    counted.is_net_of_costs &= claimed.is_net_of_costs;
    counted
}

fn further(measured: IntervalCoverage, claimed: IntervalCoverage) -> IntervalCoverage {
    let miss = |coverage: IntervalCoverage| (coverage.realised - coverage.nominal).abs();
    if miss(claimed) > miss(measured) { claimed } else { measured }
}

fn more_drift(measured: DriftFindings, claimed: DriftFindings) -> DriftFindings {
    DriftFindings {
        population_stability_index: measured.population_stability_index.max(claimed.population_stability_index),
        has_loss_alarm: measured.has_loss_alarm || claimed.has_loss_alarm,
    }
}

/// The gaps in what was measured, with the claims of a request beside it; empty if there are none. Each names both figures.
///
/// The rule is that of [`weigh`] on [`counted`] evidence. A claim that is impossible in itself is named as such, before anything else.
///
/// # Example
/// ```
/// use models::{MeasuredEvidence, PromotionEvidence, weigh_measured};
///
/// let claimed = PromotionEvidence { decisions: Some(72), ..PromotionEvidence::default() };
/// let measured = PromotionEvidence { decisions: Some(1), ..PromotionEvidence::default() };
/// let measured = MeasuredEvidence { evidence: measured, ..MeasuredEvidence::default() };
/// let gap = &weigh_measured(&measured, &claimed)[0];
/// assert_eq!(gap.detail, "1 decisions are fewer than 60; measured: 1; claimed: 72");
/// ```
#[must_use]
pub fn weigh_measured(measured: &MeasuredEvidence, claimed: &PromotionEvidence) -> Vec<EvidenceGap> {
    let impossible: Vec<EvidenceGap> =
        weigh(claimed).into_iter().filter(|gap| gap.finding == Finding::Impossible).collect();
    if !impossible.is_empty() {
        return impossible;
    }
    let beside = |mut gap: EvidenceGap| {
        let reason = measured.unmeasured.iter().find(|(part, _)| *part == gap.part);
        if let (Finding::Missing, Some((_, reason))) = (gap.finding, reason) {
            gap.detail.clone_from(reason);
        }
        let [was, claim] = [&measured.evidence, claimed].map(|evidence| told(gap.part, evidence));
        gap.detail = format!("{}; measured: {was}; claimed: {claim}", gap.detail);
        gap
    };
    weigh(&counted(&measured.evidence, claimed)).into_iter().map(beside).collect()
}

/// The figures of a part in words.
fn told(part: &str, evidence: &PromotionEvidence) -> String {
    let text = match part.split('/').nth(1) {
        Some("decisions") => evidence.decisions.map(|decisions| decisions.to_string()),
        Some("superiority") => evidence.superiority.as_ref().map(|test| {
            let own = test.p_values.get(test.challenger).map_or("nothing".to_owned(), |p| format!("p = {}", short(*p)));
            let costs = if test.is_net_of_costs { "net of costs" } else { "before costs" };
            format!("{own} among {} attempts, {costs}", test.p_values.len())
        }),
        Some("coverage") => {
            evidence.coverage.map(|coverage| format!("{} of {}", short(coverage.realised), short(coverage.nominal)))
        }
        Some("drift") => evidence.drift.map(|drift| {
            let alarm = if drift.has_loss_alarm { "an alarm" } else { "no alarm" };
            format!("{} and {alarm} on the losses", short(drift.population_stability_index))
        }),
        _ => None,
    };
    text.unwrap_or_else(|| "nothing".to_owned())
}

/// A figure with four digits after the point at most.
fn short(figure: f64) -> String {
    ((figure * 1e4).round() / 1e4).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(decisions: u32, p_values: &[f64], realised: f64, index: f64) -> PromotionEvidence {
        PromotionEvidence {
            decisions: Some(decisions),
            superiority: Some(SuperiorityTest { p_values: p_values.to_vec(), challenger: 0, is_net_of_costs: true }),
            coverage: Some(IntervalCoverage { nominal: 0.9, realised }),
            drift: Some(DriftFindings { population_stability_index: index, has_loss_alarm: false }),
        }
    }

    fn gaps(measured: PromotionEvidence, claimed: &PromotionEvidence) -> Vec<&'static str> {
        let measured = MeasuredEvidence { evidence: measured, unmeasured: Vec::new() };
        weigh_measured(&measured, claimed).into_iter().map(|gap| gap.part).collect()
    }

    #[test]
    fn a_claim_makes_nothing_better() {
        let poor = evidence(12, &[0.3, 0.6], 0.8, 0.4);
        let splendid = evidence(900, &[0.000_1], 0.9, 0.0);
        assert_eq!(counted(&poor, &splendid), poor);
        let parts = ["/decisions", "/superiority/p_values", "/coverage", "/drift/population_stability_index"];
        assert_eq!(gaps(poor, &splendid), parts);
        let good = evidence(60, &[0.001, 0.6], 0.91, 0.05);
        assert_eq!(gaps(good.clone(), &PromotionEvidence::default()), [""; 0]);
        assert_eq!(gaps(good, &splendid), [""; 0]);
    }

    #[test]
    fn a_claim_makes_worse_what_it_admits() {
        let good = evidence(60, &[0.001, 0.6], 0.91, 0.05);
        let with = |claim: PromotionEvidence| gaps(good.clone(), &claim);
        assert_eq!(with(PromotionEvidence { decisions: Some(59), ..Default::default() }), ["/decisions"]);
        let drift = DriftFindings { population_stability_index: 0.0, has_loss_alarm: true };
        assert_eq!(with(PromotionEvidence { drift: Some(drift), ..Default::default() }), ["/drift/has_loss_alarm"]);
        let coverage = IntervalCoverage { nominal: 0.9, realised: 0.86 };
        assert_eq!(with(PromotionEvidence { coverage: Some(coverage), ..Default::default() }), ["/coverage"]);
        let own = SuperiorityTest { p_values: vec![0.2], challenger: 0, is_net_of_costs: true };
        assert_eq!(with(PromotionEvidence { superiority: Some(own), ..Default::default() }), ["/superiority/p_values"]);
    }

    #[test]
    fn trials_off_the_record_count_by_their_number_and_their_p_values_help_nobody() {
        // 0.02 is a discovery beside one other attempt, 0.02 ≤ 0.05/2, and none beside two, 0.02 > 0.05/3.
        let measured = evidence(60, &[0.02, 0.6], 0.91, 0.05);
        let claim = |p_values: &[f64]| PromotionEvidence {
            superiority: Some(SuperiorityTest { p_values: p_values.to_vec(), challenger: 0, is_net_of_costs: true }),
            ..PromotionEvidence::default()
        };
        assert_eq!(gaps(measured.clone(), &claim(&[0.02, 0.6])), [""; 0]);
        // Made-up discoveries would lift the limit of Benjamini and Hochberg to 0.02 at least.
        assert_eq!(gaps(measured, &claim(&[0.02, 0.0, 0.0])), ["/superiority/p_values"]);
    }

    #[test]
    fn what_was_not_measured_is_missing_with_its_reason_and_what_is_impossible_is_said_first() {
        let none = MeasuredEvidence {
            evidence: PromotionEvidence { decisions: Some(0), ..PromotionEvidence::default() },
            unmeasured: vec![("/coverage", "no interval has met an outcome".to_owned())],
        };
        let claimed = evidence(72, &[0.004, 0.4], 0.91, 0.06);
        let found = weigh_measured(&none, &claimed);
        let parts: Vec<_> = found.iter().map(|gap| (gap.part, gap.finding)).collect();
        let missing = Finding::Missing;
        let all =
            [("/decisions", Finding::Short), ("/superiority", missing), ("/coverage", missing), ("/drift", missing)];
        assert_eq!(parts, all);
        assert_eq!(found[2].detail, "no interval has met an outcome; measured: nothing; claimed: 0.91 of 0.9");
        assert!(found[1].detail.ends_with("measured: nothing; claimed: p = 0.004 among 2 attempts, net of costs"));
        let impossible = weigh_measured(&none, &evidence(72, &[1.5], 0.91, 0.06));
        assert_eq!(impossible.iter().map(|gap| gap.part).collect::<Vec<_>>(), ["/superiority/p_values"]);
    }
}
