//! Making a stored plan again from its request, and comparing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use governance::PlanRecord;
use pipeline::ModelRole;
use serde::Deserialize;
use serde_json::value::RawValue;
use store::StoredPlan;

use crate::context::RequestContext;
use crate::control::policy_of_plan::PolicyOfPlan;
use crate::decode::decode;
use crate::dto::metadata::ENGINE_VERSION;
use crate::dto::plan::FittedCosts;
use crate::dto::portfolio::RebalanceRequest;
use crate::dto::records::{ModelVersion, ReplayReport, ReplayVersions};
use crate::fault::segment;
use crate::inventory::{Inventory, Part, allocator};
use crate::planning::case::Case;
use crate::planning::plan::{PlannedCase, make_plan};
use crate::planning::record::PlanOrder;
use crate::planning::veto::refusal;
use crate::refusal::Refusal;
use crate::surroundings::Surroundings;

/// What a stored answer says about itself.
#[derive(Debug, Deserialize)]
struct StoredAnswer {
    metadata: StoredMetadata,
    /// Absent in plans of earlier builds.
    controls: Option<StoredControls>,
    cost_model: Option<FittedCosts>,
}

#[derive(Debug, Deserialize)]
struct StoredControls {
    policy_version: u64,
    policy_reference: Option<String>,
}

/// The version of the control policy that a stored plan was held against, and the `client_reference` whose own it is; `None` for a plan of an
/// earlier build.
///
/// # Errors
/// A sentence for an answer that cannot be read.
pub(crate) fn named_policy(record: &PlanRecord) -> Result<Option<(u64, Option<String>)>, String> {
    let named = |controls: StoredControls| (controls.policy_version, controls.policy_reference);
    answer_of(record).map(|answer| answer.controls.map(named))
}

fn answer_of(record: &PlanRecord) -> Result<StoredAnswer, String> {
    serde_json::from_slice(record.response.bytes()).map_err(|_| "the stored answer has no readable metadata".to_owned())
}

#[derive(Debug, Deserialize)]
struct StoredMetadata {
    timestamp_utc: DateTime<Utc>,
    request_id: String,
}

/// Makes the plan again, with the time and the ids it had, and compares the answers. `policy` is the version of the control policy that
/// the stored answer names, if it names one.
#[must_use]
pub fn replay(stored: &StoredPlan, policy: Option<PolicyOfPlan>, surroundings: Arc<dyn Surroundings>) -> ReplayReport {
    let record = &stored.record;
    let versions = ReplayVersions {
        engine_version: record.engine_version.clone(),
        models: serde_json::from_str(&record.models).unwrap_or_default(),
    };
    let mut report = ReplayReport {
        plan_id: record.plan_id.clone(),
        identical: false,
        first_difference: None,
        first_run_difference: None,
        current: ReplayVersions { engine_version: ENGINE_VERSION.to_owned(), models: Vec::new() },
        stored: versions,
        changed: Vec::new(),
        detail: String::new(),
    };
    let made = match make_again(stored, policy, surroundings) {
        Ok(made) => made,
        Err(reason) => {
            report.changed = changed(&report.stored, &report.current);
            report.detail = reason;
            return report;
        }
    };
    report.current.models = serde_json::from_str(&made.models).unwrap_or_default();
    report.changed = changed(&report.stored, &report.current);
    report.first_difference = difference(record.response.bytes(), made.response.bytes(), is_metadata);
    report.first_run_difference = difference(record.run.bytes(), made.run.bytes(), is_duration);
    report.identical = report.first_difference.is_none() && report.first_run_difference.is_none();
    report.detail = match (report.identical, report.changed.is_empty()) {
        (true, _) => "the same bytes again, apart from metadata and durations".to_owned(),
        (false, false) => "the answer differs, and so do the versions listed in changed".to_owned(),
        (false, true) => "the answer differs although no version does: report this".to_owned(),
    };
    report
}

/// The plan as this version seals it, with the ids and the time it had.
fn make_again(
    stored: &StoredPlan,
    policy: Option<PolicyOfPlan>,
    surroundings: Arc<dyn Surroundings>,
) -> Result<PlanRecord, String> {
    let record = &stored.record;
    let answer = answer_of(record)?;
    let context = RequestContext { request_id: answer.metadata.request_id, received_at: answer.metadata.timestamp_utc };
    let mut case = case_again(record)?;
    case.echo.control_policy = policy;
    let (request, plan_id) = (record.request.clone(), record.plan_id.clone());
    let order = PlanOrder { case, request, plan_id: Some(plan_id), context, surroundings };
    order.seal_unseen().map_err(|_| "this version cannot make the plan".to_owned())
}

fn not_accepted() -> String {
    "the stored request is no longer accepted by this version".to_owned()
}

