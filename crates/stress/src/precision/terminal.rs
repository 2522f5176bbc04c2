//! The value at the horizon of a book, as a function of independent shocks of which the first is the portfolio factor.

use crate::{
    AssetLaw, LANES, Lanes, Rebalancing, SimulationOptions, StressError,
    correlate::{Correlator, Finish},
    dot::dot,
    elementary::exp,
    extremes::at_least_zero,
};

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
    /// Value of the portfolio factor at which the value at the horizon is one, the other shocks zero, if there is one.
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
    pub(super) fn new(law: &'a AssetLaw, days: usize) -> Self {
        let years = days as f64 / law.periods_per_year();
        let (root, rank, factor) = (years.sqrt(), law.factor().rank(), law.factor());
        let shifts: Vec<f64> = (0..law.assets())
            .map(|asset| (law.drifts_annual()[asset] - law.variance_annual(asset) / 2.0) * years)
            .collect();
        // The gradient of the value at the median of every asset.
        let mut gradient = vec![0.0; rank];
        for (asset, weight) in law.weights().iter().enumerate() {
            let scale = weight * exp(shifts[asset]) * root;
            for (g, f) in gradient.iter_mut().zip(factor.row(asset)) {
                *g += scale * f;
            }
        }
        let slope = dot(&gradient, &gradient).sqrt();
        let reflection = (slope > 0.0 && rank > 0).then(|| {
            let mut normal: Vec<f64> = gradient.iter().map(|g| -g / slope).collect();
            normal[0] += 1.0;
            let square = dot(&normal, &normal);
            (square > 1e-24).then_some((normal, 2.0 / square))
        });
        let reflection = reflection.flatten();
        let mut book = Self {
            law,
            correlator: Correlator::new(factor, law.assets()),
            shifts,
            root,
            reflection,
            slope,
            loss_at: None,
        };
        book.loss_at = book.find_loss(rank);
        book
    }

    /// Bisection of the value along the portfolio factor.
    fn find_loss(&self, rank: usize) -> Option<f64> {
        let mut rows = vec![[0.0; LANES]; rank];
        let mut growth = vec![[0.0; LANES]; self.law.assets()];
        let mut excess = |y: f64| {
            rows.iter_mut().for_each(|row| row[0] = 0.0);
            if let Some(first) = rows.first_mut() {
                first[0] = y;
            }
            self.values(&mut rows, &mut growth)[0] - 1.0
        };
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

    /// The values at the horizon of a block of points, whose coordinates are replaced by the shocks.
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
