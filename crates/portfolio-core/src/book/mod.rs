//! The holdings of a portfolio: positions, cash, and the resulting weights.

mod error;
mod position;

use crate::{Currency, Money, Rounding, Universe};
pub use error::BookError;
pub use position::{Position, PositionSize, TaxLot};

/// A portfolio at one point in time: positions in the order of its universe, cash, and net asset value (NAV).
///
/// Weights are fractions of NAV; together with [`cash_weight`](Self::cash_weight) they sum to one. A book is checked
/// when it is created and is immutable.
///
/// # Example
/// ```
/// use portfolio_core::{Book, Currency, Money, Position, Universe};
///
/// let universe = Universe::new(["VTI", "BND"])?;
/// let positions = vec![Position::of_quantity(212.0, 287.31, Currency::USD), Position::of_quantity(500.0, 73.44, Currency::USD)];
/// let book = Book::new(universe, positions, Money::parse("8431.22", Currency::USD)?)?;
/// assert_eq!(book.nav().to_string(), "106060.94 USD");
/// assert!((book.weights().iter().sum::<f64>() + book.cash_weight() - 1.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    universe: Universe,
    positions: Vec<Position>,
    cash: Money,
    nav: Money,
    weights: Vec<f64>,
    cash_weight: f64,
    unit_values: Vec<f64>,
}

impl Book {
    /// Creates a book from positions and cash. NAV is their total value, rounded down to a minor unit.
    ///
    /// # Errors
    /// [`BookError`] when the number of positions differs from the number of assets, a quantity, value, price or rate
    /// is out of range, cash is negative, or NAV is zero or too large to book.
    pub fn new(universe: Universe, positions: Vec<Position>, cash: Money) -> Result<Self, BookError> {
        let currency = cash.currency();
        check(&universe, &positions, currency)?;
        if cash.minor() < 0 {
            return Err(BookError::NegativeCash { cash });
        }
        let values: Vec<f64> = positions.iter().map(Position::value).collect();
        let total = values.iter().sum::<f64>() + cash.major();
        let nav = Money::from_major(total, currency, Rounding::Floor).map_err(|_| BookError::Nav { value: total })?;
        if nav.minor() == 0 {
            return Err(BookError::Nav { value: total });
        }
        let weights: Vec<f64> = values.iter().map(|value| value / total).collect();
        let cash_weight = cash.major() / total;
        Ok(Self { unit_values: unit_values(&positions), universe, positions, cash, nav, weights, cash_weight })
    }

    /// Creates a book from weights of a NAV. The weight of cash is one minus the sum of the weights.
    ///
    /// `prices`: price of one unit of each asset, in major units of the currency of `nav`, above 0.
    ///
    /// # Errors
    /// [`BookError`] for lists whose length does not match the universe, weights below 0 or with a sum above 1 (by more
    /// than 1e-9), prices out of range, or a NAV of zero.
    pub fn from_weights(universe: Universe, nav: Money, weights: Vec<f64>, prices: &[f64]) -> Result<Self, BookError> {
        for got in [weights.len(), prices.len()] {
            if got != universe.len() {
                return Err(BookError::Positions { assets: universe.len(), got });
            }
        }
        if nav.minor() <= 0 {
            return Err(BookError::Nav { value: nav.major() });
        }
        if let Some(asset) = weights.iter().position(|w| !(*w >= 0.0 && w.is_finite())) {
            return Err(BookError::Weight { asset, value: weights[asset] });
        }
        let invested: f64 = weights.iter().sum();
        if invested > 1.0 + SUM_TOLERANCE {
            return Err(BookError::WeightSum { sum: invested });
        }
        let currency = nav.currency();
        let position = |(weight, &price): (&f64, &f64)| Position::of_value(weight * nav.major(), price, currency);
        let positions: Vec<Position> = weights.iter().zip(prices).map(position).collect();
        check(&universe, &positions, currency)?;
        let rest = 1.0 - invested;
        let cash_weight = if rest > NO_CASH { rest } else { 0.0 };
        let cash = Money::from_major(cash_weight * nav.major(), currency, Rounding::Floor);
        let cash = cash.map_err(|_| BookError::Nav { value: nav.major() })?;
        Ok(Self { unit_values: unit_values(&positions), universe, positions, cash, nav, weights, cash_weight })
    }

    /// The assets, in the order of the positions.
    #[must_use]
    pub fn universe(&self) -> &Universe {
        &self.universe
    }

    /// The positions, in the order of the universe.
    #[must_use]
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// Number of assets in the universe, held or not.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.universe.len()
    }

    /// Cash, never negative.
    #[must_use]
    pub fn cash(&self) -> Money {
        self.cash
    }

    /// Net asset value: positions and cash, whole minor units.
    #[must_use]
    pub fn nav(&self) -> Money {
        self.nav
    }

    /// The currency of NAV and cash.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.nav.currency()
    }

    /// Weight of each position, a fraction of NAV.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Weight of cash, a fraction of NAV; 1 when nothing is held.
    #[must_use]
    pub fn cash_weight(&self) -> f64 {
        self.cash_weight
    }

    /// Value of one unit of each asset in the currency of the book, major units.
    #[must_use]
    pub fn unit_values(&self) -> &[f64] {
        &self.unit_values
    }
}