/// The case of a stored plan with the versions of models that it names.
///
/// # Errors
/// A sentence that says what of it this version does not read or have.
pub(crate) fn case_again(record: &PlanRecord) -> Result<Case, String> {
    let document: RebalanceRequest = decode(record.request.bytes()).map_err(|_| not_accepted())?;
    // A plan that was made with a fitted cost model tells its parameters.
    let mut case = Case::with_costs(document, answer_of(record)?.cost_model).map_err(|_| not_accepted())?;
    let models: Vec<ModelVersion> =
        serde_json::from_str(&record.models).map_err(|_| "the models of the stored plan cannot be read".to_owned())?;
    install(&models, &mut case)?;
    Ok(case)
}

/// A stored plan, made again with the versions of models that it names.
///
/// # Errors
/// [`Refusal::PlanNotMovable`] where this version does not read or have something of it.
pub(crate) fn made_again(record: &PlanRecord) -> Result<PlannedCase, Refusal> {
    let case = case_again(record).map_err(|cause| Refusal::PlanNotMovable(cause, Vec::new()))?;
    make_plan(case).map_err(|veto| refusal(&veto))
}

/// Gives a case exactly the versions that a stored plan names; the parts of its cost are stated by its request.
pub(crate) fn install(models: &[ModelVersion], case: &mut Case) -> Result<(), String> {
    let inventory =
        Inventory::standard().map_err(|_| "a model of this version does not give its golden outputs".to_owned())?;
    for model in models {
        // Plans of earlier builds name the forecast model alone.
        let role = model.role.unwrap_or(ModelRole::Forecast);
        if role == ModelRole::Cost {
            continue;
        }
        let known = inventory.used(role, &model.id, &model.version, model.digest).ok_or_else(|| {
            format!(
                "the plan was made with {} {} as its {} model, which this version does not have",
                model.id,
                model.version,
                role.as_str()
            )
        })?;
        match known.part() {
            Part::Allocator(_) => allocator::install(known, case).map_err(|_| not_accepted())?,
            part => part.install(case),
        }
    }
    Ok(())
}

/// What has another version now than when the plan was made.
fn changed(stored: &ReplayVersions, current: &ReplayVersions) -> Vec<String> {
    let mut changed = Vec::new();
    if stored.engine_version != current.engine_version {
        changed.push("engine_version".to_owned());
    }
    for model in &stored.models {
        if !current.models.is_empty() && !current.models.iter().any(|now| now.agrees_with(model)) {
            changed.push(model.id.clone());
        }
    }
    changed
}

/// Pointer to the first member in which two documents differ, those aside that `is_timeless` names by pointer; `None` without
/// a difference.
fn difference(stored: &[u8], made: &[u8], is_timeless: fn(&str) -> bool) -> Option<String> {
    let (Ok(stored), Ok(made)) = (serde_json::from_slice(stored), serde_json::from_slice(made)) else {
        return Some(String::new());
    };
    first_difference(stored, made, &mut String::new(), is_timeless)
}

fn is_metadata(pointer: &str) -> bool {
    pointer == "/metadata"
}

fn is_duration(pointer: &str) -> bool {
    pointer.starts_with("/trace/") && pointer.ends_with("/duration_us")
}

/// Goes down only where the texts differ, so that equal documents are compared as fast as they are read.
fn first_difference(a: &RawValue, b: &RawValue, at: &mut String, is_timeless: fn(&str) -> bool) -> Option<String> {
    if a.get() == b.get() || is_timeless(at) {
        return None;
    }
    let mut descend = |name: &str, a: Option<&&RawValue>, b: Option<&&RawValue>| {
        let length = at.len();
        at.push('/');
        at.push_str(&segment(name));
        let found = match (a, b) {
            (Some(a), Some(b)) => first_difference(a, b, at, is_timeless),
            _ => (!is_timeless(at)).then(|| at.clone()),
        };
        at.truncate(length);
        found
    };
    if let (Some(a), Some(b)) = (read::<BTreeMap<String, &RawValue>>(a), read::<BTreeMap<String, &RawValue>>(b)) {
        let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        return names.into_iter().find_map(|name| descend(name, a.get(name), b.get(name)));
    }
    if let (Some(a), Some(b)) = (read::<Vec<&RawValue>>(a), read::<Vec<&RawValue>>(b)) {
        return (0..a.len().max(b.len())).find_map(|i| descend(&i.to_string(), a.get(i), b.get(i)));
    }
    Some(at.clone())
}

