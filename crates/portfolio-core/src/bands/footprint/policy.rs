//! The policy whose trades are predicted.

use crate::CoreError;
use crate::bands::BandRule;
use crate::bands::timing::Timing;

/// A policy that can be replayed over a history of returns.
#[derive(Debug, Clone, PartialEq)]
pub struct FootprintPolicy {
    /// Target weight of each asset of the history; they sum to one.
    pub targets: Vec<f64>,
    /// The band of each asset.
    pub rule: BandRule,
    /// Where trades end: from 0 for the target to 1 for the edge of the band.
    pub kappa: f64,
    /// When trades are due.
    pub timing: Timing,
    /// One-way cost of a trade as a fraction of its value.
    pub cost_rate: f64,
    /// Risk aversion `γ` that prices a deviation from the targets at `½·γ·TE²` a year.
    pub risk_aversion: f64,
}

impl FootprintPolicy {
    /// Largest distance of the sum of the targets from one that counts as rounding.
    const SUM_TOLERANCE: f64 = 1e-9;

    /// Checks the numbers, the rule and the timing.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] with the first field outside its range (`targets` with their sum), and the errors of
    /// [`BandRule::check`] and [`Timing::check`].
    pub fn check(&self) -> Result<(), CoreError> {
        self.rule.check()?;
        self.timing.check()?;
        let out_of_range = |name, value| Err(CoreError::OutOfRange { name, value });
        if let Some(target) = self.targets.iter().find(|target| !(0.0..=1.0).contains(*target)) {
            return out_of_range("targets", *target);
        }
        let sum: f64 = self.targets.iter().sum();
        if (sum - 1.0).abs() > Self::SUM_TOLERANCE {
            return out_of_range("targets", sum);
        }
        if !(0.0..=1.0).contains(&self.kappa) {
            return out_of_range("kappa", self.kappa);
        }
        if !(0.0..=1.0).contains(&self.cost_rate) {
            return out_of_range("cost_rate", self.cost_rate);
        }
        if !(self.risk_aversion.is_finite() && self.risk_aversion >= 0.0) {
            return out_of_range("risk_aversion", self.risk_aversion);
        }
        Ok(())
    }
}
