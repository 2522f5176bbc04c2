//! Assets that may not be traded.

use std::collections::BTreeSet;

use portfolio_core::TradeSide;
use serde::{Deserialize, Serialize};

use crate::{PolicyFault, PolicyFaultKind};

/// Assets that may not be bought or sold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestrictedList {
    /// Ids of assets that may not be bought.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = json!(["XYZ"]), max_items = 10_000))]
    pub no_purchases: BTreeSet<String>,
    /// Ids of assets that may not be sold.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = json!([]), max_items = 10_000))]
    pub no_sales: BTreeSet<String>,
}

/// Longest list.
const ENTRIES_MAX: usize = 10_000;

impl RestrictedList {
    /// Whether this trade of this asset is on the list.
    #[must_use]
    pub fn has(&self, asset: &str, side: TradeSide) -> bool {
        match side {
            TradeSide::Buy => self.no_purchases.contains(asset),
            TradeSide::Sell => self.no_sales.contains(asset),
        }
    }

    pub(crate) fn faults(&self) -> Vec<PolicyFault> {
        let lists = [("no_purchases", &self.no_purchases), ("no_sales", &self.no_sales)];
        let too_long = lists.into_iter().filter(|(_, list)| list.len() > ENTRIES_MAX);
        too_long.map(|(member, _)| PolicyFault::of(member, PolicyFaultKind::TooMany)).collect()
    }
}
