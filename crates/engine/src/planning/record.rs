//! A plan as it is stored, and the record of its run as it is answered.

use std::ops::ControlFlow;
use std::sync::Arc;

use governance::{Content, PlanRecord};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::context::RequestContext;
use crate::dto::metadata::ENGINE_VERSION;
use crate::dto::records::ModelVersion;
use crate::dto::run::{AgentRunMetadata, AgentRunResponse};
use crate::dto::stage::KeptSteps;
use crate::planning::case::Case;
use crate::planning::plan::{Watch, watched_plan};
use crate::planning::veto::refusal;
use crate::records::headline::Headline;
use crate::records::time::time_text;
use crate::refusal::Refusal;
use crate::surroundings::Surroundings;
use crate::telling::present::present;

/// An order to make a plan, and to keep it unless it is a draft.
#[derive(Debug)]
pub struct PlanOrder {
    /// What it is for.
    pub case: Case,
    /// The request's body, byte for byte.
    pub request: Content,
    /// The id it gets; a draft gets none.
    pub plan_id: Option<String>,
    /// The request it answers.
    pub context: RequestContext,
    /// What measures how long its steps take.
    pub surroundings: Arc<dyn Surroundings>,
}

impl PlanOrder {
    /// Makes the plan and seals it: the bytes of its answer, and what each agent did.
    ///
    /// # Errors
    /// When an agent refuses, `watch` ends the run, or the plan cannot be written.
    pub fn seal(self, watch: Watch<'_>) -> Result<PlanRecord, Refusal> {
        let Self { case, request, plan_id, context, surroundings } = self;
        let planned =
            watched_plan(case, request.digest(), &|| surroundings.elapsed(), watch).map_err(|veto| refusal(&veto))?;
        let models: Vec<ModelVersion> = planned.case.config.models().iter().map(ModelVersion::from).collect();
        let mut response = present(&planned, &context);
        response.metadata.plan_id.clone_from(&plan_id);
        // The record of a draft is told and not kept.
        let plan_id = plan_id.unwrap_or_default();
        let written = |error: serde_json::Error| {
            tracing::error!(cause = %error, "a plan cannot be written");
            Refusal::Internal
        };
        let labels = planned.case.echo.labels().map_err(written)?;
        let headline = Headline::of(&response).kept(labels.reference.as_deref(), &plan_id).map_err(written)?;
        Ok(PlanRecord {
            plan_id,
            created_at: time_text(context.received_at),
            request_id: context.request_id,
            engine_version: ENGINE_VERSION.to_owned(),
            models: serde_json::to_string(&models).map_err(written)?,
            labels,
            headline: Some(headline),
            seed: response.metadata.seed.unwrap_or_default(),
            request,
            response: Content::new(serde_json::to_vec(&response).map_err(written)?),
            run: Content::new(serde_json::to_vec(&KeptSteps::from(&planned.plan.record)).map_err(written)?),
        })
    }

    /// As [`PlanOrder::seal`], with nobody watching.
    ///
    /// # Errors
    /// As there.
    pub fn seal_unseen(self) -> Result<PlanRecord, Refusal> {
        self.seal(&mut |_, _| ControlFlow::Continue(()))
    }
}

/// The members of a kept answer that the record of its run repeats.
#[derive(Deserialize)]
struct KeptAnswer<'a> {
    #[serde(borrow)]
    verdict: &'a RawValue,
    #[serde(borrow)]
    data_quality: &'a RawValue,
    #[serde(borrow)]
    orders: &'a RawValue,
    #[serde(borrow)]
    outlook: &'a RawValue,
    multi_agent_blueprint: KeptBlueprint,
    metadata: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct KeptBlueprint {
    orchestration: String,
}

#[derive(Deserialize)]
struct KeptRun<'a> {
    #[serde(borrow)]
    stages: &'a RawValue,
    #[serde(borrow)]
    trace: &'a RawValue,
}

#[derive(Deserialize)]
struct KeptTrace<'a> {
    input_digest: &'a str,
    output_digest: &'a str,
}

/// The record of the run that made a kept plan, from its bytes alone.
///
/// # Errors
/// When the bytes are not those of a plan.
pub fn run_response(kept: &PlanRecord) -> Result<AgentRunResponse<'_>, serde_json::Error> {
    let answer: KeptAnswer<'_> = serde_json::from_slice(kept.response.bytes())?;
    let run: KeptRun<'_> = serde_json::from_slice(kept.run.bytes())?;
    let trace: Vec<KeptTrace<'_>> = serde_json::from_str(run.trace.get())?;
    let (Some(first), Some(last)) = (trace.first(), trace.last()) else {
        return Err(serde::de::Error::custom("the run has no steps"));
    };
    Ok(AgentRunResponse {
        orchestration: answer.multi_agent_blueprint.orchestration,
        verdict: answer.verdict,
        stages: run.stages,
        data_quality: answer.data_quality,
        orders: answer.orders,
        outlook: answer.outlook,
        models: serde_json::from_str(&kept.models)?,
        metadata: AgentRunMetadata {
            answer: answer.metadata,
            request_digest: first.input_digest.to_owned(),
            result_digest: last.output_digest.to_owned(),
            stages: run.trace,
        },
    })
}
