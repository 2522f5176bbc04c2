//! What a broker reports about the orders of a plan.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tca::OrderState;
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, objects, optional_objects};
use crate::dto::metadata::Metadata;
use crate::dto::side::Side;
use crate::dto::warning::PlanWarning;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Events of one request.
const MAX_FILLS: usize = 10_000;
/// What an id of a broker must be.
pub(crate) const BROKER_ID: &str = "must be 1 to 100 printable ASCII characters without blanks";
/// Orders of which one request tells the prices around them.
const MAX_BENCHMARKS: usize = 10_000;

/// What an event reports about a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FillKind {
    /// An order was filled, in whole or in part.
    #[default]
    Fill,
    /// A fill was reported wrongly: these are the correct quantity, price and fees.
    Correction,
    /// A fill or a cancel did not happen. A correction does not restore it.
    Bust,
    /// An order was cancelled: what was open of it will not be filled.
    Cancel,
}

/// A table of events as `text/csv`: columns named in the first line, an event per line, empty cells absent.
// `binary`: a client sends the bytes of a file as they are.
#[derive(Debug, Clone, ToSchema)]
#[schema(format = Binary)]
pub struct FillTable(pub String);

/// What a broker reports about the orders of a plan: fills with their corrections and busts, cancels of orders, and
/// market prices around the orders.
///
/// Rules beyond the ranges: at least one entry in all; the ids of the events differ; a fill has `client_order_id`,
/// `quantity` and `price`; a correction has `refers_to`, `quantity` and `price`; a bust has `refers_to` only; a cancel
/// has `client_order_id` only; each benchmark is for a different order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "fills": [
        {"fill_id": "X-1001", "client_order_id": "SRQGCXBIYMWB5S6KM", "executed_at": "2026-11-30T14:31:07Z", "quantity": 20, "price": 95.02, "fees": 0.35}
    ]
}))]
pub struct PlanFillsRequest {
    /// The events, in any order.
    #[schema(max_items = 10_000)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub fills: Vec<FillEventRequest>,
    /// Market prices around the orders. Of several reports about one order the latest applies as a whole.
    #[schema(max_items = 10_000)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects", skip_serializing_if = "Option::is_none")]
    pub benchmarks: Option<Vec<OrderBenchmarkRequest>>,
}

/// One event at the broker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FillEventRequest {
    /// The broker's id of the event, unique within the plan; repeating an event changes nothing.
    #[schema(example = "X-1001", pattern = "^[!-~]{1,100}$")]
    pub fill_id: String,
    /// The kind of event. Default `fill`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<FillKind>,
    /// The id of the fill, or of an earlier correction of it, to which a correction or a bust refers; a bust may also take
    /// back a cancel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "X-1000", pattern = "^[!-~]{1,100}$")]
    pub refers_to: Option<String>,
    /// The order that was filled or cancelled, by the id it was exported with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "SRQGCXBIYMWB5S6KM", pattern = "^[BS][A-Z2-7]{16}$")]
    pub client_order_id: Option<String>,
    /// When it happened; of two corrections of one fill the later one applies.
    #[schema(example = "2026-11-30T14:31:07Z")]
    pub executed_at: DateTime<Utc>,
    /// Units that traded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 20.0, exclusive_minimum = 0.0, maximum = 1e12)]
    #[validate(range(exclusive_min = 0.0, max = 1e12))]
    pub quantity: Option<f64>,
    /// Price of one unit, in major units of the book's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 95.02, exclusive_minimum = 0.0, maximum = 1e9)]
    #[validate(range(exclusive_min = 0.0, max = 1e9))]
    pub price: Option<f64>,
    /// Commissions and charges of the fill, positive for what is paid; rounded to the minor unit, ties to even. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.35, minimum = -1e9, maximum = 1e9)]
    #[validate(range(min = -1e9, max = 1e9))]
    pub fees: Option<f64>,
}

