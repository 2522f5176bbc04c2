//! The effect of one step on each asset: correlated log-returns, and their exponentials.

use crate::{AssetLaw, LANES, LaneStream, Lanes, ShockLaw, elementary::exp};

/// Number of lanes whose sums are held in registers together.
const REGISTER_LANES: usize = 16;

/// Draws the growth factors of all assets, step by step. Each thread has one and reuses it from block to block.
pub(crate) struct AssetGrowth<'a> {
    law: &'a AssetLaw,
    shocks: &'a dyn ShockLaw,
    /// `z`, one row per column of the factor.
    rows: Vec<Lanes>,
    factors: Lanes,
}

impl<'a> AssetGrowth<'a> {
    pub(crate) fn new(law: &'a AssetLaw, shocks: &'a dyn ShockLaw) -> Self {
        Self { law, shocks, rows: vec![[0.0; LANES]; law.factor().rank()], factors: [0.0; LANES] }
    }

    /// Draws the shocks of the next step.
    pub(crate) fn draw(&mut self, stream: &mut LaneStream) {
        self.shocks.fill(stream, &mut self.rows);
    }

    /// `e^Δxᵢ` of one asset over the step just drawn, `Δx = (μ − diag Σ/2)·Δt + F·z·√Δt`, with `Δt` in years.
    pub(crate) fn of(&mut self, asset: usize, years: f64) -> &Lanes {
        let law = self.law;
        let shift = (law.drifts_annual()[asset] - law.variance_annual(asset) / 2.0) * years;
        let root = years.sqrt();
        combine(law.factor().row(asset), &self.rows, &mut self.factors);
        for g in &mut self.factors {
            *g = exp(shift + root * *g);
        }
        &self.factors
    }
}

/// `out[l] = Σₖ row[k]·z[k][l]`, one register block of lanes at a time.
pub(crate) fn combine(row: &[f64], z: &[Lanes], out: &mut Lanes) {
    let (chunks, _) = out.as_chunks_mut::<REGISTER_LANES>();
    for (c, chunk) in chunks.iter_mut().enumerate() {
        let mut sums = [0.0; REGISTER_LANES];
        for (f, z) in row.iter().zip(z) {
            let (z, _) = z.as_chunks::<REGISTER_LANES>();
            for (sum, z) in sums.iter_mut().zip(&z[c]) {
                *sum += f * z;
            }
        }
        *chunk = sums;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_combined_lane_by_lane() {
        let mut z = [[1.0; LANES], [10.0; LANES]];
        z[1][LANES - 1] = 100.0;
        let mut out = [0.0; LANES];
        combine(&[2.0, 0.5], &z, &mut out);
        assert_eq!((out[0], out[LANES - 1]), (7.0, 52.0));
        // A shorter row of the factor ignores the other shocks; an asset without variance uses none.
        combine(&[2.0], &z, &mut out);
        assert_eq!(out[LANES - 1], 2.0);
        combine(&[], &z, &mut out);
        assert_eq!(out, [0.0; LANES]);
    }
}
