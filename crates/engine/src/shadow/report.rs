//! What is reported about runs in shadow: those for a plan, and a champion against its challengers.

use evaluate::{EvaluateError, NoFigure, diebold_mariano};
use governance::ModelIdentity;
use models::{ModelKind, Purpose};
use store::StoredShadowRun;

use super::score::{Scored, losses_of, score};
use crate::context::RequestContext;
use crate::decode::decode;
use crate::dto::metadata::Metadata;
use crate::dto::models::ModelStatus;
use crate::dto::outcome::OutcomeRequest;
use crate::dto::shadow::{
    ChallengerRecord, LossComparison, ModelShadow, PlanShadow, ShadowComparison, ShadowCoverage, ShadowLoss,
    ShadowReason,
};
use crate::host::Engine;
use crate::inventory::{Registered, Standings};
use crate::refusal::Refusal;
use crate::stored::is_id;

/// Plans of one challenger that a report is computed from: the latest.
pub const MAX_PLANS: u32 = 2_000;
/// Probability of reporting a difference that does not exist, over all trials.
const LEVEL: f64 = 0.05;
/// Fewest plans of a test.
const LEAST_PLANS: usize = 10;
/// Confidence of the intervals.
const CONFIDENCE: f64 = 0.95;
/// Characters of a date at the start of a time.
const DATE: usize = 10;

/// What challengers computed from the inputs of a plan.
///
/// # Errors
/// [`Refusal::PlanNotFound`], or records that cannot be read.
pub async fn of_plan(engine: &Engine, context: &RequestContext, plan_id: &str) -> Result<PlanShadow, Refusal> {
    if !is_id(plan_id) {
        return Err(Refusal::PlanNotFound);
    }
    let found = engine.records().store().shadow_runs_of_plan(plan_id).await;
    let found = found.map_err(|error| Refusal::of_store(&error))?.ok_or(Refusal::PlanNotFound)?;
    let runs = found.runs.iter().map(read).collect::<Result<_, _>>()?;
    Ok(PlanShadow { plan_id: plan_id.to_owned(), is_done: found.is_done, runs, metadata: Metadata::plain(context) })
}

fn read(stored: &StoredShadowRun) -> Result<ShadowComparison, Refusal> {
    serde_json::from_slice(stored.run.document.bytes()).map_err(|error| Refusal::unreadable(&error))
}

/// The champion of the purpose of a model against its challengers, or against that challenger alone, over the plans that the champion made.
///
/// # Errors
/// [`Refusal::ModelNotFound`], also for a tool, which has no challengers; or records that cannot be read.
pub async fn of_model(engine: &Engine, context: &RequestContext, id: &str) -> Result<ModelShadow, Refusal> {
    let standings = Standings::read(engine).await?;
    let entry = standings.find(id).filter(|entry| entry.card().kind == ModelKind::Model);
    let entry = entry.ok_or(Refusal::ModelNotFound)?;
    let purpose = entry.card().purpose;
    let champion = standings.champion(purpose)?.identity();
    let records = records_on(engine, &standings, entry).await?;
    let trials = (records.len() * losses_of(purpose).len()).max(1) as u64;
    let is_champion = standings.status(entry) == ModelStatus::Champion;
    let told = records.into_iter().filter(|record| is_champion || record.identity.id == id);
    Ok(ModelShadow {
        id: id.to_owned(),
        purpose,
        champion,
        challengers: told.map(|record| record.told(purpose, trials)).collect::<Result<_, _>>()?,
        trials,
        level: LEVEL,
        metadata: Metadata::plain(context),
    })
}

/// The challengers of the purpose of a model that have run in the shadow of its champion, and that model if it is a challenger.
pub(super) async fn records_on(
    engine: &Engine,
    standings: &Standings,
    entry: &Registered,
) -> Result<Vec<Gathered>, Refusal> {
    let purpose = entry.card().purpose;
    let champion = standings.champion(purpose)?.identity();
    let of_purpose = standings
        .entries()
        .filter(|other| other.card().purpose == purpose && standings.status(other) == ModelStatus::Challenger);
    let mut records = Vec::new();
    for challenger in of_purpose {
        let record = record_of(engine, purpose, &champion, challenger.identity()).await?;
        if record.plans > 0 || challenger.card().id == entry.card().id {
            records.push(record);
        }
    }
    Ok(records)
}

/// The plans of one challenger in the order of time, before they are tested.
pub(super) struct Gathered {
    pub(super) identity: ModelIdentity,
    pub(super) plans: usize,
    refused: usize,
    plans_with_other_trades: usize,
    in_hindsight: usize,
    pub(super) scored: Vec<Window>,
}

