//! What a client says about how to trade: intent, scope, roles, lots.

use orders::SettlementMarket;
use portfolio_core::{AssetRole, NaiveDate, TradeScope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::dto::band::check_band_setting;
use crate::dto::portfolio::RebalanceRequest;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IntentKind {
    /// Return to the target weights.
    Rebalance,
    /// Spend cash on what is underweight, largest gap first; nothing is sold.
    InvestCash,
    /// Sell what is overweight, largest first, then pro rata, until the cash is there; nothing is bought.
    RaiseCash,
    /// Rebalance without sales, with the cash above its target.
    BuyOnly,
    /// Rebalance without purchases.
    SellOnly,
    /// Sell everything that may be sold.
    Liquidate,
}

/// What a plan is for, and how much of it.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "invest_cash", "amount": 5000.0}))]
pub struct IntentRequest {
    /// What the plan is for.
    pub kind: IntentKind,
    /// With `invest_cash`: how much of the cash to spend, costs included; absent means all of it above its target. With
    /// `raise_cash`, which requires it: the cash above its target after the plan, including cash that was there before.
    /// Other kinds take none.
    #[schema(example = 5000.0, minimum = 0.01, maximum = 1e12)]
    #[validate(range(min = 0.01, max = 1e12))]
    pub amount: Option<f64>,
    /// With `raise_cash` and a `trade_date`: the day on which the cash is needed, as `YYYY-MM-DD`. An asset whose sale
    /// on the trade date settles later is not sold for it; the amount then missing is `unraised`.
    #[schema(example = "2026-12-01", format = Date)]
    pub by: Option<String>,
}

/// Which assets trade once something is outside its band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopeName {
    /// Those outside their band; others only fund them or take up what they leave.
    #[default]
    Breached,
    /// All of them.
    Whole,
}

impl From<ScopeName> for TradeScope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Breached => Self::Breached,
            ScopeName::Whole => Self::Whole,
        }
    }
}

/// Who decides which assets trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PostureName {
    /// The service proposes which assets trade, and how much.
    #[default]
    Advice,
    /// The client picks the assets with `selected`, and the service computes how much.
    Worksheet,
}

impl RebalanceRequest {
    /// Whether the request says anything about how to trade beyond one band and one turnover limit.
    #[must_use]
    pub fn is_instructed(&self) -> bool {
        let of_asset = self.assets.iter().any(|asset| {
            asset.quantity.is_some()
                || asset.lot_size.is_some()
                || asset.min_quantity.is_some()
                || asset.role.is_some_and(|role| role != AssetRole::Tradable)
                || asset.no_buy == Some(true)
                || asset.no_sell == Some(true)
        });
        of_asset
            || self.cash.is_some()
            || self.cash_target_weight.is_some()
            || self.cash_band.is_some()
            || self.intent.is_some()
            || self.band.is_some()
            || self.groups.as_ref().is_some_and(|groups| !groups.is_empty())
            || self.trigger.is_some()
            || self.destination.is_some()
            || self.scope == Some(ScopeName::Whole)
            || self.min_notional.is_some()
            || self.max_tickets.is_some()
            || self.posture == Some(PostureName::Worksheet)
    }

    /// Whether positions are stated by quantity.
    #[must_use]
    pub fn holds_quantities(&self) -> bool {
        self.assets.iter().any(|asset| asset.quantity.is_some())
    }

    /// Rules between the members that say how to trade.
    pub(super) fn check_instructions(&self, faults: &mut Faults) {
        self.check_intent(faults);
        self.check_band(faults);
        self.check_groups(faults);
        self.check_trigger(faults);
        self.check_positions(faults);
        if self.trade_date.as_ref().is_some_and(|date| date.len() != 10 || date.parse::<NaiveDate>().is_err()) {
            faults.add("/trade_date", FaultCode::Value, "must be a date, written YYYY-MM-DD");
        }
        for (i, asset) in self.assets.iter().enumerate() {
            if asset.market.as_ref().is_some_and(|code| code.parse::<SettlementMarket>().is_err()) {
                let detail = "must be US, CA, EU, GB, CH, JP, CRYPTO, or the market identifier code of an exchange that is known";
                faults.add(format!("/assets/{i}/market"), FaultCode::Value, detail);
            }
        }
        let is_worksheet = self.posture == Some(PostureName::Worksheet);
        let mut selected = self.assets.iter().enumerate().filter(|(_, asset)| asset.selected.is_some());
        match selected.next() {
            Some((i, _)) if !is_worksheet => faults.add(
                format!("/assets/{i}/selected"),
                FaultCode::Value,
                "goes with \"posture\": \"worksheet\" only",
            ),
            None if is_worksheet => {
                faults.add(
                    "/posture",
                    FaultCode::Value,
                    "a worksheet needs at least one asset with \"selected\": true",
                );
            }
            _ => {}
        }
    }

