//! What a day of a path trades when something is outside its band.

use portfolio_core::{FractionalRules, FractionalSizing};

use super::{BandPolicy, BandTrades, kernel::Book, results::Trading, work::TradeWork};
use crate::{LANES, Lanes, Stop, StressError, extremes::larger};

/// A weight at most this far outside its band counts as rounding.
const ROUNDING: f64 = 1e-12;
/// Rounds of the fixed-point iteration of value and cost: each gains at least one decimal at a cost of 10 % of the
/// value traded.
const COST_ROUNDS: usize = 16;

/// The bands around the weights of a book.
pub(super) struct Bands<'a> {
    policy: &'a BandPolicy,
    weights: &'a [f64],
    cash_weight: f64,
    trades: Trades,
}

enum Trades {
    StraightLine { cost_rate: f64 },
    OfPlan { sizing: Box<FractionalSizing>, cash_half_width: Option<f64> },
}

impl<'a> Bands<'a> {
    /// # Errors
    /// [`StressError::BandWeights`] for weights that no plan has.
    pub(super) fn of(policy: &'a BandPolicy, weights: &'a [f64]) -> Result<Self, StressError> {
        let trades = match &policy.trades {
            BandTrades::StraightLine { cost_rate } => Trades::StraightLine { cost_rate: *cost_rate },
            BandTrades::OfPlan { scope, cash_half_width, cost_rates } => {
                let rules = FractionalRules {
                    target: weights.to_vec(),
                    // No weight of such a book is further than a whole from its target.
                    half_widths: policy.half_widths.iter().map(|width| width.min(1.0)).collect(),
                    cash_half_width: cash_half_width.map(|width| width.min(1.0)),
                    destination: policy.destination,
                    scope: *scope,
                    cost_rates: cost_rates.clone(),
                };
                let sizing = FractionalSizing::new(&rules).map_err(|_| StressError::BandWeights)?;
                Trades::OfPlan { sizing: Box::new(sizing), cash_half_width: *cash_half_width }
            }
        };
        Ok(Self { policy, weights, cash_weight: 1.0 - weights.iter().sum::<f64>(), trades })
    }

    /// Trades every lane in which something is outside its band, until the signal is raised or the work is spent.
    #[inline(always)]
    pub(super) fn trade(&self, book: &mut Book, trading: &mut Trading, work: &TradeWork, stop: &Stop) {
        for (lane, outside) in self.furthest(book).into_iter().enumerate() {
            if outside > 0.0 && book.wealth[lane] > 0.0 {
                if stop.is_raised() || work.is_spent() {
                    return;
                }
                let cost = match &self.trades {
                    Trades::StraightLine { cost_rate } => self.along_the_line(book, lane, *cost_rate),
                    Trades::OfPlan { sizing, .. } => as_planned(book, lane, sizing),
                };
                if let Some(cost) = cost {
                    work.count();
                    trading.trades[lane] += 1.0;
                    trading.costs[lane] += cost;
                }
            }
        }
    }

    /// How far the furthest weight is outside its band, times the value: above zero wherever something is outside, and at most
    /// by rounding where nothing is.
    #[inline(always)]
    fn furthest(&self, book: &Book) -> Lanes {
        let mut furthest = [f64::NEG_INFINITY; LANES];
        let mut look = |held: &Lanes, weight: f64, half_width: f64| {
            for ((furthest, h), value) in furthest.iter_mut().zip(held).zip(&book.wealth) {
                *furthest = larger((h - weight * value).abs() - half_width * value, *furthest);
            }
        };
        for ((holdings, weight), half_width) in book.holdings.iter().zip(self.weights).zip(&self.policy.half_widths) {
            look(holdings, *weight, *half_width);
        }
        if let Trades::OfPlan { cash_half_width: Some(half_width), .. } = &self.trades {
            look(&book.cash, self.cash_weight, *half_width);
        }
        furthest
    }

    /// Moves all assets by the same share along the straight line to the weights and returns the cost. The value after
    /// costs solves `V' = V − c·Σ|uᵢV' − hᵢ|` with the new weights `u`. `None` where nothing is outside its band.
    fn along_the_line(&self, book: &mut Book, lane: usize, cost_rate: f64) -> Option<f64> {
        let value = book.wealth[lane];
        // The furthest excess decides how much of the way back to the targets is left over.
        let (mut outside, mut kept) = (false, 1.0_f64);
        for ((holdings, weight), half_width) in book.holdings.iter().zip(self.weights).zip(&self.policy.half_widths) {
            let distance = (holdings[lane] / value - weight).abs();
            if distance > half_width + ROUNDING {
                outside = true;
                kept = kept.min(half_width / distance);
            }
        }
        if !outside {
            return None;
        }
        let kept = kept * self.policy.destination;
        let goal = |holding: f64, weight: f64| weight + kept * (holding / value - weight);
        let mut after = value;
        for _ in 0..if cost_rate > 0.0 { COST_ROUNDS } else { 0 } {
            let traded: f64 = book
                .holdings
                .iter()
                .zip(self.weights)
                .map(|(h, weight)| (goal(h[lane], *weight) * after - h[lane]).abs())
                .sum();
            after = larger(value - cost_rate * traded, 0.0);
        }
        let cash = goal(book.cash[lane], self.cash_weight);
        for (holdings, weight) in book.holdings.iter_mut().zip(self.weights) {
            holdings[lane] = goal(holdings[lane], *weight) * after;
        }
        book.cash[lane] = cash * after;
        book.wealth[lane] = after;
        Some(value - after)
    }
}

