//! The interval in which no trade of an asset pays, against a scan of trades that evaluates the objective from its
//! definition.

#![expect(clippy::unwrap_used, reason = "a book that cannot be made fails the test")]

use optimizer::{
    HeldBook, NoInterval, NoTradeInterval, RebalanceOutcome, RebalanceProblem, RiskModel, SolveOptions,
    no_trade_intervals, solve,
};
use portfolio_core::{
    ConvexCost, CostModel, Covariance, Duty, MarketImpact, MinimumCommission, PerShare, Ticket, TradeSide, Universe,
};

/// Interior points that the scan has to find without a trade that pays.
const POINTS: usize = 10_000;
const NAV: f64 = 1e8;
const PRICE: f64 = 40.0;

/// Numbers in (0, 1): a linear congruential generator (Knuth's MMIX constants).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.next() * n as f64) as usize).min(n - 1)
    }

    /// Positive numbers with the given sum.
    fn shares(&mut self, n: usize, sum: f64) -> Vec<f64> {
        let raw: Vec<f64> = (0..n).map(|_| -self.next().ln()).collect();
        let total: f64 = raw.iter().sum();
        raw.iter().map(|x| sum * x / total).collect()
    }
}

/// A random book with targets, a covariance of one to three factors beside own risk, and a cost model.
struct Sample {
    weights: Vec<f64>,
    targets: Vec<f64>,
    covariance: Covariance,
    price: f64,
    costs: CostModel,
    with_cash: bool,
}

impl Sample {
    /// `minimum`: whether tickets have a minimum commission, which is not convex.
    fn new(random: &mut Random, minimum: bool) -> Self {
        let n = 2 + random.below(5);
        let factors = 1 + random.below(3);
        let loadings: Vec<Vec<f64>> =
            (0..n).map(|_| (0..factors).map(|_| random.between(-0.1, 0.2)).collect()).collect();
        let mut rows: Vec<Vec<f64>> = loadings
            .iter()
            .map(|a| loadings.iter().map(|b| a.iter().zip(b).map(|(x, y)| x * y).sum()).collect())
            .collect();
        for (i, row) in rows.iter_mut().enumerate() {
            row[i] += random.between(0.0, 0.02);
        }
        let universe = Universe::new((0..n).map(|i| format!("A{i}"))).unwrap();
        let with_cash = random.next() < 0.5;
        let invested = if with_cash { random.between(0.6, 0.95) } else { 1.0 };
        let weights = random.shares(n, invested);
        // Near the weights, so that most books have an interval.
        let targets: Vec<f64> = weights.iter().map(|w| w + random.between(-0.01, 0.01)).collect();
        let rates =
            |random: &mut Random, most: f64| -> Vec<f64> { (0..n).map(|_| random.between(0.0, most)).collect() };
        let side = if random.next() < 0.5 { TradeSide::Buy } else { TradeSide::Sell };
        let mut costs = CostModel::proportional(&rates(random, 30.0)).unwrap();
        costs = costs.with(Duty::new(side, &rates(random, 50.0)).unwrap()).unwrap();
        costs = costs.with(PerShare::new(&rates(random, 0.02)).unwrap()).unwrap();
        if random.next() < 0.5 {
            costs = costs.with(MarketImpact::new(&rates(random, 0.2)).unwrap()).unwrap();
        }
        if minimum {
            costs = costs.with(MinimumCommission::new(&vec![25.0; n], &vec![5.0; n]).unwrap()).unwrap();
        }
        let covariance = Covariance::from_rows(universe, &rows, 1.0).unwrap();
        Self { weights, targets, covariance, price: random.between(0.5, 10.0), costs, with_cash }
    }

    fn rates(&self) -> Vec<ConvexCost> {
        (0..self.weights.len()).map(|i| self.costs.convex(i, PRICE)).collect()
    }

    fn intervals(&self, rates: &[ConvexCost]) -> Vec<Result<NoTradeInterval, NoInterval>> {
        let gap: Vec<f64> = self.weights.iter().zip(&self.targets).map(|(w, b)| w - b).collect();
        let slope: Vec<f64> = self
            .covariance
            .rows()
            .map(|row| 2.0 * self.price * row.iter().zip(&gap).map(|(s, d)| s * d).sum::<f64>())
            .collect();
        let allowed = if self.with_cash { 0.0 } else { f64::INFINITY };
        let book = HeldBook {
            weights: &self.weights,
            slope: &slope,
            covariance: &self.covariance,
            price_of_variance: self.price,
            costs: rates,
            counterparts: rates,
            cash: ConvexCost::linear(allowed),
        };
        no_trade_intervals(&book).unwrap()
    }

