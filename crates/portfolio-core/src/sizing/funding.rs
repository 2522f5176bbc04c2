//! Decides which assets trade and what funds the trades: breached assets, in-band assets and cash.
//!
//! With `B` the purchases and `S` the sales of assets in breach, both with their costs, and `E` the cash above its
//! target, `B − S − E` is missing. Assets in their bands that are above their goals give it, each the same share of
//! its surplus; then cash down to its floor; then every purchase is cut by the same share. What is left over instead
//! goes to assets in their bands below their goals, pro rata. With purchases of 100 in breach, sales of 60, no cash to
//! spare and surpluses of 30 and 20 in bands, 40 are missing: 24 and 16 are sold.
//!
//! The order is a convention of this crate: what is in its band trades only where something outside needs it.

use super::SizingInput;
use super::breaches::Breaches;
use super::gaps::Gaps;
use super::rules::{TradeScope, TradingRules};
use crate::drift::exceeds_band;
use crate::money::snap;
use crate::sizing::ledger::Ledger;
use crate::{Intent, TradeSide, round_to_12_decimals};

/// Totals of one side of the book, with the costs of its trades.
#[derive(Default)]
struct Side {
    value: f64,
    with_cost: f64,
}

impl Side {
    fn add(&mut self, value: f64, cost_factor: f64) {
        self.value += value;
        self.with_cost += value * cost_factor;
    }
}

/// Fills `gaps` with the trades of breached assets and the in-band trades that fund or absorb them.
///
/// In-band assets provide what they hold above their goal at the NAV *before* costs, so that an asset on target is not
/// traded and the buys bear the costs. Only if a buy would then stay outside its band do in-band assets bear costs too.
///
/// Cash outside its own band counts like an asset in breach: a shortfall is raised like the money for a buy, before any
/// buy, and an excess is absorbed. Trades that the rules do not allow are left out. Purchases leave the cash that
/// [`cash_kept`] requires.
pub(super) fn desired_gaps(
    input: &SizingInput,
    ends: &[f64],
    rules: &TradingRules,
    breaches: &Breaches,
    ledger: &Ledger,
    nav_after: f64,
    gaps: &mut Gaps,
) {
    let book = Funding { input, ends, rules, breaches, ledger, nav_after };
    if !book.fund(ledger.nav as f64, gaps) {
        book.fund(nav_after, gaps);
    }
}

struct Funding<'a> {
    /// Its optimised weights are the destinations of assets that trade for a reason of their own.
    input: &'a SizingInput<'a>,
    /// The limit for each asset that trades to fund or absorb others, fractions of NAV: it lies beyond a destination on
    /// the way to the target.
    ends: &'a [f64],
    rules: &'a TradingRules,
    breaches: &'a Breaches,
    ledger: &'a Ledger,
    nav_after: f64,
}

