//! The no-trade regions of the optimal method where its limits bind, against a scan of trades that evaluates the objective from its
//! definition: under a turnover limit, and with the absolute goal of mean and variance.

#![expect(clippy::print_stdout, reason = "the test says how many points it tried")]

use pipeline::{
    Book, CostModel, Currency, MarketData, Method, Money, OptimalGoal, OptimalMethod, Plan, Policy, ReturnPanel,
    RunConfig, Universe, plan,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Points inside the regions at which no trade may pay, for each goal.
const POINTS: usize = 10_000;
/// What the rounding of two objectives of this size, and of ends and prices to twelve decimals, may look like.
const ROUNDING: f64 = 1e-11;

struct RandomBook {
    current: Vec<f64>,
    policy: Vec<f64>,
    costs: Vec<f64>,
    panel: ReturnPanel,
}

fn weights(rng: &mut ChaCha8Rng, n: usize) -> Vec<f64> {
    let raw: Vec<f64> = (0..n).map(|_| rng.random_range(0.05..1.0)).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|w| (1e6 * w / sum).floor() / 1e6).collect()
}

impl RandomBook {
    /// Two to six assets with one common factor, 60 to 120 returns, and costs up to half a percent.
    fn new(rng: &mut ChaCha8Rng) -> Self {
        let n = rng.random_range(2..=6);
        let periods = rng.random_range(60..=120);
        let market: Vec<f64> = (0..periods).map(|_| rng.random_range(-0.01..0.01)).collect();
        let returns = (0..n)
            .map(|_| {
                let (scale, beta) = (rng.random_range(0.003..0.05), rng.random_range(-0.5..1.5));
                market.iter().map(|m| beta * m + scale * rng.random_range(-1.0..1.0)).collect()
            })
            .collect();
        let universe = Universe::new((0..n).map(|i| format!("A{i}"))).expect("valid");
        Self {
            current: weights(rng, n),
            policy: weights(rng, n),
            costs: (0..n).map(|_| rng.random_range(0.0..0.005)).collect(),
            panel: ReturnPanel::new(universe, returns).expect("valid"),
        }
    }

    fn plan(&self, goal: OptimalGoal, turnover_limit: f64) -> Plan {
        let n = self.current.len();
        let nav = Money::from_minor(10_000_000_000, Currency::USD);
        let universe = self.panel.universe().clone();
        let book = Book::from_weights(universe, nav, self.current.clone(), &vec![50.0; n]).expect("valid");
        let cash_weight = 1.0 - self.policy.iter().sum::<f64>();
        let bps: Vec<f64> = self.costs.iter().map(|rate| 1e4 * rate).collect();
        let method = OptimalMethod { goal, ..OptimalMethod::long_only(n) };
        let mut config = RunConfig::new(Policy { weights: self.policy.clone(), cash_weight })
            .with_costs(CostModel::proportional(&bps).expect("valid"))
            .with_method(Method::Optimal(Box::new(method)))
            .with_simulation(None);
        config.sizing.turnover_limit = turnover_limit;
        plan(&book, MarketData::new(&self.panel), &config).expect("valid")
    }

    /// The objective of the plan's own problem for weights, plus what a trade to them from `from` costs and its turnover is worth.
    fn objective(&self, plan: &Plan, price: f64, from: &[f64], to: &[f64]) -> f64 {
        let problem = &plan.optimal.as_ref().expect("optimal").problem;
        let covariance =
            plan.optimal.as_ref().expect("optimal").covariance.as_ref().expect("measured").covariance.annualised();
        let earned: f64 = problem.mu.iter().zip(to).map(|(mu, w)| mu * w).sum();
        let cost: f64 = from.iter().zip(to).zip(&self.costs).map(|((a, b), rate)| (rate + price) * (a - b).abs()).sum();
        problem.risk_aversion * covariance.variance(to).expect("finite") - earned + cost
    }

    /// The most that a trade of `asset` lowers the objective from its weight `at`: pairs with each other asset that may take or give, in
    /// both directions and sizes from 1e-9 of NAV to all that is held.
    fn best_gain(&self, plan: &Plan, price: f64, asset: usize, at: f64) -> f64 {
        let solved: Vec<f64> = plan.targets.clone();
        let scale = (1.0 - at) / (1.0 - solved[asset]);
        let moved: Vec<f64> = solved.iter().enumerate().map(|(j, w)| if j == asset { at } else { scale * w }).collect();
        let still = self.objective(plan, price, &moved, &moved);
        let mut best = f64::NEG_INFINITY;
        for other in (0..moved.len()).filter(|other| *other != asset) {
            for direction in [1.0, -1.0] {
                for step in 0..36 {
                    let size = direction * 10.0_f64.powf(-9.0 + f64::from(step) / 4.0);
                    let mut to = moved.clone();
                    to[asset] += size;
                    to[other] -= size;
                    // What is not held cannot be sold.
                    if to[asset] >= 0.0 && to[other] >= 0.0 && (size < 0.0 || solved[other] > 0.0) {
                        best = best.max(still - self.objective(plan, price, &moved, &to));
                    }
                }
            }
        }
        best
    }
}

fn scan(goal: OptimalGoal, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut points, mut bound, mut with, mut without) = (0, 0, 0, 0);
    while points < POINTS {
        let book = RandomBook::new(&mut rng);
        let limit = rng.random_range(0.05..0.6);
        let plan = book.plan(goal, limit);
        if !plan.trades.turnover_bound {
            continue;
        }
        bound += 1;
        for (asset, region) in plan.regions.iter().enumerate() {
            let Ok(region) = region else {
                without += 1;
                continue;
            };
            with += 1;
            assert!(region.turnover_price > 0.0 && region.lower <= region.upper, "{region:?}");
            let inside = [region.lower, region.upper, rng.random_range(region.lower..=region.upper)];
            for at in inside.map(|at| at.min(0.999)) {
                let gain = book.best_gain(&plan, region.turnover_price, asset, at);
                assert!(gain <= ROUNDING, "asset {asset} at {at} of {region:?}: {gain:e}");
                points += 1;
            }
        }
    }
    println!("{points} points in {bound} plans; {with} assets have a region, {without} have none");
    assert!(without * 20 < with, "{without} of {} have none", with + without);
}

#[test]
fn under_a_binding_turnover_limit_no_trade_pays_inside() {
    scan(OptimalGoal::Policy, 15);
}

#[test]
fn under_absolute_mean_variance_no_trade_pays_inside() {
    scan(OptimalGoal::MeanVariance { risk_aversion: 5.0 }, 16);
}

#[test]
fn the_price_of_turnover_is_what_a_little_more_of_it_is_worth() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut seen = 0;
    while seen < 50 {
        // Without costs, which would change the NAV that the weights are fractions of.
        let mut book = RandomBook::new(&mut rng);
        book.costs.fill(0.0);
        let [tight, wide] = [0.2, 0.2001].map(|limit| book.plan(OptimalGoal::Policy, limit));
        let Some(Ok(region)) = tight.regions.iter().find(|region| region.is_ok()) else { continue };
        let solved = |plan: &Plan| {
            let solution = plan.optimal.as_ref().and_then(|found| found.outcome.solution()).expect("solved");
            solution.objective
        };
        if !(tight.trades.turnover_bound && wide.trades.turnover_bound) {
            continue;
        }
        let gained = (solved(&tight) - solved(&wide)) / 1e-4;
        // The price falls as the limit gives way.
        assert!((gained - region.turnover_price).abs() <= 0.02 * region.turnover_price + 1e-5, "{gained} {region:?}");
        seen += 1;
    }
}
