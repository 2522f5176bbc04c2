//! The figures of triggers over what was seen.

use models::drift::rising_alarms;
use models::{MonitoredFigure, MonitoringTrigger, TriggerLimit};
use risk::RiskError;

use super::seen::{Held, Seen};
use crate::calibration::{cost, daily_var, horizon_var, tracking_error};
use crate::dto::monitoring::{TriggerReading, TriggerReason};
use crate::dto::outcome::KeptOutcome;
use crate::refusal::Refusal;
use crate::shadow::{NoIndex, apart, stability_index};

/// A figure, or why there is none, over a number of observations.
type Found = (usize, Result<f64, TriggerReason>);

/// What the triggers of one model read.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Plans in the order of time.
    pub(super) seen: Vec<Seen>,
    /// p-value that it is no worse than the champion, over a number of plans; of a challenger.
    pub(super) worse: Option<Found>,
    /// Days since the last day of its data; of what was trained.
    pub(super) age_days: Option<f64>,
}

impl Evidence {
    /// What each trigger measures.
    ///
    /// # Errors
    /// A score that a test refuses, which would be a bug.
    pub(super) fn readings(&self, triggers: &[MonitoringTrigger]) -> Result<Vec<TriggerReading>, Refusal> {
        let apart = apart(&self.seen, |seen| (&seen.from, &seen.until));
        let reading = |trigger: &MonitoringTrigger| {
            let found = match &trigger.limit {
                None => (0, Err(TriggerReason::NotRecorded)),
                Some(limit) => {
                    enough(limit, self.figure(limit.figure, &apart).map_err(|error| Refusal::internal(&error))?)
                }
            };
            Ok(told(trigger, found))
        };
        triggers.iter().map(reading).collect()
    }

    fn figure(&self, figure: MonitoredFigure, apart: &[&Seen]) -> Result<Found, RiskError> {
        let kept = || -> Vec<KeptOutcome> { apart.iter().filter_map(|seen| seen.kept.clone()).collect() };
        let found = match figure {
            MonitoredFigure::NextReturnCoverage => share(apart.iter().map(|seen| seen.next)),
            MonitoredFigure::MeanReturnCoverage => share(apart.iter().map(|seen| seen.means)),
            MonitoredFigure::LossAlarms => {
                let losses: Vec<f64> = apart.iter().filter_map(|seen| seen.loss).collect();
                (losses.len(), Ok(rising_alarms(losses.iter().copied()) as f64))
            }
            MonitoredFigure::StabilityIndex => {
                let outcomes: Vec<&[f64]> = apart.iter().map(|seen| seen.returns.as_slice()).collect();
                let index = stability_index(&outcomes).map_err(|cause| match cause {
                    NoIndex::TooFew => TriggerReason::TooFewObservations,
                    NoIndex::NoVariation => TriggerReason::NoVariation,
                });
                (outcomes.iter().map(|returns| returns.len()).sum(), index)
            }
            MonitoredFigure::TrackingErrorRatio => {
                let spread = tracking_error(&kept())?;
                (spread.outcomes, spread.ratio.ok_or(TriggerReason::TooFewObservations))
            }
            MonitoredFigure::HorizonVarPValue => of_coverage(&horizon_var(&kept())?),
            MonitoredFigure::DailyVarPValue => of_coverage(&daily_var(&kept())?),
            MonitoredFigure::CostPValue => {
                let all: Vec<KeptOutcome> = self.seen.iter().filter_map(|seen| seen.kept.clone()).collect();
                let costs = cost(&all)?;
                (costs.outcomes, costs.p_value.ok_or(TriggerReason::TooFewObservations))
            }
            MonitoredFigure::WorsePValue => self.worse.unwrap_or((0, Err(TriggerReason::TooFewObservations))),
            MonitoredFigure::DataAgeDays => match self.age_days {
                Some(days) => (1, Ok(days)),
                None => (0, Err(TriggerReason::NotRecorded)),
            },
            _ => (0, Err(TriggerReason::NotRecorded)),
        };
        Ok(found)
    }
}

fn share(held: impl Iterator<Item = Held>) -> Found {
    let (hits, count) = held.fold((0, 0), |(hits, count), held| (hits + held.hits, count + held.count));
    (count, if count > 0 { Ok(hits as f64 / count as f64) } else { Err(TriggerReason::TooFewObservations) })
}

fn of_coverage(found: &risk::calibration::CoverageCalibration) -> Found {
    (found.periods, found.kupiec.map(|test| test.p_value).ok_or(TriggerReason::TooFewObservations))
}

