//! The value at the horizon of a book, as a function of independent shocks of which the first is the portfolio factor.

use crate::{
    AssetLaw, LANES, Lanes, Rebalancing, SimulationOptions, Stop, StressError,
    correlate::{Correlator, Finish},
    dot::dot,
    elementary::exp,
    extremes::{at_least_zero, larger},
};

/// Sweeps of the projection, each over all assets.
const SWEEPS: usize = 200;
/// A holding that moves against its weight by this share of the largest move does not: it is rounding.
const ROUNDING: f64 = 1e-9;

/// A book held to the horizon.
pub(super) struct Book<'a> {
    law: &'a AssetLaw,
    correlator: Correlator<'a>,
    shifts: Vec<f64>,
    root: f64,
    /// The reflection that takes the first axis to the portfolio factor: its normal, and two over the square of its length.
    reflection: Option<(Vec<f64>, f64)>,
    /// Standard deviation of the logarithm of the geometric portfolio, the change of the value per unit of the portfolio factor.
    pub(super) slope: f64,
    /// Change of the logarithm of each asset per unit of the portfolio factor.
    pub(super) loadings: Vec<f64>,
    /// Value of the portfolio factor at which the value at the horizon is one, the other shocks zero, if there is one.
    /// Not sought for [`Book::rising`].
    pub(super) loss_at: Option<f64>,
}

/// A law of one asset, under which a book at fixed weights is bought and held.
pub(super) fn held(law: &AssetLaw, options: &SimulationOptions) -> Result<Option<AssetLaw>, StressError> {
    if options.rebalancing == Rebalancing::BuyAndHold {
        return Ok(None);
    }
    let portfolio = law.portfolio_law()?;
    let variance = portfolio.volatility_annual() * portfolio.volatility_annual();
    let assets = portfolio_core::Universe::numbered(1).map_err(|_| StressError::NoAssets)?;
    let covariance = portfolio_core::Covariance::from_rows(assets, &[[variance]], 1.0)?;
    AssetLaw::new(&[1.0], &[portfolio.drift_annual()], &covariance, law.periods_per_year()).map(Some)
}

impl<'a> Book<'a> {
    /// The book with the portfolio factor along which its value changes most.
    pub(super) fn new(law: &'a AssetLaw, days: usize) -> Self {
        let shifts = shifts(law, days);
        let gradient = gradient(law, &shifts, days);
        let mut book = Self::along(law, days, shifts, &gradient);
        book.loss_at = book.find_loss();
        book
    }

    /// The book with the factor closest to that direction along which no holding moves against its weight, so that its value never falls as
    /// the factor rises; `None` where there is no such direction.
    ///
    /// # Errors
    /// [`StressError::Stopped`].
    pub(super) fn rising(law: &'a AssetLaw, days: usize, stop: &Stop) -> Result<Option<Self>, StressError> {
        let shifts = shifts(law, days);
        let Some(direction) = rising_direction(law, &gradient(law, &shifts, days), stop)? else { return Ok(None) };
        let book = Self::along(law, days, shifts, &direction);
        let moves = || book.loadings.iter().zip(law.weights()).map(|(loading, weight)| loading * weight);
        let most = moves().fold(0.0, larger);
        let rises = most > 0.0 && moves().all(|m| m >= -ROUNDING * most);
        Ok(rises.then_some(book))
    }

    fn along(law: &'a AssetLaw, days: usize, shifts: Vec<f64>, gradient: &[f64]) -> Self {
        let root = (days as f64 / law.periods_per_year()).sqrt();
        let (rank, factor) = (law.factor().rank(), law.factor());
        let slope = dot(gradient, gradient).sqrt();
        let reflection = (slope > 0.0 && rank > 0).then(|| {
            let mut normal: Vec<f64> = gradient.iter().map(|g| -g / slope).collect();
            normal[0] += 1.0;
            let square = dot(&normal, &normal);
            (square > 1e-24).then_some((normal, 2.0 / square))
        });
        let reflection = reflection.flatten();
        let per_unit = if slope > 0.0 { root / slope } else { 0.0 };
        let loadings = (0..law.assets()).map(|asset| per_unit * dot(factor.row(asset), gradient)).collect();
        let correlator = Correlator::new(factor, law.assets());
        Self { law, correlator, shifts, root, reflection, slope, loadings, loss_at: None }
    }

