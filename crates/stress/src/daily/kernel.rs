//! One block of paths, day by day.

use super::{
    BandPolicy, DailyLaw, DailyOptions, DailyPaths, DailyPolicy,
    results::{BlockResults, Trading},
};
use crate::{
    LANES, LaneStream, Lanes, Stop,
    cash_flow::CashAccount,
    elementary::exp,
    extremes::{Extremes, at_least_zero, larger},
    fan::fan_paths,
    instruction_set::{Kernel, vectorised},
    schedule::fan_days_until,
};

/// A value at most this far below a peak, as a share, counts as rounding.
const PEAK_ROUNDING: f64 = 1e-12;
/// A weight at most this far outside its band counts as rounding.
const BAND_ROUNDING: f64 = 1e-12;
/// Rounds of the fixed-point iteration of value and cost: each gains at least one decimal at a cost of 10 % of the
/// value traded.
const COST_ROUNDS: usize = 16;

/// A book under a law.
pub(super) struct Model<'a> {
    pub(super) law: &'a dyn DailyLaw,
    pub(super) weights: &'a [f64],
    /// Annual arithmetic drift of each asset.
    pub(super) drifts: &'a [f64],
    pub(super) options: &'a DailyOptions,
    /// Signal that ends a block early; its results are then not read.
    pub(super) stop: &'a Stop,
}

/// Holdings of a block.
struct Book {
    holdings: Vec<Lanes>,
    cash: Lanes,
    wealth: Lanes,
}