/// Trades as a plan of the same weights does and returns the cost. `None` where nothing is outside its band.
fn as_planned(book: &mut Book, lane: usize, sizing: &FractionalSizing) -> Option<f64> {
    let value = book.wealth[lane];
    let held: Vec<f64> = book.holdings.iter().map(|holdings| larger(holdings[lane] / value, 0.0)).collect();
    let (trades, cost) = sizing.trades(&held)?;
    let mut cash = book.cash[lane] / value - cost;
    for ((holdings, held), trade) in book.holdings.iter_mut().zip(&held).zip(&trades) {
        holdings[lane] = larger(held + trade, 0.0) * value;
        cash -= trade;
    }
    book.cash[lane] = larger(cash, 0.0) * value;
    book.wealth[lane] = value * (1.0 - cost);
    Some(value * cost)
}

#[cfg(test)]
mod tests {
    use portfolio_core::{
        CostModel, Currency, Money, SizingInput, SizingOptions, TradePlan, TradeScope, TradingRules, size_under_rules,
    };

    use super::*;

    /// Nine million millions, a tenth of the largest book: a cent is far below what is compared.
    const NAV: i64 = 900_000_000_000_000;

    /// The straight line, at a cost for all assets.
    fn line(half_widths: &[f64], destination: f64, cost_rate: f64) -> BandPolicy {
        BandPolicy { half_widths: half_widths.to_vec(), destination, trades: BandTrades::StraightLine { cost_rate } }
    }

    /// The holdings after the trade of a day, and what it cost, fractions of the value before. The value is not a whole,
    /// and other lanes hold something else.
    fn traded(held: &[f64], targets: &[f64], band: &BandPolicy) -> (Vec<f64>, f64) {
        const VALUE: f64 = 0.25;
        let cash: f64 = 1.0 - held.iter().sum::<f64>();
        let mut book = Book {
            holdings: targets.iter().map(|weight| [*weight; LANES]).collect(),
            cash: [1.0 - targets.iter().sum::<f64>(); LANES],
            wealth: [1.0; LANES],
        };
        for (lanes, weight) in book.holdings.iter_mut().zip(held) {
            lanes[7] = VALUE * weight;
        }
        (book.cash[7], book.wealth[7]) = (VALUE * cash, VALUE);
        let mut trading = Trading { trades: [0.0; LANES], costs: [0.0; LANES] };
        let work = TradeWork::of(&crate::DailyOptions::default(), targets.len());
        Bands::of(band, targets).unwrap().trade(&mut book, &mut trading, &work, &Stop::never());
        let sum: f64 = book.cash[7] + book.holdings.iter().map(|lanes| lanes[7]).sum::<f64>();
        assert!((sum - book.wealth[7]).abs() < 1e-15 && book.cash[7] >= -1e-15);
        assert!(trading.trades.iter().enumerate().all(|(lane, trades)| lane == 7 || *trades == 0.0));
        (book.holdings.iter().map(|lanes| lanes[7] / VALUE).collect(), trading.costs[7] / VALUE)
    }

