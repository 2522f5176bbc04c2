//! The kernel for weights that are restored at the end of each day, for shocks under which the portfolio is not one
//! asset.

use crate::{
    AssetLaw, LANES, LaneStream,
    block::BlockOutcome,
    cash_flow::CashAccount,
    extremes::{Extremes, at_least_zero},
    growth::AssetGrowth,
    instruction_set::{Kernel, vectorised},
    schedule::Step,
};

/// What a simulation with daily restored weights needs in addition to the random numbers.
pub(crate) struct DailyWeightsModel<'a> {
    /// The law of the assets.
    pub(crate) law: &'a AssetLaw,
    /// The steps of every path, one per day.
    pub(crate) steps: &'a [Step],
    /// Whether money is added or withdrawn at any step.
    pub(crate) cash_flows: bool,
}

impl DailyWeightsModel<'_> {
    /// Simulates one block of paths.
    ///
    /// ```text
    /// G = Σ wᵢ·e^Δxᵢ + 1 − Σ wᵢ     U ← U·G     W ← W·G + c
    /// ```
    ///
    /// `U` is the value of the first unit of money, from which drawdowns are measured. `W` is the wealth with all cash
    /// flows, as [`CashAccount`] books them. A book with a loan or short holdings can lose more than it is worth in a
    /// day; after that, nothing is invested.
    pub(crate) fn run(&self, growth: &mut AssetGrowth<'_>, stream: &mut LaneStream, out: &mut BlockOutcome<'_>) {
        vectorised(Block { model: self, growth, stream, out });
    }

    #[inline(always)]
    fn simulate(&self, growth: &mut AssetGrowth<'_>, stream: &mut LaneStream, out: &mut BlockOutcome<'_>) {
        let law = self.law;
        let daily = out.path_statistics();
        let mut unit = [1.0; LANES];
        let mut wealth = [1.0; LANES];
        let mut account = CashAccount::new();
        let mut extremes = Extremes::new();
        for step in self.steps {
            if out.stop.is_raised() {
                return;
            }
            growth.draw(stream, step.days / law.periods_per_year());
            let mut factor = [law.cash_weight(); LANES];
            for (weight, growth) in law.weights().iter().zip(growth.factors()) {
                for (factor, g) in factor.iter_mut().zip(growth) {
                    *factor += weight * g;
                }
            }
            if !law.is_levered() {
                factor.iter_mut().for_each(at_least_zero);
            }
            for (unit, factor) in unit.iter_mut().zip(&factor) {
                *unit = if *unit > 0.0 { *unit * factor } else { *unit };
            }
            if self.cash_flows {
                for (w, factor) in wealth.iter_mut().zip(&factor) {
                    *w = if *w > 0.0 { *w * factor } else { *w };
                }
                account.book(&mut wealth, step.addition);
            } else {
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
        out.set_ruin(&account);
        if daily {
            out.set_path_statistics(&extremes.drawdown, &extremes.low);
        }
    }
}

struct Block<'a, 'l, 'o> {
    model: &'a DailyWeightsModel<'a>,
    growth: &'a mut AssetGrowth<'l>,
    stream: &'a mut LaneStream,
    out: &'a mut BlockOutcome<'o>,
}

impl Kernel for Block<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.model.simulate(self.growth, self.stream, self.out);
    }
}
