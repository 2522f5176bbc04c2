//! The self-computed band against the dynamic-programming optimum of Merton's problem with proportional costs.
//!
//! One risky asset with excess drift `μ` and volatility `σ`, rebalanced monthly at a cost of `c` per unit of weight
//! traded. The reward of a month is `(μ·w − γ·σ²·w²/2)/12 − c·|trade|`, the criterion is its long-run average: growth for
//! `γ = 1`. Both values come from relative value iteration on the same grid with the same quadrature, without chance and
//! without tuning: the band is `no_trade_half_width`, its trades go to the edge.

use portfolio_core::{destination, no_trade_half_width};

/// Distance of two weights of the grid.
const STEP: f64 = 0.001;
/// Standard deviations between two nodes of the quadrature. Where a value has a kink, the trapezoid rule errs by
/// `NODE²/12` of the kink: about 0.01 bp a year here.
const NODE: f64 = 0.1;
/// Standard deviations at which the quadrature ends.
const TAIL: f64 = 7.0;
/// Standard deviations by which a barrier that is watched at intervals works as one that is always watched and further away: `−ζ(1/2)/√(2π)`
/// (Broadie, Glasserman and Kou 1997, "A continuity correction for discrete barrier options", Mathematical Finance 7(4)).
const CONTINUITY: f64 = 0.5826;

struct Market {
    excess: f64,
    volatility: f64,
    cost: f64,
    aversion: f64,
    /// Trades a year, at most.
    periods: f64,
}

impl Market {
    /// Merton's share without costs, `μ/(γσ²)`.
    fn target(&self) -> f64 {
        self.excess / (self.aversion * self.volatility.powi(2))
    }

    fn half_width(&self) -> f64 {
        no_trade_half_width(self.target(), self.cost, self.aversion)
    }

    fn reward(&self, w: f64) -> f64 {
        (self.excess * w - self.aversion * (self.volatility * w).powi(2) / 2.0) / self.periods
    }
}

/// Weights from 1 % to 99 %, and where each goes in a month: a position and the fraction of the way to the next one,
/// with its probability, for each node.
struct Grid {
    weights: Vec<f64>,
    moves: Vec<Vec<(usize, f64, f64)>>,
}

