//! Days of independent shocks: geometric Brownian motion, Student-t, or any other law of shocks.

use std::sync::Arc;

use portfolio_core::ModelParameter;

use super::{DailyLaw, DailyPaths};
use crate::{
    AssetLaw, LANES, LaneStream, Lanes, ShockLaw,
    correlate::{Correlator, Scaled},
};

/// Days with the covariance of an [`AssetLaw`] and the shocks of a [`ShockLaw`]. The convexity is half the variance, exact for normal
/// shocks; under heavier tails the mean price may not exist, and `μ − σ²/2` is the mean log-return by definition.
#[derive(Debug, Clone)]
pub struct ShockDays {
    law: AssetLaw,
    shocks: Arc<dyn ShockLaw>,
}

impl ShockDays {
    /// Days of `law` under `shocks`; the drift of `law` is not used.
    #[must_use]
    pub fn new(law: AssetLaw, shocks: Arc<dyn ShockLaw>) -> Self {
        Self { law, shocks }
    }
}

impl DailyLaw for ShockDays {
    fn id(&self) -> &'static str {
        match self.shocks.id() {
            "normal" => "gbm",
            "student_t" => "student_t",
            _ => "shocks",
        }
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        self.shocks.parameters()
    }

    fn assets(&self) -> usize {
        self.law.assets()
    }

    fn periods_per_year(&self) -> f64 {
        self.law.periods_per_year()
    }

    fn convexity(&self, asset: usize, _: usize) -> f64 {
        self.law.variance_annual(asset) / 2.0 / self.periods_per_year()
    }

    fn paths(&self) -> Box<dyn DailyPaths + '_> {
        Box::new(Paths {
            days: self,
            correlator: Correlator::new(self.law.factor(), self.law.assets()),
            rows: vec![[0.0; LANES]; self.law.factor().rank()],
        })
    }
}

struct Paths<'a> {
    days: &'a ShockDays,
    correlator: Correlator<'a>,
    rows: Vec<Lanes>,
}

impl DailyPaths for Paths<'_> {
    fn restart(&mut self) {}

    fn step(&mut self, stream: &mut LaneStream, log_returns: &mut [Lanes]) {
        self.days.shocks.fill(stream, &mut self.rows);
        let root = (1.0 / self.days.law.periods_per_year()).sqrt();
        self.correlator.apply(&self.rows, log_returns, Scaled(root));
    }
}
