//! The rule: a promotion requires every part to be present and sufficient.

use super::{DriftFindings, IntervalCoverage, PromotionEvidence, SuperiorityTest};
use crate::drift::PSI_ALARM;

/// Minimum number of decisions shared by challenger and champion.
pub const DECISIONS_MIN: u32 = 60;
/// The rate at which false discoveries are controlled over the attempts of one purpose.
pub const FALSE_DISCOVERY_RATE: f64 = 0.05;
/// How far the realised coverage may be from the nominal one: three points.
pub const COVERAGE_TOLERANCE: f64 = 0.03;

/// The fault of a part of the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// It was not sent.
    Missing,
    /// It was sent but is impossible: a p-value above one, a position beyond the list.
    Impossible,
    /// It was sent but does not satisfy the rule.
    Short,
}

/// A part of the evidence that is missing or insufficient.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceGap {
    /// JSON pointer of the part, from the evidence: `/coverage`.
    pub part: &'static str,
    /// The fault.
    pub finding: Finding,
    /// The rule, with the figures.
    pub detail: String,
}

/// The gaps in the evidence for promoting a challenger; empty if there are none.
///
/// The rule: at least [`DECISIONS_MIN`] decisions; the challenger among the discoveries of Benjamini and Hochberg (1995) at
/// [`FALSE_DISCOVERY_RATE`] over all attempts, net of costs; coverage within [`COVERAGE_TOLERANCE`] of the nominal one; a population
/// stability index below [`PSI_ALARM`] and no alarm on the losses.
///
/// # Example
/// ```
/// use models::{PromotionEvidence, weigh};
///
/// let parts: Vec<&str> = weigh(&PromotionEvidence::default()).iter().map(|gap| gap.part).collect();
/// assert_eq!(parts, ["/decisions", "/superiority", "/coverage", "/drift"]);
/// ```
#[must_use]
pub fn weigh(evidence: &PromotionEvidence) -> Vec<EvidenceGap> {
    let PromotionEvidence { decisions, superiority, coverage, drift } = evidence;
    let missing = |part, what: &str| vec![EvidenceGap { part, finding: Finding::Missing, detail: what.to_owned() }];
    let mut gaps = match decisions {
        None => missing("/decisions", "the number of decisions that both ran on is not stated"),
        Some(number) => of_decisions(*number),
    };
    gaps.extend(match superiority {
        None => missing("/superiority", "no test against the champion, net of costs, is stated"),
        Some(test) => of_test(test),
    });
    gaps.extend(match coverage {
        None => missing("/coverage", "the coverage of the intervals is not stated"),
        Some(coverage) => of_coverage(*coverage),
    });
    gaps.extend(match drift {
        None => missing("/drift", "the alarms of drift are not stated"),
        Some(drift) => of_drift(*drift),
    });
    gaps
}

fn of_decisions(number: u32) -> Vec<EvidenceGap> {
    let detail = || format!("{number} decisions are fewer than {DECISIONS_MIN}");
    gap("/decisions", Finding::Short, number < DECISIONS_MIN, detail).into_iter().collect()
}

