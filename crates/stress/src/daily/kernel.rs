//! One block of paths, day by day.

use super::{
    DailyLaw, DailyOptions, DailyPaths, DailyPolicy,
    bands::Bands,
    results::{BlockResults, Trading},
    work::TradeWork,
};
use crate::{
    LANES, LaneStream, Lanes, Stop, StressError,
    cash_flow::CashAccount,
    elementary::exp,
    extremes::{Extremes, at_least_zero, larger},
    fan::fan_paths,
    instruction_set::{Kernel, vectorised},
    schedule::fan_days_until,
};

/// A value at most this far below a peak, as a share, counts as rounding.
const PEAK_ROUNDING: f64 = 1e-12;

/// A book under a law.
pub(super) struct Model<'a> {
    pub(super) law: &'a dyn DailyLaw,
    pub(super) weights: &'a [f64],
    /// Annual arithmetic drift of each asset.
    pub(super) drifts: &'a [f64],
    pub(super) options: &'a DailyOptions,
    /// The bands, under [`DailyPolicy::Band`].
    bands: Option<Bands<'a>>,
    /// Signal that ends a block early; its results are then not read.
    pub(super) stop: &'a Stop,
    work: TradeWork,
}

/// Holdings of a block.
pub(super) struct Book {
    pub(super) holdings: Vec<Lanes>,
    pub(super) cash: Lanes,
    pub(super) wealth: Lanes,
}

impl<'a> Model<'a> {
    /// # Errors
    /// [`StressError::BandWeights`] for weights whose bands cannot be traded as a plan trades them.
    pub(super) fn new(
        law: &'a dyn DailyLaw,
        weights: &'a [f64],
        drifts: &'a [f64],
        options: &'a DailyOptions,
        stop: &'a Stop,
    ) -> Result<Self, StressError> {
        let bands = match &options.policy {
            DailyPolicy::Band(policy) => Some(Bands::of(policy, weights)?),
            DailyPolicy::FixedWeights | DailyPolicy::BuyAndHold => None,
        };
        let work = TradeWork::of(options, weights.len());
        Ok(Self { law, weights, drifts, options, bands, stop, work })
    }

    /// # Errors
    /// [`StressError::Stopped`] and [`StressError::WorkBudget`]: paths may have been cut short.
    pub(super) fn check(&self) -> Result<(), StressError> {
        self.stop.check()?;
        self.work.check(self.options)
    }

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
            trading: self.bands.as_ref().map(|_| Box::new(Trading { trades: [0.0; LANES], costs: [0.0; LANES] })),
        };
        let mut account = CashAccount::new();
        let mut extremes = Extremes::new();
        let (mut unit, mut peak, mut spell) = ([1.0; LANES], [1.0; LANES], [0.0; LANES]);
        for day in 1..=days {
            if self.stop.is_raised() || self.work.is_spent() {
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
            if options.policy == DailyPolicy::FixedWeights {
                book.restore(self.weights, cash_weight);
            } else if let (Some(bands), Some(trading)) = (&self.bands, &mut out.trading) {
                bands.trade(&mut book, trading, &self.work, self.stop);
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
