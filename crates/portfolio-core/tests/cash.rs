//! A plan starts from the cash in the account.

use portfolio_core::{
    Book, CoreError, CostModel, Currency, Money, Position, SizingInput, SizingOptions, Universe, size_trades,
};

/// NAV is rounded down, so the cash that weights leave of it can be one cent less than the account holds.
#[test]
fn a_plan_starts_from_the_cash_that_the_book_has() {
    let universe = || Universe::new(["A", "B"]).expect("valid");
    let costs = CostModel::proportional(&[7.0, 3.0]).expect("valid");
    let mut short = 0;
    for cents in 1..400_i64 {
        let fraction = cents as f64 / 401.0;
        let positions = vec![
            Position::of_quantity(70.0 + fraction, 10.01, Currency::USD),
            Position::of_quantity(20.0, 10.0 + fraction, Currency::USD),
        ];
        let cash = Money::parse(&format!("{}.{:02}", 50 + cents / 100, cents % 100), Currency::USD).expect("valid");
        let book = Book::new(universe(), positions, cash).expect("valid");
        let input = SizingInput {
            nav: book.nav(),
            cash: Some(cash),
            current: book.weights(),
            target: &[0.5, 0.45],
            optimized: &[0.5, 0.45],
            price: book.unit_values(),
            costs: &costs,
            histories: None,
        };
        let plan = size_trades(&input, &SizingOptions::default()).expect("valid");
        assert_eq!(plan.cash_after.minor(), cash.minor() + plan.cash_change.minor(), "{cash}");
        let booked: i64 = plan.rows.iter().map(|row| row.value.minor() + row.cost.minor()).sum();
        assert_eq!(booked + plan.cash_change.minor(), 0, "{cash}");
        let left = size_trades(&SizingInput { cash: None, ..input }, &SizingOptions::default()).expect("valid");
        short += cash.minor() - (left.cash_after.minor() - left.cash_change.minor());
        for other in [cash.minor() - 2, cash.minor() + 2, -1] {
            let other = Money::from_minor(other, Currency::USD);
            let refused = size_trades(&SizingInput { cash: Some(other), ..input }, &SizingOptions::default());
            assert!(matches!(refused, Err(CoreError::OutOfRange { name: "cash", .. })), "{cash} as {other}");
        }
    }
    assert!(short > 20, "the weights alone lose cents: {short}");
}
