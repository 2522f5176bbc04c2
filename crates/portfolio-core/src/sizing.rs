//! Trade sizing: from drift to booked trades.
//!
//! The drift against the *policy* target decides whether an asset trades; the gap to the *optimised* target decides how
//! much. All amounts are whole minor units, and the plan is self-financing: buys and costs never exceed sells and cash.

mod allotment;
mod allotment_costs;
mod breaches;
mod flow;
mod fractional;
mod funding;
mod gaps;
mod idle;
mod intent;
mod ledger;
mod levelling;
mod permit;
mod plan;
mod reason;
mod rest;
mod rules;
mod settlement;
mod shortfall;
mod solved;
mod tickets;
mod unbooked;
mod under_rules;
mod wish;

use crate::drift::exceeds_band;
use crate::{CoreError, CostModel, Money, Ticket, TradeSide, WeightSide, portfolio_drift, round_to_12_decimals};
pub use breaches::BandBreaches;
pub use fractional::{FractionalRules, FractionalSizing};
pub use intent::Intent;
pub use permit::{AssetRole, TradePermit};
pub use plan::{Action, TradePlan, TradeRow};
pub use reason::TradeReason;
pub use rules::{TradeScope, TradingRules};
pub use shortfall::Shortfall;
pub use solved::{SolvedWeights, book_weights};
pub use tickets::TicketFit;
pub use under_rules::size_under_rules;

/// Limits for trade sizing.
///
/// | field | default | meaning | range |
/// |---|---|---|---|
/// | `drift_threshold` | 0.02 | band half-width, fraction of NAV; strictly more is a breach | 0 … 0.5 |
/// | `turnover_limit` | 0.2 | budget for two-way turnover Σ\|Δw\| of the whole book; a full switch is 2 | (0, 2] |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SizingOptions {
    /// Half-width of every band around its target weight.
    pub drift_threshold: f64,
    /// Two-way turnover the whole plan may use, a fraction of NAV.
    pub turnover_limit: f64,
}

impl Default for SizingOptions {
    fn default() -> Self {
        Self { drift_threshold: 0.02, turnover_limit: 0.2 }
    }
}

impl SizingOptions {
    /// The defaults for an intent. A liquidation has no band, and a cash flow has no turnover limit.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::{Intent, SizingOptions};
    ///
    /// assert_eq!(SizingOptions::of(Intent::Rebalance), SizingOptions::default());
    /// let all = SizingOptions::of(Intent::Liquidate);
    /// assert_eq!((all.drift_threshold, all.turnover_limit), (0.0, 1.0));
    /// ```
    #[must_use]
    pub fn of(intent: Intent) -> Self {
        match intent {
            Intent::Rebalance | Intent::BuyOnly | Intent::SellOnly => Self::default(),
            Intent::InvestCash { .. } | Intent::RaiseCash { .. } => Self { turnover_limit: 1.0, ..Self::default() },
            Intent::Liquidate => Self { drift_threshold: 0.0, turnover_limit: 1.0 },
        }
    }

    /// Rejects options outside their ranges.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] with the name of the option.
    pub fn check(&self) -> Result<(), CoreError> {
        let out = |name, value| Err(CoreError::OutOfRange { name, value });
        if !(0.0..=0.5).contains(&self.drift_threshold) {
            return out("drift_threshold", self.drift_threshold);
        }
        if !(self.turnover_limit > 0.0 && self.turnover_limit <= MAX_TURNOVER) {
            return out("turnover_limit", self.turnover_limit);
        }
        Ok(())
    }
}

