//! The kernel for buy and hold: one correlated vector per lane.

use crate::{
    GbmLaw,
    block::BlockOutcome,
    elementary::exp,
    fixed_weights::{larger, smaller},
    normals::{BLOCK, NormalStream},
    schedule::Step,
};

/// Lanes whose sums are held in registers together.
const LANES: usize = 16;

/// What a simulation of untouched holdings needs beside the random numbers.
pub(crate) struct BuyAndHoldModel<'a> {
    /// The law of the assets.
    pub(crate) law: &'a GbmLaw,
    /// The strides of every path.
    pub(crate) steps: &'a [Step],
    /// Whether any step adds money.
    pub(crate) cash_flows: bool,
}

/// Working memory of one thread, reused from block to block: one row of lanes per factor or asset.
#[derive(Default)]
pub(crate) struct BuyAndHoldScratch {
    normals: Vec<[f64; BLOCK]>,
    /// `Sᵢ`: what one unit of money placed in asset `i` at the start has become.
    prices: Vec<[f64; BLOCK]>,
    /// `Aᵢ`: the same with the later additions; used only when there are some.
    accounts: Vec<[f64; BLOCK]>,
}

impl BuyAndHoldModel<'_> {
    /// Simulates one block of paths.
    ///
    /// ```text
    /// Sᵢ ← Sᵢ·e^Δxᵢ        Δx = (μ − diag Σ/2)·Δt + F·z·√Δt
    /// Aᵢ ← Aᵢ·e^Δxᵢ + c     W = Σ wᵢAᵢ + (1 − Σ wᵢ)·(1 + Σ c)
    /// ```
    ///
    /// Drawdowns are those of the first unit of money, `Σ wᵢSᵢ + 1 − Σ wᵢ`: an addition is not a recovery.
    pub(crate) fn run(&self, scratch: &mut BuyAndHoldScratch, normals: &mut NormalStream, out: &mut BlockOutcome<'_>) {
        let law = self.law;
        let (assets, factor) = (law.assets(), law.factor());
        let per_year = law.periods_per_year();
        let cash_weight = 1.0 - law.weights().iter().sum::<f64>();
        let daily = out.path_statistics();

        scratch.normals.resize(factor.rank(), [0.0; BLOCK]);
        reset(&mut scratch.prices, assets);
        reset(&mut scratch.accounts, if self.cash_flows { assets } else { 0 });

        let mut growth = [0.0; BLOCK];
        let mut wealth = [1.0; BLOCK];
        let (mut peak, mut drawdown, mut low) = ([1.0; BLOCK], [0.0; BLOCK], [1.0; BLOCK]);
        let mut paid_in = 1.0;
        for step in self.steps {
            for row in &mut scratch.normals {
                normals.fill(row);
            }
            let years = step.days / per_year;
            let root = years.sqrt();
            paid_in += step.addition;
            let mut unit = [cash_weight; BLOCK];
            wealth = [cash_weight * paid_in; BLOCK];
            for asset in 0..assets {
                let shift = (law.mu()[asset] - law.sigma()[asset * assets + asset] / 2.0) * years;
                combine(factor.row(asset), &scratch.normals, &mut growth);
                for g in &mut growth {
                    *g = exp(shift + root * *g);
                }
                let weight = law.weights()[asset];
                for ((price, g), unit) in scratch.prices[asset].iter_mut().zip(&growth).zip(&mut unit) {
                    *price *= g;
                    *unit += weight * *price;
                }
                if self.cash_flows {
                    for ((account, g), wealth) in scratch.accounts[asset].iter_mut().zip(&growth).zip(&mut wealth) {
                        *account = *account * g + step.addition;
                        *wealth += weight * *account;
                    }
                }
            }
            if !self.cash_flows {
                wealth = unit;
            }
            if daily {
                for (((v, peak), drawdown), low) in unit.iter().zip(&mut peak).zip(&mut drawdown).zip(&mut low) {
                    *peak = larger(*v, *peak);
                    *drawdown = larger(1.0 - *v / *peak, *drawdown);
                    *low = smaller(*v, *low);
                }
            }
            if let Some(point) = step.fan_point {
                let wealth = &wealth;
                out.set_fan(point, |lane| wealth[lane]);
            }
        }
        out.set_terminal(&wealth);
        if daily {
            out.set_path_statistics(&drawdown, &low);
        }
    }
}

/// One row of ones per asset.
fn reset(rows: &mut Vec<[f64; BLOCK]>, assets: usize) {
    rows.clear();
    rows.resize(assets, [1.0; BLOCK]);
}

/// `out[l] = Σₖ row[k]·z[k][l]`, a register block of lanes at a time.
fn combine(row: &[f64], z: &[[f64; BLOCK]], out: &mut [f64; BLOCK]) {
    let (chunks, _) = out.as_chunks_mut::<LANES>();
    for (c, chunk) in chunks.iter_mut().enumerate() {
        let mut sums = [0.0; LANES];
        for (f, z) in row.iter().zip(z) {
            let (z, _) = z.as_chunks::<LANES>();
            for (sum, z) in sums.iter_mut().zip(&z[c]) {
                *sum += f * z;
            }
        }
        *chunk = sums;
    }
}
