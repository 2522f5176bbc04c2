//! What rules and an intent promise holds under the optimal method, over random books with lots, tickets and permits.
//!
//! `OPTIMAL_BOOKS` sets the number of books, and `OPTIMAL_FIRST` the first of them.

use pipeline::{MarketData, Method, OptimalMethod, Plan, Policy, ReturnPanel, RunConfig, VerdictDecision, plan};
use portfolio_core::{
    AssetRole, Book, CostModel, Currency, Intent, Money, Position, TradePermit, TradingRules, Universe,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use risk::{CovarianceEstimator, LedoitWolf, ShrinkageTarget};

struct Case {
    book: Book,
    policy: Policy,
    returns: Vec<Vec<f64>>,
    rules: TradingRules,
    costs: CostModel,
    turnover_limit: f64,
}

impl Case {
    fn random(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let n = rng.random_range(2..=5);
        let prices: Vec<f64> = (0..n).map(|_| f64::from(rng.random_range(100..50_000)) / 100.0).collect();
        let raw: Vec<f64> = (0..n).map(|_| rng.random_range(0.1..1.0)).collect();
        let cash_weight = if rng.random_bool(0.5) { 0.0 } else { rng.random_range(0.0..0.2) };
        let total: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|w| w / total * (1.0 - cash_weight)).collect();
        let worth = rng.random_range(20_000.0..500_000.0);
        let with_lots = rng.random_bool(0.7);
        let units: Vec<f64> = (0..n)
            .map(|i| (worth * weights[i] * rng.random_range(-0.5..0.5_f64).exp() / prices[i]).round().max(1.0))
            .collect();
        let cash = worth * (cash_weight + rng.random_range(0.0..0.2)) + 100.0;
        let cash = Money::floor(cash, Currency::USD).expect("in range");
        let positions = units.iter().zip(&prices).map(|(u, p)| Position::of_quantity(*u, *p, Currency::USD)).collect();
        let book = Book::new(Universe::numbered(n).expect("distinct"), positions, cash).expect("a book");
        let part = |of: Money, share: f64| Money::from_minor((of.minor() as f64 * share) as i64 + 1, Currency::USD);
        let intent = match rng.random_range(0..8) {
            0 => Intent::InvestCash { amount: None },
            1 => Intent::InvestCash { amount: Some(part(cash, rng.random_range(0.2..0.99))) },
            2 => Intent::BuyOnly,
            3 => Intent::SellOnly,
            4 | 5 => Intent::Rebalance,
            _ => Intent::RaiseCash { amount: part(book.nav(), rng.random_range(0.01..0.8)) },
        };
        let is_free = rng.random_bool(0.6);
        let permit = |rng: &mut ChaCha8Rng| TradePermit {
            role: if !is_free && rng.random_bool(0.15) { AssetRole::Frozen } else { AssetRole::Tradable },
            no_buy: !is_free && rng.random_bool(0.15),
            no_sell: !is_free && rng.random_bool(0.15),
            ..TradePermit::default()
        };
        let rules = TradingRules {
            cash_half_width: Some(0.02),
            intent,
            permits: (0..n).map(|_| permit(&mut rng)).collect(),
            lots: vec![with_lots.then_some(1.0); n],
            units,
            min_notional: rng.random_bool(0.2).then(|| part(book.nav(), 0.01)),
            max_tickets: rng.random_bool(0.2).then(|| rng.random_range(1..=n)),
            ..TradingRules::plain(n, 0.02)
        };
        let market: Vec<f64> = (0..60).map(|_| rng.random_range(-0.01..0.01)).collect();
        let returns =
            (0..n).map(|_| market.iter().map(|m| 0.5 * m + rng.random_range(-0.01..0.01)).collect()).collect();
        let costs = CostModel::proportional(&vec![rng.random_range(0.0..50.0); n]).expect("in range");
        let turnover_limit = if rng.random_bool(0.8) { 2.0 } else { rng.random_range(0.05..1.0) };
        Self { book, policy: Policy { weights, cash_weight }, returns, rules, costs, turnover_limit }
    }

    fn plan(&self) -> Option<Plan> {
        let n = self.policy.weights.len();
        let panel = ReturnPanel::new(Universe::numbered(n).expect("distinct"), self.returns.clone()).expect("a panel");
        let mut config = RunConfig::new(self.policy.clone())
            .with_costs(self.costs.clone())
            .with_method(Method::Optimal(Box::new(OptimalMethod::long_only(n))))
            .with_simulation(None);
        config.rules = Some(self.rules.clone());
        config.sizing.turnover_limit = self.turnover_limit;
        plan(&self.book, MarketData::new(&panel), &config).ok()
    }

    fn is_limited(&self) -> bool {
        self.turnover_limit < 2.0 || self.rules.max_tickets.is_some() || self.rules.min_notional.is_some()
    }

    /// The largest ticket of one lot with its cost, and rounding, minor units.
    fn largest_lot(&self) -> f64 {
        let lot = |i: usize| self.rules.lots[i].map_or(1.0, |lot| 100.0 * lot * self.book.unit_values()[i]);
        (0..self.rules.lots.len()).map(lot).fold(0.0, f64::max) * 1.01 + 20.0
    }

    /// Money is exact, nothing is overdrawn, and every ticket is one that the rules admit.
    fn check_money(&self, plan: &Plan) {
        let (trades, nav) = (&plan.trades, self.book.nav().minor());
        let booked: i64 = trades.rows.iter().map(|row| row.value.minor() + row.cost.minor()).sum();
        assert_eq!(booked + trades.cash_change.minor(), 0, "trades, costs and cash do not cancel");
        assert!(trades.cash_after.minor() >= 0, "negative cash");
        assert_eq!(trades.cash_after.minor(), self.book.cash().minor() + trades.cash_change.minor());
        let traded: i64 = trades.rows.iter().map(|row| row.value.minor().abs()).sum();
        assert!(traded as f64 <= self.turnover_limit * nav as f64 + 1e-6, "turnover above its limit");
        let tickets = trades.rows.iter().filter(|row| row.value.minor() != 0).count();
        assert!(self.rules.max_tickets.is_none_or(|most| tickets <= most), "too many tickets");
        let least = self.rules.min_notional.map_or(0, Money::minor);
        for (i, row) in trades.rows.iter().enumerate().filter(|(_, row)| row.value.minor() != 0) {
            assert!(row.value.minor().abs() >= least, "below the smallest ticket");
            assert!(-row.units <= self.rules.units[i] * (1.0 + 1e-9) + 1e-9, "sold more than is held");
            let Some(lot) = self.rules.lots[i] else { continue };
            let lots = row.units / lot;
            assert!((lots - lots.round()).abs() < 1e-6 && lots.round() != 0.0, "no whole lots");
            let value = 100.0 * row.units * self.book.unit_values()[i];
            assert!((row.value.minor() as f64 - value).abs() <= 0.51, "value of the lots");
        }
        if let Some(fit) = &trades.tickets {
            assert!(fit.deviation >= fit.bound - 1e-9, "a bound above the plan");
        }
    }

    /// A plan of no flow of cash may stay where it is. So it ends no further from its policy than it began, by the covariance that it was
    /// solved with, unless the verdict says so; cash has no risk of its own.
    fn check_distance(&self, plan: &Plan) {
        if !matches!(self.rules.intent, Intent::Rebalance | Intent::BuyOnly | Intent::SellOnly) {
            return;
        }
        let panel = ReturnPanel::new(Universe::numbered(self.returns.len()).expect("distinct"), self.returns.clone());
        let estimator = LedoitWolf { target: ShrinkageTarget::ConstantCorrelation };
        let annual = estimator.estimate(&panel.expect("a panel"), 252.0).expect("an estimate").covariance.annualised();
        let variance = |weights: &[f64]| {
            let gap: Vec<f64> = weights.iter().zip(&self.policy.weights).map(|(w, b)| w - b).collect();
            annual.variance(&gap).expect("valid")
        };
        let after: Vec<f64> = plan.trades.rows.iter().map(|row| row.weight_after).collect();
        let (before, after) = (variance(self.book.weights()), variance(&after));
        // A hundredth of a basis point of tracking error.
        let is_further = after.max(0.0).sqrt() > before.max(0.0).sqrt() + 1e-6;
        assert!(!is_further || plan.verdict.decision != VerdictDecision::Approved, "further, and approved");
        if self.rules.intent == Intent::Rebalance && plan.trades.rows.iter().any(|row| row.value.minor() != 0) {
            // (γ/2)·H = 2.5; what is not worth its cost is not traded.
            let cost = plan.trades.total_cost.minor() as f64 / self.book.nav().minor() as f64;
            assert!(2.5 * after + cost <= 2.5 * before + 1e-6, "{after} and {cost} for {before}");
        }
    }

    fn check(&self, plan: &Plan) {
        self.check_money(plan);
        self.check_distance(plan);
        let (nav, nav_after) = (self.book.nav().minor() as f64, plan.trades.nav_after.minor() as f64);
        let (cash, after) = (self.book.cash().minor() as f64, plan.trades.cash_after.minor() as f64);
        let target = self.policy.cash_weight;
        let is_solved = plan.optimal.as_ref().is_some_and(|found| found.outcome.solution().is_some());
        for (row, permit) in plan.trades.rows.iter().zip(&self.rules.permits) {
            let (buys, sells) = (row.value.minor() > 0, row.value.minor() < 0);
            assert!(!buys || (self.rules.intent.buys() && !permit.no_buy && permit.role == AssetRole::Tradable));
            assert!(!sells || (self.rules.intent.sells() && !permit.no_sell && permit.role == AssetRole::Tradable));
        }
        match self.rules.intent {
            Intent::RaiseCash { amount } => {
                let unraised = plan.trades.unraised.minor();
                assert!(
                    after + unraised as f64 >= target * nav + amount.minor() as f64 - 1.0,
                    "short, and nothing said"
                );
                assert_eq!(unraised > 0, plan.trades.shortfall.is_some());
                assert!(unraised == 0 || plan.verdict.decision != VerdictDecision::Approved, "short, and approved");
                if is_solved && !self.is_limited() && unraised > 0 {
                    // The weights have the amount and the costs do not leave it: everything that may be sold is.
                    for (i, row) in plan.trades.rows.iter().enumerate() {
                        let permit = self.rules.permits[i];
                        let may = permit.role == AssetRole::Tradable && !permit.no_sell;
                        let left = (self.rules.units[i] + row.units) * self.book.unit_values()[i] * 100.0;
                        assert!(!may || left <= self.largest_lot(), "{unraised} not raised, and {left} of {i} left");
                    }
                }
            }
            Intent::InvestCash { amount } => {
                let to_spend = amount.map_or((cash - target * nav_after).max(0.0), |amount| amount.minor() as f64);
                let left = to_spend - (cash - after);
                assert!(left >= -1.0, "{left} more spent than asked for");
                if is_solved && !self.is_limited() {
                    assert!(left <= self.largest_lot(), "{left} of {to_spend} left");
                }
            }
            Intent::BuyOnly => assert!(after >= (target * nav_after).min(cash) - 1.0, "the cash target is spent"),
            _ => {}
        }
    }
}

#[test]
fn rules_and_intents_hold_under_the_optimal_method() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let (first, books) = (number("OPTIMAL_FIRST").unwrap_or(0), number("OPTIMAL_BOOKS").unwrap_or(3_000));
    let (mut planned, mut raised, mut failures) = (0, 0, Vec::new());
    for seed in first..first + books {
        let case = Case::random(seed);
        // No optimum is proven for one book in some hundreds, and the request is refused.
        let Some(plan) = case.plan() else { continue };
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.check(&plan))).is_err() {
            failures.push(format!("seed {seed}, limited {}: {:?}", case.is_limited(), case.rules));
        }
        planned += 1;
        raised += u64::from(plan.trades.unraised.minor() == 0 && !case.rules.intent.buys());
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert!(planned >= books - books / 50 && raised >= books / 10, "{planned} planned, {raised} raised");
}
