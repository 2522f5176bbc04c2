//! Is it skill or chance?

use actix_web::post;
use engine::dto::evaluate::{SharpeInferenceRequest, SharpeInferenceResponse};
use engine::{Engine, questions};

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;

/// Judge a Sharpe ratio
///
/// Probabilistic and deflated Sharpe ratio and minimum track record of a return series or its moments, each by the
/// formulas of 2012/14 and of 2025, and a verdict that allows for the number of trials. Ratios are per period and not
/// annualised; the kurtosis is raw. A figure the input cannot support is null with a reason. `study` takes the number of trials from the
/// ledger of a study. Nothing is stored.
#[utoipa::path(tag = "analytics", operation_id = "create_sharpe_inference", request_body = SharpeInferenceRequest, responses(
    (status = 200, description = "The figures and the verdict", body = SharpeInferenceResponse)
))]
#[post("/api/evaluate/sharpe")]
pub(super) async fn create_sharpe_inference(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::sharpe_inference(&engine, &caller.context, &body.0).await)
}