    /// Bisection of the value along the portfolio factor.
    fn find_loss(&self) -> Option<f64> {
        let excess = |y: f64| self.value(y) - 1.0;
        let (mut low, mut high) = (-6.0, 6.0);
        if !(excess(low) < 0.0 && excess(high) > 0.0) {
            return None;
        }
        for _ in 0..40 {
            let middle = (low + high) / 2.0;
            if excess(middle) < 0.0 { low = middle } else { high = middle }
        }
        Some((low + high) / 2.0)
    }

    /// The value where the portfolio factor is `y` and the other shocks are zero, to the bit that of [`Book::values`],
    /// which takes a block of points for it.
    fn value(&self, y: f64) -> f64 {
        let mut shocks = vec![0.0; self.law.factor().rank()];
        shocks.iter_mut().take(1).for_each(|first| *first = y);
        if let Some((normal, scale)) = &self.reflection {
            let along = dot(normal, &shocks);
            shocks.iter_mut().zip(normal).for_each(|(z, n)| *z -= n * scale * along);
        }
        let mut value = self.law.cash_weight();
        for (asset, weight) in self.law.weights().iter().enumerate() {
            value += weight * exp(self.shifts[asset] + self.root * dot(self.law.factor().row(asset), &shocks));
        }
        if !self.law.is_levered() {
            at_least_zero(&mut value);
        }
        value
    }

    /// The value where the portfolio factor is `y` and the other shocks are zero, from the loadings.
    pub(super) fn median(&self, y: f64) -> f64 {
        let held = |((shift, loading), weight): ((&f64, &f64), &f64)| weight * exp(shift + loading * y);
        let holdings = self.shifts.iter().zip(&self.loadings).zip(self.law.weights());
        self.law.cash_weight() + holdings.map(held).sum::<f64>()
    }

    /// The law of its assets.
    pub(super) fn law(&self) -> &AssetLaw {
        self.law
    }

    /// The values at the horizon of a block of points, whose coordinates are replaced by the shocks. `growth` is left with the growth of each
    /// asset.
    pub(super) fn values(&self, rows: &mut [Lanes], growth: &mut [Lanes]) -> Lanes {
        if let Some((normal, scale)) = &self.reflection {
            let mut along = [0.0; LANES];
            for (row, n) in rows.iter().zip(normal) {
                along.iter_mut().zip(row).for_each(|(a, y)| *a += n * y);
            }
            for (row, n) in rows.iter_mut().zip(normal) {
                let n = n * scale;
                row.iter_mut().zip(&along).for_each(|(y, a)| *y -= n * a);
            }
        }
        self.correlator.apply(rows, growth, Growth { shifts: &self.shifts, root: self.root });
        let mut values = [self.law.cash_weight(); LANES];
        for (growth, weight) in growth.iter().zip(self.law.weights()) {
            values.iter_mut().zip(growth).for_each(|(value, g)| *value += weight * g);
        }
        if !self.law.is_levered() {
            values.iter_mut().for_each(at_least_zero);
        }
        values
    }
}

/// Mean of the logarithm of each asset at the horizon.
fn shifts(law: &AssetLaw, days: usize) -> Vec<f64> {
    let years = days as f64 / law.periods_per_year();
    (0..law.assets()).map(|asset| (law.drifts_annual()[asset] - law.variance_annual(asset) / 2.0) * years).collect()
}

