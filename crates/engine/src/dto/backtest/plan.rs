//! The plan that a policy on trial makes on each of its days.

use std::collections::{BTreeMap, BTreeSet};

use portfolio_core::AssetRole;
use serde::{Deserialize, Deserializer};
use validator::{Validate, ValidationErrors};

use super::series::BacktestSeries;
use crate::dto::absent;
use crate::dto::costs::CostsRequest;
use crate::dto::portfolio::RebalanceRequest;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// A request of `POST /api/rebalance` without what a day of a replay states: its holdings, its histories, and what it is called.
#[derive(Debug, Clone)]
pub struct BacktestPlan(RebalanceRequest);

impl<'de> Deserialize<'de> for BacktestPlan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RebalanceRequest::deserialize(deserializer).map(Self::of)
    }
}

impl Validate for BacktestPlan {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.0.validate()
    }
}

impl BacktestPlan {
    /// Leaves out what is not read. Whether positions have quantities is kept: it says how target weights are meant that do not sum to one.
    fn of(mut request: RebalanceRequest) -> Self {
        let by_quantity = request.holds_quantities();
        for asset in &mut request.assets {
            asset.identifiers = None;
            asset.history = None;
            asset.historical_returns = None;
            asset.holdings = None;
            asset.current_weight = None;
            asset.quantity = by_quantity.then_some(0.0);
            asset.price = by_quantity.then_some(absent::PRICE);
        }
        request.cash = request.cash.map(|_| 0.0);
        request.currency = None;
        request.trade_date = None;
        request.dates = None;
        request.benchmark_returns = None;
        request.benchmark_history = None;
        request.benchmark_name = None;
        request.monte_carlo = None;
        for text in [&mut request.name, &mut request.description, &mut request.title, &mut request.client_reference] {
            *text = None;
        }
        request.metadata = None;
        request.store = None;
        Self(request)
    }

    /// The request for a book of this value, spread over its assets: its holdings decide nothing that a configuration states.
    #[must_use]
    pub fn worth(&self, value: f64) -> RebalanceRequest {
        let mut request = self.0.clone();
        let is_inside = |role: Option<AssetRole>| role != Some(AssetRole::Excluded);
        let inside = request.assets.iter().filter(|asset| is_inside(asset.role)).count().max(1) as f64;
        let by_quantity = request.holds_quantities();
        request.portfolio_value = (!by_quantity).then_some(value);
        for asset in &mut request.assets {
            let share = if is_inside(asset.role) { 1.0 / inside } else { 0.0 };
            if by_quantity {
                asset.quantity = Some(share * value / absent::PRICE);
            } else {
                asset.current_weight = Some(share);
            }
        }
        request
    }

    /// The same plan with its assets in the order of the series; `None` where they are in it already.
    #[must_use]
    pub fn in_order(&self, series: BacktestSeries<'_>) -> Option<Self> {
        let sent: BTreeMap<&str, usize> = self.0.assets.iter().map(|asset| asset.asset.trim()).zip(0..).collect();
        let order: Vec<usize> = series.names().filter_map(|name| sent.get(name.trim()).copied()).collect();
        (!order.is_sorted()).then(|| Self(self.0.reordered(&order)))
    }

    /// Whether its covariance is a model that is fitted to each history.
    #[must_use]
    pub fn names_covariance(&self) -> bool {
        self.0.optimization.as_ref().is_some_and(|optimization| optimization.covariance.is_some())
    }

    pub(super) fn check(&self, series: BacktestSeries<'_>, faults: &mut Faults) {
        if self.0.assets.len() != series.assets() {
            let detail = format!("must be the {} assets of {}, in any order", series.assets(), series.pointer());
            return faults.add("/assets", FaultCode::Length, detail);
        }
        let names: BTreeSet<&str> = series.names().map(str::trim).collect();
        for (i, asset) in self.0.assets.iter().enumerate() {
            if faults.is_full() {
                return;
            }
            if !names.contains(asset.asset.trim()) {
                let detail =
                    format!("must be an asset of {}: a plan on trial has those and no others", series.pointer());
                faults.add(format!("/assets/{i}/asset"), FaultCode::Value, detail);
            }
            if asset.market_return.is_some() {
                faults.add(format!("/assets/{i}/market_return"), FaultCode::Value, OF_ONE_DAY);
            }
        }
        if matches!(series, BacktestSeries::Returns(_)) {
            self.check_units(faults);
        }
        for (member, is_sent) in [
            ("/intent", self.0.intent.is_some()),
            ("/liquidate", self.0.liquidate == Some(true)),
            ("/trigger", self.0.trigger.is_some()),
            ("/regime_band_widening", self.0.regime_band_widening.is_some()),
        ] {
            if is_sent {
                faults.add(member, FaultCode::Value, OF_ONE_DAY);
            }
        }
        let path = self.0.optimization.as_ref().and_then(|optimization| optimization.path.as_ref());
        if path.is_some_and(|path| path.cash_flows.is_some()) {
            faults.add("/optimization/path/cash_flows", FaultCode::Value, OF_ONE_DAY);
        }
        for (pointer, named) in
            [("/trained_model", &self.0.trained_model), ("/learned_allocator", &self.0.learned_allocator)]
        {
            if named.is_some() {
                faults.add(pointer, FaultCode::Value, KNOWS_THE_DAYS);
            }
        }
        if faults.is_empty() {
            self.worth(absent::INITIAL_VALUE).check_in(None, faults);
        }
    }

    /// Refuses what is counted in units where no price says what a unit is worth.
    fn check_units(&self, faults: &mut Faults) {
        let of_fee = |costs: Option<&CostsRequest>| costs.is_some_and(|costs| costs.fee_per_unit.is_some());
        if of_fee(self.0.costs.as_ref()) {
            faults.add("/costs/fee_per_unit", FaultCode::Value, NEEDS_PRICES);
        }
        for (i, asset) in self.0.assets.iter().enumerate() {
            for (member, is_sent) in [
                ("lot_size", asset.lot_size.is_some()),
                ("min_quantity", asset.min_quantity.is_some()),
                ("average_daily_volume", asset.average_daily_volume.is_some()),
                ("costs/fee_per_unit", of_fee(asset.costs.as_ref())),
            ] {
                if is_sent {
                    faults.add(format!("/assets/{i}/{member}"), FaultCode::Value, NEEDS_PRICES);
                }
            }
        }
    }
}

/// What is wrong with a number of units beside returns.
const NEEDS_PRICES: &str = "is about units, whose worth returns do not say: send prices";
/// What is wrong with trees that were trained on one span of days.
const KNOWS_THE_DAYS: &str =
    "may have been trained on the days that are replayed, and would know what follows: leave it out";
/// What is wrong with a member that says what one day is like.
const OF_ONE_DAY: &str = "is about one day, and a backtest plans on many: leave it out";