/// Market prices around an order, of one unit in major units of the book's currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderBenchmarkRequest {
    /// The order, by the id it was exported with.
    #[schema(example = "SRQGCXBIYMWB5S6KM", pattern = "^[BS][A-Z2-7]{16}$")]
    pub client_order_id: String,
    /// Price when the broker received the order. Without it the plan's price is used instead, and delay is not
    /// separated from trading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 95.01, exclusive_minimum = 0.0, maximum = 1e9)]
    #[validate(range(exclusive_min = 0.0, max = 1e9))]
    pub arrival_price: Option<f64>,
    /// Price when the order was done or cancelled: it values the units that were not filled, and the position
    /// afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 95.06, exclusive_minimum = 0.0, maximum = 1e9)]
    #[validate(range(exclusive_min = 0.0, max = 1e9))]
    pub end_price: Option<f64>,
    /// Volume-weighted average price of the market while the order was working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 95.03, exclusive_minimum = 0.0, maximum = 1e9)]
    #[validate(range(exclusive_min = 0.0, max = 1e9))]
    pub vwap: Option<f64>,
    /// Half the difference between ask and bid while the order was working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.005, minimum = 0.0, maximum = 1e9)]
    #[validate(range(min = 0.0, max = 1e9))]
    pub half_spread: Option<f64>,
}

/// Whether a text can be an id of a broker.
pub(crate) fn is_broker_id(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl FillEventRequest {
    /// The kind of event.
    #[must_use]
    pub fn kind(&self) -> FillKind {
        self.kind.unwrap_or_default()
    }

    fn check(&self, faults: &mut Faults) {
        let kind = self.kind();
        let traded = matches!(kind, FillKind::Fill | FillKind::Correction);
        let refers = matches!(kind, FillKind::Correction | FillKind::Bust);
        let members = [
            ("client_order_id", self.client_order_id.is_some(), !refers),
            ("refers_to", self.refers_to.is_some(), refers),
            ("quantity", self.quantity.is_some(), traded),
            ("price", self.price.is_some(), traded),
            ("fees", self.fees.is_some(), traded),
        ];
        for (name, is_sent, belongs) in members {
            if is_sent && !belongs {
                faults.add(format!("/{name}"), FaultCode::Value, "does not go with events of this kind");
            } else if belongs && !is_sent && name != "fees" {
                faults.add(format!("/{name}"), FaultCode::Required, "is required by events of this kind");
            }
        }
        let ids = [("fill_id", Some(&self.fill_id)), ("refers_to", self.refers_to.as_ref())];
        for (name, id) in ids {
            if id.is_some_and(|id| !is_broker_id(id)) {
                faults.add(format!("/{name}"), FaultCode::Value, BROKER_ID);
            }
        }
        if self.refers_to.as_ref() == Some(&self.fill_id) {
            faults.add("/refers_to", FaultCode::Value, "must be another event");
        }
    }
}

impl Document for PlanFillsRequest {
    fn check_size(&self, faults: &mut Faults) {
        let benchmarks = self.benchmarks.as_ref().map_or(0, Vec::len);
        for (pointer, count, most) in
            [("/fills", self.fills.len(), MAX_FILLS), ("/benchmarks", benchmarks, MAX_BENCHMARKS)]
        {
            if count > most {
                faults.add(pointer, FaultCode::Limit, format!("must have at most {most} entries"));
            }
        }
    }

    fn check(&self, faults: &mut Faults) {
        let benchmarks = self.benchmarks.as_deref().unwrap_or_default();
        if self.fills.is_empty() && benchmarks.is_empty() {
            faults.add("/fills", FaultCode::Length, "must have at least 1 entry, unless there are benchmarks");
        }
        let mut seen = std::collections::BTreeSet::new();
        for (i, event) in self.fills.iter().enumerate() {
            faults.within(&format!("/fills/{i}"), |faults| {
                event.check(faults);
                // The same event twice is told once, as it is across reports.
                let is_twin = || self.fills.iter().take(i).any(|earlier| earlier == event);
                if !seen.insert(event.fill_id.as_str()) && !is_twin() {
                    faults.add("/fill_id", FaultCode::DuplicateName, "is the id of another event of this request");
                }
            });
        }
        let mut seen = std::collections::BTreeSet::new();
        for (i, benchmark) in benchmarks.iter().enumerate() {
            if !seen.insert(benchmark.client_order_id.as_str()) {
                let pointer = format!("/benchmarks/{i}/client_order_id");
                faults.add(pointer, FaultCode::DuplicateName, "is the order of an earlier benchmark of this request");
            }
        }
    }
}

/// The cancel of an order that is in force: the earliest one reported and not taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderCancellation {
    /// The broker's id of the event.
    #[schema(example = "X-1009")]
    pub fill_id: String,
    /// When the order was cancelled.
    #[schema(example = "2026-11-30T15:00:00Z")]
    pub cancelled_at: DateTime<Utc>,
    /// Units that were open and are cancelled: an exact decimal; 0 for an order that was filled all the same. They are part of `opportunity`.
    #[schema(example = "43.15789474", pattern = r"^[0-9]+(\.[0-9]+)?$")]
    pub quantity: String,
    /// Ids of fills that happened after the cancel: they count, as the broker made them.
    #[schema(example = json!([]))]
    pub late_fills: Vec<String>,
}