impl Grid {
    fn new(market: &Market) -> Self {
        let weights: Vec<f64> = (10..=990).map(|i| f64::from(i) * STEP).collect();
        let reach = (TAIL / NODE).round() as i32;
        let nodes: Vec<f64> = (-reach..=reach).map(|i| f64::from(i) * NODE).collect();
        let density = |z: f64| NODE * (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let drift = (market.excess - market.volatility.powi(2) / 2.0) / market.periods;
        let moved = |w: f64, z: f64| {
            let grown = w * (drift + market.volatility / market.periods.sqrt() * z).exp();
            grown / (grown + 1.0 - w)
        };
        let row = |w: &f64| {
            nodes
                .iter()
                .map(|z| (place(moved(*w, *z), weights.len()), density(*z)))
                .map(|((i, f), p)| (i, f, p))
                .collect()
        };
        let moves = weights.iter().map(row).collect();
        Self { weights, moves }
    }

    /// Value after trading, of each weight: this month's reward and the expected value of where it drifts to.
    fn after_trading(&self, market: &Market, value: &[f64]) -> Vec<f64> {
        let expected = |moves: &[(usize, f64, f64)]| -> f64 {
            moves.iter().map(|(i, f, p)| p * (value[*i] + f * (value[i + 1] - value[*i]))).sum()
        };
        self.weights.iter().zip(&self.moves).map(|(w, moves)| market.reward(*w) + expected(moves)).collect()
    }

    /// Long-run reward a year of a rule that turns values after trading into values before it.
    fn growth(&self, market: &Market, rule: impl Fn(&[f64]) -> Vec<f64>) -> f64 {
        self.settled(market, rule).0
    }

    /// The long-run reward a year of a rule, and the values before trading, from which that of a middle weight is taken.
    fn settled(&self, market: &Market, rule: impl Fn(&[f64]) -> Vec<f64>) -> (f64, Vec<f64>) {
        const MOST: usize = 100_000;
        const TOLERANCE: f64 = 1e-10;
        let mut value = vec![0.0; self.weights.len()];
        for _ in 0..MOST {
            let next = rule(&self.after_trading(market, &value));
            let gains = next.iter().zip(&value).map(|(n, v)| n - v);
            let (least, most) = gains.fold((f64::MAX, f64::MIN), |(least, most), g| (least.min(g), most.max(g)));
            if most - least < TOLERANCE {
                return (market.periods * (least + most) / 2.0, value);
            }
            let base = next[next.len() / 2];
            value = next.iter().map(|v| v - base).collect();
        }
        panic!("value iteration has not settled after {MOST} periods");
    }
}

/// Position on the grid and fraction of the way to the next one; weights beyond the grid stay at its ends.
fn place(w: f64, points: usize) -> (usize, f64) {
    let at = (w / STEP - 10.0).clamp(0.0, (points - 1) as f64);
    let below = (at.floor() as usize).min(points - 2);
    (below, at - below as f64)
}

/// The best trade from every weight: two sweeps, upwards and downwards, because a longer trade costs as much as its parts.
fn best_trades(cost: f64, after: &[f64]) -> Vec<f64> {
    let mut best = after.to_vec();
    for i in 1..best.len() {
        best[i] = best[i].max(best[i - 1] - cost * STEP);
    }
    for i in (1..best.len()).rev() {
        best[i - 1] = best[i - 1].max(best[i] - cost * STEP);
    }
    best
}

/// The first and the last weight at which the optimum does not trade, and the growth of the optimum.
fn region_of_the_optimum(grid: &Grid, market: &Market) -> (f64, f64) {
    let (_, value) = grid.settled(market, |after| best_trades(market.cost, after));
    let after = grid.after_trading(market, &value);
    let best = best_trades(market.cost, &after);
    let stays = |i: &usize| best[*i] - after[*i] <= 1e-12;
    let (Some(first), Some(last)) = ((0..after.len()).find(stays), (0..after.len()).rfind(stays)) else {
        panic!("the optimum trades from everywhere");
    };
    (grid.weights[first], grid.weights[last])
}

/// Trades from outside the band, by the library's own destination.
fn band_trades(grid: &Grid, market: &Market, half_width: f64, kappa: f64, after: &[f64]) -> Vec<f64> {
    let target = market.target();
    let traded = |(w, stay): (&f64, &f64)| {
        if (w - target).abs() <= half_width {
            return *stay;
        }
        let to = destination(target, w - target, half_width, kappa);
        let (i, f) = place(to, after.len());
        after[i] + f * (after[i + 1] - after[i]) - market.cost * (w - to).abs()
    };
    grid.weights.iter().zip(after).map(traded).collect()
}

/// Basis points a year: the optimum, the self-computed band, and a reset to the target every month.
fn three_policies(market: &Market) -> [f64; 3] {
    let grid = Grid::new(market);
    let optimum = grid.growth(market, |after| best_trades(market.cost, after));
    let band = grid.growth(market, |after| band_trades(&grid, market, market.half_width(), 1.0, after));
    let monthly = grid.growth(market, |after| band_trades(&grid, market, 0.0, 0.0, after));
    [optimum, band, monthly].map(|growth| 10_000.0 * growth)
}

/// The band is that of trading without pause. At intervals the optimum's edges lie inside it by the continuity correction, and come to it as the
/// intervals become shorter. A quarter of a percent is the grid step of the solution that the formula was first held against.
#[test]
fn the_edges_of_the_self_computed_band_are_those_of_the_optimum() {
    for periods in [12.0, 52.0] {
        let market = Market { excess: 0.024, volatility: 0.20, cost: 0.01, aversion: 1.0, periods };
        let (first, last) = region_of_the_optimum(&Grid::new(&market), &market);
        let (target, half_width) = (market.target(), market.half_width());
        let move_of_a_period = market.volatility * target * (1.0 - target) / periods.sqrt();
        let [lower, upper] = [-1.0, 1.0].map(|side| target + side * (half_width - CONTINUITY * move_of_a_period));
        println!("{periods} a year: optimum {first:.3} to {last:.3}, band {lower:.4} to {upper:.4}");
        assert!((first - lower).abs() <= 0.0025 && (last - upper).abs() <= 0.0025, "{first} {lower}, {last} {upper}");
    }
}

#[test]
fn the_self_computed_band_reaches_the_optimum_of_the_merton_example() {
    let market = Market { excess: 0.024, volatility: 0.20, cost: 0.01, aversion: 1.0, periods: 12.0 };
    let [optimum, band, monthly] = three_policies(&market);
    println!("optimum {optimum:.3}, band {band:.3}, monthly {monthly:.3} bp a year");
    assert!((optimum - 70.27).abs() < 0.02, "{optimum}");
    assert!((monthly - 58.76).abs() < 0.05, "{monthly}");
    assert!(band >= 0.995 * optimum, "{band} of {optimum}");
    assert!(band <= optimum + 1e-3);
}

#[test]
fn it_does_so_for_other_costs_and_aversions_too() {
    for (excess, volatility, cost, aversion) in
        [(0.04, 0.16, 0.001, 5.0), (0.03, 0.18, 0.0025, 3.0), (0.024, 0.20, 0.002, 1.0), (0.02, 0.20, 0.01, 2.0)]
    {
        let market = Market { excess, volatility, cost, aversion, periods: 12.0 };
        let [optimum, band, monthly] = three_policies(&market);
        println!("target {:.3}: optimum {optimum:.3}, band {band:.3}, monthly {monthly:.3}", market.target());
        assert!(band >= 0.995 * optimum && band > monthly, "{band} of {optimum}");
    }
}
