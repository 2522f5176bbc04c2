//! Jump diffusion.

use portfolio_core::ModelParameter;

use super::{DailyLaw, DailyPaths};
use crate::{
    AssetLaw, LANES, LaneStream, Lanes, NormalShocks, ShockLaw, StressError,
    correlate::{Correlator, Scaled},
    elementary::exp,
};

/// Jumps that hit all assets at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jumps {
    /// `λ`: expected number of jumps a year, above 0 and at most 1,000.
    pub intensity: f64,
    /// `m`: mean of the logarithm of a jump, within ±1; a crash is negative.
    pub mean: f64,
    /// `s`: standard deviation of the logarithm of a jump, 0 to 1.
    pub deviation: f64,
}

/// Geometric Brownian motion with jumps that are common to all assets: at the times of a Poisson process, every log-price jumps by the same
/// normal number.
///
/// The covariance of the [`AssetLaw`] is that of the diffusion; the annual variance of a log-price is `Σᵢᵢ + λ·(m² + s²)`. Drifts are
/// compensated, so the mean price after `T` years is `e^{μT}` exactly.
///
/// # Reference
/// Merton (1976), "Option pricing when underlying stock returns are discontinuous", Journal of Financial Economics 3(1–2), 125–144.
#[derive(Debug, Clone)]
pub struct JumpDiffusion {
    law: AssetLaw,
    jumps: Jumps,
    /// `P(N ≤ n)` over one day for n = 0, 1, …
    cumulative: Vec<f64>,
}

impl JumpDiffusion {
    /// The diffusion of `law` with these jumps; the drift of `law` is not used.
    ///
    /// # Errors
    /// [`StressError::Jumps`] for a parameter out of range, or more than ten expected jumps a day.
    pub fn new(law: AssetLaw, jumps: Jumps) -> Result<Self, StressError> {
        let Jumps { intensity, mean, deviation } = jumps;
        let daily = intensity / law.periods_per_year();
        let valid = intensity > 0.0
            && intensity <= 1000.0
            && daily <= 10.0
            && mean.abs() <= 1.0
            && (0.0..=1.0).contains(&deviation);
        if !valid {
            return Err(StressError::Jumps { intensity, mean, deviation });
        }
        let mut term = exp(-daily);
        let (mut sum, mut cumulative) = (term, vec![term]);
        // Uniform numbers are multiples of 2⁻⁵²: what is left is never drawn.
        while sum < 1.0 - f64::EPSILON && cumulative.len() < 100 {
            term *= daily / cumulative.len() as f64;
            sum += term;
            cumulative.push(sum);
        }
        Ok(Self { law, jumps, cumulative })
    }

    fn daily_intensity(&self) -> f64 {
        self.jumps.intensity / self.law.periods_per_year()
    }
}

impl DailyLaw for JumpDiffusion {
    fn id(&self) -> &'static str {
        "jump_diffusion"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![
            ModelParameter::new("intensity", self.jumps.intensity),
            ModelParameter::new("jump_mean", self.jumps.mean),
            ModelParameter::new("jump_deviation", self.jumps.deviation),
        ]
    }

    fn assets(&self) -> usize {
        self.law.assets()
    }

    fn periods_per_year(&self) -> f64 {
        self.law.periods_per_year()
    }

    fn convexity(&self, asset: usize, _: usize) -> f64 {
        let Jumps { mean, deviation, .. } = self.jumps;
        self.law.variance_annual(asset) / 2.0 / self.periods_per_year()
            + self.daily_intensity() * (exp(mean + deviation * deviation / 2.0) - 1.0 - mean)
    }

    fn paths(&self) -> Box<dyn DailyPaths + '_> {
        Box::new(Paths {
            law: self,
            correlator: Correlator::new(self.law.factor(), self.law.assets()),
            rows: vec![[0.0; LANES]; self.law.factor().rank()],
        })
    }
}

struct Paths<'a> {
    law: &'a JumpDiffusion,
    correlator: Correlator<'a>,
    rows: Vec<Lanes>,
}

impl DailyPaths for Paths<'_> {
    fn restart(&mut self) {}

    fn step(&mut self, stream: &mut LaneStream, log_returns: &mut [Lanes]) {
        let JumpDiffusion { law, jumps, cumulative } = self.law;
        NormalShocks.fill(stream, &mut self.rows);
        let mut sizes = [[0.0; LANES]];
        NormalShocks.fill(stream, &mut sizes);
        let mut counts = [0.0; LANES];
        stream.uniforms(&mut counts);
        let centre = self.law.daily_intensity() * jumps.mean;
        for (size, u) in sizes[0].iter_mut().zip(&counts) {
            let count = cumulative.partition_point(|p| p < u) as f64;
            *size = count * jumps.mean + count.sqrt() * jumps.deviation * *size - centre;
        }
        let root = (1.0 / law.periods_per_year()).sqrt();
        self.correlator.apply(&self.rows, log_returns, Scaled(root));
        for out in log_returns {
            out.iter_mut().zip(&sizes[0]).for_each(|(x, jump)| *x += jump);
        }
    }
}