    /// The weights after the price of `asset` alone has moved its weight to `weight`.
    fn moved(&self, asset: usize, weight: f64) -> Vec<f64> {
        let others = (1.0 - weight) / (1.0 - self.weights[asset]);
        self.weights.iter().enumerate().map(|(j, w)| if j == asset { weight } else { others * w }).collect()
    }

    fn objective(&self, weights: &[f64], trade: &[f64]) -> f64 {
        let gap: Vec<f64> = weights.iter().zip(trade).zip(&self.targets).map(|((w, x), b)| w + x - b).collect();
        let cost: f64 = trade
            .iter()
            .enumerate()
            .filter(|(_, x)| **x != 0.0)
            .map(|(asset, x)| {
                let value = x.abs() * NAV;
                let units = value / (100.0 * PRICE);
                let side = if *x > 0.0 { TradeSide::Buy } else { TradeSide::Sell };
                self.costs.expected(&Ticket { asset, side, value, units, nav: NAV, minor_per_major: 100.0 }) / NAV
            })
            .sum();
        self.price * self.covariance.variance(&gap).unwrap() + cost
    }

    /// The most that a trade of `asset` lowers the objective: every pair with another asset and cash, and some mixes,
    /// each in sizes from `1e-10` of NAV to all that is held.
    fn best_gain(&self, random: &mut Random, asset: usize, weight: f64) -> f64 {
        let weights = self.moved(asset, weight);
        let still = self.objective(&weights, &vec![0.0; weights.len()]);
        // The last entry is cash.
        let others: Vec<usize> = (0..=weights.len()).filter(|&j| j != asset).collect();
        let others = if self.with_cash { &others[..] } else { &others[..others.len() - 1] };
        let single = others.iter().map(|&j| vec![(j, 1.0)]);
        let mixes: Vec<Vec<(usize, f64)>> =
            (0..3).map(|_| others.iter().copied().zip(random.shares(others.len(), 1.0)).collect()).collect();
        let cash = 1.0 - weights.iter().sum::<f64>();
        let mut best = f64::NEG_INFINITY;
        for mix in single.chain(mixes) {
            for direction in [1.0, -1.0] {
                for step in 0..60 {
                    let size = direction * 10.0_f64.powf(-10.0 + step as f64 / 6.0);
                    let mut trade = vec![0.0; weights.len() + 1];
                    trade[asset] = size;
                    mix.iter().for_each(|&(j, share)| trade[j] -= share * size);
                    let held = weights.iter().chain([&cash]);
                    if held.zip(&trade).all(|(w, x)| *x >= 0.0 || w + x >= 0.0) {
                        best = best.max(still - self.objective(&weights, &trade[..weights.len()]));
                    }
                }
            }
        }
        best
    }
}

/// What the rounding of two objectives of this size may look like.
const ROUNDING: f64 = 1e-15;

#[test]
fn at_ten_thousand_points_inside_no_trade_pays() {
    let mut random = Random(15);
    let mut points = 0;
    while points < POINTS {
        let minimum = random.next() < 0.2;
        let sample = Sample::new(&mut random, minimum);
        for (asset, interval) in sample.intervals(&sample.rates()).into_iter().enumerate() {
            let Ok(NoTradeInterval { lower, upper }) = interval else { continue };
            assert!((0.0..=upper).contains(&lower) && upper <= 1.0, "{lower} {upper}");
            for inside in [lower, upper, random.between(lower, upper), random.between(lower, upper)] {
                let gain = sample.best_gain(&mut random, asset, inside.min(0.9999));
                assert!(
                    gain.is_finite() && gain <= ROUNDING,
                    "asset {asset} at {inside} of {lower} to {upper}: {gain:e}"
                );
                points += 1;
            }
        }
    }
}

#[test]
fn just_outside_some_trade_pays() {
    let mut random = Random(6);
    let mut points = 0;
    while points < 2_000 {
        let sample = Sample::new(&mut random, false);
        for (asset, interval) in sample.intervals(&sample.rates()).into_iter().enumerate() {
            let Ok(NoTradeInterval { lower, upper }) = interval else { continue };
            for outside in [lower - 2e-3, upper + 2e-3] {
                if !(1e-6..0.99).contains(&outside) {
                    continue;
                }
                let gain = sample.best_gain(&mut random, asset, outside);
                assert!(gain > 0.0, "asset {asset} at {outside}, outside {lower} to {upper}: {gain:e}");
                points += 1;
            }
        }
    }
}

