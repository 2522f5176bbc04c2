//! Which state is the market in?

use actix_web::post;
use engine::dto::regimes::{RegimeRequest, RegimeResponse};
use engine::{Engine, questions};

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;

/// Find the regimes of a return series
///
/// Fits a Gaussian hidden Markov model of two to four states and returns the probability of each state in each period
/// given what was known then (`filtered`), in the next period (`predicted`) and, for use in hindsight, the most likely
/// path. States are ordered by ascending variance. Figures are in the unit of the returns. Nothing is stored.
#[utoipa::path(tag = "analytics", operation_id = "create_regimes", request_body = RegimeRequest, responses(
    (status = 200, description = "The states and their probabilities", body = RegimeResponse)
))]
#[post("/api/regimes")]
pub(super) async fn create_regimes(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::regimes(&engine, &caller.context, &body.0).await)
}
