//! Earlier activity, as needed by controls over a window of time.

use chrono::{DateTime, TimeDelta, Utc};
use portfolio_core::{Money, TradeSide};

use crate::PlanFingerprint;

/// Plans and orders of the past, in any order. Entries outside the windows are ignored, entries after `now` count as now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Activity {
    /// Earlier plans. The plan that is checked is not among them.
    pub plans: Vec<PastPlan>,
    /// Earlier orders. Those of the plan that is checked are not among them.
    pub orders: Vec<PastOrder>,
}

/// A plan whose orders were released.
#[derive(Debug, Clone, PartialEq)]
pub struct PastPlan {
    /// The fingerprint of its orders.
    pub fingerprint: PlanFingerprint,
    /// When they were released.
    pub at: DateTime<Utc>,
}

/// An order that was released.
#[derive(Debug, Clone, PartialEq)]
pub struct PastOrder {
    /// Id of the asset.
    pub asset: String,
    /// Purchase or sale.
    pub side: TradeSide,
    /// Its notional; one in another currency than the book's makes sums over the window unknown.
    pub notional: Money,
    /// When it was released.
    pub at: DateTime<Utc>,
}

/// Whether `at` is inside the window that ends now; its first second is inside.
pub(crate) fn is_within(at: DateTime<Utc>, window_seconds: u32, now: DateTime<Utc>) -> bool {
    now.signed_duration_since(at) <= TimeDelta::seconds(i64::from(window_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_includes_its_first_second() {
        let now: DateTime<Utc> = "2026-11-27T14:30:00Z".parse().unwrap();
        let ago = |milliseconds| now - TimeDelta::milliseconds(milliseconds);
        assert!(is_within(ago(60_000), 60, now));
        assert!(!is_within(ago(60_001), 60, now));
        assert!(is_within(ago(-5_000), 60, now));
    }
}