#[test]
fn dearer_trades_widen_it() {
    let mut random = Random(3);
    let mut widened = 0;
    for _ in 0..500 {
        let sample = Sample::new(&mut random, false);
        let rates = sample.rates();
        let asset = random.below(rates.len());
        let mut dearer = rates.clone();
        match random.below(3) {
            0 => dearer[asset].buy += 0.001,
            1 => dearer[asset].sell += 0.001,
            _ => dearer.iter_mut().for_each(|rate| *rate = *rate + ConvexCost::linear(0.001)),
        }
        for (before, after) in sample.intervals(&rates).into_iter().zip(sample.intervals(&dearer)) {
            let Ok(before) = before else { continue };
            let after = after.unwrap();
            assert!(after.lower <= before.lower && after.upper >= before.upper, "{before:?} {after:?}");
            widened += usize::from(after != before);
        }
    }
    assert!(widened > 500, "{widened}");
}

#[test]
fn an_optimal_book_lies_within_its_intervals() {
    let mut random = Random(8);
    let mut ends = 0;
    for round in 0..60 {
        let mut sample = Sample::new(&mut random, false);
        // Another trade starts without impact, so a book that impact kept from its optimum has one that pays.
        sample.costs = CostModel::proportional(&vec![10.0; sample.weights.len()])
            .unwrap()
            .with(Duty::new(TradeSide::Buy, &vec![20.0; sample.weights.len()]).unwrap())
            .unwrap();
        let n = sample.weights.len();
        sample.targets = random.shares(n, sample.weights.iter().sum());
        let mu: Vec<f64> = sample
            .covariance
            .rows()
            .map(|row| 2.0 * sample.price * row.iter().zip(&sample.targets).map(|(s, b)| s * b).sum::<f64>())
            .collect();
        let problem = RebalanceProblem {
            w0: sample.weights.clone(),
            cash_max: if sample.with_cash { 1.0 } else { 0.0 },
            ..RebalanceProblem::long_only(mu, sample.price)
        };
        let problem = problem.with_costs(&sample.costs, &vec![PRICE; n]).unwrap();
        let model = RiskModel::from(&sample.covariance);
        let RebalanceOutcome::Optimal(solution) = solve(&problem, &model, &SolveOptions::default()).unwrap() else {
            panic!("round {round}")
        };
        let cash = 1.0 - solution.weights.iter().sum::<f64>();
        // Cash that is used up can still take money; an asset that is sold out cannot be sold.
        if solution.weights.iter().any(|w| *w < 1e-6) || (sample.with_cash && cash < 1e-6) {
            continue;
        }
        sample.weights = solution.weights.clone();
        for (asset, interval) in sample.intervals(&sample.rates()).into_iter().enumerate() {
            let NoTradeInterval { lower, upper } = interval.unwrap();
            let weight = solution.weights[asset];
            assert!(weight >= lower - 1e-7 && weight <= upper + 1e-7, "{round}: {weight} in {lower} to {upper}");
            ends += usize::from((weight - lower).abs().min((weight - upper).abs()) < 1e-7);
        }
    }
    // Whatever is traded is traded to the nearer end.
    assert!(ends > 50, "{ends}");
}

#[test]
fn an_asset_that_is_the_whole_book_and_lists_of_other_lengths_have_none() {
    let covariance = Covariance::new(Universe::new(["A"]).unwrap(), vec![0.04], 1.0).unwrap();
    let book = HeldBook {
        weights: &[1.0],
        slope: &[0.0],
        covariance: &covariance,
        price_of_variance: 2.5,
        costs: &[ConvexCost::linear(0.001)],
        counterparts: &[ConvexCost::linear(0.001)],
        cash: ConvexCost::default(),
    };
    assert_eq!(no_trade_intervals(&book).unwrap(), [Err(NoInterval::WholeBook)]);
    assert!(no_trade_intervals(&HeldBook { slope: &[], ..book }).is_err());
}

#[test]
fn without_risk_every_weight_is_as_good_as_another() {
    let covariance = Covariance::new(Universe::new(["A", "B"]).unwrap(), vec![0.0; 4], 1.0).unwrap();
    let book = HeldBook {
        weights: &[0.3, 0.7],
        slope: &[0.0, 0.0],
        covariance: &covariance,
        price_of_variance: 2.5,
        costs: &[ConvexCost::linear(0.001); 2],
        counterparts: &[ConvexCost::linear(0.001); 2],
        cash: ConvexCost::linear(f64::INFINITY),
    };
    let all = Ok(NoTradeInterval { lower: 0.0, upper: 1.0 });
    assert_eq!(no_trade_intervals(&book).unwrap(), [all, all]);
}
