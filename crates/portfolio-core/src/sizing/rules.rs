//! The rules of a plan beyond a band and a turnover limit: bands of each asset, permits, intent, lots.

use super::SizingInput;
use super::intent::Intent;
use super::permit::TradePermit;
use super::reason::TradeReason;
use crate::bands::groups::{BandGroup, measure_groups};
use crate::{CoreError, Money, TradeSide};

/// Which assets trade once something is outside its band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TradeScope {
    /// Those outside their band; the others only fund them or absorb their proceeds.
    #[default]
    Breached,
    /// All of them, except assets that are closer to their targets than `destination` times their half-widths.
    Whole,
}

/// The rules that trades are sized under; every list has one entry per asset.
///
/// | field | without rules | meaning |
/// |---|---|---|
/// | `half_widths` | the drift threshold | half-width of each band, a fraction of NAV |
/// | `cash_half_width` | `None` | half-width of the band of cash; `None`: cash triggers no trade |
/// | `groups` | none | bands around sums of weights; a group in breach makes its assets trade |
/// | `destination` | 0 | κ: 0 trades to the target, 1 to the edge of the band |
/// | `scope` | breached | which assets trade once something is outside its band |
/// | `is_scheduled` | no | every asset trades, inside its band or not: a scheduled day |
/// | `intent` | rebalance | what the plan is for |
/// | `permits` | everything | which trades of each asset are allowed |
/// | `lots` | `None` | units of one lot of each asset; `None`: any amount of money trades |
/// | `units` | | units held, read where an asset has lots |
/// | `min_units` | 0 | fewest units of a ticket of each asset |
/// | `min_notional` | none | smallest value of a ticket |
/// | `max_tickets` | `None` | most assets that trade |
#[derive(Debug, Clone, PartialEq)]
pub struct TradingRules {
    /// Half-width of the band of each asset, a fraction of NAV.
    pub half_widths: Vec<f64>,
    /// Half-width of the band of cash, a fraction of NAV.
    pub cash_half_width: Option<f64>,
    /// Bands of groups; `assets` are positions in the lists of these rules.
    pub groups: Vec<BandGroup>,
    /// κ, from 0 (the target) to 1 (the edge of the band).
    pub destination: f64,
    /// Which assets trade once something is outside its band.
    pub scope: TradeScope,
    /// Whether every asset trades, inside its band or not, because the policy trades on this day whatever the drift.
    pub is_scheduled: bool,
    /// What the plan is for.
    pub intent: Intent,
    /// Which trades of each asset are allowed.
    pub permits: Vec<TradePermit>,
    /// Units of one lot of each asset, above 0.
    pub lots: Vec<Option<f64>>,
    /// Units held of each asset.
    pub units: Vec<f64>,
    /// Fewest units of a ticket of each asset, not negative.
    pub min_units: Vec<f64>,
    /// Smallest value of a ticket, not negative.
    pub min_notional: Option<Money>,
    /// Most assets that trade.
    pub max_tickets: Option<usize>,
}

impl TradingRules {
    /// The same band for all `assets`, and no other rules.
    #[must_use]
    pub fn plain(assets: usize, half_width: f64) -> Self {
        Self {
            half_widths: vec![half_width; assets],
            cash_half_width: None,
            groups: Vec::new(),
            destination: 0.0,
            scope: TradeScope::Breached,
            is_scheduled: false,
            intent: Intent::Rebalance,
            permits: vec![TradePermit::default(); assets],
            lots: vec![None; assets],
            units: vec![0.0; assets],
            min_units: vec![0.0; assets],
            min_notional: None,
            max_tickets: None,
        }
    }

    /// Why a trade of asset `i` on this side is not allowed; `None` where it is.
    #[must_use]
    pub fn refusal(&self, i: usize, side: TradeSide) -> Option<TradeReason> {
        let in_intent = match side {
            TradeSide::Buy => self.intent.buys(),
            TradeSide::Sell => self.intent.sells(),
        };
        self.permits[i].refusal(side).or((!in_intent).then_some(TradeReason::OutsideIntent))
    }

    /// Whether asset `i` may trade on this side.
    #[must_use]
    pub fn allows(&self, i: usize, side: TradeSide) -> bool {
        self.refusal(i, side).is_none()
    }

    /// The minimum value of a ticket of asset `i` implied by the smallest ticket and the fewest units, minor units.
    pub(super) fn least_value(&self, i: usize, input: &SizingInput<'_>) -> f64 {
        self.least_notional().max(self.min_units[i] * minor_per_unit(i, input))
    }

    /// The smallest order of asset `i`, minor units, and the reason of a trade below it: the largest in value of a lot,
    /// the smallest ticket and the fewest units. Zero if none of them applies.
    ///
    /// At a price of 10.00, a lot of 2 units is 20.00, and at least 5 units are 50.00: 40.00 is `below_min_quantity`.
    pub(super) fn smallest_order(&self, i: usize, input: &SizingInput<'_>) -> (f64, TradeReason) {
        let per_unit = minor_per_unit(i, input);
        let mut smallest = (self.lots[i].map_or(0.0, |lot| lot * per_unit), TradeReason::BelowLot);
        let others = [
            (self.least_notional(), TradeReason::BelowMinNotional),
            (self.min_units[i] * per_unit, TradeReason::BelowMinQuantity),
        ];
        for other in others {
            if other.0 > smallest.0 {
                smallest = other;
            }
        }
        smallest
    }