impl Funding<'_> {
    fn goal(&self, i: usize) -> f64 {
        self.input.optimized[i] * self.nav_after
    }

    fn breaches(&self, i: usize, value: f64) -> bool {
        exceeds_band(value / self.nav_after - self.input.target[i], self.rules.half_widths[i])
    }

    /// Whether something stays outside its band that may not trade back. Under a scope of the whole book everything is then called for again
    /// by the next plan.
    fn stays_out(&self) -> bool {
        let (current, target) = (self.input.current, self.input.target);
        let is_locked = |i: usize| {
            let side = if current[i] < target[i] { TradeSide::Buy } else { TradeSide::Sell };
            !self.rules.allows(i, side) && self.breaches(i, self.ledger.positions[i])
        };
        self.rules.scope == TradeScope::Whole && (0..current.len()).any(is_locked)
    }

    /// Whether an asset at a value would be traded by the next plan.
    fn calls_again(&self, i: usize, value: f64, stays_out: bool) -> bool {
        let width = self.rules.half_widths[i] * if stays_out { self.rules.destination } else { 1.0 };
        exceeds_band(value / self.nav_after - self.input.target[i], width)
    }

    /// What one more unit of a sale yields after its cost; `None` for a sale that is not allowed or yields nothing.
    fn kept(&self, i: usize, value: f64) -> Option<f64> {
        if self.rules.allows(i, TradeSide::Sell) { self.input.kept(i, value) } else { None }
    }

    /// Whether this much cash above its target is outside its band.
    fn pushes_cash_out(&self, excess: f64) -> bool {
        let drift = round_to_12_decimals(excess / self.nav_after);
        excess > 0.0 && self.rules.cash_half_width.is_some_and(|width| exceeds_band(drift, width))
    }

    /// Whether this much cash below its target is outside its band.
    fn is_cash_below(&self, missing: f64) -> bool {
        let drift = round_to_12_decimals(missing / self.nav_after);
        self.rules.cash_half_width.is_some_and(|width| exceeds_band(drift, width))
    }

    /// Returns whether every breached buy, and cash, gets back into its band.
    fn fund(&self, surplus_nav: f64, gaps: &mut Gaps) -> bool {
        let (mut sells, mut buys) = (Side::default(), Side::default());
        let (mut over, mut under) = (Side::default(), Side::default());
        for (i, &is_breached) in self.breaches.assets.iter().enumerate() {
            let position = self.ledger.positions[i];
            let gap = self.goal(i) - position;
            gaps.wanted[i] = 0.0;
            gaps.spare[i] = 0.0;
            gaps.unmet[i] = 0.0;
            if is_breached && (self.input.current[i] < self.input.target[i]) == (gap > 0.0) {
                let side = if gap > 0.0 { TradeSide::Buy } else { TradeSide::Sell };
                if !self.rules.allows(i, side) {
                    continue;
                }
                gaps.wanted[i] = gap;
                if gap > 0.0 {
                    buys.add(gap, 1.0 + self.input.rate(i, gap));
                } else if let Some(kept) = self.input.kept(i, -gap) {
                    sells.add(-gap, kept);
                    // A sale that stops short of its end goes on before a buy is cut. It trades and bears costs anyway, so its end is in
                    // the NAV after them, as its goal is: a second plan has nothing left to sell.
                    let surplus = position + gap - self.ends[i] * self.nav_after;
                    if self.rules.destination > 0.0 && surplus > 0.0 {
                        gaps.spare[i] = surplus;
                        over.add(surplus, kept);
                    }
                } else {
                    (gaps.wanted[i], gaps.unmet[i]) = (0.0, gap);
                }
                continue;
            }
            // In band, or an underweight asset that costs have turned into a surplus: it trades only for the sake of
            // others.
            if !is_breached && self.breaches(i, position) {
                // Costs reduce NAV and would push this untraded asset above its band, so it funds them first.
                let edge = ((self.input.target[i] + self.rules.half_widths[i]) * self.nav_after).floor();
                let trim = (position - edge).ceil().max(2.0).min(position);
                if let Some(kept) = self.kept(i, trim) {
                    gaps.wanted[i] = -trim;
                    sells.add(trim, kept);
                }
            }
            let surplus = position + gaps.wanted[i] - self.input.optimized[i] * surplus_nav;
            if surplus > 0.0 {
                if let Some(kept) = self.kept(i, surplus) {
                    gaps.spare[i] = surplus;
                    over.add(surplus, kept);
                }
            } else if gap > 0.0 && !is_breached && self.rules.allows(i, TradeSide::Buy) {
                under.add(gap, 1.0 + self.input.rate(i, gap));
            }
        }
        let cash = self.ledger.cash as f64;
        let cash_target = cash_target(self.input) * self.nav_after;
        let (cash_spare, cash_short) = ((cash - cash_target).max(0.0), (cash_target - cash).max(0.0));
        // Cash in breach is refilled like a buy, and what it has too much of is invested like the proceeds of a sale.
        let (refill, idle) = if self.breaches.cash { (cash_short, cash_spare) } else { (0.0, 0.0) };
        let short = buys.with_cost + refill - sells.with_cost - cash_spare;
        if short > 0.0 {
            let offered = (cash - cash_spare - cash_kept(self.input, self.rules, self.nav_after)).max(0.0);
            let offered = if refill > 0.0 { 0.0 } else { offered };
            self.raise(short, offered, refill, &over, &buys, gaps)
        } else {
            // Only proceeds of breached sells are reinvested, and cash below its target is refilled first. When what nobody takes would
            // push cash out of its band, cash is in breach too.
            let proceeds = sells.with_cost + idle - buys.with_cost - cash_short;
            let stays = cash + sells.with_cost - buys.with_cost - proceeds.min(under.with_cost).max(0.0);
            let is_out = self.breaches.cash || self.pushes_cash_out(stays - cash_target);
            let idle = if is_out { cash_spare } else { 0.0 };
            self.absorb(sells.with_cost + idle - buys.with_cost - cash_short, &under, is_out, gaps);
            true
        }
    }

    /// Sells in-band surpluses pro rata, then uses the `offered` cash below its target, then reduces the buys. Any part
    /// of the `refill` that is still missing remains missing.
    fn raise(&self, short: f64, offered: f64, refill: f64, over: &Side, buys: &Side, gaps: &mut Gaps) -> bool {
        let share = if over.with_cost > 0.0 { (short / over.with_cost).min(1.0) } else { 0.0 };
        let unfunded = short - share * over.with_cost - offered;
        let cut = if unfunded > 0.0 && buys.with_cost > 0.0 { (unfunded / buys.with_cost).min(1.0) } else { 0.0 };
        let missing = if refill > 0.0 { (unfunded - buys.with_cost).max(0.0) } else { 0.0 };
        let mut in_band = !self.is_cash_below(missing);
        let stays_out = self.stays_out();
        for (i, &is_breached) in self.breaches.assets.iter().enumerate() {
            if is_breached && gaps.wanted[i] > 0.0 {
                gaps.unmet[i] = cut * gaps.wanted[i];
                gaps.wanted[i] -= gaps.unmet[i];
                in_band &= !self.calls_again(i, self.goal(i) - gaps.unmet[i], stays_out);
            } else if gaps.spare[i] > 0.0 {
                gaps.wanted[i] -= share * gaps.spare[i];
                gaps.spare[i] *= 1.0 - share;
            }
        }
        in_band
    }

    /// Buys in-band shortfalls pro rata. If cash is outside its band, assets whose destination is short of their target
    /// take the rest pro rata.
    fn absorb(&self, proceeds: f64, under: &Side, is_cash_out: bool, gaps: &mut Gaps) {
        if proceeds > under.with_cost && is_cash_out {
            self.go_on(proceeds - under.with_cost, gaps);
        }
        if proceeds <= 0.0 || under.with_cost <= 0.0 {
            return;
        }
        let share = (proceeds / under.with_cost).min(1.0);
        for (i, &is_breached) in self.breaches.assets.iter().enumerate() {
            let gap = self.goal(i) - self.ledger.positions[i];
            if !is_breached && gap > 0.0 && gaps.wanted[i] == 0.0 && self.rules.allows(i, TradeSide::Buy) {
                gaps.wanted[i] = share * gap;
            }
        }
    }
}

