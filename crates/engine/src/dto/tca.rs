//! What orders cost to execute: the question.

use orders::Decimal;
use portfolio_core::{Currency, Money, Rounding};
use serde::Deserialize;
use tca::{ExecutedOrder, Execution, TcaError};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, objects};
use crate::dto::fills::{BROKER_ID, is_broker_id};
use crate::dto::side::Side;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Orders of one request.
const MAX_TCA_ORDERS: usize = 10_000;
/// Fills of one request, all orders together.
const MAX_TCA_FILLS: usize = 100_000;

/// Orders and their executions.
///
/// Rules beyond the ranges: at least one order; the fills of an order add up to at most its quantity; at most 100,000 fills in all.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"orders": [{
    "side": "buy", "quantity": 1000, "decision_price": 40.0, "arrival_price": 40.04, "end_price": 40.08, "fees": 17,
    "fills": [{"quantity": 700, "price": 40.05}]
}]}))]
pub struct TcaRequest {
    /// ISO 4217 code of the currency of all prices and amounts.
    #[schema(default = json!(Currency::USD.to_string()), example = "USD", min_length = 3, max_length = 3)]
    pub currency: Option<String>,
    /// The orders.
    #[schema(min_items = 1, max_items = 10_000)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub orders: Vec<TcaOrderRequest>,
}

/// An order, the prices around it, and its fills. Prices are of one unit.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TcaOrderRequest {
    /// The client's id of the order: 1 to 100 printable ASCII characters. The answer repeats it.
    #[schema(example = "SRQGCXBIYMWB5S6KM", pattern = "^[!-~]{1,100}$")]
    pub id: Option<String>,
    /// Whether the order buys or sells.
    pub side: Side,
    /// Units ordered.
    #[schema(example = 1000.0, exclusive_minimum = 0.0, maximum = 1e12)]
    #[validate(range(exclusive_min = 0.0, max = 1e12))]
    pub quantity: f64,
    /// Price when the trade was decided.
    #[schema(example = 40.0, exclusive_minimum = 0.0, maximum = 1e9)]
    #[validate(range(exclusive_min = 0.0, max = 1e9))]
    pub decision_price: f64,
    /// Price when the order was released.
    #[schema(example = 40.04, exclusive_minimum = 0.0, maximum = 1e9)]
    #[validate(range(exclusive_min = 0.0, max = 1e9))]
    pub arrival_price: f64,
    /// Price when the order was done or cancelled; without it, the units that were not filled are not measured.
    #[schema(example = 40.08, exclusive_minimum = 0.0, maximum = 1e9)]
    #[validate(range(exclusive_min = 0.0, max = 1e9))]
    pub end_price: Option<f64>,
    /// Commissions and charges, positive for what is paid; rounded to the minor unit, ties to even.
    #[schema(default = 0.0, example = 17.0, minimum = -1e9, maximum = 1e9)]
    #[validate(range(min = -1e9, max = 1e9))]
    pub fees: Option<f64>,
    /// Volume-weighted average price of the market while the order was working.
    #[schema(example = 40.06, exclusive_minimum = 0.0, maximum = 1e9)]
    #[validate(range(exclusive_min = 0.0, max = 1e9))]
    pub vwap: Option<f64>,
    /// Half the difference between ask and bid while the order was working, in money.
    #[schema(example = 0.004, minimum = 0.0, maximum = 1e9)]
    #[validate(range(min = 0.0, max = 1e9))]
    pub half_spread: Option<f64>,
    /// What trading and fees were expected to cost, in money; rounded to the minor unit, ties to even.
    #[schema(example = 20.0, minimum = -1e9, maximum = 1e9)]
    #[validate(range(min = -1e9, max = 1e9))]
    pub estimated_cost: Option<f64>,
    /// The executions, in any order; none when nothing was filled.
    #[schema(max_items = 100_000)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub fills: Vec<ExecutionRequest>,
}