impl Model<'_> {
    fn cash_weight(&self) -> f64 {
        1.0 - self.weights.iter().sum::<f64>()
    }

    fn is_levered(&self) -> bool {
        self.cash_weight() < -1e-9 || self.weights.iter().any(|w| *w < 0.0)
    }

    /// Whether a book that owes more than it owns continues: if it is bought and held without a withdrawal, its value
    /// is that of its holdings, as in [`simulate`](crate::simulate), whatever else is measured.
    fn stays_open(&self) -> bool {
        self.options.policy == DailyPolicy::BuyAndHold && self.options.cash_flows.iter().all(|flow| *flow >= 0.0)
    }

    /// Simulates one block; `observe` sees the values at the end of each day.
    pub(super) fn run(&self, paths: &mut dyn DailyPaths, block: u64, observe: impl FnMut(&Lanes)) -> BlockResults {
        vectorised(Block { model: self, paths, block, observe })
    }

    #[inline(always)]
    fn simulate(&self, paths: &mut dyn DailyPaths, block: u64, mut observe: impl FnMut(&Lanes)) -> BlockResults {
        let options = self.options;
        let (cash_weight, levered, days) = (self.cash_weight(), self.is_levered(), options.horizon_days());
        let stays_open = self.stays_open();
        let only_first = stays_open && options.cash_flows.iter().all(|flow| *flow == 0.0);
        let withdrawals = options.cash_flows.iter().any(|flow| *flow < 0.0);
        let mut stream = LaneStream::new(options.seed, block);
        paths.restart();
        let mut book = Book {
            holdings: self.weights.iter().map(|w| [*w; LANES]).collect(),
            cash: [cash_weight; LANES],
            wealth: [1.0; LANES],
        };
        let mut logs = vec![[0.0; LANES]; self.weights.len()];
        let fan_days = if options.fan { fan_days_until(days) } else { Vec::new() };
        let in_fan = block < (fan_paths(fan_days.len()) / LANES) as u64;
        let mut out = BlockResults {
            values: Vec::new(),
            fan: Vec::new(),
            ruin_losses: Vec::new(),
            max_drawdown: [0.0; LANES],
            fallen: None,
            under_water: [0.0; LANES],
            longest_under_water: [0.0; LANES],
            reached: options.goal.map(|_| Box::new([0.0; LANES])),
            trading: matches!(options.policy, DailyPolicy::Band(_))
                .then(|| Box::new(Trading { trades: [0.0; LANES], costs: [0.0; LANES] })),
        };
        let mut account = CashAccount::new();
        let mut extremes = Extremes::new();
        let (mut unit, mut peak, mut spell) = ([1.0; LANES], [1.0; LANES], [0.0; LANES]);
        for day in 1..=days {
            if self.stop.is_raised() {
                break;
            }
            let before = book.wealth;
            paths.step(&mut stream, &mut logs);
            book.wealth = book.cash;
            for (asset, (holdings, log)) in book.holdings.iter_mut().zip(&logs).enumerate() {
                let shift = self.drifts[asset] / self.law.periods_per_year() - self.law.convexity(asset, day);
                for ((h, x), w) in holdings.iter_mut().zip(log).zip(&mut book.wealth) {
                    *h *= exp(shift + x);
                    *w += *h;
                }
            }
            if levered {
                if !stays_open {
                    book.close_insolvent();
                }
            } else {
                book.wealth.iter_mut().for_each(at_least_zero);
            }
            match &options.policy {
                DailyPolicy::BuyAndHold => {}
                DailyPolicy::FixedWeights => book.restore(self.weights, cash_weight),
                DailyPolicy::Band(band) => {
                    if let Some(trading) = &mut out.trading {
                        book.trade(band, self.weights, cash_weight, trading);
                    }
                }
            }
            for lane in 0..LANES {
                if only_first {
                    unit[lane] = book.wealth[lane];
                } else if before[lane] > 0.0 {
                    unit[lane] *= book.wealth[lane] / before[lane];
                }
                let below = unit[lane] < peak[lane] * (1.0 - PEAK_ROUNDING);
                spell[lane] = if below { spell[lane] + 1.0 } else { 0.0 };
                peak[lane] = larger(unit[lane], peak[lane]);
                out.under_water[lane] += f64::from(u8::from(below));
                out.longest_under_water[lane] = larger(spell[lane], out.longest_under_water[lane]);
            }
            extremes.observe(&unit);
            let addition = options.cash_flows.get(day - 1).copied().unwrap_or(0.0);
            if addition != 0.0 && stays_open {
                book.add(addition, self.weights, cash_weight);
            } else if addition != 0.0 {
                book.pay(addition, self.weights, cash_weight, &mut account);
            }
            if let (Some(goal), Some(reached)) = (options.goal, &mut out.reached) {
                for (reached, wealth) in reached.iter_mut().zip(&book.wealth) {
                    *reached = if *wealth >= goal { 1.0 } else { *reached };
                }
            }
            observe(&book.wealth);
            if in_fan && fan_days.binary_search(&day).is_ok() {
                out.fan.push(book.wealth);
            }
            if options.horizons.binary_search(&day).is_ok() {
                out.values.push(book.wealth);
                if withdrawals {
                    out.ruin_losses.push(account.ruin_losses());
                }
            }
        }
        out.under_water.iter_mut().for_each(|share| *share /= days as f64);
        out.max_drawdown = extremes.drawdown;
        out.fallen =
            options.barrier.map(|barrier| Box::new(extremes.low.map(|low| f64::from(u8::from(low <= barrier)))));
        out
    }
}

struct Block<'a, 'p, O> {
    model: &'a Model<'a>,
    paths: &'a mut (dyn DailyPaths + 'p),
    block: u64,
    observe: O,
}

impl<O: FnMut(&Lanes)> Kernel for Block<'_, '_, O> {
    type Output = BlockResults;

    #[inline(always)]
    fn run(self) -> BlockResults {
        self.model.simulate(self.paths, self.block, self.observe)
    }
}

impl Book {
    /// A book that owes more than it owns is closed: it keeps its debt and holds nothing more.
    fn close_insolvent(&mut self) {
        for lane in 0..LANES {
            if self.wealth[lane] <= 0.0 {
                self.holdings.iter_mut().for_each(|h| h[lane] = 0.0);
                self.cash[lane] = self.wealth[lane];
            }
        }
    }