/// An order of a plan with its fills.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FilledOrder {
    /// The id it was exported with.
    #[schema(example = "SRQGCXBIYMWB5S6KM")]
    pub client_order_id: String,
    /// Id of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Whether it buys or sells.
    pub side: Side,
    /// Its state.
    pub state: OrderState,
    /// Units ordered: an exact decimal.
    #[schema(example = "63.15789474", pattern = r"^[0-9]+(\.[0-9]+)?$")]
    pub quantity: String,
    /// Units filled: an exact decimal.
    #[schema(example = "20.00000000", pattern = r"^[0-9]+(\.[0-9]+)?$")]
    pub filled: String,
    /// Units ordered, not filled and not cancelled: an exact decimal; 0 for an order that is overfilled.
    #[schema(example = "43.15789474", pattern = r"^[0-9]+(\.[0-9]+)?$")]
    pub open: String,
    /// The cancel of the order; absent for one that was not cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancel: Option<OrderCancellation>,
    /// Average price of the fills; null when there is none.
    #[schema(required, example = 95.02)]
    pub average_price: Option<f64>,
    /// Fees of the fills, in major units.
    #[schema(example = 0.35)]
    pub fees: f64,
}

/// The result of a report of fills.
#[derive(Debug, Serialize, ToSchema)]
pub struct FillReceipt {
    /// The plan.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// How many events were new and are stored.
    #[schema(example = 1, minimum = 0)]
    pub recorded: usize,
    /// How many events were already known and changed nothing.
    #[schema(example = 0, minimum = 0)]
    pub repeated: usize,
    /// Sequence of the audit entry that recorded them; null when nothing was new.
    #[schema(required, example = 21, minimum = 1)]
    pub sequence: Option<u64>,
    /// The orders of the plan, in their state after all reports.
    pub orders: Vec<FilledOrder>,
    /// Ids of corrections and busts whose fill, or busts whose cancel, has not been reported yet: they count once it is.
    #[schema(example = json!([]))]
    pub unmatched: Vec<String>,
    /// What is doubtful about the new events: fills that happened before the orders were exported.
    #[schema(example = json!([]))]
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// An event as it was reported.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StoredFillEvent {
    /// The broker's id of the event.
    #[schema(example = "X-1001")]
    pub fill_id: String,
    /// The kind of event.
    pub kind: FillKind,
    /// The event to which a correction or a bust refers; absent for a fill.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "X-1000")]
    pub refers_to: Option<String>,
    /// The order that was filled or cancelled; absent for a correction or a bust.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "SRQGCXBIYMWB5S6KM")]
    pub client_order_id: Option<String>,
    /// When it happened.
    #[schema(example = "2026-11-30T14:31:07Z")]
    pub executed_at: DateTime<Utc>,
    /// Units that traded; absent for a bust or a cancel.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 20.0)]
    pub quantity: Option<f64>,
    /// Price of one unit, major units; absent for a bust or a cancel.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 95.02)]
    pub price: Option<f64>,
    /// Commissions and charges, major units; absent for a bust or a cancel and where none were reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.35)]
    pub fees: Option<f64>,
    /// When it was reported, UTC.
    #[schema(example = "2026-11-30T14:31:09.000000Z", format = "date-time")]
    pub recorded_at: String,
    /// Who reported it.
    #[schema(example = "api")]
    pub actor: String,
    /// Sequence of the audit entry that recorded it.
    #[schema(example = 21, minimum = 1)]
    pub sequence: u64,
}

/// Everything that was reported about the orders of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanFills {
    /// The plan.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// The orders of the plan, in their state after all reports; empty before they were exported.
    pub orders: Vec<FilledOrder>,
    /// The events, in the order in which they were reported.
    pub fills: Vec<StoredFillEvent>,
    /// The prices around each order that apply.
    pub benchmarks: Vec<OrderBenchmarkRequest>,
    /// Ids of corrections and busts whose fill, or busts whose cancel, has not been reported yet: they count once it is.
    #[schema(example = json!([]))]
    pub unmatched: Vec<String>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}