/// One execution.
#[derive(Debug, Clone, Copy, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecutionRequest {
    /// Units that traded.
    #[schema(example = 700.0, exclusive_minimum = 0.0, maximum = 1e12)]
    #[validate(range(exclusive_min = 0.0, max = 1e12))]
    pub quantity: f64,
    /// Price of one unit.
    #[schema(example = 40.05, exclusive_minimum = 0.0, maximum = 1e9)]
    #[validate(range(exclusive_min = 0.0, max = 1e9))]
    pub price: f64,
}

/// Where in an order something is wrong, and what.
type OrderFault = (String, String);

impl TcaOrderRequest {
    /// The order in exact numbers.
    ///
    /// # Errors
    /// The member, as a pointer within the order, whose digits cannot be kept.
    pub fn exact(&self, currency: Currency) -> Result<ExecutedOrder, OrderFault> {
        let number = |at: &str, value: f64| Decimal::from_f64(value).map_err(|e| (at.to_owned(), e.to_string()));
        let optional = |at: &str, value: Option<f64>| value.map(|value| number(at, value)).transpose();
        let money = |at: &str, value: f64| {
            Money::from_major(value, currency, Rounding::HalfEven).map_err(|e| (at.to_owned(), e.to_string()))
        };
        let fills = self.fills.iter().enumerate().map(|(i, fill)| {
            let quantity = number(&format!("/fills/{i}/quantity"), fill.quantity)?;
            Ok(Execution { quantity, price: number(&format!("/fills/{i}/price"), fill.price)? })
        });
        Ok(ExecutedOrder {
            side: self.side.into(),
            quantity: number("/quantity", self.quantity)?,
            decision_price: number("/decision_price", self.decision_price)?,
            arrival_price: number("/arrival_price", self.arrival_price)?,
            end_price: optional("/end_price", self.end_price)?,
            fees: money("/fees", self.fees.unwrap_or_default())?,
            vwap: optional("/vwap", self.vwap)?,
            half_spread: optional("/half_spread", self.half_spread)?,
            estimated_cost: self.estimated_cost.map(|cost| money("/estimated_cost", cost)).transpose()?,
            fills: fills.collect::<Result<_, OrderFault>>()?,
        })
    }

    /// Whether every number is in its range, so that a check of the whole tells something new.
    fn is_in_range(&self) -> bool {
        self.validate().is_ok()
    }
}

impl TcaRequest {
    /// The currency, if it is one.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency.as_deref().map_or(Some(Currency::USD), |code| code.parse().ok())
    }
}

impl Document for TcaRequest {
    fn check_size(&self, faults: &mut Faults) {
        if self.orders.len() > MAX_TCA_ORDERS {
            faults.add("/orders", FaultCode::Limit, format!("must have at most {MAX_TCA_ORDERS} entries"));
        }
        let fills: usize = self.orders.iter().map(|order| order.fills.len()).sum();
        if fills > MAX_TCA_FILLS {
            let detail = format!("hold {fills} fills in all; at most {MAX_TCA_FILLS} are accepted");
            faults.add("/orders", FaultCode::Limit, detail);
        }
    }

    fn check(&self, faults: &mut Faults) {
        if self.orders.is_empty() {
            faults.add("/orders", FaultCode::Length, "must have at least 1 entry");
        }
        for (i, order) in self.orders.iter().enumerate() {
            if order.id.as_deref().is_some_and(|id| !is_broker_id(id)) {
                faults.add(format!("/orders/{i}/id"), FaultCode::Value, BROKER_ID);
            }
        }
        let Some(currency) = self.currency() else {
            let detail = "must be an ISO 4217 code of a currency with at most three decimals";
            faults.add("/currency", FaultCode::Value, detail);
            return;
        };
        for (i, order) in self.orders.iter().enumerate().filter(|(_, order)| order.is_in_range()) {
            if faults.is_full() {
                return;
            }
            let measured = order.exact(currency).and_then(|exact| {
                exact.refuse_overfill().and_then(|()| exact.shortfall()).map_err(|error| {
                    let at = if error == TcaError::Overfilled { "/fills" } else { "" };
                    (at.to_owned(), error.to_string())
                })
            });
            if let Err((at, detail)) = measured {
                faults.add(format!("/orders/{i}{at}"), FaultCode::Value, detail);
            }
        }
    }
}
