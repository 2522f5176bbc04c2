//! The first agent: makes one panel of the histories and scores the data.

mod implausible;
mod jumps;
mod quality;
mod record;
mod robust;

use portfolio_core::ReturnPanel;
use risk::{CompletionOptions, complete_histories};

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId, Veto};
use crate::error::PipelineError;
use crate::plausibility::ImplausibleInput;
use crate::warning::RunWarning;

use implausible::{implausible_histories, implausible_policy};

pub use quality::{AssetQuality, DataQuality, QualityIssue, QualityIssueCode, QualityIssueKind};
pub use record::SurveySummary;

/// Number of observations below which figures carry a warning and the optimal method has no covariance.
pub const FEW_OBSERVATIONS: usize = 20;

/// Number of observations of an asset below which the risk of a book with that asset is not assessed.
///
/// For `n` normal returns the relative standard error of a volatility is `1/√(2n)`: 9 % at 60, a third of the 25 %
/// above which the risk budget warns.
pub const SHORT_HISTORY: usize = 60;

/// Standard deviations by which a figure of a completed history may be below that of the whole history.
const DOUBT: f64 = 3.0;

/// Aligns the histories and scores the data.
#[derive(Debug, Clone, Copy, Default)]
pub struct MarketDataAgent;

/// The market of a case: the panel of its assets, and the quality of the data.
#[derive(Debug)]
pub struct Surveyed {
    pub(crate) common: CommonHistory,
    pub(crate) quality: DataQuality,
    /// Implausible input: first the findings made when the case was read, then those in its histories.
    pub(crate) implausible: Vec<ImplausibleInput>,
    pub(crate) warnings: Vec<RunWarning>,
}

impl Surveyed {
    /// The quality of the data.
    #[must_use]
    pub fn quality(&self) -> &DataQuality {
        &self.quality
    }

    /// Implausible input.
    #[must_use]
    pub fn implausible(&self) -> &[ImplausibleInput] {
        &self.implausible
    }

    /// The sentences about implausible input, with the names of the assets.
    pub(crate) fn findings(&self) -> impl Iterator<Item = String> {
        self.warnings.iter().filter_map(|warning| match warning {
            RunWarning::Implausible { told, .. } => Some(told.clone()),
            _ => None,
        })
    }

    /// Number of periods over which the assets held or in the policy are measured.
    #[must_use]
    pub fn observations(&self) -> usize {
        self.common.observations()
    }
}

impl Agent for MarketDataAgent {
    const ID: AgentId = AgentId::MarketData;
    const ROLE: &'static str = "Makes one panel of the histories and scores the data: gaps, stale prices, \
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
        let mut of_histories = Vec::new();
        let common = CommonHistory::of(admitted, &mut of_histories);
        let mut found = implausible_histories(admitted);
        if found.is_empty() {
            let policy = common.returns_of(admitted.target());
            let observed = common.evidence(admitted).observed();
            found.extend(implausible_policy(&policy, observed, admitted.config.risk_free_rate));
        }
        let mut implausible = admitted.config.doubts.clone();
        implausible.extend(found);
        let names = admitted.book.universe().names();
        let mut warnings: Vec<RunWarning> = implausible
            .iter()
            .map(|input| RunWarning::Implausible { input: input.clone(), told: input.named(names) })
            .collect();
        warnings.extend(of_histories);
        Ok(Surveyed { common, quality: DataQuality::of(admitted), implausible, warnings })
    }
}

