//! The cost model shared by sizing, optimisation, execution and analysis.

mod commission;
mod duty;
mod impact;
mod power_impact;
mod proportional;
mod term;

use std::sync::Arc;

use crate::CoreError;
pub use commission::{MinimumCommission, PerShare};
pub use duty::Duty;
pub use impact::{MarketImpact, square_root_impact};
pub use power_impact::PowerImpact;
pub use proportional::Proportional;
pub use term::{ConvexCost, CostKind, CostTerm, Ticket, TradeSide};

/// The cost of trading a book: a sum of terms, each with its own parameter for each asset.
///
/// | term | cost of a trade of `v` (minor units), `u` units, `x` of NAV | kind |
/// |---|---|---|
/// | [`Proportional`] | `c·v` | charged |
/// | [`PerShare`] | `p·u` | charged |
/// | [`MinimumCommission`] | `max(m, c·v)` | charged |
/// | [`Duty`] | `d·v` on one side | charged |
/// | [`MarketImpact`] | `k·|x|^1.5` of NAV | expected |
/// | [`PowerImpact`] | `v·(h + k·x^e)` | charged |
///
/// Charged costs are booked with the trade. Expected costs are a worse execution price: they count in decisions and are
/// reported next to the booked cost. Implement [`CostTerm`] to add another term.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use portfolio_core::{CostModel, Duty, Proportional, Ticket, TradeSide};
///
/// // 10 bp on each of two shares, and half a per cent of stamp duty on buying the second.
/// let costs = CostModel::proportional(&[10.0, 10.0])?
///     .with(Duty::new(TradeSide::Buy, &[0.0, 50.0])?)?;
/// let buy = Ticket { asset: 1, side: TradeSide::Buy, value: 1_000_000.0, units: 50.0, nav: 10_000_000.0, minor_per_major: 100.0 };
/// assert_eq!(costs.charged(&buy), 1_000.0 + 5_000.0);
/// assert_eq!(costs.charged(&Ticket { side: TradeSide::Sell, ..buy }), 1_000.0);
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CostModel {
    assets: usize,
    charged: Vec<Arc<dyn CostTerm>>,
    expected: Vec<Arc<dyn CostTerm>>,
}

impl CostModel {
    /// A model in which `assets` assets trade without cost.
    #[must_use]
    pub fn free(assets: usize) -> Self {
        Self { assets, charged: Vec::new(), expected: Vec::new() }
    }

    /// A model with one rate per asset, in basis points of the traded value.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a rate outside 0 to [`MAX_COST_BPS`](crate::MAX_COST_BPS).
    pub fn proportional(rates_bps: &[f64]) -> Result<Self, CoreError> {
        Self::free(rates_bps.len()).with(Proportional::new(rates_bps)?)
    }

    /// Adds a term to the model.
    ///
    /// # Errors
    /// [`CoreError::Lengths`] when the term has parameters for a different number of assets.
    pub fn with(mut self, term: impl CostTerm + 'static) -> Result<Self, CoreError> {
        if term.assets() != self.assets {
            return Err(CoreError::Lengths { expected: self.assets, got: term.assets() });
        }
        match term.kind() {
            CostKind::Charged => self.charged.push(Arc::new(term)),
            CostKind::Expected => self.expected.push(Arc::new(term)),
        }
        Ok(self)
    }

    /// Number of assets in the model.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.assets
    }

    /// The terms: first the charged ones, then the expected ones, each in the order in which they were added.
    pub fn terms(&self) -> impl Iterator<Item = &dyn CostTerm> {
        self.charged.iter().chain(&self.expected).map(AsRef::as_ref)
    }

    /// The cost booked with the trade, minor units, not rounded.
    #[must_use]
    pub fn charged(&self, ticket: &Ticket) -> f64 {
        self.charged.iter().map(|term| term.cost(ticket)).sum()
    }

    /// The total expected cost of the trade, minor units: the charge and the price impact.
    #[must_use]
    pub fn expected(&self, ticket: &Ticket) -> f64 {
        self.charged(ticket) + self.expected.iter().map(|term| term.cost(ticket)).sum::<f64>()
    }

    /// The marginal charge: the additional charge for one more minor unit of the trade.
    #[must_use]
    pub fn charged_slope(&self, ticket: &Ticket) -> f64 {
        self.charged.iter().map(|term| term.slope(ticket)).sum()
    }

    /// The marginal expected cost: the additional cost of one more minor unit of the trade.
    #[must_use]
    pub fn expected_slope(&self, ticket: &Ticket) -> f64 {
        self.charged_slope(ticket) + self.expected.iter().map(|term| term.slope(ticket)).sum::<f64>()
    }

    /// Second derivative of the expected cost with respect to the traded value, per minor unit.
    #[must_use]
    pub fn curvature(&self, ticket: &Ticket) -> f64 {
        self.terms().map(|term| term.curvature(ticket)).sum()
    }

    /// The convex part of an asset's trading cost, in fractions of NAV, for use in an optimiser. A minimum per ticket
    /// is not convex and adds nothing here.
    ///
    /// `price`: price of one unit, major units.
    #[must_use]
    pub fn convex(&self, asset: usize, price: f64) -> ConvexCost {
        self.terms().fold(ConvexCost::default(), |sum, term| sum + term.convex(asset, price))
    }
}