fn read<'a, T: Deserialize<'a>>(value: &'a RawValue) -> Option<T> {
    serde_json::from_str(value.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use governance::Digest;

    #[test]
    fn the_first_difference_is_pointed_at() {
        let plan = br#"{"a":[{"b":1.0},{"b/c":2}],"metadata":{"request_id":"x"}}"#;
        let difference = |stored, made| difference(stored, made, is_metadata);
        assert_eq!(difference(plan, plan), None);
        assert_eq!(difference(plan, br#"{"a":[{"b":1.0},{"b/c":2}],"metadata":{}}"#), None);
        assert_eq!(difference(plan, br#"{"a":[{"b":1.0},{"b/c":3}]}"#).as_deref(), Some("/a/1/b~1c"));
        assert_eq!(difference(plan, br#"{"a":[{"b":1.0}]}"#).as_deref(), Some("/a/1"));
        assert_eq!(difference(plan, br#"{"a":[{"b":1},{"b/c":2}]}"#).as_deref(), Some("/a/0/b"));
        assert_eq!(difference(plan, b"").as_deref(), Some(""));
    }

    #[test]
    fn a_run_differs_by_what_it_did_and_not_by_how_long() {
        let run = br#"{"stages":[],"trace":[{"id":"risk","output_digest":"a","duration_us":1}]}"#;
        let slower = br#"{"stages":[],"trace":[{"id":"risk","output_digest":"a","duration_us":9}]}"#;
        let other = br#"{"stages":[],"trace":[{"id":"risk","output_digest":"b","duration_us":1}]}"#;
        assert_eq!(difference(run, slower, is_duration), None);
        assert_eq!(difference(run, other, is_duration).as_deref(), Some("/trace/0/output_digest"));
    }

    #[test]
    fn a_change_of_version_is_named() {
        let of = |engine: &str, version: &str| ReplayVersions {
            engine_version: engine.to_owned(),
            models: vec![model(version)],
        };
        assert!(changed(&of("1", "1"), &of("1", "1")).is_empty());
        assert_eq!(changed(&of("1", "1"), &of("2", "2")), ["engine_version", "m"]);
    }

    #[test]
    fn other_parameters_are_another_model_and_what_an_earlier_build_left_out_is_not() {
        let with = |digest: &[u8]| ModelVersion {
            role: Some(ModelRole::Cost),
            digest: Some(Digest::of_bytes(digest)),
            ..model("1")
        };
        let of = |model| ReplayVersions { engine_version: "1".to_owned(), models: vec![model] };
        assert_eq!(changed(&of(with(b"10 bp")), &of(with(b"5 bp"))), ["m"]);
        assert!(changed(&of(with(b"10 bp")), &of(with(b"10 bp"))).is_empty());
        let earlier: ModelVersion = serde_json::from_str(r#"{"id":"m","version":"1"}"#).unwrap();
        assert!(changed(&of(earlier), &of(with(b"10 bp"))).is_empty());
    }

    #[test]
    fn a_plan_of_an_unknown_version_is_refused_by_name_and_one_of_a_known_version_gets_it() {
        let body = br#"{"portfolio_value":1000,"assets":[{"asset":"A","current_weight":0.5,"target_weight":0.5},{"asset":"B","current_weight":0.5,"target_weight":0.5}]}"#;
        let mut case = Case::read(body).unwrap();
        let of = |role, id: &str, version: &str| ModelVersion {
            role,
            id: id.to_owned(),
            version: version.to_owned(),
            digest: None,
        };
        assert_eq!(case.config.forecaster.id(), "ensemble_v3");
        // As earlier builds named it: without a role, without a digest.
        install(&[of(None, "ensemble_v2", "2.0.1")], &mut case).unwrap();
        assert_eq!(case.config.forecaster.id(), "ensemble_v2");
        install(&[of(Some(ModelRole::Covariance), "oas", "1")], &mut case).unwrap();
        assert_eq!(case.config.estimator.id(), "oas");
        install(&[of(Some(ModelRole::Regimes), "gaussian_hmm", "1")], &mut case).unwrap();
        install(&[of(Some(ModelRole::Cost), "a cost of the request", "9")], &mut case).unwrap();

        let unknown = [
            of(None, "ensemble_v2", "1.9.0"),
            of(Some(ModelRole::Covariance), "nonlinear_shrinkage", "1"),
            of(Some(ModelRole::Shocks), "student", "1"),
            of(Some(ModelRole::Regimes), "gaussian_hmm", "0"),
            ModelVersion {
                digest: Some(Digest::of_bytes(b"")),
                ..of(Some(ModelRole::Forecast), "ensemble_v3", "3.0.0")
            },
        ];
        for model in unknown {
            let refused = install(std::slice::from_ref(&model), &mut case).unwrap_err();
            assert!(refused.contains(&format!("{} {}", model.id, model.version)), "{refused}");
        }
        assert_eq!(case.config.forecaster.id(), "ensemble_v2", "a refusal changes nothing");
    }

    fn model(version: &str) -> ModelVersion {
        ModelVersion { role: None, id: "m".to_owned(), version: version.to_owned(), digest: None }
    }
}
