//! The trades of a plan on money that divides without end: those of a day of a simulated path.

use super::breaches::Breaches;
use super::funding::{cash_kept, desired_gaps};
use super::gaps::Gaps;
use super::ledger::Ledger;
use super::rules::{TradeScope, TradingRules};
use super::{MAX_COST_BPS, SUM_TOLERANCE, SizingInput};
use crate::{CoreError, CostModel, Currency, Money, WeightSide};

/// Units that NAV is divided into: what the rules round to a unit is rounded to 1e-15 of NAV.
const UNITS: i64 = 1 << 50;
/// Most rounds of the search for the NAV after costs; each gains at least one decimal at the highest costs.
const ROUNDS: usize = 32;

/// The bands and costs under which fractional money trades; every list has one entry per asset.
#[derive(Debug, Clone, PartialEq)]
pub struct FractionalRules {
    /// Target weights, fractions of NAV, not negative; the rest to one is the cash target.
    pub target: Vec<f64>,
    /// Half-width of the band of each asset, a fraction of NAV, not negative.
    pub half_widths: Vec<f64>,
    /// Half-width of the band of cash; `None`: cash triggers no trade.
    pub cash_half_width: Option<f64>,
    /// κ, from 0 (the target) to 1 (the edge of the band).
    pub destination: f64,
    /// Which assets trade once something is outside its band.
    pub scope: TradeScope,
    /// Cost of a trade of each asset per unit of value traded, 0 to 0.1.
    pub cost_rates: Vec<f64>,
}

/// Sizes trades as [`size_under_rules`](super::size_under_rules) does, on money that divides without end: without minor units, lots and tickets,
/// and without a turnover limit, groups, permits and intents. The trades are those of a plan of the same weights, bands,
/// destination, scope and proportional costs up to its rounding to minor units.
///
/// # Example
/// ```
/// use portfolio_core::{FractionalRules, FractionalSizing, TradeScope};
///
/// let rules = FractionalRules {
///     target: vec![0.5, 0.3, 0.2],
///     half_widths: vec![0.05; 3],
///     cash_half_width: None,
///     destination: 1.0,
///     scope: TradeScope::Breached,
///     cost_rates: vec![0.0; 3],
/// };
/// let sizing = FractionalSizing::new(&rules)?;
/// // The first goes to the edge of its band at 0.55; the others, 3 and 4 points below, share the 2 points.
/// let (trades, cost) = sizing.trades(&[0.57, 0.27, 0.16]).expect("a breach");
/// for (trade, want) in trades.iter().zip([-0.02, 0.02 * 3.0 / 7.0, 0.02 * 4.0 / 7.0]) {
///     assert!((trade - want).abs() < 1e-14);
/// }
/// assert_eq!(cost, 0.0);
/// assert!(sizing.trades(&[0.55, 0.28, 0.17]).is_none());
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FractionalSizing {
    target: Vec<f64>,
    price: Vec<f64>,
    costs: CostModel,
    rules: TradingRules,
}

impl FractionalSizing {
    /// Checks the rules.
    ///
    /// # Errors
    /// [`CoreError`] for lists of different lengths, targets below 0 or summing above 1, widths, a destination or cost
    /// rates outside their ranges.
    pub fn new(rules: &FractionalRules) -> Result<Self, CoreError> {
        let FractionalRules { target, half_widths, cash_half_width, destination, scope, cost_rates } = rules;
        let expected = target.len();
        if let Some(got) = [half_widths.len(), cost_rates.len()].into_iter().find(|got| *got != expected) {
            return Err(CoreError::Lengths { expected, got });
        }
        if let Some(asset) = target.iter().position(|t| !(0.0..=1.0 + SUM_TOLERANCE).contains(t)) {
            return Err(CoreError::Weight { side: WeightSide::Target, asset, value: target[asset] });
        }
        let sum = target.iter().sum::<f64>();
        if sum > 1.0 + SUM_TOLERANCE {
            return Err(CoreError::WeightSum { side: WeightSide::Target, sum });
        }
        let rules = TradingRules {
            half_widths: half_widths.clone(),
            cash_half_width: *cash_half_width,
            destination: *destination,
            scope: *scope,
            ..TradingRules::plain(expected, 0.0)
        };
        rules.check(expected)?;
        let most = MAX_COST_BPS / 10_000.0;
        if let Some(&value) = cost_rates.iter().find(|rate| !(0.0..=most).contains(*rate)) {
            return Err(CoreError::OutOfRange { name: "cost_rate", value });
        }
        let bps: Vec<f64> = cost_rates.iter().map(|rate| (rate * 10_000.0).min(MAX_COST_BPS)).collect();
        let costs = CostModel::proportional(&bps)?;
        Ok(Self { target: target.clone(), price: vec![1.0; expected], costs, rules })
    }

    /// The trade of each asset, positive for a purchase, and what they cost together, fractions of NAV; `None` where
    /// nothing is outside its band.
    ///
    /// `current`: weights held, one per asset, fractions of NAV that are not negative; the rest to one is cash.
    #[must_use]
    pub fn trades(&self, current: &[f64]) -> Option<(Vec<f64>, f64)> {
        let input = SizingInput {
            nav: Money::from_minor(UNITS, Currency::USD),
            cash: None,
            current,
            target: &self.target,
            optimized: &self.target,
            price: &self.price,
            costs: &self.costs,
            histories: None,
        };
        let breaches = Breaches::of(&input, &self.rules).ok().filter(Breaches::any)?;
        let goals = breaches.goals(&input, &self.rules);
        let aimed = SizingInput { optimized: &goals, ..input };
        let ledger = Ledger::open(&input);
        let mut gaps = Gaps::none(current.len());
        let nav = UNITS as f64;
        let (mut nav_after, mut cost) = (nav, 0.0);
        for _ in 0..ROUNDS {
            desired_gaps(&aimed, &self.target, &self.rules, &breaches, &ledger, nav_after, &mut gaps);
            spend_rest(&aimed, &ledger, cash_kept(&aimed, &self.rules, nav_after), &mut gaps);
            cost = gaps.wanted.iter().enumerate().map(|(i, wanted)| aimed.charge(i, *wanted)).sum();
            let missed = (nav - cost - nav_after).abs();
            nav_after = nav - cost;
            if missed <= 1.0 {
                break;
            }
        }
        Some((gaps.wanted.iter().map(|wanted| wanted / nav).collect(), cost / nav))
    }
}

/// Purchases that were cut take what cash holds above what they must leave, as where a plan books them: cash outside its
/// band is refilled to its target only as far as no purchase goes without.
fn spend_rest(input: &SizingInput, ledger: &Ledger, kept: f64, gaps: &mut Gaps) {
    if gaps.unmet.iter().all(|unmet| *unmet <= 0.0) {
        return;
    }
    let cash = ledger.cash as f64;
    let spent: f64 = gaps.wanted.iter().enumerate().map(|(i, wanted)| wanted + input.charge(i, *wanted)).sum();
    let mut free = cash - spent - kept.min(cash);
    for (i, (wanted, unmet)) in
        gaps.wanted.iter_mut().zip(&gaps.unmet).enumerate().filter(|(_, (_, unmet))| **unmet > 0.0)
    {
        let with_cost = 1.0 + input.rate(i, *unmet);
        let more = unmet.min(free / with_cost).max(0.0);
        *wanted += more;
        free -= more * with_cost;
    }
}
