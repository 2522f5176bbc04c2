//! The kernel for fixed weights: one geometric Brownian motion per lane.

use crate::{
    PortfolioLaw,
    block::BlockOutcome,
    elementary::exp,
    normals::{BLOCK, NormalStream},
    schedule::Step,
};

/// What a simulation at fixed weights needs beside the random numbers.
pub(crate) struct FixedWeightsModel<'a> {
    /// The law of the portfolio.
    pub(crate) law: PortfolioLaw,
    /// The strides of every path.
    pub(crate) steps: &'a [Step],
    /// Whether any step adds money.
    pub(crate) cash_flows: bool,
}

impl FixedWeightsModel<'_> {
    /// Simulates one block of paths.
    ///
    /// A path is kept as its logarithm `x`; peak, drawdown and minimum are those of the logarithm, so that a day costs
    /// one normal number and some comparisons, and the exponential is taken at the end. With cash flows the wealth is
    /// carried along: `W ← W·e^Δx + c`, or `W + c` when nothing is invested because `W ≤ 0`.
    pub(crate) fn run(&self, normals: &mut NormalStream, out: &mut BlockOutcome<'_>) {
        let (drift, volatility) = self.law.per_period();
        let daily = out.path_statistics();
        let mut z = [0.0; BLOCK];
        let mut x = [0.0; BLOCK];
        let mut wealth = [1.0; BLOCK];
        let (mut peak, mut drawdown, mut low) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        for step in self.steps {
            normals.fill(&mut z);
            let (shift, scale) = (drift * step.days, volatility * step.days.sqrt());
            if self.cash_flows {
                for (w, z) in wealth.iter_mut().zip(&z) {
                    let growth = exp(shift + scale * z);
                    *w = if *w > 0.0 { *w * growth } else { *w } + step.addition;
                }
            }
            for (x, z) in x.iter_mut().zip(&z) {
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
        if daily {
            for (d, l) in drawdown.iter_mut().zip(&mut low) {
                *d = 1.0 - exp(-*d);
                *l = exp(*l);
            }
            out.set_path_statistics(&drawdown, &low);
        }
    }
}

/// The larger of two numbers that are not NaN, in one instruction.
#[inline(always)]
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The smaller of two numbers that are not NaN, in one instruction.
#[inline(always)]
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}