/// Input of [`size_trades`]; every slice has one entry per asset.
#[derive(Debug, Clone, Copy)]
pub struct SizingInput<'a> {
    /// Net asset value, cash included.
    pub nav: Money,
    /// Cash before the plan, as booked in the account. `None` means what `current` leaves of `nav`, rounded down. A
    /// given amount must agree with that to within a minor unit and the noise of the weights (1e-9 of NAV).
    pub cash: Option<Money>,
    /// Current weights, fractions of NAV; the rest up to one is cash.
    pub current: &'a [f64],
    /// Policy target weights, fractions of NAV; the rest up to one is the cash target.
    pub target: &'a [f64],
    /// Target weights after the forecast tilt; same sum as `target`, inside every band.
    pub optimized: &'a [f64],
    /// Price of one unit in major units, above 0.
    pub price: &'a [f64],
    /// What trading each asset costs.
    pub costs: &'a CostModel,
    /// The histories decide which trades remain when the turnover limit binds. `None` means that risk is unknown and all
    /// assets count alike.
    pub histories: Option<SizingHistories<'a>>,
}

/// Returns of the assets, and what the risk of deviating costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SizingHistories<'a> {
    /// Returns of each asset over the same periods; an empty series means an asset that does not move.
    pub returns: &'a [&'a [f64]],
    /// Price of one unit of variance per period against the targets, a fraction of NAV over the horizon of the plan: `(γ/2)·H` times the
    /// periods of a year. At zero, what trades cost does not decide which of them remain.
    pub price_of_variance: f64,
    /// Whether a turnover limit that cuts the trades is used in full, even where the last of them cost more than they take off the objective.
    pub spends_limit: bool,
}

