//! Fills of the orders of a plan, and the result of its execution.

use actix_web::web::Path;
use actix_web::{HttpRequest, post, route};
use copilot::EXECUTION_STYLE;
use engine::Engine;
use engine::dto::execution::PlanExecutionResponse;
use engine::dto::execution_history::ExecutionHistoryResponse;
use engine::dto::fills::{FillReceipt, FillTable, PlanFills, PlanFillsRequest};
use engine::execution::{self, ExecutionHistoryQuery, FillsBody};
use engine::telling::execution::{ExecutionForm, ExecutionFormName, ExecutionTableName};

use super::report::{page, table};
use crate::http::accept::first_named;
use crate::http::answer::{Answer, document};
use crate::http::body::JsonOrCsvBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// The forms that `Accept` can ask for.
const FORMS: [(&str, ExecutionFormName); 3] = [
    ("application/json", ExecutionFormName::Json),
    ("text/csv", ExecutionFormName::Csv),
    ("text/html", ExecutionFormName::Html),
];

/// Report fills
///
/// What a broker reports about the exported orders of a plan: fills, corrections and busts, in any order, and market
/// prices around the orders, also after the plan was cancelled or finished. An event that is already known changes
/// nothing, so a report can be sent again. A known id with different content is refused, as are an order that was not
/// exported with the plan and implausible prices, fees and times. A correction or a bust may arrive before its fill.
/// Fills beyond the quantity of an order are stored, and the order is `overfilled`.
///
/// `text/csv` is a table of events with the columns `fill_id`, `executed_at`, `kind`, `refers_to`, `client_order_id`, `quantity`, `price` and
/// `fees`, in any order, named in the first line; empty cells are absent members.
#[utoipa::path(tag = "controls", operation_id = "record_plan_fills",
    request_body(content((PlanFillsRequest = "application/json"), (FillTable = "text/csv"))),
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "How many events were new, and the current state of the orders", body = FillReceipt))
)]
#[post("/api/plans/{plan_id}/fills")]
pub(super) async fn record_plan_fills(
    caller: Caller,
    plan_id: Path<String>,
    body: JsonOrCsvBytes,
    engine: Own<Engine>,
) -> Answer {
    let body = match &body {
        JsonOrCsvBytes::Json(bytes) => FillsBody::Json(bytes),
        JsonOrCsvBytes::Csv(bytes) => FillsBody::Csv(bytes),
    };
    document(&caller, execution::record(&engine, &caller.actor, &caller.context, &plan_id, body).await)
}

/// List fills
///
/// Every event that was reported about the orders of a plan, in the order of the reports, and the current state of the
/// orders.
#[utoipa::path(get, path = "/api/plans/{plan_id}/fills", tag = "controls", operation_id = "get_plan_fills",
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "The events and the orders", body = PlanFills))
)]
#[route("/api/plans/{plan_id}/fills", method = "GET", method = "HEAD")]
pub(super) async fn get_plan_fills(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, execution::fills(&engine, &caller.context, &plan_id).await)
}

/// Measure execution of a plan
///
/// The book after the fills, the state of each order, and implementation shortfall against the plan's own prices,
/// against arrival, VWAP and end prices where they were reported, and against the plan's estimate of cost. The parts
/// add up to the minor unit. `next` has the book as members of the next request. Returns 409 until the orders are
/// exported. `csv` has one line for each order, `html` is a printable page.
#[utoipa::path(get, path = "/api/plans/{plan_id}/execution", tag = "controls", operation_id = "get_plan_execution",
    params(
        ("plan_id" = String, Path, description = "Id of the plan"),
        ("format" = Option<ExecutionFormName>, Query, description = "Format of the answer. Default: the one that `Accept` names (text/csv for csv, text/html for html), else json"),
    ),
    responses((status = 200, description = "The execution of the plan", content((PlanExecutionResponse = "application/json"),
        (String = "text/csv"), (String = "text/html"))))
)]
#[route("/api/plans/{plan_id}/execution", method = "GET", method = "HEAD")]
pub(super) async fn get_plan_execution(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let named = members.one_of("format", ExecutionFormName::named, "json, csv, html");
    let form = named.or_else(|| first_named(&request, &FORMS)).unwrap_or_default();
    members.finish()?;
    let report = async |form| {
        let told = execution::execution_report(&engine, &caller.context, &plan_id, form).await;
        told.map_err(|refusal| Problem::new(&caller, refusal))
    };
    match form {
        ExecutionFormName::Json => document(&caller, execution::execution(&engine, &caller.context, &plan_id).await),
        ExecutionFormName::Csv => Ok(table(report(ExecutionForm::Csv).await?)),
        ExecutionFormName::Html => Ok(page(report(ExecutionForm::Html).await?, EXECUTION_STYLE)),
    }
}

/// The forms of a history that `Accept` can ask for.
const TABLE_FORMS: [(&str, ExecutionTableName); 2] =
    [("application/json", ExecutionTableName::Json), ("text/csv", ExecutionTableName::Csv)];

/// Measure execution over time
///
/// What execution of the plans whose orders left cost: each plan with the sums of its implementation shortfall, oldest first, and the sums by
/// month and currency. A sum has the plans whose shortfall is known, says how many it leaves out, and adds up to the minor unit. Days are
/// in UTC. At most 2,000 plans. `csv` has one line for each plan and one, `total`, for each currency.
#[utoipa::path(get, path = "/api/execution", tag = "controls", operation_id = "get_execution_history",
    params(
        ("since" = Option<String>, Query, description = "Only plans whose orders left on this date or later.", format = "date", example = "2026-01-01"),
        ("until" = Option<String>, Query, description = "Only plans whose orders left on this date or earlier.", format = "date", example = "2026-12-31"),
        ("client_reference" = Option<String>, Query, description = "Only plans with exactly this `client_reference`.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029][^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$", example = "order-2026-0107"),
        ("format" = Option<ExecutionTableName>, Query, description = "How it is written. Default: what `Accept` names, text/csv for csv, or json"),
    ),
    responses((status = 200, description = "What execution came to", content((ExecutionHistoryResponse = "application/json"), (String = "text/csv"))))
)]
#[route("/api/execution", method = "GET", method = "HEAD")]
pub(super) async fn get_execution_history(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    let mut members = QueryMembers::of(&request);
    let named = members.one_of("format", ExecutionTableName::named, "json, csv");
    let form = named.or_else(|| first_named(&request, &TABLE_FORMS)).unwrap_or_default();
    let query = ExecutionHistoryQuery {
        since: members.date("since"),
        until: members.date("until"),
        client_reference: members.reference("client_reference"),
    };
    members.finish()?;
    match form {
        ExecutionTableName::Json => document(&caller, execution::history(&engine, &caller.context, &query).await),
        ExecutionTableName::Csv => {
            let told = execution::history_table(&engine, &caller.context, &query).await;
            Ok(table(told.map_err(|refusal| Problem::new(&caller, refusal))?))
        }
    }
}
