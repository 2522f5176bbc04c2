//! The orders of a plan as files: for a program, a spreadsheet, a broker's basket and FIX.

use orders::{
    Basket, FixError, FixSession, LeftOutReason, OrderCash, OrderList, basket, new_order_singles, orders_csv,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::StoredPlan;
use utoipa::ToSchema;

use crate::context::RequestContext;
use crate::control::ReleasedOrders;
use crate::dto::metadata::Metadata;
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault_code::FaultCode;
use crate::planning::plan::PlannedCase;
use crate::records::replay::made_again;
use crate::refusal::{Refusal, json};
use crate::telling::orders::order_list;
use crate::telling::present::present;

/// The format of the orders of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderFileForm {
    /// The orders with the cash they leave, in JSON.
    #[default]
    Json,
    /// A table for a spreadsheet.
    Csv,
    /// A basket for Interactive Brokers Trader Workstation.
    Basket,
    /// FIX 4.4 NewOrderSingle messages, one after the other.
    Fix,
}

impl OrderFileForm {
    /// The form of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [("json", Self::Json), ("csv", Self::Csv), ("basket", Self::Basket), ("fix", Self::Fix)]
            .into_iter()
            .find_map(|(known, form)| (known == name).then_some(form))
    }
}

/// Who sends and who receives FIX messages: tags 49 and 56.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixParties {
    /// Who sends.
    pub sender: String,
    /// Who receives.
    pub target: String,
}

/// The orders of a stored plan in JSON.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanOrdersResponse {
    /// The orders in sequence, with their ids, and the cash they leave.
    #[serde(flatten)]
    pub list: OrderList,
    /// What a reader needs to know before placing the orders; absent when there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<PlanWarning>,
    /// Where the answer comes from.
    pub metadata: Metadata,
}

/// A stored plan and its orders, recomputed from its request and compared with its answer.
///
/// # Errors
/// [`Refusal::RecordChanged`] for records that are not those of a plan, and a fault where this version makes other
/// orders of the request or they cannot be stated exactly.
pub(crate) fn orders_made_again(
    stored: &StoredPlan,
    context: &RequestContext,
) -> Result<(PlannedCase, OrderList), Refusal> {
    let other = || {
        let detail = "this version makes other orders of the stored request: those of the plan are in its answer";
        Refusal::parameter("format", FaultCode::Value, detail)
    };
    let answer: Value = serde_json::from_slice(stored.record.response.bytes()).map_err(|e| Refusal::unreadable(&e))?;
    let planned = made_again(&stored.record).map_err(|_| other())?;
    let orders = serde_json::to_value(&present(&planned, context).orders).map_err(|e| Refusal::internal(&e))?;
    if !are_same(&orders, &answer["orders"]) {
        return Err(other());
    }
    let list = order_list(&planned, &stored.record.plan_id)
        .map_err(|e| Refusal::parameter("format", FaultCode::Value, e.to_string()))?;
    Ok((planned, list))
}