    fn least_notional(&self) -> f64 {
        self.min_notional.map_or(0.0, |least| least.minor() as f64)
    }

    /// Whether trades must be fitted to lots, a smallest ticket or a number of tickets.
    #[must_use]
    pub fn fits_tickets(&self) -> bool {
        self.max_tickets.is_some()
            || self.min_notional.is_some_and(|least| least.minor() > 0)
            || self.lots.iter().any(Option::is_some)
            || self.min_units.iter().any(|units| *units > 0.0)
    }

    /// Rejects lists of another length and numbers outside their range.
    ///
    /// # Errors
    /// [`CoreError::Lengths`] or [`CoreError::OutOfRange`] with the name of the field; [`CoreError::GroupAsset`] for a
    /// group with assets that do not exist.
    pub fn check(&self, assets: usize) -> Result<(), CoreError> {
        for got in [self.half_widths.len(), self.permits.len(), self.lots.len(), self.units.len(), self.min_units.len()]
        {
            if got != assets {
                return Err(CoreError::Lengths { expected: assets, got });
            }
        }
        let out = |name, value| Err(CoreError::OutOfRange { name, value });
        let widths = self.half_widths.iter().copied().chain(self.cash_half_width);
        if let Some(value) = widths.into_iter().find(|width| !(0.0..=1.0).contains(width)) {
            return out("band", value);
        }
        let none = vec![0.0; assets];
        measure_groups(&self.groups, &none, &none)?;
        if !(0.0..=1.0).contains(&self.destination) {
            return out("destination", self.destination);
        }
        if let Some(&value) = self.lots.iter().flatten().find(|lot| !(**lot > 0.0 && lot.is_finite())) {
            return out("lot_size", value);
        }
        if let Some(&value) = self.units.iter().find(|units| !(**units >= 0.0 && units.is_finite())) {
            return out("quantity", value);
        }
        if let Some(&value) = self.min_units.iter().find(|units| !(**units >= 0.0 && units.is_finite())) {
            return out("min_quantity", value);
        }
        if let Some(least) = self.min_notional.filter(|least| least.minor() < 0) {
            return out("min_notional", least.major());
        }
        match self.intent {
            Intent::InvestCash { amount: Some(amount) } | Intent::RaiseCash { amount } if amount.minor() <= 0 => {
                out("amount", amount.major())
            }
            _ => Ok(()),
        }
    }
}

/// The value of one unit of asset `i`, minor units.
fn minor_per_unit(i: usize, input: &SizingInput<'_>) -> f64 {
    input.price[i] * input.nav.currency().minor_per_major()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AssetRole;

    #[test]
    fn a_refusal_names_the_nearest_rule() {
        let mut rules = TradingRules::plain(4, 0.02);
        rules.permits[0].role = AssetRole::Frozen;
        rules.permits[1].no_buy = true;
        rules.permits[2].unpicked = true;
        assert_eq!(rules.refusal(0, TradeSide::Sell), Some(TradeReason::Frozen));
        assert_eq!(rules.refusal(1, TradeSide::Buy), Some(TradeReason::NoBuy));
        assert!(rules.allows(1, TradeSide::Sell));
        assert_eq!(rules.refusal(2, TradeSide::Sell), Some(TradeReason::NotPicked));
        rules.intent = Intent::BuyOnly;
        assert_eq!(rules.refusal(3, TradeSide::Sell), Some(TradeReason::OutsideIntent));
        assert_eq!(rules.refusal(1, TradeSide::Buy), Some(TradeReason::NoBuy));
    }

    #[test]
    fn rules_outside_their_ranges_are_refused() {
        assert_eq!(TradingRules::plain(2, 0.02).check(2), Ok(()));
        assert!(TradingRules::plain(2, 0.02).check(3).is_err());
        let wrong = |change: fn(&mut TradingRules)| {
            let mut rules = TradingRules::plain(2, 0.02);
            change(&mut rules);
            assert!(rules.check(2).is_err(), "{rules:?}");
        };
        wrong(|r| r.half_widths[1] = -0.1);
        wrong(|r| r.cash_half_width = Some(f64::NAN));
        wrong(|r| r.groups.push(BandGroup { assets: vec![2], rule: crate::BandRule::HYBRID }));
        wrong(|r| r.destination = 1.5);
        wrong(|r| r.lots[0] = Some(0.0));
        wrong(|r| r.units[0] = f64::INFINITY);
        wrong(|r| r.min_units[1] = -1.0);
        wrong(|r| r.min_notional = Some(Money::from_minor(-1, crate::Currency::USD)));
        wrong(|r| r.intent = Intent::RaiseCash { amount: Money::from_minor(0, crate::Currency::USD) });
    }
}
