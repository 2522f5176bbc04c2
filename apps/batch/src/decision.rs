//! What was decided about an account, its digest, and the checks that a band plan passes on its own figures.

use std::fmt;

use sha2::{Digest, Sha256};

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing trades.
    Hold = 0,
    /// Orders by its policy's own method.
    Trade = 1,
    /// Orders by the band policy, because the optimal method found no proven plan within its budget.
    Fallback = 2,
    /// No plan.
    Refused = 3,
    /// Orders breach a soft limit, so they wait for a person and are not written.
    Held = 4,
}

impl Outcome {
    /// Every outcome, in the order of their codes.
    pub const ALL: [Self; 5] = [Self::Hold, Self::Trade, Self::Fallback, Self::Refused, Self::Held];

    /// Its name in files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Trade => "trade",
            Self::Fallback => "fallback",
            Self::Refused => "refused",
            Self::Held => "held",
        }
    }
}

/// Why an account was refused, held, or planned by its fallback.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The model is not in `models.parquet`.
    UnknownModel(String),
    /// The policy is not in `policies.parquet`.
    UnknownPolicy(String),
    /// The currency is none of ISO 4217.
    UnknownCurrency(String),
    /// An asset without a price.
    NoPrice(String),
    /// An asset is priced in another currency than the account.
    OtherCurrency(String),
    /// An asset is there twice.
    AssetTwice(String),
    /// A quantity, a price or the cash is outside its range.
    Book(String),
    /// The sizing refused the account.
    Sizing(String),
    /// No optimum was proven within the budget of work.
    NotProven(String),
    /// The limits of the optimal method contradict each other.
    Infeasible,
    /// A pre-trade control, by its name.
    Control(&'static str),
    /// A plan did not pass the check of its own figures.
    Unsound(&'static str),
}

impl Reason {
    /// The reason as one word, for counting.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownModel(_) => "unknown_model",
            Self::UnknownPolicy(_) => "unknown_policy",
            Self::UnknownCurrency(_) => "unknown_currency",
            Self::NoPrice(_) => "no_price",
            Self::OtherCurrency(_) => "other_currency",
            Self::AssetTwice(_) => "asset_twice",
            Self::Book(_) => "book",
            Self::Sizing(_) => "sizing",
            Self::NotProven(_) => "not_proven",
            Self::Infeasible => "infeasible",
            Self::Control(_) => "control",
            Self::Unsound(_) => "unsound",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownModel(id) => write!(f, "there is no model {id}"),
            Self::UnknownPolicy(id) => write!(f, "there is no policy {id}"),
            Self::UnknownCurrency(code) => write!(f, "{code} is no currency"),
            Self::NoPrice(asset) => write!(f, "{asset} has no price"),
            Self::OtherCurrency(asset) => write!(f, "{asset} is priced in another currency than the account"),
            Self::AssetTwice(asset) => write!(f, "{asset} is held twice"),
            Self::Book(why) | Self::Sizing(why) | Self::NotProven(why) => f.write_str(why),
            Self::Infeasible => f.write_str("the limits of the policy contradict each other"),
            Self::Control(name) => write!(f, "the pre-trade control {name}"),
            Self::Unsound(what) => write!(f, "the plan does not pass its own check: {what}"),
        }
    }
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// The asset, by position in `prices.parquet`.
    pub asset: u32,
    /// Value, minor units; negative for a sale.
    pub value_minor: i64,
    /// Cost, minor units, not negative.
    pub cost_minor: i64,
    /// Units, with the sign of the value.
    pub units: f64,
}

/// What was decided about an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The outcome.
    pub outcome: Outcome,
    /// The reason of an outcome that is no plan by the policy's own method.
    pub reason: Option<Reason>,
    /// Net asset value before the orders, minor units; 0 where the account was refused before it was valued.
    pub nav_minor: i64,
    /// Cash before the orders, minor units.
    pub cash_before_minor: i64,
    /// Cash after the orders, minor units.
    pub cash_after_minor: i64,
    /// Purchases and sales together, minor units.
    pub traded_minor: i64,
    /// Costs, minor units.
    pub cost_minor: i64,
    /// `½·Σ|w − t|` before the orders.
    pub drift_before: f64,
    /// The same after the orders.
    pub drift_after: f64,
    /// Iterations of the solver and of the search for the costs.
    pub work: u32,
    /// Proven distance to the best objective, of an optimal plan.
    pub duality_gap: Option<f64>,
    /// The orders; none unless the outcome is a trade or a fallback.
    pub orders: Vec<Order>,
}

impl Decided {
    /// No plan.
    pub(crate) fn refused(reason: Reason) -> Self {
        Self {
            outcome: Outcome::Refused,
            reason: Some(reason),
            nav_minor: 0,
            cash_before_minor: 0,
            cash_after_minor: 0,
            traded_minor: 0,
            cost_minor: 0,
            drift_before: 0.0,
            drift_after: 0.0,
            work: 0,
            duality_gap: None,
            orders: Vec::new(),
        }
    }

