use portfolio_core::{ReturnPanel, Universe};
use risk::{RiskOptions, RiskSummary, summarise};

use crate::dto::plan::PlanWarning;
use crate::engine::portfolio::Portfolio;

/// Observations below which figures come with a warning.
pub(super) const FEW_OBSERVATIONS: usize = 20;

/// The histories as one panel: what risk and simulation may rest on.
#[derive(Debug)]
pub(super) struct Market {
    /// Common tail of the histories of every asset held or wanted; `None` when one of them has none.
    pub(super) panel: Option<ReturnPanel>,
    /// Columns of the panel, as positions in the portfolio.
    pub(super) columns: Vec<usize>,
}

impl Market {
    /// Aligns what the portfolio holds or wants, and says what is missing.
    pub(super) fn of(portfolio: &Portfolio, warnings: &mut Vec<PlanWarning>) -> Self {
        let mut warn = |code, pointer: String, detail: String| {
            warnings.push(PlanWarning { code, pointer, detail });
        };
        let weights = &portfolio.weights;
        let columns: Vec<usize> =
            (0..portfolio.names.len()).filter(|&i| weights.current[i] > 0.0 || weights.target[i] > 0.0).collect();
        let missing: Vec<usize> = columns.iter().copied().filter(|&i| portfolio.returns[i].is_empty()).collect();
        for i in &missing {
            warn(
                "history_missing",
                format!("/assets/{i}/historical_returns"),
                "no history was sent: risk and simulation of the portfolio have no figures".to_owned(),
            );
        }
        if !missing.is_empty() || columns.is_empty() {
            return Self { panel: None, columns };
        }
        let series: Vec<&[f64]> = columns.iter().map(|&i| portfolio.returns[i].as_slice()).collect();
        let names = columns.iter().map(|&i| portfolio.names[i].clone()).collect();
        let panel = Universe::new(names).ok().and_then(|universe| ReturnPanel::common_tail(universe, &series).ok());
        if let Some(panel) = &panel {
            let periods = panel.periods();
            if series.iter().any(|s| s.len() != periods) {
                warn(
                    "histories_aligned",
                    "/assets".to_owned(),
                    format!("histories differ in length: the last {periods} observations common to all are used"),
                );
            }
            if periods < FEW_OBSERVATIONS {
                warn(
                    "history_short",
                    "/assets".to_owned(),
                    format!("only {periods} common observations: figures of risk and simulation are rough at best"),
                );
            }
        }
        Self { panel, columns }
    }

    /// Observations common to all histories; 0 without a panel.
    pub(super) fn observations(&self) -> usize {
        self.panel.as_ref().map_or(0, ReturnPanel::periods)
    }

    /// Daily returns of fixed weights, empty without a panel.
    pub(super) fn returns_of(&self, weights: &[f64]) -> Vec<f64> {
        let columns: Vec<f64> = self.columns.iter().map(|&i| weights[i]).collect();
        self.panel.as_ref().and_then(|panel| panel.portfolio_returns(&columns).ok()).unwrap_or_default()
    }
}

/// The seven figures of a return series; tracking error over the tail that series and benchmark share.
pub(super) fn summary(returns: &[f64], benchmark: Option<&[f64]>, risk_free_rate: f64) -> RiskSummary {
    let options = RiskOptions { risk_free_rate, ..RiskOptions::default() };
    let common = benchmark.map_or(returns.len(), |b| b.len().min(returns.len()));
    let tail = |series: &'_ [f64]| -> Vec<f64> { series[series.len() - common..].to_vec() };
    let checked = "the decoder admits finite returns and rates in range only";
    if common == returns.len() {
        let benchmark = benchmark.map(|b| &b[b.len() - common..]);
        return summarise(returns, benchmark, &options).expect(checked);
    }
    let mut all = summarise(returns, None, &options).expect(checked);
    let shared = summarise(&tail(returns), benchmark.map(tail).as_deref(), &options).expect(checked);
    all.tracking_error = shared.tracking_error;
    all.unavailable.retain(|u| u.metric != "tracking_error");
    all.unavailable.extend(shared.unavailable.into_iter().filter(|u| u.metric == "tracking_error"));
    all
}
