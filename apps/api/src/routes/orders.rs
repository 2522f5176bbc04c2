//! The orders of a stored plan as files.

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, route};
use engine::telling::order_files::{FixParties, OrderFileForm, PlanOrdersResponse};
use engine::{Engine, stored};

use crate::http::accept::first_named;
use crate::http::answer::Answer;
use crate::http::caller::Caller;
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// The forms that `Accept` can ask for.
const FORMS: [(&str, OrderFileForm); 3] =
    [("application/json", OrderFileForm::Json), ("text/csv", OrderFileForm::Csv), ("text/plain", OrderFileForm::Fix)];

/// Orders of a stored plan
///
/// The orders in the form a broker takes, with ids derived from the plan's id: a broker that receives an order twice
/// sees one order. They are recomputed from the stored request and equal those of the stored answer. `csv` is a table
/// for a spreadsheet, `basket` a file for Interactive Brokers Trader Workstation, `fix` NewOrderSingle messages of FIX
/// 4.4; a format that cannot represent one of the orders is refused.
///
/// Orders are exported unless they are halted or the plan was rejected or cancelled; if the policy of
/// `PUT /api/controls/policy` requires an approval, only after it. Every export is checked against that policy: a
/// breach of a hard limit returns 409 with the checks. A plan whose verdict is `REJECTED` and a plan that is done also
/// return 409. The first file makes the plan `executing`; `HEAD` does not.
#[utoipa::path(get, path = "/api/plans/{plan_id}/orders", tag = "records", operation_id = "get_plan_orders",
    params(
        ("plan_id" = String, Path, description = "Id of the plan"),
        ("format" = Option<OrderFileForm>, Query, description = "Format of the orders. Default: the one that `Accept` names (text/csv for csv, text/plain for fix), else json"),
        ("sender" = Option<String>, Query, max_length = 64,
            description = "FIX: who sends the messages, tag 49. Default: REBALANCER", example = "REBALANCER"),
        ("target" = Option<String>, Query, max_length = 64,
            description = "FIX: who receives the messages, tag 56. Default: BROKER", example = "BROKER"),
    ),
    responses((status = 200, description = "The orders", content((PlanOrdersResponse = "application/json"),
        (String = "text/csv"), (String = "text/plain"))))
)]
#[route("/api/plans/{plan_id}/orders", method = "GET", method = "HEAD")]
pub(super) async fn get_plan_orders(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let named = members.one_of("format", OrderFileForm::named, "json, csv, basket, fix");
    let form = named.or_else(|| first_named(&request, &FORMS)).unwrap_or_default();
    let mut party = |name: &str, default: &str| members.short(name, 64).unwrap_or_else(|| default.to_owned());
    let parties = FixParties { sender: party("sender", "REBALANCER"), target: party("target", "BROKER") };
    members.finish()?;
    let is_look = request.method() == Method::HEAD;
    let file = stored::orders(&engine, &caller.actor, &caller.context, &plan_id, form, parties, is_look).await;
    let file = file.map_err(|refusal| Problem::new(&caller, refusal))?;
    let (media_type, ending) = match form {
        OrderFileForm::Json => ("application/json", None),
        OrderFileForm::Csv => ("text/csv; charset=utf-8", Some("csv")),
        OrderFileForm::Basket => ("text/csv; charset=utf-8", Some("csv")),
        OrderFileForm::Fix => ("text/plain; charset=utf-8", Some("txt")),
    };
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static(media_type)));
    if let Some(ending) = ending {
        response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.{ending}\"", file.stem)));
    }
    Ok(response.body(file.bytes))
}