/// The gradient of the value at the median of every asset, in the space of shocks.
fn gradient(law: &AssetLaw, shifts: &[f64], days: usize) -> Vec<f64> {
    let root = (days as f64 / law.periods_per_year()).sqrt();
    let mut gradient = vec![0.0; law.factor().rank()];
    for (asset, weight) in law.weights().iter().enumerate() {
        let scale = weight * exp(shifts[asset]) * root;
        for (g, f) in gradient.iter_mut().zip(law.factor().row(asset)) {
            *g += scale * f;
        }
    }
    gradient
}

/// The projection of the gradient on the cone of the directions along which no holding moves against its weight; `None` where that is zero.
/// By the dual, `u = g + Gᵀλ` with `λ ≥ 0`, one coordinate of `λ` at a time (Hildreth 1957, "A quadratic programming procedure").
fn rising_direction(law: &AssetLaw, gradient: &[f64], stop: &Stop) -> Result<Option<Vec<f64>>, StressError> {
    let rows: Vec<(f64, &[f64])> =
        law.weights().iter().enumerate().map(|(asset, weight)| (*weight, law.factor().row(asset))).collect();
    let size = dot(gradient, gradient).sqrt();
    let (mut direction, mut duals) = (gradient.to_vec(), vec![0.0; rows.len()]);
    for _ in 0..SWEEPS {
        stop.check()?;
        let mut moved = 0.0;
        for ((weight, row), dual) in rows.iter().zip(&mut duals) {
            let square = weight * weight * dot(row, row);
            if square <= 0.0 {
                continue;
            }
            let step = larger(-*dual, -weight * dot(row, &direction) / square);
            *dual += step;
            direction.iter_mut().zip(*row).for_each(|(u, f)| *u += step * weight * f);
            moved = larger(step.abs() * square.sqrt(), moved);
        }
        if moved <= ROUNDING * 1e-3 * size {
            break;
        }
    }
    Ok((dot(&direction, &direction).sqrt() > 1e-3 * size).then_some(direction))
}

struct Growth<'a> {
    shifts: &'a [f64],
    root: f64,
}

impl Finish for Growth<'_> {
    #[inline(always)]
    fn finish(&self, asset: usize, sum: f64) -> f64 {
        exp(self.shifts[asset] + self.root * sum)
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::{Covariance, Universe};

    use super::*;

    #[test]
    fn one_point_has_the_bits_of_a_block() {
        let rows: Vec<Vec<f64>> =
            (0..7).map(|i| (0..7).map(|j| if i == j { 0.04 + 0.01 * i as f64 } else { 0.011 }).collect()).collect();
        let annual = Covariance::from_rows(Universe::numbered(7).unwrap(), &rows, 1.0).unwrap();
        for weights in [[0.1, 0.2, 0.1, 0.1, 0.2, 0.1, 0.1], [0.9, -0.4, 0.3, -0.2, 0.4, 0.1, 0.2]] {
            let law = AssetLaw::new(&weights, &[0.05, 0.03, 0.08, 0.0, 0.01, -0.02, 0.04], &annual, 252.0).unwrap();
            let book = Book::new(&law, 126);
            for y in [-6.0, -1.7, 0.0, 0.3, 6.0] {
                let (mut rows, mut growth) = (vec![[0.0; LANES]; law.factor().rank()], vec![[0.0; LANES]; 7]);
                rows[0] = [y; LANES];
                assert_eq!(book.value(y).to_bits(), book.values(&mut rows, &mut growth)[0].to_bits(), "{y}");
            }
            assert!((book.value(book.loss_at.unwrap()) - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_signal_ends_the_search_for_a_direction() {
        let annual = Covariance::from_rows(Universe::numbered(1).unwrap(), &[[0.04]], 1.0).unwrap();
        let law = AssetLaw::new(&[1.0], &[0.05], &annual, 252.0).unwrap();
        let stop = Stop::new();
        assert!(Book::rising(&law, 126, &stop).unwrap().is_some());
        stop.raise();
        assert!(matches!(Book::rising(&law, 126, &stop), Err(StressError::Stopped)));
    }
}