/// The weights may sum to more than one by this much.
const SUM_TOLERANCE: f64 = 1e-9;
/// A cash weight below this is floating-point noise of decimal weights.
const NO_CASH: f64 = 1e-12;

fn check(universe: &Universe, positions: &[Position], currency: Currency) -> Result<(), BookError> {
    if positions.len() != universe.len() {
        return Err(BookError::Positions { assets: universe.len(), got: positions.len() });
    }
    positions.iter().enumerate().try_for_each(|(asset, position)| position.check(asset, currency))
}

fn unit_values(positions: &[Position]) -> Vec<f64> {
    positions.iter().map(Position::unit_value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn universe() -> Universe {
        Universe::new(["A", "B"]).unwrap()
    }

    #[test]
    fn weights_follow_from_quantities_prices_and_cash() {
        let positions = vec![
            Position::of_quantity(10.0, 30.0, Currency::USD),
            Position { fx_rate: Some(1.25), ..Position::of_quantity(8.0, 50.0, Currency::EUR) },
        ];
        let book = Book::new(universe(), positions, Money::from_minor(20_000, Currency::USD)).unwrap();
        // 300 + 8·50·1.25 + 200
        assert_eq!(book.nav().minor(), 100_000);
        assert_eq!((book.weights(), book.cash_weight()), (&[0.3, 0.5][..], 0.2));
        assert_eq!(book.unit_values(), [30.0, 62.5]);
    }

    #[test]
    fn a_book_of_weights_keeps_them_to_the_bit() {
        let nav = Money::from_minor(10_000_000, Currency::USD);
        let book = Book::from_weights(universe(), nav, vec![0.1, 0.7], &[50.0, 20.0]).unwrap();
        assert_eq!(book.weights(), [0.1, 0.7]);
        assert_eq!(book.positions()[1].quantity(), 3_500.0);
        assert_eq!(book.cash().minor(), 2_000_000);
        let full = Book::from_weights(universe(), nav, vec![0.7, 0.3], &[1.0, 1.0]).unwrap();
        assert_eq!((full.cash().minor(), full.cash_weight()), (0, 0.0));
    }

    #[test]
    fn what_cannot_be_held_is_refused_by_asset() {
        let nav = Money::from_minor(100, Currency::USD);
        let of = |weights: Vec<f64>, prices: &[f64]| Book::from_weights(universe(), nav, weights, prices);
        assert!(matches!(of(vec![0.5], &[1.0, 1.0]), Err(BookError::Positions { assets: 2, got: 1 })));
        assert!(matches!(of(vec![0.5, -0.1], &[1.0, 1.0]), Err(BookError::Weight { asset: 1, .. })));
        assert!(matches!(of(vec![0.9, 0.2], &[1.0, 1.0]), Err(BookError::WeightSum { .. })));
        assert!(matches!(of(vec![0.5, 0.5], &[1.0, 0.0]), Err(BookError::Price { asset: 1, .. })));
        let held = |position| {
            let positions = vec![Position::of_quantity(1.0, 1.0, Currency::USD), position];
            Book::new(universe(), positions, nav)
        };
        assert!(matches!(
            held(Position::of_quantity(f64::NAN, 1.0, Currency::USD)),
            Err(BookError::Size { asset: 1, .. })
        ));
        assert!(matches!(held(Position::of_quantity(-1.0, 1.0, Currency::USD)), Err(BookError::Size { asset: 1, .. })));
        // A position in another currency needs an exchange rate.
        assert!(matches!(held(Position::of_quantity(1.0, 1.0, Currency::EUR)), Err(BookError::Rate { asset: 1, .. })));
        let debt = Money::from_minor(-1, Currency::USD);
        let none = vec![Position::of_quantity(0.0, 1.0, Currency::USD); 2];
        assert!(matches!(Book::new(universe(), none.clone(), debt), Err(BookError::NegativeCash { .. })));
        let nothing = Money::from_minor(0, Currency::USD);
        assert!(matches!(Book::new(universe(), none, nothing), Err(BookError::Nav { .. })));
    }

    #[test]
    fn lots_have_to_add_up_to_their_position() {
        let day = chrono::NaiveDate::from_ymd_opt(2020, 2, 3).unwrap();
        let lot = |quantity| TaxLot { quantity, cost_per_unit: 20.0, acquired: day };
        let with = |lots| {
            let position = Position { lots, ..Position::of_quantity(10.0, 30.0, Currency::USD) };
            let other = Position::of_quantity(0.0, 1.0, Currency::USD);
            Book::new(universe(), vec![position, other], Money::from_minor(0, Currency::USD))
        };
        assert!(with(vec![lot(4.0), lot(6.0)]).is_ok());
        assert!(matches!(with(vec![lot(4.0)]), Err(BookError::Lots { asset: 0, .. })));
    }
}