    /// SHA-256 of the decision: of the account, the outcome, the cash before and after, and each order with the name of its asset, value, cost
    /// and units to the last bit.
    ///
    /// `names`: the assets of `prices.parquet`, whose order does not count.
    #[must_use]
    pub fn digest(&self, account_id: &str, names: &[String]) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(96 + 48 * self.orders.len());
        let text = |bytes: &mut Vec<u8>, text: &str| {
            bytes.extend((text.len() as u32).to_be_bytes());
            bytes.extend(text.as_bytes());
        };
        text(&mut bytes, "smart-portfolio-rebalancer/batch-decision/1");
        text(&mut bytes, account_id);
        bytes.push(self.outcome as u8);
        for amount in [self.cash_before_minor, self.cash_after_minor, self.orders.len() as i64] {
            bytes.extend(amount.to_be_bytes());
        }
        for order in &self.orders {
            text(&mut bytes, names.get(order.asset as usize).map_or("", String::as_str));
            bytes.extend(order.value_minor.to_be_bytes());
            bytes.extend(order.cost_minor.to_be_bytes());
            bytes.extend(order.units.to_bits().to_be_bytes());
        }
        Sha256::digest(&bytes).into()
    }

    /// What of the plan's own figures is not as it has to be: cash is what the orders leave and not negative, nothing is sold beyond what is
    /// held, no side is empty, and turnover is within its limit. Sums are exact.
    ///
    /// `held_minor`: the value of each position that an order sells, in the order of the orders, minor units; `turnover_limit`: a fraction of
    /// NAV.
    #[must_use]
    pub(crate) fn fault(&self, held_minor: impl Fn(&Order) -> f64, turnover_limit: f64) -> Option<&'static str> {
        let moved: i128 = self.orders.iter().map(|o| i128::from(o.value_minor) + i128::from(o.cost_minor)).sum();
        if i128::from(self.cash_before_minor) - moved != i128::from(self.cash_after_minor) {
            return Some("cash is not what the orders leave");
        }
        if self.cash_after_minor < 0 {
            return Some("cash is negative");
        }
        if self.orders.iter().any(|order| order.value_minor == 0 || order.cost_minor < 0) {
            return Some("an order of nothing, or a negative cost");
        }
        // A position is a valuation with a fraction of a unit; a sale of all of it is rounded down.
        if self
            .orders
            .iter()
            .any(|order| order.value_minor < 0 && -(order.value_minor as f64) > held_minor(order) + 1.0)
        {
            return Some("more is sold than is held");
        }
        let traded: i128 = self.orders.iter().map(|order| i128::from(order.value_minor.abs())).sum();
        if traded != i128::from(self.traded_minor) || traded as f64 > turnover_limit * self.nav_minor as f64 + 1.0 {
            return Some("turnover is beyond its limit");
        }
        None
    }
}

/// The first 16 bytes of the SHA-256 of texts, each after its length.
pub(crate) fn mark(texts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u32).to_be_bytes());
        hash.update(text.as_bytes());
    }
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    first
}

/// The id of an order, of two marks: that of the run and the account, and that of the asset, in exclusive or. A receiver that has seen it has
/// seen the order.
pub(crate) fn joined(of_account: [u8; 16], of_asset: [u8; 16]) -> [u8; 16] {
    (u128::from_be_bytes(of_account) ^ u128::from_be_bytes(of_asset)).to_be_bytes()
}

/// The id of an order: the first 16 bytes of the SHA-256 of the run and the account, in exclusive or with those of the asset; each text after
/// its length as four bytes, big-endian.
#[must_use]
pub fn order_id(run_id: &str, account_id: &str, asset: &str) -> [u8; 16] {
    joined(mark(&[run_id, account_id]), mark(&[asset]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trade() -> Decided {
        let order = |asset, value_minor, units| Order { asset, value_minor, cost_minor: 5, units };
        Decided {
            outcome: Outcome::Trade,
            nav_minor: 10_000,
            cash_before_minor: 100,
            cash_after_minor: 90,
            traded_minor: 2_000,
            cost_minor: 10,
            orders: vec![order(0, -1_000, -10.0), order(1, 1_000, 4.0)],
            ..Decided::refused(Reason::Infeasible)
        }
    }

    #[test]
    fn the_digest_covers_what_is_sent_and_not_the_order_of_the_price_table() {
        let names = ["A".to_owned(), "B".to_owned()];
        let base = trade().digest("acc", &names);
        let mut swapped = trade();
        swapped.orders.iter_mut().for_each(|order| order.asset = 1 - order.asset);
        assert_eq!(swapped.digest("acc", &["B".to_owned(), "A".to_owned()]), base);
        assert_ne!(trade().digest("acd", &names), base);
        let changes: [fn(&mut Decided); 4] = [
            |d| d.orders[0].value_minor += 1,
            |d| d.orders[1].units = 4.000_000_000_000_001,
            |d| d.cash_after_minor += 1,
            |d| d.outcome = Outcome::Fallback,
        ];
        for change in changes {
            let mut other = trade();
            change(&mut other);
            assert_ne!(other.digest("acc", &names), base);
        }
        assert_ne!(order_id("r", "a", "bc"), order_id("r", "ab", "c"));
    }

    #[test]
    fn a_plan_that_creates_cash_or_sells_what_is_not_held_is_found() {
        let held = |_: &Order| 1_000.0;
        assert_eq!(trade().fault(held, 0.2), None);
        assert_eq!(trade().fault(|_| 900.0, 0.2), Some("more is sold than is held"));
        assert_eq!(trade().fault(held, 0.19), Some("turnover is beyond its limit"));
        let found = |change: fn(&mut Decided)| {
            let mut other = trade();
            change(&mut other);
            other.fault(held, 0.2)
        };
        assert_eq!(found(|d| d.cash_after_minor += 1), Some("cash is not what the orders leave"));
        assert_eq!(found(|d| (d.cash_before_minor, d.cash_after_minor) = (9, -1)), Some("cash is negative"));
        assert!(found(|d| d.orders[0].cost_minor = -5).is_some());
    }
}
