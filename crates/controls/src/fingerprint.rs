//! A digest of what the orders of a plan do: plans whose orders do the same have the same digest.

use std::fmt::Write as _;

use portfolio_core::TradeSide;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{ControlBook, OrderFacts};

/// SHA-256 of what orders do: asset, side, quantity and limit price of each, whatever their sequence and their ids. 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct PlanFingerprint(String);

impl PlanFingerprint {
    /// The fingerprint of orders on a book.
    #[must_use]
    pub fn of(book: &ControlBook, orders: &[&OrderFacts]) -> Self {
        let mut lines: Vec<String> = orders.iter().map(|order| line(book, order)).collect();
        lines.sort_unstable();
        let mut hasher = Sha256::new();
        for line in &lines {
            // The length first: no two lists of lines are one text.
            hasher.update((line.len() as u64).to_be_bytes());
            hasher.update(line.as_bytes());
        }
        let mut text = String::with_capacity(64);
        for byte in hasher.finalize() {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// A fingerprint that was stored.
    #[must_use]
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn line(book: &ControlBook, order: &OrderFacts) -> String {
    let asset = book.positions.get(order.asset).map_or("", |position| position.asset.as_str());
    let side = match order.side {
        TradeSide::Buy => "buy",
        TradeSide::Sell => "sell",
    };
    let price = order.price.map(plain).unwrap_or_default();
    format!("{}\u{1f}{side}\u{1f}{}\u{1f}{price}", asset, plain(order.quantity))
}

/// A decimal without zeros at its end: 10.00 is 10.
fn plain(decimal: orders::Decimal) -> String {
    let text = decimal.to_string();
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{buy, one_asset, sell};

    fn print(orders: &[OrderFacts]) -> PlanFingerprint {
        PlanFingerprint::of(&one_asset(), &orders.iter().collect::<Vec<_>>())
    }

    #[test]
    fn the_same_deeds_have_one_fingerprint() {
        let (a, b) = (buy("10", "100.00"), sell("5", "99.00"));
        let same = print(&[a.clone(), b.clone()]);
        assert_eq!(print(&[b.clone(), OrderFacts { id: "X".to_owned(), ..a.clone() }]), same);
        assert_eq!(print(&[buy("10.0", "100"), b.clone()]), same);
        assert_eq!(same.as_str().len(), 64);
        assert_eq!(PlanFingerprint::stored(same.as_str()), same);
        assert_ne!(PlanFingerprint::stored("0"), same);
    }

    #[test]
    fn other_deeds_have_another() {
        let base = print(&[buy("10", "100.00")]);
        let market = OrderFacts { price: None, ..buy("10", "100.00") };
        for other in [buy("100", "100.00"), buy("10", "100.01"), sell("10", "100.00"), market] {
            assert_ne!(print(&[other]), base);
        }
        assert_ne!(print(&[]), base);
        let mut renamed = one_asset();
        renamed.positions[0].asset = "BND".to_owned();
        assert_ne!(PlanFingerprint::of(&renamed, &[&buy("10", "100.00")]), base);
    }

    #[test]
    fn zeros_before_the_point_stay() {
        assert_eq!(plain("10.50".parse().unwrap()), "10.5");
        assert_eq!(plain("100.00".parse().unwrap()), "100");
        assert_eq!(plain("100".parse().unwrap()), "100");
    }
}
