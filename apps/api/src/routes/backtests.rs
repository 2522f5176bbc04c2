//! Policies on trial.

use actix_web::post;
use actix_web::web::Data;
use engine::dto::backtest::{PolicyBacktestRequest, PolicyBacktestResponse};
use engine::{Engine, questions};

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;

/// Replay policies
///
/// Walks through a history day by day with the code that plans live books: what a policy does on a day depends on the days up to it
/// alone. Costs leave the book on the day of the trade, weights drift between trades. Answers wealth, drawdown, turnover, costs, metrics
/// with their intervals and every decision of each policy, and compares each with the first in words that allow for the number of
/// trials. A backtest is answered at once, and its size is limited. Nothing is stored.
#[utoipa::path(tag = "backtests", operation_id = "create_backtest", request_body = PolicyBacktestRequest, responses(
    (status = 200, description = "The results", body = PolicyBacktestResponse)
))]
#[post("/api/backtests")]
pub(super) async fn create_backtest(caller: Caller, body: JsonBytes, engine: Data<Engine>) -> Answer {
    answer(&caller, questions::backtest(&engine, &caller.context, &body.0).await)
}
