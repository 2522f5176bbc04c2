//! The evidence for a learned allocator: its trial on the days held out, which was sealed with it.

use learned::LearnedAllocator;
use models::{
    DriftFindings, EvidenceGap, Finding, MeasuredEvidence, PromotionEvidence, SuperiorityTest, weigh_measured,
};

use crate::inventory::{Part, Registered, Standings};

/// What the trial of an allocator measured, and its gaps beside the claims of a request.
///
/// A decision is a day held out. The p-value is that the allocator grew no faster than the best of the plain policies, the closed-form band
/// among them, net of costs; the attempts are all trainings on the same data, those that were only counted with p = 1. The verdict of the
/// trial itself, over all comparisons, has to be an edge as well. It states no interval, so there is no coverage to weigh.
pub(crate) fn weighed(
    standings: &Standings,
    entry: &Registered,
    learned: &LearnedAllocator,
    claimed: &PromotionEvidence,
) -> (Vec<EvidenceGap>, PromotionEvidence) {
    let measured = measured(standings, entry, learned);
    let mut gaps = weigh_measured(&measured, claimed);
    gaps.retain(|gap| gap.part != COVERAGE || gap.finding == Finding::Impossible);
    let is_weighed = gaps.iter().any(|gap| gap.part.starts_with(SUPERIORITY));
    if !learned.trial.shows_edge() && !is_weighed {
        let detail = format!(
            "its trial has no edge: it is not better than every plain policy over {} comparisons",
            learned.trial.comparisons
        );
        gaps.push(EvidenceGap { part: SUPERIORITY, finding: Finding::Short, detail });
    }
    (gaps, measured.evidence)
}

/// Parts of the evidence.
const COVERAGE: &str = "/coverage";
const SUPERIORITY: &str = "/superiority";

fn measured(standings: &Standings, entry: &Registered, learned: &LearnedAllocator) -> MeasuredEvidence {
    let (trial, data) = (&learned.trial, entry.card().data_digest);
    let (mut p_values, mut challenger) = (Vec::new(), 0);
    let on_the_same_data = standings.trained().iter().filter(|other| other.card().data_digest == data);
    for other in on_the_same_data {
        let Part::Allocator(own) = other.part() else { continue };
        if other.identity() == entry.identity() {
            challenger = p_values.len();
        }
        p_values.push(own.trial.p_value());
    }
    let trials = usize::try_from(trial.trials).unwrap_or(usize::MAX).min(MOST_ATTEMPTS);
    p_values.resize(p_values.len().max(trials), 1.0);
    let drift = trial.drift.map(|drift| DriftFindings {
        population_stability_index: drift.stability_index,
        has_loss_alarm: drift.loss_alarms > 0,
    });
    let unmeasured = match drift {
        Some(_) => Vec::new(),
        None => vec![("/drift", "its trial did not measure drift: train it again".to_owned())],
    };
    let evidence = PromotionEvidence {
        decisions: Some(u32::try_from(trial.days).unwrap_or(u32::MAX)),
        superiority: Some(SuperiorityTest { p_values, challenger, is_net_of_costs: true }),
        coverage: None,
        drift,
    };
    MeasuredEvidence { evidence, unmeasured }
}

/// Attempts that are listed: with as many nothing that a trial can measure is a discovery.
const MOST_ATTEMPTS: usize = 10_000;