impl Funding<'_> {
    /// Buys more of the assets that are already bought, up to the targets, pro rata to their shortfalls.
    fn go_on(&self, money: f64, gaps: &mut Gaps) {
        let missing = |i: usize, wanted: f64| {
            let is_bought = self.breaches.assets[i] && wanted >= 0.0 && self.rules.allows(i, TradeSide::Buy);
            let after = self.ledger.positions[i] + wanted;
            if is_bought { (self.ends[i] * self.nav_after - after).max(0.0) } else { 0.0 }
        };
        let missing: Vec<f64> = gaps.wanted.iter().enumerate().map(|(i, wanted)| missing(i, *wanted)).collect();
        let with_cost: f64 = missing.iter().enumerate().map(|(i, more)| more * (1.0 + self.input.rate(i, *more))).sum();
        let share = if with_cost > 0.0 { (money / with_cost).min(1.0) } else { 0.0 };
        for (wanted, more) in gaps.wanted.iter_mut().zip(&missing) {
            *wanted += share * more;
        }
    }
}

/// The cash that purchases leave, in minor units of a NAV of `nav_after`: its target if the plan only buys, otherwise
/// the lower edge of its band; nothing if it has no band. Cash that is already below that does not fall further.
///
/// `nav_after` is the NAV for which the trades are sized. Tickets that cost less than those trades leave a larger NAV,
/// and cash then falls short by at most its share of the difference in costs.
///
/// A target of 10 % with a band of 2 points keeps 8 % of the NAV after costs, or the full 10 % under
/// [`Intent::BuyOnly`].
pub(super) fn cash_kept(input: &SizingInput, rules: &TradingRules, nav_after: f64) -> f64 {
    let target = cash_target(input);
    let width = match (rules.intent, rules.cash_half_width) {
        (Intent::BuyOnly, _) => 0.0,
        (_, Some(width)) => width,
        (_, None) => return 0.0,
    };
    snap(round_to_12_decimals(target - width).max(0.0) * nav_after).ceil()
}

/// The cash target, `1 − Σ t`; exactly 0 for a fully invested policy.
pub(super) fn cash_target(input: &SizingInput) -> f64 {
    cash_target_of(input.target)
}

pub(super) fn cash_target_of(target: &[f64]) -> f64 {
    round_to_12_decimals(1.0 - target.iter().sum::<f64>()).max(0.0)
}