/// A scored plan and the days of its outcome.
pub(super) struct Window {
    /// Date of the plan, ISO 8601.
    pub(super) from: String,
    /// Date of the last return.
    pub(super) until: String,
    pub(super) scored: Scored,
}

pub(super) async fn record_of(
    engine: &Engine,
    purpose: Purpose,
    champion: &ModelIdentity,
    identity: ModelIdentity,
) -> Result<Gathered, Refusal> {
    let store = engine.records().store();
    let stored = store.shadow_runs(&identity.id, MAX_PLANS).await.map_err(|error| Refusal::of_store(&error))?;
    let mut gathered =
        Gathered { identity, plans: 0, refused: 0, plans_with_other_trades: 0, in_hindsight: 0, scored: Vec::new() };
    for stored in stored.iter().rev() {
        let run = read(stored)?;
        // Other versions are other trials.
        if run.purpose != purpose || run.champion != *champion || run.challenger != gathered.identity {
            continue;
        }
        gathered.plans += 1;
        gathered.refused += usize::from(run.refusal.is_some());
        gathered.plans_with_other_trades += usize::from(run.trades_differ);
        let outcome = store.counted_outcome(&stored.plan_id).await.map_err(|error| Refusal::of_store(&error))?;
        let Some(outcome) = outcome else { continue };
        let from = stored.plan_created_at.get(..DATE).unwrap_or_default().to_owned();
        if outcome.as_of <= from {
            gathered.in_hindsight += 1;
            continue;
        }
        let request: OutcomeRequest = decode(outcome.request.bytes()).map_err(|_| Refusal::RecordChanged)?;
        if let Some(scored) = score(&run, &request.returns) {
            gathered.scored.push(Window { from, until: outcome.as_of, scored });
        }
    }
    Ok(gathered)
}

impl Gathered {
    fn told(self, purpose: Purpose, trials: u64) -> Result<ChallengerRecord, Refusal> {
        let compared = losses_of(purpose).into_iter().map(|loss| compare(loss, &self.scored, trials));
        let comparisons = compared.collect::<Result<_, _>>().map_err(|error| Refusal::internal(&error))?;
        Ok(ChallengerRecord {
            coverage: self.coverage(),
            challenger: self.identity,
            plans: self.plans,
            refused: self.refused,
            plans_with_other_trades: self.plans_with_other_trades,
            scored: self.scored.len(),
            in_hindsight: self.in_hindsight,
            comparisons,
        })
    }

    /// How often its intervals held what came; `None` where none has met an outcome.
    pub(super) fn coverage(&self) -> Option<ShadowCoverage> {
        let intervals: usize = self.scored.iter().map(|window| window.scored.intervals).sum();
        let hits: usize = self.scored.iter().map(|window| window.scored.hits).sum();
        let nominal = self.scored.iter().find_map(|window| window.scored.nominal);
        nominal.filter(|_| intervals > 0).map(|nominal| ShadowCoverage {
            nominal,
            realised: hits as f64 / intervals as f64,
            intervals,
        })
    }

    /// It and the champion by one loss, as one of `trials` comparisons.
    pub(super) fn compared(&self, loss: ShadowLoss, trials: u64) -> Result<LossComparison, Refusal> {
        compare(loss, &self.scored, trials).map_err(|error| Refusal::internal(&error))
    }
}

/// The most plans whose outcomes share a day with the first of them: as many as a test may not take for independent.
fn overlap(windows: &[&Window]) -> usize {
    let following = |(i, first): (usize, &&Window)| {
        windows[i + 1..].iter().take_while(|later| later.from < first.until).count() + 1
    };
    windows.iter().enumerate().map(following).max().unwrap_or(1)
}