    fn check_intent(&self, faults: &mut Faults) {
        let Some(intent) = &self.intent else { return };
        if self.liquidate == Some(true) && intent.kind != IntentKind::Liquidate {
            faults.add("/intent/kind", FaultCode::Value, "contradicts \"liquidate\": true");
        }
        if let Some(by) = &intent.by {
            let date = |text: &str| text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10);
            match (date(by), self.trade_date.as_deref().map(date)) {
                (None, _) => faults.add("/intent/by", FaultCode::Value, "must be a date, written YYYY-MM-DD"),
                _ if intent.kind != IntentKind::RaiseCash => {
                    faults.add("/intent/by", FaultCode::Value, "goes with raise_cash only");
                }
                (Some(_), None) => {
                    faults.add("/trade_date", FaultCode::Required, "is required beside a day by which cash is raised");
                }
                (Some(by), Some(Some(trade_date))) if by < trade_date => {
                    faults.add("/intent/by", FaultCode::Value, "is before the trade_date");
                }
                _ => {}
            }
        }
        match (intent.kind, intent.amount) {
            (IntentKind::RaiseCash, None) => {
                faults.add("/intent/amount", FaultCode::Value, "raise_cash needs the amount to raise");
            }
            (IntentKind::InvestCash | IntentKind::RaiseCash, _) | (_, None) => {}
            (_, Some(_)) => {
                faults.add("/intent/amount", FaultCode::Value, "goes with invest_cash and raise_cash only");
            }
        }
    }

    fn check_band(&self, faults: &mut Faults) {
        let Some(band) = &self.band else { return };
        if self.drift_threshold.is_some() {
            faults.add("/drift_threshold", FaultCode::Value, "is one band for all: send it or \"band\", not both");
        }
        check_band_setting("/band", band, faults);
    }

    fn check_positions(&self, faults: &mut Faults) {
        let by_quantity = self.holds_quantities();
        for (i, asset) in self.assets.iter().enumerate() {
            let at = |member: &str| format!("/assets/{i}/{member}");
            let role = asset.role.unwrap_or_default();
            match (asset.quantity, asset.current_weight) {
                (Some(_), Some(_)) => {
                    let detail = "is computed from quantity and price: send one of them";
                    faults.add(at("current_weight"), FaultCode::Value, detail);
                }
                (None, Some(_)) if by_quantity => {
                    let detail = "other positions have a quantity: send a quantity for this one too";
                    faults.add(at("current_weight"), FaultCode::Value, detail);
                }
                (None, None) if by_quantity => {
                    faults.add(at("quantity"), FaultCode::Required, "is required: 0 for an asset that is not held");
                }
                (None, None) => {
                    faults.add(at("current_weight"), FaultCode::Required, "is required, or a quantity");
                }
                _ => {}
            }
            if by_quantity && asset.price.is_none() && role != AssetRole::Excluded {
                faults.add(at("price"), FaultCode::Required, "is required beside a quantity");
            }
            if role == AssetRole::Excluded && asset.target_weight > 0.0 {
                let detail = "an excluded asset is outside the portfolio's value and has a target weight of 0";
                faults.add(at("target_weight"), FaultCode::Value, detail);
            }
            if faults.is_full() {
                return;
            }
        }
        if !by_quantity && self.portfolio_value.is_none() {
            let detail = "is required, unless every position has a quantity and a price";
            faults.add("/portfolio_value", FaultCode::Required, detail);
        }
    }
}
