//! What did execution cost?

use actix_web::post;
use engine::dto::tca::TcaRequest;
use engine::dto::tca_answer::TcaResponse;
use engine::{Engine, questions};

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;

/// Measure what orders cost
///
/// Implementation shortfall of each order against its decision price (Perold) and its parts: delay on the units that were filled (Wagner
/// and Edwards) and, under `kissell`, on all; trading against arrival, opportunity, fees. The parts add up to the minor unit. A figure the
/// input cannot support is null with a reason. Nothing is stored.
#[utoipa::path(tag = "analytics", operation_id = "create_tca", request_body = TcaRequest, responses(
    (status = 200, description = "The costs of each order and in total", body = TcaResponse)
))]
#[post("/api/tca")]
pub(super) async fn create_tca(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::tca(&engine, &caller.context, &body.0).await)
}
