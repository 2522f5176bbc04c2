//! The first agent: histories become one panel, and the data gets a score.

mod jumps;
mod quality;
mod record;
mod robust;

use portfolio_core::ReturnPanel;

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId, Veto};
use crate::error::PipelineError;
use crate::warning::RunWarning;

pub use quality::{AssetQuality, DataQuality, QualityIssue, QualityIssueCode, QualityIssueKind};
pub use record::SurveySummary;

/// Observations below which figures come with a warning.
pub const FEW_OBSERVATIONS: usize = 20;

/// Aligns the histories and judges the data.
#[derive(Debug, Clone, Copy, Default)]
pub struct MarketDataAgent;

/// The market of a case: the history its assets have in common, and how good the data is.
#[derive(Debug)]
pub struct Surveyed {
    pub(crate) common: CommonHistory,
    pub(crate) quality: DataQuality,
    pub(crate) warnings: Vec<RunWarning>,
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
        self.common.observations()
    }
}

impl Agent for MarketDataAgent {
    const ID: AgentId = AgentId::MarketData;
    const ROLE: &'static str = "Aligns the histories on their common tail and scores the data: gaps, stale prices, \
                                outliers, split-like jumps, prices in a wrong unit.";
    const OBJECTIVE: &'static str = "Read the book, align the histories, say what is missing";
}

impl MarketDataAgent {
    /// Surveys the market of a case.
    ///
    /// # Errors
    /// A veto for a return below a total loss, or a benchmark return that is not finite.
    pub fn act(&self, admitted: &Admitted<'_>) -> Result<Surveyed, Veto> {
        check_returns(admitted).map_err(Veto::by(Self::ID))?;
        let mut warnings = Vec::new();
        let common = CommonHistory::of(admitted, &mut warnings);
        Ok(Surveyed { common, quality: DataQuality::of(admitted), warnings })
    }
}

fn check_returns(admitted: &Admitted<'_>) -> Result<(), PipelineError> {
    let is_impossible = |r: &f64| !(*r >= -1.0 && r.is_finite());
    for (asset, returns) in admitted.market.panel.columns().enumerate() {
        if let Some(index) = returns.iter().position(is_impossible) {
            return Err(PipelineError::Return { asset, index, value: returns[index] });
        }
    }
    let benchmark = admitted.market.benchmark.unwrap_or_default();
    match benchmark.iter().position(is_impossible) {
        Some(index) => Err(PipelineError::BenchmarkReturn { index, value: benchmark[index] }),
        None => Ok(()),
    }
}

/// The history that all assets share, which risk and simulation are based on.
#[derive(Debug)]
pub(crate) struct CommonHistory {
    /// The common tail of the histories of every asset held or wanted; `None` when one of them has none.
    pub(crate) panel: Option<ReturnPanel>,
    /// Columns of the panel, as positions in the book.
    pub(crate) columns: Vec<usize>,
}

impl CommonHistory {
    /// Aligns the histories of the assets held or wanted, and warns of those that are missing.
    fn of(admitted: &Admitted<'_>, warnings: &mut Vec<RunWarning>) -> Self {
        let columns = admitted.active();
        let before = warnings.len();
        let missing = columns.iter().filter(|&&i| admitted.market.history(i).is_empty());
        warnings.extend(missing.map(|&asset| RunWarning::HistoryMissing { asset }));
        if warnings.len() > before || columns.is_empty() {
            return Self { panel: None, columns };
        }
        let panel = admitted.market.panel.common(&columns).ok();
        if let Some(panel) = &panel {
            let observations = panel.periods();
            if columns.iter().any(|&i| admitted.market.history(i).len() != observations) {
                warnings.push(RunWarning::HistoriesAligned { observations });
            }
            if observations < FEW_OBSERVATIONS {
                warnings.push(RunWarning::HistoryShort { observations });
            }
        }
        Self { panel, columns }
    }

    /// Observations common to all histories; 0 without a panel.
    pub(crate) fn observations(&self) -> usize {
        self.panel.as_ref().map_or(0, ReturnPanel::periods)
    }

    /// The common history of each of `assets` assets, empty for those neither held nor wanted; `None` for fewer than two periods.
    pub(crate) fn by_asset(&self, assets: usize) -> Option<Vec<&[f64]>> {
        let panel = self.panel.as_ref().filter(|panel| panel.periods() >= 2)?;
        let mut histories: Vec<&[f64]> = vec![&[]; assets];
        for (column, &asset) in self.columns.iter().enumerate() {
            histories[asset] = panel.series(column).unwrap_or_default();
        }
        Some(histories)
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
    use crate::sample::Case;

    #[test]
    fn histories_are_aligned_on_their_common_tail_with_a_warning() {
        let mut case = Case::pair();
        case.returns[1].drain(..10);
        let surveyed = MarketDataAgent.act(&case.lend().admitted()).unwrap();
        assert_eq!(surveyed.observations(), 50);
        assert_eq!(surveyed.warnings[0], RunWarning::HistoriesAligned { observations: 50 });
        let quality = &surveyed.quality().assets[1];
        assert_eq!(quality.issues[0].kind.code(), QualityIssueCode::Gap);
    }

    #[test]
    fn a_missing_history_leaves_no_panel_and_no_score() {
        let mut case = Case::pair();
        case.returns[0].clear();
        let surveyed = MarketDataAgent.act(&case.lend().admitted()).unwrap();
        assert_eq!((surveyed.observations(), &surveyed.warnings[0]), (0, &RunWarning::HistoryMissing { asset: 0 }));
        assert_eq!(surveyed.quality().assets[0].score, None);
    }

    #[test]
    fn impossible_returns_are_refused_with_their_place() {
        let mut case = Case::pair();
        case.returns[1][7] = -1.5;
        let veto = MarketDataAgent.act(&case.lend().admitted()).unwrap_err();
        assert_eq!(veto.agent, AgentId::MarketData);
        assert!(matches!(veto.cause, PipelineError::Return { asset: 1, index: 7, .. }), "{veto:?}");
        for bad in [f64::NAN, f64::INFINITY, -1.5] {
            let mut case = Case::pair();
            case.benchmark = Some(vec![0.0, bad]);
            let veto = MarketDataAgent.act(&case.lend().admitted()).unwrap_err();
            assert!(matches!(veto.cause, PipelineError::BenchmarkReturn { index: 1, .. }), "{veto:?}");
        }
    }
}
