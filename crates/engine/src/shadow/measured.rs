//! What a promotion counts: the figures of a challenger's own runs in shadow.

use models::drift::rising_alarms;
use models::{DriftFindings, IntervalCoverage, MeasuredEvidence, PromotionEvidence, SuperiorityTest};

use super::drift::{NoIndex, apart, stability_index};
use super::report::{Gathered, Window, records_on};
use super::score::losses_of;
use crate::dto::shadow::{ShadowLoss, ShadowReason};
use crate::host::Engine;
use crate::inventory::{Registered, Standings};
use crate::refusal::Refusal;

/// The evidence for a challenger that the service has itself: plans with an outcome that came after them, the p-values of every challenger
/// on record net of costs, the coverage of its intervals, and the drift of what it reads and of its losses.
///
/// # Errors
/// Records that cannot be read.
pub(crate) async fn measured(
    engine: &Engine,
    standings: &Standings,
    entry: &Registered,
) -> Result<MeasuredEvidence, Refusal> {
    let records = records_on(engine, standings, entry).await?;
    let identity = entry.identity();
    let Some(position) = records.iter().position(|record| record.identity == identity) else {
        return Err(Refusal::Internal);
    };
    let own = &records[position];
    let mut unmeasured = Vec::new();
    let superiority = superiority(&records, position)?;
    let coverage = own.coverage();
    if coverage.is_none() {
        unmeasured.push(("/coverage", "none of its intervals has met an outcome".to_owned()));
    }
    let drift = drift(&apart(&own.scored, days), losses_of(entry.card().purpose)[0]);
    let evidence = PromotionEvidence {
        decisions: Some(u32::try_from(own.scored.len()).unwrap_or(u32::MAX)),
        superiority: superiority.map_err(|reason| unmeasured.push(("/superiority", reason.to_owned()))).ok(),
        coverage: coverage.map(|found| IntervalCoverage { nominal: found.nominal, realised: found.realised }),
        drift: drift.map_err(|reason| unmeasured.push(("/drift", reason.to_owned()))).ok(),
    };
    Ok(MeasuredEvidence { evidence, unmeasured })
}

/// The one-sided p-value of each challenger on record, that it earned no more than the champion after costs, or why the one has no test. A
/// challenger without a test counts as an attempt that failed.
fn superiority(records: &[Gathered], own: usize) -> Result<Result<SuperiorityTest, &'static str>, Refusal> {
    let mut p_values = Vec::with_capacity(records.len());
    for (i, record) in records.iter().enumerate() {
        let told = record.compared(ShadowLoss::NegativeNetReturn, 1)?;
        if let (true, Some(reason)) = (i == own, told.reason) {
            return Ok(Err(why(reason)));
        }
        let p = match (told.p_value, told.champion, told.challenger) {
            (Some(p), Some(champion), Some(challenger)) if challenger < champion => p / 2.0,
            (Some(p), ..) => 1.0 - p / 2.0,
            _ => 1.0,
        };
        p_values.push(p);
    }
    Ok(Ok(SuperiorityTest { p_values, challenger: own, is_net_of_costs: true }))
}

fn why(reason: ShadowReason) -> &'static str {
    match reason {
        ShadowReason::TooFewPlans => "fewer than ten plans have an outcome that came after them",
        ShadowReason::PlansOverlap => "the outcomes of more than half of the plans cover the same days",
        ShadowReason::NoDifference => "its plans and those of the champion earned the same, every time",
        ShadowReason::TooLarge => "a loss is too large for a floating-point number",
    }
}

/// Whether the returns of the later half of the plans are those of the earlier one, and whether the losses of the challenger have risen.
fn drift(windows: &[&Window], loss: ShadowLoss) -> Result<DriftFindings, &'static str> {
    let outcomes: Vec<&[f64]> = windows.iter().map(|window| window.scored.returns.as_slice()).collect();
    let index = stability_index(&outcomes).map_err(|cause| match cause {
        NoIndex::TooFew => "the outcomes have too few returns to tell drift from chance",
        NoIndex::NoVariation => "the returns of the outcomes do not vary",
    })?;
    let of = |window: &&Window| window.scored.losses.iter().find(|(own, _)| *own == loss).map(|(_, [_, own])| *own);
    let alarms = rising_alarms(windows.iter().filter_map(of));
    Ok(DriftFindings { population_stability_index: index, has_loss_alarm: alarms > 0 })
}

/// The dates of a plan and of its last return.
fn days(window: &Window) -> (&str, &str) {
    (&window.from, &window.until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shadow::score::Scored;

    /// Plans a week apart with five returns each, of a deviation that may change, and a loss that may.
    fn windows(count: u32, width: impl Fn(u32) -> f64, loss: impl Fn(u32) -> f64) -> Vec<Window> {
        let date = |day: u32| {
            let start = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            (start + chrono::TimeDelta::days(i64::from(day))).to_string()
        };
        let window = |i: u32| {
            let returns = (0..5).map(|t| width(i) * (f64::from((i * 5 + t) * 37 % 101) / 101.0 - 0.5)).collect();
            let own = loss(i) + 0.01 * f64::from(i * 29 % 31);
            let losses = vec![(ShadowLoss::SquaredError, [1.0, own])];
            let scored = Scored { losses, hits: 1, intervals: 1, nominal: Some(0.9), returns };
            Window { from: date(7 * i), until: date(7 * i + 7), scored }
        };
        (0..count).map(window).collect()
    }

    fn found(windows: &[Window]) -> Result<DriftFindings, &'static str> {
        drift(&apart(windows, days), ShadowLoss::SquaredError)
    }

    #[test]
    fn a_width_that_doubles_is_drift_and_the_same_law_is_none() {
        let still = found(&windows(64, |_| 0.02, |_| 1.0)).unwrap();
        assert!(still.population_stability_index < 0.1 && !still.has_loss_alarm, "{still:?}");
        let moved = found(&windows(64, |i| if i < 32 { 0.02 } else { 0.08 }, |_| 1.0)).unwrap();
        assert!(moved.population_stability_index > models::drift::PSI_ALARM, "{moved:?}");
    }

    #[test]
    fn losses_that_rise_sound_the_alarm_and_losses_that_fall_do_not() {
        let rising = |i: u32| if i < 32 { 0.0 } else { 3.0 };
        assert!(found(&windows(64, |_| 0.02, rising)).unwrap().has_loss_alarm);
        assert!(!found(&windows(64, |_| 0.02, |i| 3.0 - rising(i))).unwrap().has_loss_alarm);
    }

    #[test]
    fn outcomes_that_share_days_count_once_and_few_returns_say_nothing() {
        let mut weekly = windows(64, |_| 0.02, |_| 1.0);
        for window in &mut weekly {
            window.until = "2099-01-01".to_owned();
        }
        assert_eq!(apart(&weekly, days).len(), 1);
        assert!(found(&weekly).is_err());
        assert!(found(&windows(6, |_| 0.02, |_| 1.0)).is_err() && found(&[]).is_err());
        assert!(found(&windows(64, |_| 0.0, |_| 1.0)).is_err(), "nothing varies");
    }
}
