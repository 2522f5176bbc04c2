//! Fractional money trades as a plan does, up to the plan's rounding to minor units.

#![expect(clippy::unwrap_used, reason = "a book that cannot be sized fails the test")]

use portfolio_core::{
    CostModel, Currency, FractionalRules, FractionalSizing, Money, SizingInput, SizingOptions, TradeScope,
    TradingRules, size_under_rules,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Random books; `PROPERTY_PLANS` sets another number of them.
const BOOKS: u64 = 20_000;
/// A billion in cents: the largest difference allowed is a cent of it.
const NAV: i64 = 100_000_000_000;

/// Weights that sum to a whole less a part in cash.
fn weights(rng: &mut ChaCha8Rng, assets: usize, invested: f64) -> Vec<f64> {
    let parts: Vec<f64> = (0..assets).map(|_| rng.random_range(0.05..1.0)).collect();
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| invested * part / sum).collect()
}

struct Book {
    rules: FractionalRules,
    current: Vec<f64>,
}

impl Book {
    /// A policy of two to twenty assets, with or without cash, and the weights after a random move of each asset.
    fn random(index: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(index);
        let assets = rng.random_range(2..=20);
        let cash = if rng.random_bool(0.5) { 0.0 } else { rng.random_range(0.01..0.3) };
        let target = weights(&mut rng, assets, 1.0 - cash);
        let relative = rng.random_bool(0.5);
        let width = |target: &f64| if relative { 0.1 * target } else { 0.01 };
        let half_widths = target.iter().map(width).collect();
        let move_of = rng.random_range(0.02..0.4);
        let values: Vec<f64> = target.iter().map(|t| t * (move_of * rng.random_range(-1.0_f64..1.0)).exp()).collect();
        let value = cash + values.iter().sum::<f64>();
        let rates = |rng: &mut ChaCha8Rng| match rng.random_range(0..3) {
            0 => vec![0.0; assets],
            1 => vec![0.001; assets],
            _ => (0..assets).map(|_| rng.random_range(0.0..0.02)).collect(),
        };
        let rules = FractionalRules {
            half_widths,
            cash_half_width: rng.random_bool(0.5).then(|| rng.random_range(0.0025..0.02)),
            destination: [0.0, 0.5, 1.0, rng.random_range(0.0..=1.0)][rng.random_range(0..4)],
            scope: if rng.random_bool(0.5) { TradeScope::Whole } else { TradeScope::Breached },
            cost_rates: rates(&mut rng),
            target,
        };
        Self { rules, current: values.iter().map(|v| v / value).collect() }
    }

    /// Trades of a plan at this NAV, fractions of it, and their cost.
    fn planned(&self, nav: i64) -> (Vec<f64>, f64) {
        let FractionalRules { target, half_widths, cash_half_width, destination, scope, cost_rates } = &self.rules;
        let n = target.len();
        let bps: Vec<f64> = cost_rates.iter().map(|rate| rate * 1e4).collect();
        let input = SizingInput {
            nav: Money::from_minor(nav, Currency::USD),
            cash: None,
            current: &self.current,
            target,
            optimized: target,
            price: &vec![1.0; n],
            costs: &CostModel::proportional(&bps).unwrap(),
            histories: None,
        };
        let rules = TradingRules {
            half_widths: half_widths.clone(),
            cash_half_width: *cash_half_width,
            destination: *destination,
            scope: *scope,
            ..TradingRules::plain(n, 0.0)
        };
        let plan =
            size_under_rules(&input, &SizingOptions { drift_threshold: 0.0, turnover_limit: 2.0 }, &rules).unwrap();
        let part = |money: Money| money.minor() as f64 / nav as f64;
        (plan.rows.iter().map(|row| part(row.value)).collect(), part(plan.total_cost))
    }
}

#[test]
fn random_books_trade_as_a_plan_does_within_a_cent_of_a_billion() {
    let books = std::env::var("PROPERTY_PLANS").ok().and_then(|n| n.parse().ok()).unwrap_or(BOOKS);
    let (mut traded, mut worst, mut bad) = (0, 0.0_f64, Vec::new());
    for index in 0..books {
        let book = Book::random(index);
        let sizing = FractionalSizing::new(&book.rules).unwrap();
        let own = sizing.trades(&book.current);
        let (plan, paid) = book.planned(1 << 50);
        let Some((own, cost)) = own else {
            assert!(plan.iter().all(|trade| *trade == 0.0), "{index}");
            continue;
        };
        traded += 1;
        let cent = 1.0 / NAV as f64;
        let off = own.iter().zip(&plan).map(|(own, plan)| (own - plan).abs()).fold((cost - paid).abs(), f64::max);
        worst = worst.max(off);
        if off > cent {
            bad.push((index, off));
        }
        // What is bought and what it costs is paid for by what is sold and by cash.
        let cash = 1.0 - book.current.iter().sum::<f64>() - own.iter().sum::<f64>() - cost;
        assert!(cash > -1e-12, "{index}: {cash}");
    }
    assert!(traded > books / 2, "{traded}");
    assert!(bad.is_empty(), "{} of {traded}, worst {worst:e}: {:?}", bad.len(), &bad[..bad.len().min(20)]);
}
