//! A half-spread and an impact that grows with a power of the size.

use super::{ConvexCost, CostKind, CostTerm, Ticket, check_rates};
use crate::{CoreError, ModelParameter};

/// Largest half-spread: the whole price.
const MAX_HALF_SPREAD: f64 = 1.0;
/// Largest coefficient of the power.
const MAX_COEFFICIENT: f64 = 1e6;
/// Largest exponent.
const MAX_EXPONENT: f64 = 3.0;

/// `v·(h + k·x^e)` for a trade of `v`, which is `x` of NAV: a half-spread `h` and an impact with a coefficient `k` for each asset, and one
/// exponent `e`.
///
/// A cost model that was fitted to fills has the form `h + c·σ·p^e` with the volatility `σ` and the participation `p`
/// in the volume `V` of the same period; then `k = c·σ·(NAV/V)^e`, with `V` in money.
///
/// The term carries the version of its model, and its cost is charged: money lost to a worse price is not available for
/// investment.
///
/// # Reference
/// Almgren, Thum, Hauptmann and Li (2005), "Direct estimation of equity market impact", Risk 18(7).
///
/// # Example
/// ```
/// use portfolio_core::{CostTerm, PowerImpact, Ticket, TradeSide};
///
/// // 2 bp of half-spread; at 1 % of NAV the impact is 0.05·√0.01 = 50 bp.
/// let term = PowerImpact::new("fitted_costs", "1", &[0.0002], &[0.05], 0.5)?;
/// let ticket = Ticket { asset: 0, side: TradeSide::Buy, value: 1e5, units: 10.0, nav: 1e7, minor_per_major: 100.0 };
/// assert!((term.cost(&ticket) - 1e5 * 0.0052).abs() < 1e-9);
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PowerImpact {
    id: String,
    version: String,
    half_spreads: Vec<f64>,
    coefficients: Vec<f64>,
    exponent: f64,
}

impl PowerImpact {
    /// A term with the id and the version of its model; half-spreads are fractions of the price.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a half-spread outside 0 to 1, a coefficient outside 0 to 1,000,000 or an exponent outside 0 to 3;
    /// [`CoreError::Lengths`] for lists of different lengths.
    pub fn new(
        id: &str,
        version: &str,
        half_spreads: &[f64],
        coefficients: &[f64],
        exponent: f64,
    ) -> Result<Self, CoreError> {
        check_rates("half_spread", half_spreads, MAX_HALF_SPREAD)?;
        check_rates("impact", coefficients, MAX_COEFFICIENT)?;
        check_rates("exponent", &[exponent], MAX_EXPONENT)?;
        if half_spreads.len() != coefficients.len() {
            return Err(CoreError::Lengths { expected: half_spreads.len(), got: coefficients.len() });
        }
        Ok(Self {
            id: id.to_owned(),
            version: version.to_owned(),
            half_spreads: half_spreads.to_vec(),
            coefficients: coefficients.to_vec(),
            exponent,
        })
    }

    fn impact(&self, ticket: &Ticket) -> f64 {
        self.coefficients[ticket.asset] * (ticket.value / ticket.nav).powf(self.exponent)
    }
}

impl CostTerm for PowerImpact {
    fn id(&self) -> &str {
        &self.id
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn assets(&self) -> usize {
        self.coefficients.len()
    }

    fn kind(&self) -> CostKind {
        CostKind::Charged
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![
            ModelParameter::new("half_spread", &self.half_spreads[..]),
            ModelParameter::new("impact", &self.coefficients[..]),
            ModelParameter::new("exponent", self.exponent),
        ]
    }

    fn cost(&self, ticket: &Ticket) -> f64 {
        ticket.value * (self.half_spreads[ticket.asset] + self.impact(ticket))
    }

    fn slope(&self, ticket: &Ticket) -> f64 {
        self.half_spreads[ticket.asset] + (1.0 + self.exponent) * self.impact(ticket)
    }

    /// Infinite for an empty trade with an exponent below one.
    fn curvature(&self, ticket: &Ticket) -> f64 {
        match self.coefficients[ticket.asset] * self.exponent {
            0.0 => 0.0,
            k => (1.0 + self.exponent) * k * (ticket.value / ticket.nav).powf(self.exponent - 1.0) / ticket.nav,
        }
    }

    /// The half-spread, and for an exponent of at most one half the impact as a 3/2 power, which is exact at one half
    /// and, for smaller exponents, below the cost of any trade of less than NAV. For larger exponents no 3/2 power
    /// stays below the cost near zero, so the impact is left out.
    fn convex(&self, asset: usize, _price: f64) -> ConvexCost {
        let impact = if self.exponent <= 0.5 { self.coefficients[asset] } else { 0.0 };
        ConvexCost { impact, ..ConvexCost::linear(self.half_spreads[asset]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TradeSide;

    fn ticket(value: f64) -> Ticket {
        Ticket { asset: 0, side: TradeSide::Sell, value, units: 1.0, nav: 1e7, minor_per_major: 100.0 }
    }

    fn term(exponent: f64) -> PowerImpact {
        PowerImpact::new("fitted_costs_1", "1.0.0", &[0.0003], &[0.02], exponent).unwrap()
    }

    #[test]
    fn slope_and_curvature_are_those_of_the_cost() {
        for exponent in [0.3, 0.5, 0.8, 1.2] {
            let (term, value, step) = (term(exponent), 4e5, 1.0);
            let cost = |value| term.cost(&ticket(value));
            let slope = (cost(value + step) - cost(value - step)) / (2.0 * step);
            assert!((term.slope(&ticket(value)) - slope).abs() < 1e-9, "{exponent}: {slope}");
            let at = |value| term.slope(&ticket(value));
            let curvature = (at(value + step) - at(value - step)) / (2.0 * step);
            assert!((term.curvature(&ticket(value)) / curvature - 1.0).abs() < 1e-5, "{exponent}: {curvature}");
        }
    }

    #[test]
    fn the_convex_part_is_never_above_the_cost_and_equals_it_at_one_half() {
        for exponent in [0.1, 0.3, 0.5, 0.8, 2.0] {
            let (term, nav) = (term(exponent), 1e7);
            for share in [1e-6, 1e-3, 0.1, 0.7, 1.0] {
                let convex = term.convex(0, 50.0);
                let bound = nav * (convex.buy * share + convex.impact * f64::powf(share, 1.5));
                let cost = term.cost(&ticket(share * nav));
                assert!(bound <= cost * (1.0 + 1e-12), "{exponent}, {share}: {bound} {cost}");
                assert!(exponent != 0.5 || (bound / cost - 1.0).abs() < 1e-12, "{share}");
            }
        }
    }

    #[test]
    fn numbers_outside_their_ranges_are_refused() {
        let of = |half: f64, impact: f64, exponent| PowerImpact::new("a", "1", &[half], &[impact], exponent);
        assert!(of(0.0, 0.0, 0.0).is_ok());
        for bad in
            [of(-1e-9, 0.0, 0.5), of(f64::NAN, 0.0, 0.5), of(0.0, -1e-9, 0.5), of(0.0, 0.0, 3.1), of(1.1, 0.0, 0.5)]
        {
            assert!(matches!(bad, Err(CoreError::OutOfRange { .. })), "{bad:?}");
        }
        let lengths = PowerImpact::new("a", "1", &[0.0], &[0.0, 0.0], 0.5);
        assert_eq!(lengths, Err(CoreError::Lengths { expected: 1, got: 2 }));
    }
}
