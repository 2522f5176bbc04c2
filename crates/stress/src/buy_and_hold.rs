//! The kernel for buy and hold: one value per asset and lane.

use crate::{
    AssetLaw, LANES, LaneStream, Lanes, ShockLaw,
    block::BlockOutcome,
    extremes::{Extremes, at_least_zero},
    growth::AssetGrowth,
    instruction_set::{Kernel, vectorised},
    schedule::Step,
};

/// What a buy-and-hold simulation needs in addition to the random numbers.
pub(crate) struct BuyAndHoldModel<'a> {
    /// The law of the assets.
    pub(crate) law: &'a AssetLaw,
    /// The steps of every path.
    pub(crate) steps: &'a [Step],
    /// Whether any step adds money.
    pub(crate) cash_flows: bool,
}

/// Working memory of one thread, reused from block to block: one row of lanes per asset.
pub(crate) struct BuyAndHoldScratch<'a> {
    growth: AssetGrowth<'a>,
    /// `Sᵢ`: the value of one unit of money invested in asset `i` at the start.
    prices: Vec<Lanes>,
    /// `Aᵢ`: the same with the later additions; used only if there are any.
    accounts: Vec<Lanes>,
}

impl<'a> BuyAndHoldScratch<'a> {
    pub(crate) fn new(law: &'a AssetLaw, shocks: &'a dyn ShockLaw) -> Self {
        Self { growth: AssetGrowth::new(law, shocks), prices: Vec::new(), accounts: Vec::new() }
    }
}

impl BuyAndHoldModel<'_> {
    /// Simulates one block of paths.
    ///
    /// ```text
    /// Sᵢ ← Sᵢ·e^Δxᵢ        Aᵢ ← Aᵢ·e^Δxᵢ + c
    /// W = Σ wᵢAᵢ + (1 − Σ wᵢ)·(1 + Σ c)
    /// ```
    ///
    /// Drawdowns are measured on the first unit of money, `Σ wᵢSᵢ + 1 − Σ wᵢ`, because an addition is not a recovery.
    pub(crate) fn run(&self, scratch: &mut BuyAndHoldScratch<'_>, stream: &mut LaneStream, out: &mut BlockOutcome<'_>) {
        vectorised(Block { model: self, scratch, stream, out });
    }

    #[inline(always)]
    fn simulate(&self, scratch: &mut BuyAndHoldScratch<'_>, stream: &mut LaneStream, out: &mut BlockOutcome<'_>) {
        let law = self.law;
        let assets = law.assets();
        let per_year = law.periods_per_year();
        let cash_weight = law.cash_weight();
        let daily = out.path_statistics();

        reset(&mut scratch.prices, assets);
        reset(&mut scratch.accounts, if self.cash_flows { assets } else { 0 });

        let mut wealth = [1.0; LANES];
        let mut extremes = Extremes::new();
        let mut paid_in = 1.0;
        for step in self.steps {
            if out.stop.is_raised() {
                return;
            }
            scratch.growth.draw(stream, step.days / per_year);
            paid_in += step.addition;
            let mut unit = [cash_weight; LANES];
            wealth = [cash_weight * paid_in; LANES];
            for asset in 0..assets {
                let growth = &scratch.growth.factors()[asset];
                let weight = law.weights()[asset];
                for ((price, g), unit) in scratch.prices[asset].iter_mut().zip(growth).zip(&mut unit) {
                    *price *= g;
                    *unit += weight * *price;
                }
                if self.cash_flows {
                    for ((account, g), wealth) in scratch.accounts[asset].iter_mut().zip(growth).zip(&mut wealth) {
                        *account = *account * g + step.addition;
                        *wealth += weight * *account;
                    }
                }
            }
            if !law.is_levered() {
                unit.iter_mut().chain(&mut wealth).for_each(at_least_zero);
            }
            if !self.cash_flows {
                wealth = unit;
            }
            if daily {
                extremes.observe(&unit);
            }
            if let Some(point) = step.fan_point {
                out.set_fan(point, |lane| wealth[lane]);
            }
        }
        out.set_terminal(&wealth);
        if daily {
            out.set_path_statistics(&extremes.drawdown, &extremes.low);
        }
    }
}

/// One row of ones per asset.
fn reset(rows: &mut Vec<Lanes>, assets: usize) {
    rows.clear();
    rows.resize(assets, [1.0; LANES]);
}

struct Block<'a, 'l, 'o> {
    model: &'a BuyAndHoldModel<'a>,
    scratch: &'a mut BuyAndHoldScratch<'l>,
    stream: &'a mut LaneStream,
    out: &'a mut BlockOutcome<'o>,
}

impl Kernel for Block<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.model.simulate(self.scratch, self.stream, self.out);
    }
}
