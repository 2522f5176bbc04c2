//! Plans in whole lots end near their bound: 1,000 random books of up to 20 names with lots of 1 to 100 shares.

use portfolio_core::{
    Book, CostModel, Currency, Intent, MinimumCommission, Money, Position, SizingInput, SizingOptions, TradePlan,
    TradeScope, TradingRules, Universe, size_under_rules,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A plan of a book of `n` names with prices of 1 to 500, worth about 100,000 or, one in five, 10,000. A ticket costs 5 bp, at least 1.
fn plan(seed: u64, n: usize) -> TradePlan {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let worth = if rng.random_range(0..5) == 0 { 1e4 } else { 1e5 };
    let weights = |rng: &mut ChaCha8Rng| -> Vec<f64> {
        let raw: Vec<f64> = (0..n).map(|_| rng.random_range(0.02..1.0)).collect();
        let sum: f64 = raw.iter().sum();
        raw.iter().map(|w| w / sum).collect()
    };
    let (held, wanted) = (weights(&mut rng), weights(&mut rng));
    let cash_target = if rng.random_bool(0.5) { 0.0 } else { 0.02 };
    let cash_share = rng.random_range(0.0..0.1);
    let prices: Vec<f64> = (0..n).map(|_| f64::from(rng.random_range(100..=50_000)) / 100.0).collect();
    let lots: Vec<f64> = (0..n).map(|_| f64::from(rng.random_range(1..=100))).collect();
    let units: Vec<f64> = (0..n).map(|i| ((1.0 - cash_share) * held[i] * worth / prices[i]).floor()).collect();
    let target: Vec<f64> = wanted.iter().map(|w| w * (1.0 - cash_target)).collect();
    let positions = units.iter().zip(&prices).map(|(u, p)| Position::of_quantity(*u, *p, Currency::USD)).collect();
    let cash = Money::floor(cash_share * worth + 1.0, Currency::USD).expect("in range");
    let book = Book::new(Universe::numbered(n).expect("named"), positions, cash).expect("a book");
    let commission = MinimumCommission::new(&vec![1.0; n], &vec![5.0; n]).expect("in range");
    let input = SizingInput {
        nav: book.nav(),
        cash: Some(book.cash()),
        current: book.weights(),
        target: &target,
        optimized: &target,
        price: &prices,
        costs: &CostModel::free(n).with(commission).expect("fits"),
        histories: None,
    };
    let rules = TradingRules {
        scope: TradeScope::Whole,
        lots: lots.into_iter().map(Some).collect(),
        units,
        ..TradingRules::plain(n, 0.001)
    };
    let options = SizingOptions { turnover_limit: 2.0, ..SizingOptions::of(Intent::Rebalance) };
    size_under_rules(&input, &options, &rules).expect("a plan")
}

#[test]
fn random_books_end_within_a_basis_point_of_their_bound() {
    let mut fitted = 0;
    for seed in 0..1_000 {
        let n = 1 + seed as usize % 20;
        let Some(fit) = plan(seed, n).tickets else { continue };
        assert!(fit.bound <= fit.deviation && fit.deviation - fit.bound <= 1e-4, "book {seed} of {n}: {fit:?}");
        assert!(fit.is_exact || n > 12, "book {seed} of {n}: {fit:?}");
        fitted += 1;
    }
    assert!(fitted > 950, "{fitted}");
}
