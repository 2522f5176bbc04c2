//! The kernel for a portfolio that is simulated as one asset: one logarithm per lane.

use crate::{
    LANES, LaneStream, PortfolioLaw, ShockLaw,
    block::BlockOutcome,
    cash_flow::CashAccount,
    elementary::exp,
    extremes::{larger, smaller},
    instruction_set::{Kernel, vectorised},
    schedule::Step,
};

/// What a simulation of one asset needs in addition to the random numbers.
pub(crate) struct OneAssetModel<'a> {
    /// The law of the portfolio.
    pub(crate) law: PortfolioLaw,
    /// The law of the shocks.
    pub(crate) shocks: &'a dyn ShockLaw,
    /// The steps of every path.
    pub(crate) steps: &'a [Step],
    /// Whether money is added or withdrawn at any step.
    pub(crate) cash_flows: bool,
}

impl OneAssetModel<'_> {
    /// Simulates one block of paths.
    ///
    /// A path is stored as its logarithm `x`. Peak, drawdown and minimum are computed from the logarithm, so that a day
    /// costs one shock and a few comparisons, and the exponential is taken at the end. With cash flows the wealth is
    /// tracked too: `W ← W·e^Δx + c`, as [`CashAccount`] books it.
    pub(crate) fn run(&self, stream: &mut LaneStream, out: &mut BlockOutcome<'_>) {
        vectorised(Block { model: self, stream, out });
    }

    #[inline(always)]
    fn simulate(&self, stream: &mut LaneStream, out: &mut BlockOutcome<'_>) {
        let (drift, volatility) = self.law.per_period();
        let daily = out.path_statistics();
        let mut shocks = [[0.0; LANES]];
        let mut x = [0.0; LANES];
        let mut wealth = [1.0; LANES];
        let mut account = CashAccount::new();
        let (mut peak, mut drawdown, mut low) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for step in self.steps {
            if out.stop.is_raised() {
                return;
            }
            self.shocks.fill(stream, &mut shocks);
            let [z] = &shocks;
            let (shift, scale) = (drift * step.days, volatility * step.days.sqrt());
            if self.cash_flows {
                for (w, z) in wealth.iter_mut().zip(z) {
                    let growth = exp(shift + scale * z);
                    *w = if *w > 0.0 { *w * growth } else { *w };
                }
                account.book(&mut wealth, step.addition);
            }
            for (x, z) in x.iter_mut().zip(z) {
                *x += shift + scale * z;
            }
            if daily {
                for (((x, peak), drawdown), low) in x.iter().zip(&mut peak).zip(&mut drawdown).zip(&mut low) {
                    *peak = larger(*x, *peak);
                    *drawdown = larger(*peak - *x, *drawdown);
                    *low = smaller(*x, *low);
                }
            }
            if let Some(point) = step.fan_point {
                let x = &x;
                out.set_fan(point, |lane| if self.cash_flows { wealth[lane] } else { exp(x[lane]) });
            }
        }
        if !self.cash_flows {
            for (w, x) in wealth.iter_mut().zip(&x) {
                *w = exp(*x);
            }
        }
        out.set_terminal(&wealth);
        out.set_ruin(&account);
        if daily {
            for (d, l) in drawdown.iter_mut().zip(&mut low) {
                *d = 1.0 - exp(-*d);
                *l = exp(*l);
            }
            out.set_path_statistics(&drawdown, &low);
        }
    }
}

struct Block<'a, 'o> {
    model: &'a OneAssetModel<'a>,
    stream: &'a mut LaneStream,
    out: &'a mut BlockOutcome<'o>,
}

impl Kernel for Block<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.model.simulate(self.stream, self.out);
    }
}