    fn planned(held: &[f64], targets: &[f64], band: &BandPolicy, scope: TradeScope) -> TradePlan {
        let (cash_half_width, rates) = match &band.trades {
            BandTrades::StraightLine { cost_rate } => (None, vec![*cost_rate; held.len()]),
            BandTrades::OfPlan { cash_half_width, cost_rates, .. } => (*cash_half_width, cost_rates.clone()),
        };
        let bps: Vec<f64> = rates.iter().map(|rate| 1e4 * rate).collect();
        let input = SizingInput {
            nav: Money::from_minor(NAV, Currency::USD),
            cash: None,
            current: held,
            target: targets,
            optimized: targets,
            price: &vec![1.0; held.len()],
            costs: &CostModel::proportional(&bps).unwrap(),
            histories: None,
        };
        let rules = TradingRules {
            half_widths: band.half_widths.clone(),
            cash_half_width,
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
            let band = line(half_widths, destination, 0.0);
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
            let band = line(half_widths, destination, rate);
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
    fn where_one_of_three_is_outside_the_straight_line_is_the_scope_whole() {
        let (held, targets) = ([0.57, 0.27, 0.16], [0.5, 0.3, 0.2]);
        let band = line(&[0.05; 3], 0.0, 0.0);
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
        let band = line(&[0.05; 2], 0.0, 0.001);
        assert_eq!(traded(&held, &targets, &band), (held.to_vec(), 0.0));
        let plan = planned(&held, &targets, &band, TradeScope::Breached);
        assert!(plan.rows.iter().all(|row| row.value.minor() == 0));
    }

    /// Three of four assets, by hand, without costs: the first is 7 points above and goes to the edge of its band at 5; of
    /// the other two below their targets the third is outside its own and goes to its edge, 1 point; the rest of the
    /// proceeds goes to the second. The fourth is above, in its band, and stays.
    #[test]
    fn a_trade_of_the_plan_brings_each_asset_to_its_own_edge() {
        let (held, targets) = ([0.37, 0.28, 0.14, 0.21], [0.3, 0.3, 0.2, 0.2]);
        let trades =
            BandTrades::OfPlan { scope: TradeScope::Breached, cash_half_width: None, cost_rates: vec![0.0; 4] };
        let band = BandPolicy { half_widths: vec![0.05; 4], destination: 1.0, trades };
        let (own, cost) = traded(&held, &targets, &band);
        for (own, want) in own.iter().zip([0.35, 0.29, 0.15, 0.21]) {
            assert!((own - want).abs() < 1e-14, "{own} {want}");
        }
        assert_eq!(cost, 0.0);
    }

    /// Books of 2 to 20 assets, with and without cash, after a day that moved them, under each scope and destination and
    /// costs of each asset: a cent of ten billion.
    #[test]
    fn a_trade_of_the_plan_is_that_of_size_under_rules_to_a_cent() {
        let mut stream = crate::LaneStream::new(crate::Seed(20), 0);
        let mut count = 0;
        for book in 0..4_000_usize {
            let mut numbers = [0.0; LANES];
            stream.uniforms(&mut numbers);
            let assets = 2 + book % 19;
            let cash = if book % 2 == 0 { 0.0 } else { 0.2 * numbers[0] };
            let parts = &numbers[10..10 + assets];
            let sum: f64 = parts.iter().map(|part| 0.05 + part).sum();
            let targets: Vec<f64> = parts.iter().map(|part| (1.0 - cash) * (0.05 + part) / sum).collect();
            let moved: Vec<f64> =
                targets.iter().zip(&numbers[40..]).map(|(t, u)| t * (1.0 + numbers[1] * (u - 0.5))).collect();
            let value = cash + moved.iter().sum::<f64>();
            let held: Vec<f64> = moved.iter().map(|held| held / value).collect();
            let scope = if numbers[2] < 0.5 { TradeScope::Breached } else { TradeScope::Whole };
            let band = BandPolicy {
                half_widths: targets.iter().map(|t| if numbers[3] < 0.5 { 0.01 } else { 0.1 * t }).collect(),
                destination: [0.0, 0.5, 1.0, numbers[4]][(4.0 * numbers[5]) as usize],
                trades: BandTrades::OfPlan {
                    scope,
                    cash_half_width: (numbers[6] < 0.5).then_some(0.0025 + 0.02 * numbers[7]),
                    cost_rates: numbers[80..80 + assets]
                        .iter()
                        .map(|u| if numbers[8] < 0.3 { 0.0 } else { 0.01 * u })
                        .collect(),
                },
            };
            let (own, cost) = traded(&held, &targets, &band);
            let plan = planned(&held, &targets, &band, scope);
            let paid = plan.total_cost.minor() as f64 / NAV as f64;
            for (own, plan) in own.iter().zip(after(&plan, &held)).chain([(&cost, paid)]) {
                assert!((own - plan).abs() < 1e-12, "{book}: {own} {plan}");
            }
            count += usize::from(own != held);
        }
        assert!(count > 2_000, "{count}");
    }

    #[test]
    fn weights_that_no_plan_has_are_refused() {
        let trades = BandTrades::OfPlan { scope: TradeScope::Whole, cash_half_width: None, cost_rates: vec![0.0; 2] };
        let band = BandPolicy { half_widths: vec![0.05; 2], destination: 0.0, trades };
        for weights in [[1.2, -0.2], [0.8, 0.3]] {
            assert_eq!(Bands::of(&band, &weights).err(), Some(StressError::BandWeights));
            assert!(Bands::of(&line(&[0.05; 2], 0.0, 0.0), &weights).is_ok());
        }
    }
}
