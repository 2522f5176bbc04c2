//! Reports of queued backtests.

use actix_web::web::Path;
use actix_web::{HttpRequest, route};
use copilot::BACKTEST_STYLE;
use engine::jobs::Runs;
use engine::telling::backtest_report::BacktestReportForm;
use engine::{Engine, backtests};

use super::report::{page, table};
use crate::http::answer::Answer;
use crate::http::caller::Caller;
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// Report of a queued backtest
///
/// One printable page: verdicts in words with the number of trials, wealth and drawdown, figures with their intervals,
/// costs, assumptions, and the digests of request and results. The page has no scripts and no external resources, and
/// nothing is recomputed. Returns 409 until the backtest has results.
#[utoipa::path(get, path = "/api/backtests/{backtest_id}/report", tag = "backtests", operation_id = "get_backtest_report",
    params(("backtest_id" = String, Path, description = "Id of the backtest", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")),
    responses((status = 200, description = "The report", content_type = "text/html", body = String)))]
#[route("/api/backtests/{backtest_id}/report", method = "GET", method = "HEAD")]
pub(super) async fn get_backtest_report(
    request: HttpRequest,
    caller: Caller,
    backtest_id: Path<String>,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let report = backtests::report(&engine, &queue, &caller.context, &backtest_id, BacktestReportForm::Html).await;
    report.map(|report| page(report, BACKTEST_STYLE)).map_err(|refusal| Problem::new(&caller, refusal))
}

/// Days of a queued backtest
///
/// Wealth and drawdown of every policy by day, with all digits, as a table (RFC 4180). Returns 409 until the backtest
/// has results.
#[utoipa::path(get, path = "/api/backtests/{backtest_id}/report.csv", tag = "backtests", operation_id = "get_backtest_days",
    params(("backtest_id" = String, Path, description = "Id of the backtest", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")),
    responses((status = 200, description = "The table", content_type = "text/csv", body = String)))]
#[route("/api/backtests/{backtest_id}/report.csv", method = "GET", method = "HEAD")]
pub(super) async fn get_backtest_days(
    request: HttpRequest,
    caller: Caller,
    backtest_id: Path<String>,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let report = backtests::report(&engine, &queue, &caller.context, &backtest_id, BacktestReportForm::Csv).await;
    report.map(table).map_err(|refusal| Problem::new(&caller, refusal))
}