    #[inline(always)]
    fn restore(&mut self, weights: &[f64], cash_weight: f64) {
        for (holdings, weight) in self.holdings.iter_mut().zip(weights) {
            for (h, w) in holdings.iter_mut().zip(&self.wealth) {
                *h = if *w > 0.0 { weight * w } else { *h };
            }
        }
        for (cash, w) in self.cash.iter_mut().zip(&self.wealth) {
            *cash = if *w > 0.0 { cash_weight * w } else { *cash };
        }
    }

    /// Trades every lane that left a band. The value after costs solves `V' = V − c·Σ|uᵢV' − hᵢ|` with the new weights `u`.
    fn trade(&mut self, band: &BandPolicy, weights: &[f64], cash_weight: f64, trading: &mut Trading) {
        for lane in 0..LANES {
            let value = self.wealth[lane];
            if value <= 0.0 {
                continue;
            }
            // The furthest excess decides how much of the way back to the targets is left over.
            let (mut outside, mut kept) = (false, 1.0_f64);
            for ((holdings, weight), half_width) in self.holdings.iter().zip(weights).zip(&band.half_widths) {
                let distance = (holdings[lane] / value - weight).abs();
                if distance > half_width + BAND_ROUNDING {
                    outside = true;
                    kept = kept.min(half_width / distance);
                }
            }
            if !outside {
                continue;
            }
            let kept = kept * band.destination;
            let goal = |holding: f64, weight: f64| weight + kept * (holding / value - weight);
            let mut after = value;
            for _ in 0..if band.cost_rate > 0.0 { COST_ROUNDS } else { 0 } {
                let traded: f64 = self
                    .holdings
                    .iter()
                    .zip(weights)
                    .map(|(h, weight)| (goal(h[lane], *weight) * after - h[lane]).abs())
                    .sum();
                after = larger(value - band.cost_rate * traded, 0.0);
            }
            let cash = goal(self.cash[lane], cash_weight);
            for (holdings, weight) in self.holdings.iter_mut().zip(weights) {
                holdings[lane] = goal(holdings[lane], *weight) * after;
            }
            self.cash[lane] = cash * after;
            self.wealth[lane] = after;
            trading.trades[lane] += 1.0;
            trading.costs[lane] += value - after;
        }
    }

    /// Invests an addition at the initial weights.
    fn add(&mut self, addition: f64, weights: &[f64], cash_weight: f64) {
        for (holdings, weight) in self.holdings.iter_mut().zip(weights) {
            holdings.iter_mut().for_each(|h| *h += weight * addition);
        }
        for (cash, wealth) in self.cash.iter_mut().zip(&mut self.wealth) {
            *cash += cash_weight * addition;
            *wealth += addition;
        }
    }

