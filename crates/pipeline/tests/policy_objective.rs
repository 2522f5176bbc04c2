//! Tests the optimal method against its own objective on random books: a book on its policy stays there, and no plan of
//! the drift method has a smaller objective.

use pipeline::{
    Book, CostModel, Currency, MarketData, Method, Money, OptimalMethod, Plan, Policy, ReturnPanel, RunConfig,
    Universe, plan,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use risk::{CovarianceEstimator, LedoitWolf, ShrinkageTarget};

const BOOKS: u64 = 10_000;
const NAV: i64 = 100_000_000;

struct RandomBook {
    current: Vec<f64>,
    policy: Vec<f64>,
    panel: ReturnPanel,
    costs: CostModel,
    turnover_limit: f64,
}

fn weights(rng: &mut ChaCha8Rng, n: usize) -> Vec<f64> {
    let raw: Vec<f64> = (0..n).map(|_| rng.random_range(0.05..1.0)).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|w| (1e6 * w / sum).floor() / 1e6).collect()
}

impl RandomBook {
    /// Two to six assets with one common factor, volatilities from 3 to 50 % a year, and costs from zero to half a
    /// percent.
    fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let n = rng.random_range(2..=6);
        let periods = rng.random_range(20..=80);
        let market: Vec<f64> = (0..periods).map(|_| rng.random_range(-0.01..0.01)).collect();
        let returns = (0..n)
            .map(|_| {
                let (scale, beta) = (rng.random_range(0.003..0.05), rng.random_range(-0.5..1.5));
                market.iter().map(|m| beta * m + scale * rng.random_range(-1.0..1.0)).collect()
            })
            .collect();
        let universe = Universe::new((0..n).map(|i| format!("A{i}"))).expect("valid");
        let costs: Vec<f64> =
            (0..n).map(|_| *[0.0, 2.0, 10.0, 50.0].get(rng.random_range(0..4)).expect("valid")).collect();
        Self {
            current: weights(&mut rng, n),
            policy: weights(&mut rng, n),
            panel: ReturnPanel::new(universe, returns).expect("valid"),
            costs: CostModel::proportional(&costs).expect("valid"),
            turnover_limit: rng.random_range(0.05..1.0),
        }
    }

    fn plan(&self, current: &[f64], method: Method) -> Plan {
        let universe = self.panel.universe().clone();
        let prices = vec![50.0; current.len()];
        let nav = Money::from_minor(NAV, Currency::USD);
        let book = Book::from_weights(universe, nav, current.to_vec(), &prices).expect("valid");
        let cash_weight = 1.0 - self.policy.iter().sum::<f64>();
        let mut config = RunConfig::new(Policy { weights: self.policy.clone(), cash_weight })
            .with_costs(self.costs.clone())
            .with_method(method)
            .with_simulation(None);
        config.sizing.turnover_limit = self.turnover_limit;
        plan(&book, MarketData::new(&self.panel), &config).expect("valid")
    }

    fn optimal(&self, current: &[f64]) -> Plan {
        self.plan(current, Method::Optimal(Box::new(OptimalMethod::long_only(current.len()))))
    }

    /// `(γ/2)·H·TE² + costs` of the booked trades, with γ = 5 and H = 1, under the estimator of the optimal method;
    /// fractions of the NAV after costs.
    fn objective(&self, plan: &Plan) -> f64 {
        let estimator = LedoitWolf { target: ShrinkageTarget::ConstantCorrelation };
        let annual = estimator.estimate(&self.panel, 252.0).expect("valid").covariance.annualised();
        let rows = &plan.trades.rows;
        let gap: Vec<f64> = rows.iter().zip(&self.policy).map(|(row, b)| row.weight_after - b).collect();
        let cost: f64 = rows.iter().map(|row| row.cost.minor() as f64).sum();
        2.5 * annual.variance(&gap).expect("valid") + cost / plan.trades.nav_after.minor() as f64
    }
}

#[test]
fn a_book_on_its_policy_trades_nothing() {
    for seed in 0..BOOKS {
        let book = RandomBook::new(seed);
        let drift = book.plan(&book.policy, Method::Drift { tilt_budget: None });
        let plans = [book.optimal(&book.policy), drift];
        let rows = plans.iter().flat_map(|plan| &plan.trades.rows);
        let trades: Vec<i64> = rows.map(|row| row.value.minor()).collect();
        assert!(trades.iter().all(|&minor| minor == 0), "seed {seed}: {trades:?}");
    }
}

#[test]
fn no_plan_of_the_drift_method_is_better() {
    // A thousandth of a basis point: trades are whole cents, and weights are fractions of the NAV after costs.
    const CENTS: f64 = 1e-7;
    for seed in 0..BOOKS {
        let book = RandomBook::new(seed);
        let by_drift = book.plan(&book.current, Method::Drift { tilt_budget: None });
        let solved = book.objective(&book.optimal(&book.current));
        let drift = book.objective(&by_drift);
        assert!(solved <= drift + CENTS, "seed {seed}: {solved} is above {drift}");
    }
}
