//! Orders that were checked; only these are written to files.

use controls::CheckedOrder;
use orders::{Order, OrderList};

/// Orders that may be written to a file: each of them was checked. They are made of checked orders only.
#[derive(Debug)]
pub struct ReleasedOrders(OrderList);

impl ReleasedOrders {
    /// A list without orders, with these.
    pub(super) fn of(rest: OrderList, orders: Vec<CheckedOrder<Order>>) -> Self {
        Self(OrderList { orders: orders.into_iter().map(CheckedOrder::into_order).collect(), ..rest })
    }

    /// The orders in sequence, and the cash they leave.
    #[must_use]
    pub fn list(&self) -> &OrderList {
        &self.0
    }

    /// The same, by value.
    #[must_use]
    pub fn into_list(self) -> OrderList {
        self.0
    }
}
