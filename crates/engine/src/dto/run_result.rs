//! The results of the items of a run, on the wire.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::dto::jobs::{RunItemKindName, RunItemState, RunItemStatusName, problem_of_item};
use crate::dto::labels::ClientMetadata;
use crate::dto::plan_part::PlanView;
use crate::dto::stress::MonteCarloSimulationResponse;
use crate::dto::training::ModelTrainingResponse;

/// The result of an item of a run: a line of `GET /api/runs/{run_id}/results`.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunResult<'a> {
    /// What the item is.
    pub kind: RunItemKindName,
    /// Its position in the list in which it was sent, from 0.
    #[schema(example = 3, minimum = 0, maximum = 999)]
    pub index: u32,
    /// Its status.
    pub status: RunItemStatusName,
    /// `client_reference` of a portfolio; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "order-2026-0107", min_length = 1, max_length = 200, nullable = false)]
    pub client_reference: Option<&'a str>,
    /// `metadata` of a portfolio; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ClientMetadata, required = false)]
    pub client_metadata: Option<&'a RawValue>,
    /// Id of the plan a finished portfolio became.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: Option<&'a str>,
    /// That plan, cut to the parts that `include` names; absent once it is erased at the end of its retention.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<PlanView>)]
    pub plan: Option<&'a RawValue>,
    /// The answer of a finished simulation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<MonteCarloSimulationResponse>)]
    pub result: Option<&'a RawValue>,
    /// What a finished training answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<ModelTrainingResponse>)]
    pub training: Option<&'a RawValue>,
    /// Why a failed item has none of these; its pointers start at the top of the run's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = problem_of_item)]
    pub problem: Option<&'a RawValue>,
}

impl<'a> RunResult<'a> {
    /// The line of an item, with the answer of its plan.
    #[must_use]
    pub fn new(item: RunItemState<'a>, plan: Option<&'a RawValue>) -> Self {
        let RunItemState {
            kind,
            index,
            status,
            client_reference,
            client_metadata,
            plan_id,
            result,
            training,
            problem,
            ..
        } = item;
        Self { kind, index, status, client_reference, client_metadata, plan_id, plan, result, training, problem }
    }
}