fn check_returns(admitted: &Admitted<'_>) -> Result<(), PipelineError> {
    let is_impossible = |r: &f64| !(*r >= -1.0 && r.is_finite());
    // Without an early end the compiler checks several returns at a time.
    let is_possible = |returns: &[f64]| !returns.iter().fold(false, |found, r| found | is_impossible(r));
    for (asset, returns) in admitted.market.panel.columns().enumerate() {
        if is_possible(returns) {
            continue;
        }
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

/// The data behind figures of risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Number of periods of the panel.
    periods: usize,
    /// Number of returns of the asset with the shortest history.
    shortest: usize,
}

impl Evidence {
    /// Number of periods in which every asset has a return of its own.
    pub(crate) fn observed(self) -> usize {
        self.shortest
    }

    /// Whether an asset has too few returns for an assessment of risk.
    pub(crate) fn is_short(self) -> bool {
        self.shortest < SHORT_HISTORY
    }

    /// Whether the histories of some assets were completed from those of others.
    pub(crate) fn is_completed(self) -> bool {
        self.shortest < self.periods
    }

    /// The relative uncertainty of a figure because a history was completed. `error` is the standard error of the figure from
    /// `n` returns relative to the figure, times `√n`.
    ///
    /// The `n` returns of the shortest history are part of the `N` of the panel, so the figure of the `n` differs from that of
    /// all `N` with a variance of `error²·(1/n − 1/N)` (Hausman 1978). The uncertainty is `DOUBT` standard deviations of it; 0
    /// for histories of equal length.
    pub(crate) fn doubt(self, error: f64) -> f64 {
        let (n, periods) = (self.shortest as f64, self.periods as f64);
        if self.is_completed() && self.shortest > 0 { DOUBT * error * (1.0 / n - 1.0 / periods).sqrt() } else { 0.0 }
    }
}

/// The history that risk and simulation are based on: one return for each asset and period.
#[derive(Debug)]
pub(crate) struct CommonHistory {
    /// The histories of every asset held or in the policy, completed where they differ in length; `None` when one of
    /// them has none.
    pub(crate) panel: Option<ReturnPanel>,
    /// Columns of the panel, as positions in the book.
    pub(crate) columns: Vec<usize>,
}

impl CommonHistory {
    /// Aligns the histories of the assets held or in the policy, and warns of missing, short or completed ones.
    fn of(admitted: &Admitted<'_>, warnings: &mut Vec<RunWarning>) -> Self {
        let columns = admitted.active();
        let before = warnings.len();
        let missing = columns.iter().filter(|&&i| admitted.market.history(i).is_empty());
        warnings.extend(missing.map(|&asset| RunWarning::HistoryMissing { asset }));
        if warnings.len() > before || columns.is_empty() {
            return Self { panel: None, columns };
        }
        let panel = one_panel(admitted, &columns);
        let periods = panel.as_ref().map_or(0, ReturnPanel::periods);
        if columns.iter().any(|&i| admitted.market.history(i).len() != periods) {
            warnings.push(RunWarning::HistoriesAligned { observations: periods });
        }
        for &asset in &columns {
            let observations = admitted.market.history(asset).len();
            if observations < SHORT_HISTORY {
                warnings.push(RunWarning::HistoryShort { asset, observations });
            }
            if observations < periods {
                warnings.push(RunWarning::HistoryCompleted { asset, completed: periods - observations });
            }
        }
        Self { panel, columns }
    }

    /// The data behind the figures of a book.
    pub(crate) fn evidence(&self, admitted: &Admitted<'_>) -> Evidence {
        let shortest = self.columns.iter().map(|&asset| admitted.market.history(asset).len()).min().unwrap_or(0);
        Evidence { periods: self.observations(), shortest: shortest.min(self.observations()) }
    }

    /// Number of periods of the panel; 0 without one.
    pub(crate) fn observations(&self) -> usize {
        self.panel.as_ref().map_or(0, ReturnPanel::periods)
    }

    /// The common history of each of `assets` assets, empty for an asset neither held nor in the policy; `None` for
    /// fewer than two periods.
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

/// The histories of some assets as one panel without gaps.
///
/// The panel reaches as far back as the histories of half of the assets, so one young asset does not shorten the
/// others, and one old asset does not require a completion of all the others. The missing part of shorter histories is
/// completed ([`complete_histories`]). If an asset has fewer than two returns, nothing can be completed, and only the
/// periods common to all remain.
pub(crate) fn one_panel(admitted: &Admitted<'_>, assets: &[usize]) -> Option<ReturnPanel> {
    let panel = admitted.market.panel.select(assets).ok()?;
    let mut lengths: Vec<usize> = panel.columns().map(<[f64]>::len).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let periods = lengths[(lengths.len() - 1) / 2];
    if lengths.last() == Some(&periods) {
        return Some(panel.tail(periods));
    }
    let options = CompletionOptions { risk_free_rate: admitted.config.risk_free_rate, ..CompletionOptions::default() };
    match complete_histories(&panel, periods, &options) {
        Ok(completed) => Some(completed.panel),
        Err(_) => Some(panel.tail(panel.common_periods())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;

    #[test]
    fn a_shorter_history_is_completed_with_a_warning() {
        let mut case = Case::pair();
        case.returns[1].drain(..10);
        let surveyed = MarketDataAgent.act(&case.lend().admitted()).unwrap();
        assert_eq!(surveyed.observations(), 60);
        use RunWarning::{HistoriesAligned, HistoryCompleted, HistoryShort};
        let told = [
            HistoriesAligned { observations: 60 },
            HistoryShort { asset: 1, observations: 50 },
            HistoryCompleted { asset: 1, completed: 10 },
        ];
        assert_eq!(surveyed.warnings, told);
        let quality = &surveyed.quality().assets[1];
        assert_eq!(quality.issues[0].kind.code(), QualityIssueCode::Gap);
    }

    #[test]
    fn one_old_history_is_cut_and_one_return_completes_nothing() {
        let mut case = Case::four();
        case.returns[2] = [case.returns[3].clone(), case.returns[2].clone()].concat();
        let surveyed = MarketDataAgent.act(&case.lend().admitted()).unwrap();
        assert_eq!(surveyed.observations(), 60);
        assert_eq!(surveyed.warnings, [RunWarning::HistoriesAligned { observations: 60 }]);
        case.returns[0].drain(1..);
        let surveyed = MarketDataAgent.act(&case.lend().admitted()).unwrap();
        assert_eq!(surveyed.observations(), 1);
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
