//! The interval of an asset's weight in which no trade of it pays, proven by the slopes of the objective at both ends.

use portfolio_core::{ConvexCost, Covariance};

use crate::OptimizerError;
use crate::vector::dot;

/// A book, the slopes of its objective, and the costs of trading.
///
/// The objective is `λ·wᵀΣw` plus a linear function of the weights `w`, plus the cost of a trade from `w`. Cash is the
/// remainder `1 − Σw`; it has neither risk nor return.
#[derive(Debug, Clone, Copy)]
pub struct HeldBook<'a> {
    /// The weights `w`, fractions of NAV.
    pub weights: &'a [f64],
    /// The slope `g` of the objective before costs, per unit of each asset.
    pub slope: &'a [f64],
    /// The covariance `Σ`.
    pub covariance: &'a Covariance,
    /// The price of variance `λ`, not negative.
    pub price_of_variance: f64,
    /// The cost of trading each asset. An infinite rate means that the trade is not allowed.
    pub costs: &'a [ConvexCost],
    /// The cost of each asset as the other side of a trade: infinite for selling an asset that is not held and for
    /// buying one at its limit; otherwise as in `costs`.
    pub counterparts: &'a [ConvexCost],
    /// The rates at which cash takes money (`buy`) and gives it (`sell`): 0 where allowed, infinite where not.
    pub cash: ConvexCost,
}

/// The weights of one asset between which no trade of it pays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoTradeInterval {
    /// Smallest weight, 0 to 1.
    pub lower: f64,
    /// Largest weight, 0 to 1.
    pub upper: f64,
}

/// Why an asset has no such interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoInterval {
    /// The asset is the whole book: its price does not move its weight.
    WholeBook,
    /// At every weight some trade of it pays.
    SomeTradePays,
}

/// For each asset the interval of its weight in which no trade of it pays.
///
/// Take the book as it is and let the price of asset `i` alone move its weight to `u`, so that every other holding
/// shrinks or grows in proportion, cash among them:
///
/// ```text
/// w(u) = w + (u − wᵢ)·δ        δ = (eᵢ − w)/(1 − wᵢ)
/// ```
///
/// *Trades of the asset* are purchases of `i` that are funded by selling any mix of the other assets and cash, and
/// sales of `i` whose proceeds buy any such mix, of any size. Against asset `j`, the first unit changes the objective
/// by
///
/// ```text
/// buy i, sell j:    (gᵢ − gⱼ) + (u − wᵢ)·qᵢⱼ + buyᵢ + sellⱼ        qᵢⱼ = 2λ(Σδ)ᵢ − 2λ(Σδ)ⱼ
/// sell i, buy j:  −((gᵢ − gⱼ) + (u − wᵢ)·qᵢⱼ) + sellᵢ + buyⱼ
/// ```
///
/// and the same with zeros for cash. Both are linear in `u`, so the weights at which neither is negative are an
/// interval, and the answer is the intersection over all `j`.
///
/// **Why no trade pays inside.** From `w(u)` the objective of a trade is convex: a quadratic form of a positive
/// semidefinite matrix, kinked proportional costs, and impact of power 3/2. A mix is a sum of pairs with positive
/// shares, and its first slope is the same sum of the pairs' slopes: the costs are separable and the direction of each
/// asset in it is fixed. Impact has no slope at zero. So the first slope of every trade is not negative, and a convex
/// function whose first slope is not negative never falls. **Why one pays outside.** There some pair has a negative
/// slope, and a small enough trade of it lowers the objective, if both sides of the pair can be traded at these rates.
///
/// Higher costs of any asset make the interval wider, never narrower. Costs that the convex rates leave out, such as a
/// minimum per ticket, only make trades more expensive, and the statement holds with them too.
///
/// Cost: `O(N²)`.
///
/// # Errors
/// [`OptimizerError::LengthMismatch`] for lists that do not have an entry for each asset of the covariance.
///
/// # Reference
/// Davis and Norman (1990), "Portfolio selection with transaction costs", Mathematics of Operations Research 15(4), for
/// the region; Boyd and Vandenberghe (2004), "Convex Optimization", section 4.2.3, for the condition.
///
/// # Example
/// ```
/// use optimizer::{HeldBook, no_trade_intervals};
/// use portfolio_core::{ConvexCost, Covariance, Universe};
///
/// // One asset beside cash at its target of 50 %: variance 0.04, price of variance 2.5, 20 bp to buy and 10 bp to sell.
/// let covariance = Covariance::new(Universe::new(["Stocks"])?, vec![0.04], 1.0)?;
/// let book = HeldBook {
///     weights: &[0.5],
///     slope: &[0.0],
///     covariance: &covariance,
///     price_of_variance: 2.5,
///     costs: &[ConvexCost { buy: 0.002, sell: 0.001, impact: 0.0 }],
///     counterparts: &[ConvexCost::default()],
///     cash: ConvexCost::default(),
/// };
/// let interval = no_trade_intervals(&book)?[0].expect("an interval");
/// // A deviation of d has the slope 2·2.5·0.04·d: 0.002/0.2 below the target and 0.001/0.2 above it.
/// assert!((interval.lower - 0.49).abs() < 1e-12 && (interval.upper - 0.505).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn no_trade_intervals(book: &HeldBook<'_>) -> Result<Vec<Result<NoTradeInterval, NoInterval>>, OptimizerError> {
    let assets = book.covariance.assets();
    let HeldBook { weights, slope, costs, counterparts, .. } = book;
    for (what, got) in [
        ("weights", weights.len()),
        ("slope", slope.len()),
        ("costs", costs.len()),
        ("counterparts", counterparts.len()),
    ] {
        if got != assets {
            return Err(OptimizerError::LengthMismatch { what, expected: assets, got });
        }
    }
    let covered: Vec<f64> = book.covariance.rows().map(|row| dot(row, book.weights)).collect();
    Ok(book.covariance.rows().enumerate().map(|(asset, row)| interval(book, &covered, asset, row)).collect())
}