/// Rejects a list with a number outside `0 ..= most`.
fn check_rates(name: &'static str, rates: &[f64], most: f64) -> Result<(), CoreError> {
    match rates.iter().find(|rate| !(0.0..=most).contains(*rate)) {
        Some(&value) => Err(CoreError::OutOfRange { name, value }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ticket of 10,000.00 of asset 0 at a price of 20.00, NAV 100,000.00.
    fn ticket(side: TradeSide) -> Ticket {
        Ticket { asset: 0, side, value: 1_000_000.0, units: 500.0, nav: 10_000_000.0, minor_per_major: 100.0 }
    }

    fn every_term() -> CostModel {
        CostModel::proportional(&[10.0])
            .unwrap()
            .with(PerShare::new(&[0.01]).unwrap())
            .unwrap()
            .with(MinimumCommission::new(&[20.0], &[5.0]).unwrap())
            .unwrap()
            .with(Duty::new(TradeSide::Buy, &[50.0]).unwrap())
            .unwrap()
            .with(MarketImpact::new(&[0.1]).unwrap())
            .unwrap()
    }

    #[test]
    fn each_part_is_known_on_paper() {
        let costs = every_term();
        // 10.00 by rate, 5.00 by share, 20.00 at least for a commission of 5.00, 50.00 of duty; minor units.
        assert!((costs.charged(&ticket(TradeSide::Buy)) - (1_000.0 + 500.0 + 2_000.0 + 5_000.0)).abs() < 1e-9);
        assert!((costs.charged(&ticket(TradeSide::Sell)) - (1_000.0 + 500.0 + 2_000.0)).abs() < 1e-9);
        // 0.1 · 0.1^1.5 of NAV.
        let impact = 10_000_000.0 * 0.1 * 0.1_f64.powf(1.5);
        let expected = costs.expected(&ticket(TradeSide::Sell)) - costs.charged(&ticket(TradeSide::Sell));
        assert!((expected - impact).abs() < 1e-6);
    }

    #[test]
    fn slopes_and_curvatures_are_those_of_the_cost() {
        let costs = every_term();
        for side in [TradeSide::Buy, TradeSide::Sell] {
            let at = |value: f64| Ticket { value, units: 500.0 * value / 1e6, ..ticket(side) };
            let (value, step) = (1e6, 10.0);
            let difference = (costs.expected(&at(value + step)) - costs.expected(&at(value - step))) / (2.0 * step);
            assert!((costs.expected_slope(&at(value)) - difference).abs() < 1e-9, "{difference}");
            let slopes =
                (costs.expected_slope(&at(value + step)) - costs.expected_slope(&at(value - step))) / (2.0 * step);
            assert!((costs.curvature(&at(value)) / slopes - 1.0).abs() < 1e-6, "{slopes}");
        }
    }

    #[test]
    fn the_convex_part_agrees_with_the_cost_but_for_the_minimum() {
        let costs = every_term();
        let convex = costs.convex(0, 20.0);
        // 10 bp, 1 cent on 20.00 is 5 bp, the commission's own rate of 5 bp, 50 bp on buys.
        assert!((convex.buy - 0.0070).abs() < 1e-15 && (convex.sell - 0.0020).abs() < 1e-15);
        assert_eq!(convex.impact, 0.1);
    }

    #[test]
    fn terms_of_other_assets_and_bad_rates_are_refused() {
        let other = CostModel::free(2).with(Proportional::new(&[10.0]).unwrap());
        assert!(matches!(other, Err(CoreError::Lengths { expected: 2, got: 1 })));
        assert!(CostModel::proportional(&[f64::NAN]).is_err() && CostModel::proportional(&[1e4]).is_err());
        assert!(Duty::new(TradeSide::Sell, &[-1.0]).is_err());
        assert!(PerShare::new(&[-0.01]).is_err());
        assert!(MarketImpact::new(&[f64::INFINITY]).is_err());
        assert!(MinimumCommission::new(&[1.0], &[1.0, 2.0]).is_err());
        assert_eq!(CostModel::free(1).expected(&ticket(TradeSide::Buy)), 0.0);
    }
}