/// Two models by one loss.
fn compare(loss: ShadowLoss, windows: &[Window], trials: u64) -> Result<LossComparison, EvaluateError> {
    let of = |window: &Window| window.scored.losses.iter().find(|(own, _)| *own == loss).map(|(_, figures)| *figures);
    let (windows, losses): (Vec<&Window>, Vec<[f64; 2]>) =
        windows.iter().filter_map(|window| Some((window, of(window)?))).unzip();
    let side = |i: usize| -> Vec<f64> { losses.iter().map(|figures| figures[i]).collect() };
    let (champion, challenger) = (side(0), side(1));
    let mean = |losses: &[f64]| {
        let mean = losses.iter().sum::<f64>() / losses.len() as f64;
        Some(mean).filter(|mean| mean.is_finite())
    };
    let horizon = overlap(&windows);
    let mut told = LossComparison {
        loss,
        plans: losses.len(),
        champion: mean(&champion),
        challenger: mean(&challenger),
        difference_lower: None,
        difference_upper: None,
        horizon: None,
        p_value: None,
        verdict: None,
        reason: None,
    };
    let tested = if losses.len() < LEAST_PLANS {
        Err(ShadowReason::TooFewPlans)
    } else if 2 * horizon > losses.len() {
        Err(ShadowReason::PlansOverlap)
    } else {
        match diebold_mariano(&challenger, &champion, horizon) {
            Ok(test) => Ok(test),
            Err(EvaluateError::Unavailable(NoFigure::NoVariation)) => Err(ShadowReason::NoDifference),
            Err(EvaluateError::NotFinite { .. } | EvaluateError::Unavailable(_)) => Err(ShadowReason::TooLarge),
            Err(error) => return Err(error),
        }
    };
    match tested {
        Err(reason) => told.reason = Some(reason),
        Ok(test) => {
            let [lower, upper] = test.test.interval(CONFIDENCE)?;
            told.difference_lower = Some(lower);
            told.difference_upper = Some(upper);
            told.horizon = Some(horizon);
            told.p_value = Some(test.test.p_value);
            told.verdict = Some(test.judge(LEVEL, trials)?.verdict);
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evaluate::Verdict;

    /// Plans a week apart, whose outcomes take `days`; the challenger's loss is lower by `gain` and a little noise.
    fn windows(count: u32, days: u32, gain: f64) -> Vec<Window> {
        let date = |day: u32| {
            let start = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            (start + chrono::TimeDelta::days(i64::from(day))).to_string()
        };
        let window = |i: u32| {
            let champion = 1.0 + f64::from((i * 17) % 53) / 53.0;
            let noise = f64::from((i * 29) % 31) / 31.0 - 0.5;
            let losses = vec![(ShadowLoss::SquaredError, [champion, champion - gain + 0.1 * noise])];
            let scored = Scored { losses, hits: 1, intervals: 1, nominal: Some(0.9), returns: Vec::new() };
            Window { from: date(7 * i), until: date(7 * i + days), scored }
        };
        (0..count).map(window).collect()
    }

    fn compared(windows: &[Window], trials: u64) -> LossComparison {
        compare(ShadowLoss::SquaredError, windows, trials).unwrap()
    }

    #[test]
    fn a_lower_loss_is_better_and_one_that_chance_explains_is_not_distinguishable() {
        let better = compared(&windows(60, 7, 0.3), 4);
        assert_eq!((better.verdict, better.horizon, better.reason), (Some(Verdict::Better), Some(1), None));
        assert!(better.difference_upper.unwrap() < 0.0 && better.champion > better.challenger);
        let same = compared(&windows(60, 7, 0.0), 4);
        assert_eq!(same.verdict, Some(Verdict::NotDistinguishable));
        let [lower, upper] = [same.difference_lower.unwrap(), same.difference_upper.unwrap()];
        assert!(lower < 0.0 && 0.0 < upper, "{lower} to {upper}");
        assert_eq!(compared(&windows(60, 7, -0.3), 4).verdict, Some(Verdict::Worse));
    }

    #[test]
    fn outcomes_that_share_days_widen_the_test_and_then_end_it() {
        // Each outcome takes three weeks: it shares days with the next two.
        assert_eq!(compared(&windows(60, 21, 0.3), 4).horizon, Some(3));
        let all_at_once = compared(&windows(12, 100, 0.3), 4);
        assert_eq!((all_at_once.verdict, all_at_once.reason), (None, Some(ShadowReason::PlansOverlap)));
        assert!(all_at_once.champion.is_some() && all_at_once.p_value.is_none());
    }

    #[test]
    fn what_has_no_test_says_why() {
        assert_eq!(compared(&windows(9, 7, 0.3), 4).reason, Some(ShadowReason::TooFewPlans));
        let none = compared(&[], 4);
        assert_eq!((none.plans, none.champion, none.reason), (0, None, Some(ShadowReason::TooFewPlans)));
        let mut same = windows(20, 7, 0.0);
        for window in &mut same {
            window.scored.losses[0].1 = [1.0, 1.0];
        }
        assert_eq!(compared(&same, 4).reason, Some(ShadowReason::NoDifference));
        let other = compare(ShadowLoss::Qlike, &windows(20, 7, 0.0), 4).unwrap();
        assert_eq!((other.plans, other.reason), (0, Some(ShadowReason::TooFewPlans)));
    }
}