/// The interval of one asset; `covered` is `Σw`, `row` its row of `Σ`.
fn interval(book: &HeldBook<'_>, covered: &[f64], asset: usize, row: &[f64]) -> Result<NoTradeInterval, NoInterval> {
    let (weight, own) = (book.weights[asset], book.costs[asset]);
    let rest = 1.0 - weight;
    if rest <= WHOLE_BOOK {
        return Err(NoInterval::WholeBook);
    }
    // The slope of each asset's own slope along the move of the price.
    let bend = |j: usize| 2.0 * book.price_of_variance * (row[j] - covered[j]) / rest;
    let (slope, curve) = (book.slope[asset], bend(asset));
    let assets = (0..row.len()).filter(|&j| j != asset).map(|j| (book.slope[j], bend(j), book.counterparts[j]));
    let cash = (0.0, 0.0, book.cash);
    let [mut least, mut most] = [-weight, rest];
    for (other, other_curve, cost) in assets.chain([cash]) {
        let (gap, turn) = (slope - other, curve - other_curve);
        // −floor ≤ gap + t·turn ≤ ceiling.
        let (floor, ceiling) = (own.buy + cost.sell, own.sell + cost.buy);
        if turn == 0.0 {
            if gap < -floor || gap > ceiling {
                return Err(NoInterval::SomeTradePays);
            }
            continue;
        }
        let ends = [(-floor - gap) / turn, (ceiling - gap) / turn];
        let [from, to] = if turn > 0.0 { ends } else { [ends[1], ends[0]] };
        least = least.max(from);
        most = most.min(to);
    }
    // Where two trades stop to pay at the same weight, the interval is that point.
    if least > most && least - most <= POINT {
        let point = weight + f64::midpoint(least, most);
        return Ok(NoTradeInterval { lower: point, upper: point });
    }
    // Numbers too large for a slope end here too: a comparison with NaN fails.
    if least <= most {
        Ok(NoTradeInterval { lower: weight + least, upper: weight + most })
    } else {
        Err(NoInterval::SomeTradePays)
    }
}

/// Ends that are reversed by no more than this count as one point: solved weights have this accuracy.
const POINT: f64 = 1e-8;

/// If an asset is this close to the whole book, there is nothing else to trade it against.
const WHOLE_BOOK: f64 = 1e-9;
