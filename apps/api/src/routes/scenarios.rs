//! What would it do to this book?

use actix_web::{post, route};
use engine::dto::scenarios::{ScenarioCatalogue, ScenarioRequest, ScenarioResponse};
use engine::{Engine, questions};

use crate::http::answer::{Answer, answer, document};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;

/// List the historical scenarios
///
/// The windows of market history that `POST /api/stress/scenarios` replays, the series each one holds and those that do not cover it, and what
/// each series measures and leaves out.
#[utoipa::path(get, path = "/api/stress/scenarios", tag = "analytics", operation_id = "list_scenarios", responses(
    (status = 200, description = "Windows and series", body = ScenarioCatalogue)
))]
#[route("/api/stress/scenarios", method = "GET", method = "HEAD")]
pub(super) async fn list_scenarios(caller: Caller) -> Answer {
    document(&caller, Ok(questions::shipped_scenarios(&caller.context)))
}

/// Run a book through scenarios
///
/// Replays windows of market history with the shipped series, applies stated moves with or without the moves of the
/// other assets that the covariance implies, finds the most likely move that loses a stated share, stresses
/// correlations, and prices forced sales. An asset that a figure cannot assess is listed with a reason, and nothing is
/// substituted for it. Nothing is traded within a scenario; nothing is stored.
#[utoipa::path(tag = "analytics", operation_id = "create_scenarios", request_body = ScenarioRequest, responses(
    (status = 200, description = "What the scenarios do to the book", body = ScenarioResponse)
))]
#[post("/api/stress/scenarios")]
pub(super) async fn create_scenarios(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::scenarios(&engine, &caller.context, &body.0).await)
}