impl SizingInput<'_> {
    fn check(&self, drift_threshold: f64) -> Result<(), CoreError> {
        let expected = self.current.len();
        for got in [self.target.len(), self.optimized.len(), self.price.len(), self.costs.assets()] {
            if got != expected {
                return Err(CoreError::Lengths { expected, got });
            }
        }
        let sides = [
            (WeightSide::Current, self.current),
            (WeightSide::Target, self.target),
            (WeightSide::Optimized, self.optimized),
        ];
        for (side, weights) in sides {
            if let Some(asset) = weights.iter().position(|w| !(0.0..=1.0 + SUM_TOLERANCE).contains(w)) {
                return Err(CoreError::Weight { side, asset, value: weights[asset] });
            }
            let sum = weights.iter().sum::<f64>();
            if sum > 1.0 + SUM_TOLERANCE {
                return Err(CoreError::WeightSum { side, sum });
            }
        }
        let (target, optimized) = (self.target.iter().sum::<f64>(), self.optimized.iter().sum::<f64>());
        if (target - optimized).abs() > SUM_TOLERANCE {
            return Err(CoreError::WeightSum { side: WeightSide::Optimized, sum: optimized });
        }
        let outside = |(t, o): (&f64, &f64)| exceeds_band(o - t, drift_threshold);
        if let Some(asset) = self.target.iter().zip(self.optimized).position(outside) {
            return Err(CoreError::Weight { side: WeightSide::Optimized, asset, value: self.optimized[asset] });
        }
        if !(1..=MAX_NAV).contains(&self.nav.minor()) {
            return Err(CoreError::OutOfRange { name: "portfolio_value", value: self.nav.major() });
        }
        let nav = self.nav.minor() as f64;
        let countable = |price: f64| price > 0.0 && price.is_finite() && (self.nav.major() / price).is_finite();
        self.check_histories()?;
        if let Some(&value) = self.price.iter().find(|price| !countable(**price)) {
            return Err(CoreError::OutOfRange { name: "price", value });
        }
        let left = (1.0 - self.current.iter().sum::<f64>()) * nav;
        match self.cash {
            Some(cash) if cash.currency() != self.nav.currency() || !agrees(cash, left, nav) => {
                Err(CoreError::OutOfRange { name: "cash", value: cash.major() })
            }
            _ => Ok(()),
        }
    }

    /// Rejects a cost model whose charge for trading all of NAV in one asset is negative or not finite.
    fn check_costs(&self) -> Result<(), CoreError> {
        let nav = self.nav.minor() as f64;
        for (asset, value) in (0..self.costs.assets()).flat_map(|asset| [(asset, nav), (asset, -nav)]) {
            let ticket = self.ticket(asset, value);
            for (name, value) in
                [("cost", self.costs.charged(&ticket)), ("cost_slope", self.costs.charged_slope(&ticket))]
            {
                if !(value >= 0.0 && value.is_finite()) {
                    return Err(CoreError::OutOfRange { name, value });
                }
            }
        }
        Ok(())
    }

    fn check_histories(&self) -> Result<(), CoreError> {
        let Some(SizingHistories { returns: histories, price_of_variance, .. }) = self.histories else { return Ok(()) };
        if !(price_of_variance >= 0.0 && price_of_variance.is_finite()) {
            return Err(CoreError::OutOfRange { name: "price of variance", value: price_of_variance });
        }
        if histories.len() != self.current.len() {
            return Err(CoreError::Lengths { expected: self.current.len(), got: histories.len() });
        }
        let periods = histories.iter().map(|returns| returns.len()).max().unwrap_or_default();
        if let Some(other) = histories.iter().find(|returns| !returns.is_empty() && returns.len() != periods) {
            return Err(CoreError::Lengths { expected: periods, got: other.len() });
        }
        match histories.iter().copied().flatten().find(|r| !r.is_finite()) {
            Some(&value) => Err(CoreError::OutOfRange { name: "return", value }),
            None => Ok(()),
        }
    }

    /// The ticket of a trade of `value` minor units of an asset; positive values are buys.
    fn ticket(&self, asset: usize, value: f64) -> Ticket {
        let minor_per_major = self.nav.currency().minor_per_major();
        Ticket {
            asset,
            side: if value < 0.0 { TradeSide::Sell } else { TradeSide::Buy },
            value: value.abs(),
            units: value.abs() / minor_per_major / self.price[asset],
            nav: self.nav.minor() as f64,
            minor_per_major,
        }
    }

    /// The charge for trading `value` minor units of an asset, not rounded; positive values are buys.
    fn charge(&self, asset: usize, value: f64) -> f64 {
        self.costs.charged(&self.ticket(asset, value))
    }

    /// The marginal charge of a trade of `value` minor units, per minor unit.
    fn rate(&self, asset: usize, value: f64) -> f64 {
        self.costs.charged_slope(&self.ticket(asset, value))
    }

    /// The proceeds of one more minor unit of a sale of `value` minor units, after its cost. `None` for a sale that
    /// raises no cash, because its cost is at least its proceeds or grows as fast as they do.
    fn kept(&self, asset: usize, value: f64) -> Option<f64> {
        let kept = 1.0 - self.rate(asset, -value);
        (kept > 0.0 && self.charge(asset, -value) < value).then_some(kept)
    }
}

/// Whether booked cash agrees with what the weights leave: NAV is rounded down to a minor unit, and weights carry
/// noise.
fn agrees(cash: Money, left: f64, nav: f64) -> bool {
    cash.minor() >= 0 && (cash.minor() as f64 - left).abs() <= 1.0 + SUM_TOLERANCE * nav
}

/// Two-way turnover of a book that is exchanged completely.
const MAX_TURNOVER: f64 = 2.0;
/// The highest cost rate, in basis points: a tenth of the traded value.
pub const MAX_COST_BPS: f64 = 1000.0;
/// Largest NAV in minor units: a double represents every whole number up to this one exactly.
const MAX_NAV: i64 = 1 << 53;
/// The weights may sum to more than one by this much.
const SUM_TOLERANCE: f64 = 1e-9;