/// The name of a file of orders without its ending: `orders-household-2026-11-28-9f4a3f3e`, of what is in it, the book, the day on
/// which the plan was made and the beginning of its id, in ASCII.
pub(crate) fn file_stem(form: OrderFileForm, book: Option<&str>, created_at: &str, plan_id: &str) -> String {
    let what = match form {
        OrderFileForm::Json | OrderFileForm::Csv => "orders",
        OrderFileForm::Basket => "basket",
        OrderFileForm::Fix => "fix",
    };
    let words: String = import::normalise_heading(book.unwrap_or_default())
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let mut book = words.split_whitespace().collect::<Vec<_>>().join("-");
    book.truncate(40);
    let book = book.trim_end_matches('-');
    let head = |text: &str, most: usize| {
        text.chars().take(most).filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>()
    };
    let parts = [what, if book.is_empty() { "portfolio" } else { book }, &head(created_at, 10), &head(plan_id, 8)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// Whether orders are those of an answer. Earlier versions stated more decimals of a quantity than its order has.
fn are_same(orders: &Value, told: &Value) -> bool {
    let (Some(orders), Some(told)) = (orders.as_array(), told.as_array()) else { return orders == told };
    orders.len() == told.len()
        && orders.iter().zip(told).all(|(order, told)| {
            let quantity = |order: &Value| order["quantity"].as_f64();
            let mut same = told.clone();
            if let (Some(now), Some(then)) = (quantity(order), quantity(told))
                && (now - then).abs() <= ONE_STEP
            {
                same["quantity"] = order["quantity"].clone();
            }
            *order == same
        })
}

/// The step of quantities that are no whole lots.
const ONE_STEP: f64 = 1e-8;

/// Orders that were released, as a file.
///
/// # Errors
/// A fault where the form cannot represent each of them.
pub(crate) fn order_file(
    released: ReleasedOrders,
    form: OrderFileForm,
    parties: &FixParties,
    context: &RequestContext,
) -> Result<Vec<u8>, Refusal> {
    let cannot = |detail: String| Refusal::parameter("format", FaultCode::Value, detail);
    let list = released.list();
    match form {
        OrderFileForm::Json => {
            let list = released.into_list();
            json(&PlanOrdersResponse { warnings: warnings_of(&list), list, metadata: Metadata::plain(context) })
        }
        OrderFileForm::Csv => Ok(orders_csv(&list.orders).into_bytes()),
        OrderFileForm::Basket => whole_basket(list).map_err(cannot).map(String::into_bytes),
        OrderFileForm::Fix => {
            let text = fix_messages(&released, parties, 1, context).map_err(|e| cannot(e.to_string()))?;
            Ok(text.into_bytes())
        }
    }
}

/// Cash that the limit prices would leave below zero although the reference prices do not.
fn warnings_of(list: &OrderList) -> Vec<PlanWarning> {
    let is_short = |cash: &OrderCash| cash.after_at_limits.minor() < 0 && cash.after.minor() >= 0;
    let short = list.cash.iter().enumerate().filter(|(_, cash)| is_short(cash));
    short
        .map(|(k, cash)| PlanWarning {
            code: WarningCode::CashShortAtLimits,
            pointer: format!("/cash/{k}/after_at_limits"),
            detail: format!(
                "if every order is filled at its limit price, {} of cash are left: place purchases for what the sales bring, or lower limit_collar_bps",
                cash.after_at_limits
            ),
        })
        .collect()
}

/// FIX messages of orders that were released, one after the other; the first has this sequence number, and all have the time of the request.
///
/// # Errors
/// As [`new_order_singles`].
pub fn fix_messages(
    released: &ReleasedOrders,
    parties: &FixParties,
    first_number: u64,
    context: &RequestContext,
) -> Result<String, FixError> {
    let session = FixSession {
        sender_comp_id: parties.sender.clone(),
        target_comp_id: parties.target.clone(),
        next_sequence_number: first_number,
        sending_time: context.received_at,
        transact_time: context.received_at,
    };
    Ok(new_order_singles(&released.list().orders, &session)?.concat())
}

/// The orders that a basket cannot represent: the asset of each, and why.
pub fn left_out_of<'a>(basket: &'a Basket, list: &'a OrderList) -> impl Iterator<Item = (&'a str, &'static str)> {
    basket.left_out.iter().map(|left_out| {
        let order = list.orders.iter().find(|order| order.client_order_id == left_out.client_order_id);
        let why = match left_out.reason {
            LeftOutReason::NoTicker => "it has no ticker among its identifiers, and its name is none",
            LeftOutReason::Crypto => "the broker trades crypto-assets against US dollars only",
            _ => "a value has a character that a basket cannot carry",
        };
        (order.map_or("", |order| order.asset.as_str()), why)
    })
}

/// A basket with every order; the reason if it cannot represent one of them.
fn whole_basket(list: &OrderList) -> Result<String, String> {
    let basket = basket(&list.orders);
    if let Some((asset, why)) = left_out_of(&basket, list).next() {
        return Err(format!("a basket cannot hold the order of {asset}: {why}"));
    }
    Ok(basket.csv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_book_its_day_and_its_plan() {
        let stem = |book| {
            file_stem(OrderFileForm::Csv, book, "2026-11-28T09:30:00.000Z", "9f4a3f3e-5a41-4f05-a7ab-4a3c5d1b2c11")
        };
        assert_eq!(stem(Some("Household")), "orders-household-2026-11-28-9f4a3f3e");
        assert_eq!(stem(Some(" Müller & \"Söhne\"\r\n; x=1/../日 ")), "orders-muller-sohne-x-1-2026-11-28-9f4a3f3e");
        assert_eq!(stem(None), "orders-portfolio-2026-11-28-9f4a3f3e");
        assert_eq!(stem(Some("日本")), "orders-portfolio-2026-11-28-9f4a3f3e");
        let fix = file_stem(OrderFileForm::Fix, Some(&"long ".repeat(40)), "2026-11-28T09:30:00.000Z", "ab");
        assert_eq!(fix, format!("fix-{}-2026-11-28-ab", ["long"; 8].join("-")));
    }
}