fn of_test(test: &SuperiorityTest) -> Vec<EvidenceGap> {
    let impossible = Finding::Impossible;
    if let Some(p) = test.p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Vec::from_iter(gap("/superiority/p_values", impossible, true, || format!("{p} is no p-value")));
    }
    let Some(&p) = test.p_values.get(test.challenger) else {
        let detail = || format!("there is no attempt {} among {}", test.challenger, test.p_values.len());
        return Vec::from_iter(gap("/superiority/challenger", impossible, true, detail));
    };
    let limit = discovery_limit(&test.p_values);
    let undiscovered = || {
        format!(
            "p = {p} is no discovery among {} attempts at a false discovery rate of {FALSE_DISCOVERY_RATE}",
            test.p_values.len()
        )
    };
    let gross = || "the test is not net of costs".to_owned();
    [
        gap("/superiority/is_net_of_costs", Finding::Short, !test.is_net_of_costs, gross),
        gap("/superiority/p_values", Finding::Short, limit.is_none_or(|limit| p > limit), undiscovered),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The largest p-value that the procedure of Benjamini and Hochberg (1995) counts as a discovery: `p₍ₖ₎` for the
/// largest `k` with `p₍ₖ₎ ≤ k·q/m`. It controls the rate when the tests are independent or positively dependent.
fn discovery_limit(p_values: &[f64]) -> Option<f64> {
    let mut sorted = p_values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let is_below = |(k, p): &(usize, f64)| *p <= (*k as f64 + 1.0) * FALSE_DISCOVERY_RATE / count;
    sorted.into_iter().enumerate().rfind(is_below).map(|(_, p)| p)
}

fn of_coverage(coverage: IntervalCoverage) -> Vec<EvidenceGap> {
    let IntervalCoverage { nominal, realised } = coverage;
    for (part, share) in [("/coverage/nominal", nominal), ("/coverage/realised", realised)] {
        if !(0.0..=1.0).contains(&share) {
            return Vec::from_iter(gap(part, Finding::Impossible, true, || format!("{share} is no share")));
        }
    }
    // A hair more than the tolerance, so that 0.93 beside 0.9 is three points although no double is either.
    let is_far = (realised - nominal).abs() > COVERAGE_TOLERANCE + 1e-12;
    let detail = || format!("a coverage of {realised} is more than three points from {nominal}");
    gap("/coverage", Finding::Short, is_far, detail).into_iter().collect()
}

fn of_drift(drift: DriftFindings) -> Vec<EvidenceGap> {
    let index = drift.population_stability_index;
    if !(index >= 0.0 && index.is_finite()) {
        let detail = || format!("{index} is no population stability index");
        let part = "/drift/population_stability_index";
        return Vec::from_iter(gap(part, Finding::Impossible, true, detail));
    }
    let moved = || format!("a population stability index of {index} is an alarm, from {PSI_ALARM}");
    let alarm = || "the alarm on the losses has sounded".to_owned();
    [
        gap("/drift/population_stability_index", Finding::Short, index >= PSI_ALARM, moved),
        gap("/drift/has_loss_alarm", Finding::Short, drift.has_loss_alarm, alarm),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn gap(part: &'static str, finding: Finding, is_gap: bool, detail: impl FnOnce() -> String) -> Option<EvidenceGap> {
    is_gap.then(|| EvidenceGap { part, finding, detail: detail() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> PromotionEvidence {
        PromotionEvidence {
            decisions: Some(60),
            superiority: Some(SuperiorityTest {
                p_values: vec![0.4, 0.012, 0.72, 0.9],
                challenger: 1,
                is_net_of_costs: true,
            }),
            coverage: Some(IntervalCoverage { nominal: 0.9, realised: 0.93 }),
            drift: Some(DriftFindings { population_stability_index: 0.24, has_loss_alarm: false }),
        }
    }

    fn found(change: impl FnOnce(&mut PromotionEvidence)) -> Vec<(&'static str, Finding)> {
        let mut evidence = good();
        change(&mut evidence);
        weigh(&evidence).into_iter().map(|gap| (gap.part, gap.finding)).collect()
    }

    fn test(p_values: &[f64], challenger: usize) -> Option<SuperiorityTest> {
        Some(SuperiorityTest { p_values: p_values.to_vec(), challenger, is_net_of_costs: true })
    }

    #[test]
    fn good_evidence_has_no_gap() {
        assert_eq!(found(|_| {}), []);
    }

    #[test]
    fn each_part_is_named_when_it_is_missing_or_short() {
        assert_eq!(found(|e| e.decisions = Some(59)), [("/decisions", Finding::Short)]);
        assert_eq!(found(|e| e.superiority = None), [("/superiority", Finding::Missing)]);
        let gross = |e: &mut PromotionEvidence| {
            e.superiority = Some(SuperiorityTest { p_values: vec![0.01], challenger: 0, is_net_of_costs: false });
        };
        assert_eq!(found(gross), [("/superiority/is_net_of_costs", Finding::Short)]);
        let coverage = |nominal, realised| found(move |e| e.coverage = Some(IntervalCoverage { nominal, realised }));
        assert_eq!(coverage(0.9, 0.87), []);
        assert_eq!(coverage(0.9, 0.869), [("/coverage", Finding::Short)]);
        assert_eq!(coverage(0.9, 1.1), [("/coverage/realised", Finding::Impossible)]);
        let drift = |population_stability_index, has_loss_alarm| {
            found(move |e| e.drift = Some(DriftFindings { population_stability_index, has_loss_alarm }))
        };
        assert_eq!(drift(0.25, false), [("/drift/population_stability_index", Finding::Short)]);
        assert_eq!(drift(0.1, true), [("/drift/has_loss_alarm", Finding::Short)]);
        assert_eq!(drift(f64::NAN, true), [("/drift/population_stability_index", Finding::Impossible)]);
    }

    #[test]
    fn a_p_value_counts_beside_all_attempts_and_not_alone() {
        // 0.04 alone is a discovery; as the best of ten it is none: 0.05 / 10.
        assert_eq!(found(|e| e.superiority = test(&[0.04], 0)), []);
        let ten = [0.04, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
        assert_eq!(found(|e| e.superiority = test(&ten, 0)), [("/superiority/p_values", Finding::Short)]);
        assert_eq!(found(|e| e.superiority = test(&[], 0)), [("/superiority/challenger", Finding::Impossible)]);
        assert_eq!(found(|e| e.superiority = test(&[1.5], 0)), [("/superiority/p_values", Finding::Impossible)]);
    }

    #[test]
    fn discoveries_are_those_of_the_published_example() {
        // Benjamini and Hochberg (1995), section 4.1: fifteen p-values, of which four are discoveries at 0.05.
        let published = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0000,
        ];
        assert_eq!(discovery_limit(&published), Some(0.0095));
        assert_eq!(discovery_limit(&[0.5, 0.9]), None);
    }
}
