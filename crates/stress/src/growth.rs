//! The effect of one step on each asset: correlated log-returns, and their exponentials.

use crate::{
    AssetLaw, LANES, LaneStream, Lanes, ShockLaw,
    correlate::{Correlator, Finish},
    elementary::exp,
};

/// Draws the growth factors of all assets, step by step. Each thread has one and reuses it from block to block.
pub(crate) struct AssetGrowth<'a> {
    law: &'a AssetLaw,
    shocks: &'a dyn ShockLaw,
    correlator: Correlator<'a>,
    /// `z`, one row per column of the factor.
    rows: Vec<Lanes>,
    /// `e^Δx`, one row per asset.
    factors: Vec<Lanes>,
    /// The part of each log-return that is not random.
    shifts: Vec<f64>,
}

impl<'a> AssetGrowth<'a> {
    pub(crate) fn new(law: &'a AssetLaw, shocks: &'a dyn ShockLaw) -> Self {
        let assets = law.assets();
        Self {
            law,
            shocks,
            correlator: Correlator::new(law.factor(), assets),
            rows: vec![[0.0; LANES]; law.factor().rank()],
            factors: vec![[0.0; LANES]; assets],
            shifts: vec![0.0; assets],
        }
    }

    /// Draws `e^Δxᵢ` of every asset over the next step, `Δx = (μ − diag Σ/2)·Δt + F·z·√Δt`, with `Δt` in years.
    pub(crate) fn draw(&mut self, stream: &mut LaneStream, years: f64) {
        let law = self.law;
        self.shocks.fill(stream, &mut self.rows);
        for (asset, shift) in self.shifts.iter_mut().enumerate() {
            *shift = (law.drifts_annual()[asset] - law.variance_annual(asset) / 2.0) * years;
        }
        let finish = Growth { shifts: &self.shifts, root: years.sqrt() };
        self.correlator.apply(&self.rows, &mut self.factors, finish);
    }

    /// The growth factors of the step just drawn, one row per asset.
    pub(crate) fn factors(&self) -> &[Lanes] {
        &self.factors
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
