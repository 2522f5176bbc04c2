//! Either kind of law, as the input of a simulation.

use crate::{AssetLaw, PortfolioLaw};

/// A law that can be simulated: of all assets, or of the portfolio alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SimulationLaw<'a> {
    /// The assets and their weights.
    Assets(&'a AssetLaw),
    /// The portfolio as one asset; buying and holding it is the same as holding it at fixed weights.
    Portfolio(PortfolioLaw),
}

impl SimulationLaw<'_> {
    /// Simulated days in a year.
    #[must_use]
    pub fn periods_per_year(&self) -> f64 {
        match self {
            Self::Assets(law) => law.periods_per_year(),
            Self::Portfolio(law) => law.periods_per_year(),
        }
    }
}

impl<'a> From<&'a AssetLaw> for SimulationLaw<'a> {
    fn from(law: &'a AssetLaw) -> Self {
        Self::Assets(law)
    }
}

impl From<&PortfolioLaw> for SimulationLaw<'_> {
    fn from(law: &PortfolioLaw) -> Self {
        Self::Portfolio(*law)
    }
}

impl From<PortfolioLaw> for SimulationLaw<'_> {
    fn from(law: PortfolioLaw) -> Self {
        Self::Portfolio(law)
    }
}