    /// Books a cash flow: an addition is invested at the target weights, a withdrawal is taken from all holdings in
    /// proportion.
    fn pay(&mut self, addition: f64, weights: &[f64], cash_weight: f64, account: &mut CashAccount) {
        let before = self.wealth;
        account.book(&mut self.wealth, addition);
        for lane in 0..LANES {
            let (old, new) = (before[lane], self.wealth[lane]);
            if new <= 0.0 || old <= 0.0 {
                // Nothing is invested any more, or money comes into an empty book.
                let invested = if new > 0.0 { new } else { 0.0 };
                for (h, weight) in self.holdings.iter_mut().zip(weights) {
                    h[lane] = weight * invested;
                }
                self.cash[lane] = if new > 0.0 { cash_weight * invested } else { new };
            } else if new >= old {
                for (h, weight) in self.holdings.iter_mut().zip(weights) {
                    h[lane] += weight * (new - old);
                }
                self.cash[lane] += cash_weight * (new - old);
            } else {
                self.holdings.iter_mut().for_each(|h| h[lane] *= new / old);
                self.cash[lane] *= new / old;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::{
        CostModel, Currency, Money, SizingInput, SizingOptions, TradePlan, TradeScope, TradingRules, size_under_rules,
    };

    use super::*;

    /// A tenth of the largest book, so that a cent is far below what is compared.
    const NAV: i64 = 900_000_000_000_000;

    /// The weights after the trade of a day, and what it cost, fractions of the value before.
    fn traded(held: &[f64], targets: &[f64], band: &BandPolicy) -> (Vec<f64>, f64) {
        let cash: f64 = 1.0 - held.iter().sum::<f64>();
        let mut book = Book {
            holdings: held.iter().map(|weight| [*weight; LANES]).collect(),
            cash: [cash; LANES],
            wealth: [1.0; LANES],
        };
        let mut trading = Trading { trades: [0.0; LANES], costs: [0.0; LANES] };
        book.trade(band, targets, 1.0 - targets.iter().sum::<f64>(), &mut trading);
        (book.holdings.iter().map(|lanes| lanes[7]).collect(), trading.costs[7])
    }

    fn planned(held: &[f64], targets: &[f64], band: &BandPolicy, scope: TradeScope) -> TradePlan {
        let rates = vec![1e4 * band.cost_rate; held.len()];
        let input = SizingInput {
            nav: Money::from_minor(NAV, Currency::USD),
            cash: None,
            current: held,
            target: targets,
            optimized: targets,
            price: &vec![1.0; held.len()],
            costs: &CostModel::proportional(&rates).unwrap(),
            histories: None,
        };
        let rules = TradingRules {
            half_widths: band.half_widths.clone(),
            destination: band.destination,
            scope,
            ..TradingRules::plain(held.len(), 0.0)
        };
        size_under_rules(&input, &SizingOptions { drift_threshold: 0.0, turnover_limit: 2.0 }, &rules).unwrap()
    }

    /// Holdings after the plan, fractions of the value before it.
    fn after(plan: &TradePlan, held: &[f64]) -> Vec<f64> {
        plan.rows.iter().zip(held).map(|(row, weight)| weight + row.value.minor() as f64 / NAV as f64).collect()
    }

    /// Held, targets, half-widths, and where a trade ends. Of two assets without cash both drift by the same, and the
    /// three are all outside: whatever its scope, a plan trades all of them.
    type Case = (&'static [f64], &'static [f64], &'static [f64], f64);
    const ALL_TRADE: [Case; 6] = [
        (&[0.67, 0.33], &[0.6, 0.4], &[0.05, 0.05], 0.0),
        (&[0.52, 0.48], &[0.6, 0.4], &[0.03, 0.03], 0.0),
        (&[0.67, 0.33], &[0.6, 0.4], &[0.05, 0.05], 1.0),
        (&[0.67, 0.33], &[0.6, 0.4], &[0.05, 0.05], 0.5),
        (&[0.60, 0.23, 0.17], &[0.5, 0.3, 0.2], &[0.05, 0.04, 0.02], 0.0),
        (&[0.40, 0.37, 0.23], &[0.5, 0.3, 0.2], &[0.05, 0.04, 0.02], 0.0),
    ];

    #[test]
    fn a_trade_without_costs_is_that_of_the_plan() {
        for (held, targets, half_widths, destination) in ALL_TRADE {
            let band = BandPolicy { half_widths: half_widths.to_vec(), destination, cost_rate: 0.0 };
            let (own, cost) = traded(held, targets, &band);
            assert_eq!(cost, 0.0);
            // By hand: each ends at its target, or a share of its half-width beyond it on the side it came from.
            let ends =
                held.iter().zip(targets).zip(half_widths).map(|((h, t), w)| t + (h - t).signum() * destination * w);
            for scope in [TradeScope::Breached, TradeScope::Whole] {
                let plan = after(&planned(held, targets, &band, scope), held);
                for ((own, plan), end) in own.iter().zip(plan).zip(ends.clone()) {
                    assert!((own - end).abs() < 1e-12, "{held:?}: {own} {end}");
                    assert!((own - plan).abs() < 1e-9, "{held:?} {scope:?}: {own} {plan}");
                }
            }
        }
    }

    /// The plan reads its targets as shares of the value before costs and takes them out of what is bought; a path
    /// reads them as shares of the value after costs. The two differ by no more than the costs, and their costs by a
    /// share of them.
    #[test]
    fn a_trade_with_costs_differs_from_that_of_the_plan_by_no_more_than_they_are() {
        let rate = 0.002;
        for (held, targets, half_widths, destination) in ALL_TRADE {
            let band = BandPolicy { half_widths: half_widths.to_vec(), destination, cost_rate: rate };
            let (own, cost) = traded(held, targets, &band);
            let plan = planned(held, targets, &band, TradeScope::Breached);
            let paid = plan.total_cost.minor() as f64 / NAV as f64;
            assert!(cost > 0.0 && (cost - paid).abs() < 2.0 * rate * cost, "{held:?}: {cost} {paid}");
            // Cash pays for nothing: what is held after it and the costs are the value before.
            assert!((own.iter().sum::<f64>() + cost - 1.0).abs() < 1e-12);
            for (own, plan) in own.iter().zip(after(&plan, held)) {
                assert!((own - plan).abs() < 1.01 * cost, "{held:?}: {own} {plan} {cost}");
            }
        }
    }

    /// One of three is outside. A path moves all of them along the straight line to the targets, as a plan of scope
    /// `whole` to the targets does; a plan of scope `breached` trades what is outside, and of the others only what pays
    /// for it.
    #[test]
    fn where_one_of_three_is_outside_a_path_trades_as_the_scope_whole() {
        let (held, targets) = ([0.57, 0.27, 0.16], [0.5, 0.3, 0.2]);
        let band = BandPolicy { half_widths: vec![0.05; 3], destination: 0.0, cost_rate: 0.0 };
        let (own, _) = traded(&held, &targets, &band);
        let whole = after(&planned(&held, &targets, &band, TradeScope::Whole), &held);
        for ((own, whole), target) in own.iter().zip(whole).zip(targets) {
            assert!((own - target).abs() < 1e-12 && (own - whole).abs() < 1e-9, "{own} {whole}");
        }
        // To the edge the straight line ends where the last asset is back at its edge, 5/7 of the way out: the other two
        // move as well, by hand to 0.3 − 5/7 · 0.03 and 0.2 − 5/7 · 0.04.
        let edge = traded(&held, &targets, &BandPolicy { destination: 1.0, ..band.clone() }).0;
        for (own, want) in edge.iter().zip([0.55, 0.3 - 0.15 / 7.0, 0.2 - 0.2 / 7.0]) {
            assert!((own - want).abs() < 1e-12, "{own} {want}");
        }
        // The plan brings the first to its edge and leaves the others to take the proceeds in.
        let plan = planned(&held, &targets, &BandPolicy { destination: 1.0, ..band }, TradeScope::Breached);
        assert!((after(&plan, &held)[0] - 0.55).abs() < 1e-9);
    }

    /// Exactly at the edge is inside, for a path and for a plan.
    #[test]
    fn nothing_trades_at_the_edge_of_a_band() {
        let (held, targets) = ([0.65, 0.35], [0.6, 0.4]);
        let band = BandPolicy { half_widths: vec![0.05; 2], destination: 0.0, cost_rate: 0.001 };
        assert_eq!(traded(&held, &targets, &band), (held.to_vec(), 0.0));
        let plan = planned(&held, &targets, &band, TradeScope::Breached);
        assert!(plan.rows.iter().all(|row| row.value.minor() == 0));
    }
}
