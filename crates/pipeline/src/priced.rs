//! What trades take off the price of the deviation from the targets, on the histories of the book.

use portfolio_core::{ReturnPanel, TradePlan};
use risk::RiskOptions;

use crate::admitted::Admitted;
use crate::market_data::CommonHistory;

/// Marginal prices of the objective between the weights before and after, with the variance of either deviation.
pub(crate) struct Priced {
    /// What one unit bought of each asset takes off the objective, before cost.
    pub(crate) gain: Vec<f64>,
    /// Annual variance against the targets, before and after.
    pub(crate) variance: [f64; 2],
}

impl Priced {
    /// Trades, as fractions of NAV, under the sample covariance of the histories, against `targets`; `None` for fewer than two periods.
    pub(crate) fn on_histories(
        admitted: &Admitted<'_>,
        common: &CommonHistory,
        targets: &[f64],
        trade: &[f64],
    ) -> Option<Self> {
        let panel = common.panel.as_ref().filter(|panel| panel.periods() >= 2)?;
        let current = admitted.current();
        let before: Vec<f64> = common.columns.iter().map(|&i| current[i] - targets[i]).collect();
        let after: Vec<f64> = before.iter().zip(&common.columns).map(|(gap, &i)| gap + trade[i]).collect();
        let both: Vec<f64> = before.iter().zip(&after).map(|(before, after)| before + after).collect();
        let (before, after, both) = (centred(panel, &before)?, centred(panel, &after)?, centred(panel, &both)?);
        let annual = RiskOptions::default().periods_per_year / (panel.periods() - 1) as f64;
        let price = admitted.config.objective.price_of_variance();
        let mut gain = vec![0.0; trade.len()];
        for (column, &i) in common.columns.iter().enumerate().filter(|(_, i)| trade[**i] != 0.0) {
            let series = panel.series(column).unwrap_or_default();
            gain[i] = -price * annual * dot(series, &both);
        }
        Some(Self { gain, variance: [annual * dot(&before, &before), annual * dot(&after, &after)] })
    }
}

/// Trades as fractions of NAV.
pub(crate) fn fractions(admitted: &Admitted<'_>, trades: &TradePlan) -> Vec<f64> {
    let nav = admitted.nav().minor() as f64;
    trades.rows.iter().map(|row| row.value.minor() as f64 / nav).collect()
}

/// What trade `i` costs, its expected impact included, a fraction of NAV; `impact` is the coefficient of its 3/2 power.
pub(crate) fn paid(admitted: &Admitted<'_>, trades: &TradePlan, i: usize, trade: f64, impact: f64) -> f64 {
    trades.rows[i].cost.minor() as f64 / admitted.nav().minor() as f64 + impact * trade.abs().powf(1.5)
}

/// Benefit less cost of trades of the drift method, basis points of NAV over the horizon; `None` where the histories support no figure.
pub(crate) fn net_worth_bps(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    targets: &[f64],
    trades: &TradePlan,
) -> Option<f64> {
    let trade = fractions(admitted, trades);
    let priced = Priced::on_histories(admitted, common, targets, &trade)?;
    let prices = admitted.book.unit_values();
    let net = (0..trade.len())
        .filter(|&i| trade[i] != 0.0)
        .map(|i| {
            let impact = admitted.config.costs.convex(i, prices[i]).impact;
            trade[i] * priced.gain[i] - paid(admitted, trades, i, trade[i], impact)
        })
        .sum::<f64>();
    Some(1e4 * net).filter(|net| net.is_finite())
}

/// The returns of fixed weights less their mean.
fn centred(panel: &ReturnPanel, weights: &[f64]) -> Option<Vec<f64>> {
    let mut returns = panel.portfolio_returns(weights).ok()?;
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    returns.iter_mut().for_each(|r| *r -= mean);
    Some(returns)
}

/// `Σ xᵢ·yᵢ`.
pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}