/// A figure over fewer observations than its limit needs is none, whatever else it lacks.
fn enough(limit: &TriggerLimit, (observations, figure): Found) -> Found {
    let is_enough = observations >= limit.observations as usize;
    let figure = if is_enough { figure } else { Err(TriggerReason::TooFewObservations) };
    (observations, figure.and_then(|figure| if figure.is_finite() { Ok(figure) } else { Err(TriggerReason::TooLarge) }))
}

fn told(trigger: &MonitoringTrigger, (observations, figure): Found) -> TriggerReading {
    let has_fired = |figure: f64| trigger.limit.map(|limit| limit.is_crossed_by(figure));
    TriggerReading {
        measure: trigger.measure.clone(),
        threshold: trigger.threshold.clone(),
        action: trigger.action.clone(),
        limit: trigger.limit,
        value: figure.ok(),
        observations,
        has_fired: figure.ok().and_then(has_fired),
        reason: figure.err(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn limit(figure: MonitoredFigure, lower: Option<f64>, upper: Option<f64>, observations: u32) -> MonitoringTrigger {
        MonitoringTrigger::measured("m", TriggerLimit { figure, lower, upper, observations }, "a")
    }

    /// Weekly plans of two assets with five returns each.
    fn seen(count: u32, change: impl Fn(u32, &mut Seen)) -> Evidence {
        let start = chrono::NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
        let date = |week: u32| (start + chrono::TimeDelta::weeks(i64::from(week))).to_string();
        let week = |i: u32| {
            let mut seen = Seen {
                from: date(i),
                until: date(i + 1),
                kept: Some(kept(0.01, 0.01, 0)),
                loss: Some(1.0 + 0.01 * f64::from(i * 29 % 31)),
                next: Held { hits: 9, count: 10 },
                means: Held { hits: 19, count: 20 },
                returns: (0..10).map(|t| 0.02 * (f64::from((i * 10 + t) * 37 % 101) / 101.0 - 0.5)).collect(),
            };
            change(i, &mut seen);
            seen
        };
        Evidence { seen: (0..count).map(week).collect(), ..Evidence::default() }
    }

    fn kept(predicted: f64, realised: f64, violations: usize) -> KeptOutcome {
        serde_json::from_value(json!({
            "days": 5, "in_hindsight": false,
            "scores": {
                "tracking_error": {"predicted": predicted, "realised": realised, "kurtosis": 3.0, "reason": null},
                "daily_var_95": {"predicted": 0.01, "violations": violations, "reason": null},
                "horizon_var_95": {"predicted": 0.05, "realised_loss": 0.0, "is_violated": violations > 0, "reason": null},
                "probability_of_loss": {"predicted": 0.4, "is_loss": false, "reason": null},
                "cost": {"predicted_bps": 1.0, "realised_bps": if violations > 0 { 2.0 } else { 1.0 }, "reason": null},
            }
        }))
        .unwrap()
    }

    fn one(evidence: &Evidence, trigger: MonitoringTrigger) -> TriggerReading {
        evidence.readings(&[trigger]).unwrap().remove(0)
    }

    fn fired(evidence: &Evidence, trigger: &MonitoringTrigger) -> Option<bool> {
        one(evidence, trigger.clone()).has_fired
    }

    #[test]
    fn coverage_fires_outside_its_range_and_says_nothing_of_few_intervals() {
        let next = limit(MonitoredFigure::NextReturnCoverage, Some(0.87), Some(0.93), 600);
        let held = one(&seen(60, |_, _| ()), next.clone());
        assert_eq!((held.value, held.observations, held.has_fired, held.reason), (Some(0.9), 600, Some(false), None));
        let narrow = seen(60, |_, seen| seen.next.hits = 8);
        assert_eq!(fired(&narrow, &next), Some(true));
        let few = one(&seen(59, |_, seen| seen.next.hits = 8), next);
        assert_eq!((few.value, few.has_fired, few.observations), (None, None, 590));
        assert_eq!(few.reason, Some(TriggerReason::TooFewObservations));
        let means = limit(MonitoredFigure::MeanReturnCoverage, Some(0.92), Some(0.98), 350);
        assert_eq!(one(&seen(20, |_, _| ()), means.clone()).value, Some(0.95));
        assert_eq!(fired(&seen(20, |_, seen| seen.means.hits = 18), &means), Some(true));
    }

    #[test]
    fn outcomes_that_share_days_are_one_observation() {
        let next = limit(MonitoredFigure::NextReturnCoverage, Some(0.87), Some(0.93), 600);
        let same_days = seen(60, |_, seen| seen.until = "2099-01-01".to_owned());
        assert_eq!(one(&same_days, next).observations, 10);
    }

    #[test]
    fn losses_that_rise_sound_the_alarm_and_returns_of_another_width_are_drift() {
        let losses = limit(MonitoredFigure::LossAlarms, None, Some(0.0), 20);
        assert_eq!(fired(&seen(64, |_, _| ()), &losses), Some(false));
        let rising = |i: u32, seen: &mut Seen| seen.loss = seen.loss.map(|loss| if i < 32 { loss } else { loss + 3.0 });
        assert_eq!(fired(&seen(64, rising), &losses), Some(true));
        assert_eq!(one(&seen(19, rising), losses).reason, Some(TriggerReason::TooFewObservations));
        let inputs = limit(MonitoredFigure::StabilityIndex, None, Some(0.25), 80);
        assert_eq!(fired(&seen(64, |_, _| ()), &inputs), Some(false));
        let wider =
            |i: u32, seen: &mut Seen| seen.returns.iter_mut().for_each(|r| *r *= if i < 32 { 1.0 } else { 4.0 });
        assert_eq!(fired(&seen(64, wider), &inputs), Some(true));
        let still = one(&seen(64, |_, seen| seen.returns = vec![0.0; 10]), inputs);
        assert_eq!((still.value, still.reason), (None, Some(TriggerReason::NoVariation)));
    }

    #[test]
    fn scores_of_plans_are_read_as_the_scorecard_reads_them() {
        let ratio = limit(MonitoredFigure::TrackingErrorRatio, Some(0.5), Some(2.0), 60);
        let right = one(&seen(60, |_, _| ()), ratio.clone());
        assert!((right.value.unwrap() - 1.0).abs() < 1e-12 && right.has_fired == Some(false));
        assert_eq!(fired(&seen(60, |_, seen| seen.kept = Some(kept(0.01, 0.03, 0))), &ratio), Some(true));
        // A plan in whose shadow the model ran predicted nothing with it.
        assert_eq!(one(&seen(60, |_, seen| seen.kept = None), ratio).observations, 0);
        let daily = limit(MonitoredFigure::DailyVarPValue, Some(0.01), None, 100);
        let fifteen = |i: u32, seen: &mut Seen| seen.kept = Some(kept(0.01, 0.01, usize::from(i.is_multiple_of(4))));
        assert_eq!(fired(&seen(60, fifteen), &daily), Some(false), "15 of 300 days are one in twenty");
        assert_eq!(fired(&seen(60, |_, seen| seen.kept = Some(kept(0.01, 0.01, 1))), &daily), Some(true));
        let horizon = limit(MonitoredFigure::HorizonVarPValue, Some(0.01), None, 100);
        assert_eq!(
            fired(
                &seen(120, |i, seen| seen.kept = Some(kept(0.01, 0.01, usize::from(i.is_multiple_of(20))))),
                &horizon
            ),
            Some(false)
        );
        assert_eq!(fired(&seen(120, fifteen), &horizon), Some(true));
        let costs = limit(MonitoredFigure::CostPValue, Some(0.01), None, 10);
        assert_eq!(fired(&seen(20, |_, _| ()), &costs), Some(false));
        assert_eq!(fired(&seen(20, |_, seen| seen.kept = Some(kept(0.01, 0.01, 1))), &costs), Some(true));
    }

    #[test]
    fn what_no_record_gives_has_a_reason() {
        let words = one(&seen(60, |_, _| ()), MonitoringTrigger::in_words("m", "t", "a"));
        assert_eq!((words.value, words.has_fired, words.reason), (None, None, Some(TriggerReason::NotRecorded)));
        let age = limit(MonitoredFigure::DataAgeDays, None, Some(365.0), 1);
        let aged = |days| Evidence { age_days: Some(days), ..Evidence::default() };
        assert_eq!((fired(&aged(366.0), &age), fired(&aged(365.0), &age)), (Some(true), Some(false)));
        let worse = limit(MonitoredFigure::WorsePValue, Some(0.01), None, 10);
        let tested = |p| Evidence { worse: Some((12, Ok(p))), ..Evidence::default() };
        assert_eq!((fired(&tested(0.001), &worse), fired(&tested(0.5), &worse)), (Some(true), Some(false)));
        assert_eq!(one(&Evidence::default(), worse).reason, Some(TriggerReason::TooFewObservations));
    }
}