/// Sizes the trades of a plan.
///
/// With weights `w`, policy targets `t`, optimised targets `o`, band τ, NAV `V` and NAV after costs `V′`:
///
/// 1. An asset is in breach when `|wᵢ − tᵢ| > τ` (beyond 1e-12, the noise of decimal weights). It trades its whole gap
///    `oᵢ·V′ − wᵢ·V`.
/// 2. Buys and costs are funded by sells, then by cash above its target, then by in-band assets above `oᵢ·V`, pro rata
///    ([`TradeReason::Funding`]), then by the remaining cash. Any remaining shortfall (the costs, in a fully invested
///    book) reduces the buys. In-band assets above `oᵢ·V′` pay only if a buy would otherwise stay outside its band.
///    Proceeds that no breach needs go pro rata to in-band assets below `oᵢ·V′` ([`TradeReason::Absorption`]).
/// 3. When two-way turnover `Σ|xᵢ|/V` would exceed its limit, buys and sells are cut to the same share of the wanted
///    amounts: the trades minimise the price of the variance of the deviation from `o` under the histories, and what they
///    cost, with the limit as the largest share. This variance never exceeds that of cutting every trade by the same
///    factor to the same turnover. The whole limit is used where [`SizingHistories::spends_limit`] says so, where cash is
///    outside its band, and without histories, when the largest gaps close first.
/// 4. Trades are rounded to whole minor units toward zero and costs half to even, and buys are reduced if a unit is
///    missing: cash is never negative and no asset is sold short. A sale that would cost all of its proceeds is not
///    proposed.
///
/// `V′ = V − costs` is found by fixed-point iteration, because costs depend on trades and trades depend on `V′`. A
/// fully traded asset therefore ends at its optimised weight of `V′`, within one minor unit. Planning again from the
/// resulting weights proposes nothing, provided the budget did not bind and the threshold exceeds the costs plus one
/// minor unit. (Costs are rounded per trade, so a book of a few hundred minor units may still have one unit to move.)
/// Where trades cost about as much as they are worth, the iteration may not converge. The plan is still exact, but its
/// weights miss their goals, and [`TradePlan::cost_residual`] states by how much `V′` was missed.
///
/// Cost: `O(N)` per iteration, at most 32 iterations, and `O(N log N)` once if units have to be distributed. Where the
/// limit binds, `O(T·N)` once for each asset whose trade is considered, and `O(N)` for each of at most 8 steps per
/// trade in each iteration.
///
/// # Errors
/// [`CoreError`] for mismatched lengths, weights below 0 or summing above 1, optimised targets with a different sum or
/// outside their bands, cash that disagrees with the weights, prices that are not positive or too small to count units,
/// costs that are negative or not finite, NAV outside 1 to 2^53 minor units, or options out of range.
///
/// # Example
/// ```
/// use portfolio_core::{Action, CostModel, Currency, Money, SizingInput, SizingOptions, size_trades};
///
/// let nav = Money::floor(100_000.0, Currency::USD).unwrap();
/// let plan = size_trades(
///     &SizingInput {
///         nav,
///         cash: None,
///         current: &[0.66, 0.34],
///         target: &[0.60, 0.40],
///         optimized: &[0.60, 0.40],
///         price: &[50.0, 20.0],
///         costs: &CostModel::proportional(&[10.0, 10.0])?,
///         histories: None,
///     },
///     &SizingOptions::default(),
/// )?;
/// assert_eq!((plan.rows[0].action, plan.rows[1].action), (Action::Sell, Action::Buy));
/// let booked: i64 = plan.rows.iter().map(|row| row.value.minor() + row.cost.minor()).sum();
/// assert_eq!(booked + plan.cash_change.minor(), 0);
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
pub fn size_trades(input: &SizingInput, options: &SizingOptions) -> Result<TradePlan, CoreError> {
    input.check(options.drift_threshold)?;
    size_under_rules(input, options, &TradingRules::plain(input.current.len(), options.drift_threshold))
}

/// Drift of the book after the plan, `½·Σ|wᵢ − tᵢ|`.
fn drift_after(rows: &[TradeRow], target: &[f64]) -> f64 {
    let after: Vec<f64> = rows.iter().zip(target).map(|(row, t)| round_to_12_decimals(row.weight_after - t)).collect();
    portfolio_drift(&after)
}
