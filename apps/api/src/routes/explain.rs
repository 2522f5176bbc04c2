//! What a model says, and why.

use actix_web::post;
use engine::dto::explain::{ModelExplanationRequest, ModelExplanationResponse};
use engine::{Engine, questions};

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;

/// Explain a model of boosted trees
///
/// Reads a LightGBM text model, predicts the rows, and returns what each feature adds: exact SHAP values, which
/// together with the expected value sum to the raw score. The values of a `binary` model explain its log-odds and not
/// its probability. Nothing is stored.
#[utoipa::path(tag = "analytics", operation_id = "explain_model", request_body = ModelExplanationRequest, responses(
    (status = 200, description = "Predictions and SHAP values", body = ModelExplanationResponse)
))]
#[post("/api/models/explain")]
pub(super) async fn explain_model(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::explain_model(&engine, &caller.context, &body.0).await)
}
