//! The first agent: histories become one panel, and the data gets a score.

mod jumps;
mod quality;
mod robust;

use portfolio_core::{ReturnPanel, Universe};

use crate::supervisor::Admitted;
use crate::{Agent, AgentId, PipelineError, PlanWarning, Portfolio, Veto};

pub use quality::{AssetQuality, DataQuality, QualityIssue, QualityIssueCode};

/// Observations below which figures come with a warning.
pub const FEW_OBSERVATIONS: usize = 20;

/// Aligns the histories and judges the data.
#[derive(Debug, Clone, Copy, Default)]
pub struct MarketDataAgent;

/// A portfolio with its market: one panel of returns, and how good the data is.
#[derive(Debug)]
pub struct Surveyed {
    pub(crate) admitted: Admitted,
    pub(crate) market: Market,
    pub(crate) quality: DataQuality,
    pub(crate) warnings: Vec<PlanWarning>,
}

impl Surveyed {
    /// How good the data is.
    #[must_use]
    pub fn quality(&self) -> &DataQuality {
        &self.quality
    }

    /// Observations common to all histories of assets held or wanted.
    #[must_use]
    pub fn observations(&self) -> usize {
        self.market.observations()
    }
}

impl Agent for MarketDataAgent {
    type Input = Admitted;
    type Output = Surveyed;
    const ID: AgentId = AgentId::MarketData;
    const ROLE: &'static str = "Aligns the histories on their common tail and scores the data: gaps, stale prices, \
                                outliers, split-like jumps, prices in a wrong unit.";
    const OBJECTIVE: &'static str = "Read the book, align the histories, say what is missing";

    /// # Errors
    /// A veto for a return that is no simple return.
    fn act(&self, admitted: Admitted) -> Result<Surveyed, Veto> {
        check_returns(&admitted.portfolio).map_err(Veto::by(Self::ID))?;
        let mut warnings = Vec::new();
        let market = Market::of(&admitted.portfolio, &mut warnings);
        let quality = DataQuality::of(&admitted.portfolio);
        Ok(Surveyed { admitted, market, quality, warnings })
    }
}

fn check_returns(portfolio: &Portfolio) -> Result<(), PipelineError> {
    let no_return = |r: &f64| !(*r >= -1.0 && r.is_finite());
    for (asset, returns) in portfolio.returns.iter().enumerate() {
        if let Some(index) = returns.iter().position(no_return) {
            return Err(PipelineError::Return { asset, index, value: returns[index] });
        }
    }
    let benchmark = portfolio.benchmark.as_deref().unwrap_or_default();
    match benchmark.iter().find(|r| no_return(r)) {
        Some(&value) => Err(PipelineError::OutOfRange { name: "a benchmark return", value }),
        None => Ok(()),
    }
}

/// The histories as one panel: what risk and simulation may rest on.
#[derive(Debug)]
pub(crate) struct Market {
    /// Common tail of the histories of every asset held or wanted; `None` when one of them has none.
    pub(crate) panel: Option<ReturnPanel>,
    /// Columns of the panel, as positions in the portfolio.
    pub(crate) columns: Vec<usize>,
}

impl Market {
    /// Aligns what the portfolio holds or wants, and says what is missing.
    pub(crate) fn of(portfolio: &Portfolio, warnings: &mut Vec<PlanWarning>) -> Self {
        let columns = portfolio.active();
        let missing: Vec<usize> = columns.iter().copied().filter(|&i| portfolio.returns[i].is_empty()).collect();
        for i in &missing {
            warnings.push(PlanWarning::new(
                "history_missing",
                format!("/assets/{i}/historical_returns"),
                "no history was sent: risk and simulation of the portfolio have no figures",
            ));
        }
        if !missing.is_empty() || columns.is_empty() {
            return Self { panel: None, columns };
        }
        let series: Vec<&[f64]> = columns.iter().map(|&i| portfolio.returns[i].as_slice()).collect();
        let names: Vec<String> = columns.iter().map(|&i| portfolio.names[i].clone()).collect();
        let panel = Universe::new(names).ok().and_then(|universe| ReturnPanel::common_tail(universe, &series).ok());
        if let Some(panel) = &panel {
            let periods = panel.periods();
            if series.iter().any(|s| s.len() != periods) {
                warnings.push(PlanWarning::new(
                    "histories_aligned",
                    "/assets",
                    format!("histories differ in length: the last {periods} observations common to all are used"),
                ));
            }
            if periods < FEW_OBSERVATIONS {
                warnings.push(PlanWarning::new(
                    "history_short",
                    "/assets",
                    format!("only {periods} common observations: figures of risk and simulation are rough at best"),
                ));
            }
        }
        Self { panel, columns }
    }

    /// Observations common to all histories; 0 without a panel.
    pub(crate) fn observations(&self) -> usize {
        self.panel.as_ref().map_or(0, ReturnPanel::periods)
    }

    /// Daily returns of fixed weights, empty without a panel.
    pub(crate) fn returns_of(&self, weights: &[f64]) -> Vec<f64> {
        let columns: Vec<f64> = self.columns.iter().map(|&i| weights[i]).collect();
        self.panel.as_ref().and_then(|panel| panel.portfolio_returns(&columns).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn survey(portfolio: Portfolio) -> Result<Surveyed, Veto> {
        MarketDataAgent.act(sample::admitted(portfolio))
    }

    #[test]
    fn histories_are_aligned_on_their_common_tail_with_a_warning() {
        let mut portfolio = sample::pair();
        portfolio.returns[1].drain(..10);
        let surveyed = survey(portfolio).unwrap();
        assert_eq!(surveyed.observations(), 50);
        assert_eq!(surveyed.warnings[0].code, "histories_aligned");
        let quality = &surveyed.quality().assets[1];
        assert_eq!(quality.issues[0].code, QualityIssueCode::Gap);
    }

    #[test]
    fn a_missing_history_leaves_no_panel_and_no_score() {
        let mut portfolio = sample::pair();
        portfolio.returns[0].clear();
        let surveyed = survey(portfolio).unwrap();
        assert_eq!((surveyed.observations(), surveyed.warnings[0].code), (0, "history_missing"));
        assert_eq!(surveyed.quality().assets[0].score, None);
    }

    #[test]
    fn what_is_no_return_is_refused_with_its_place() {
        for bad in [f64::NAN, f64::INFINITY, -1.5] {
            let mut portfolio = sample::pair();
            portfolio.returns[1][7] = bad;
            let veto = survey(portfolio).unwrap_err();
            assert_eq!(veto.agent, AgentId::MarketData);
            assert!(matches!(veto.cause, PipelineError::Return { asset: 1, index: 7, .. }), "{veto:?}");
        }
        let mut portfolio = sample::pair();
        portfolio.benchmark = Some(vec![0.0, f64::NAN]);
        assert!(survey(portfolio).is_err());
    }
}
