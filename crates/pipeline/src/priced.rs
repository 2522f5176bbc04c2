//! The reduction of the price of the deviation from the targets by trades, measured on the histories of the book.

use portfolio_core::{ReturnPanel, TradePlan, return_rounding};
use risk::RiskOptions;

use crate::admitted::Admitted;
use crate::market_data::CommonHistory;
use crate::method::OptimalGoal;
use crate::proposal::OptimalPlan;

/// Marginal prices of the objective between the weights before and after, and the variance of both deviations.
pub(crate) struct Priced {
    /// The reduction of the objective per unit bought of each asset, before cost.
    pub(crate) gain: Vec<f64>,
    /// Annual variance against the targets, before and after.
    pub(crate) variance: [f64; 2],
}

impl Priced {
    /// Prices trades, as fractions of NAV, under the sample covariance of the histories, against `targets`; `None` for
    /// fewer than two periods.
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
        let traded: Vec<(usize, &[f64])> =
            (common.columns.iter().copied().zip(panel.columns())).filter(|(i, _)| trade[*i] != 0.0).collect();
        for some in traded.chunks(AT_A_TIME) {
            let series = std::array::from_fn(|k| some.get(k).map_or(&[][..], |(_, series)| *series));
            for ((i, _), sum) in some.iter().zip(dots(series, &both)) {
                gain[*i] = -price * annual * sum;
            }
        }
        Some(Self { gain, variance: [annual * dot(&before, &before), annual * dot(&after, &after)] })
    }

    /// Prices trades, as fractions of NAV, of the optimal method: under the covariance and the goal of its problem; `None` where no covariance was
    /// estimated.
    pub(crate) fn solved(admitted: &Admitted<'_>, found: &OptimalPlan, trade: &[f64]) -> Option<Self> {
        let annual = found.covariance.as_ref()?.covariance.annualised();
        let (current, problem) = (admitted.current(), &found.problem);
        let before: Vec<f64> = current.iter().zip(&found.reference).map(|(w, b)| w - b).collect();
        let after: Vec<f64> = before.iter().zip(trade).map(|(gap, x)| gap + x).collect();
        let variance = |gap: &[f64]| gap.iter().zip(annual.rows()).map(|(g, row)| g * dot(row, gap)).sum::<f64>();
        let prices = admitted.book.unit_values();
        let money = found.outcome.solution().map_or(0.0, |solution| solution.certificate.duals.budget);
        // Of a path: what the asset is worth to the periods after the first, which the objective of the policy does not have.
        let later = |i: usize| found.path.as_ref().and_then(|path| path.later.get(i)).copied().unwrap_or(0.0);
        let gain = annual.rows().enumerate().map(|(i, row)| match found.goal {
            OptimalGoal::Policy => {
                let both: f64 = row.iter().zip(before.iter().zip(&after)).map(|(s, (b, a))| s * (b + a)).sum();
                later(i) - problem.risk_aversion * both
            }
            OptimalGoal::MeanVariance { .. } => {
                let both: f64 = row.iter().zip(current.iter().zip(trade)).map(|(s, (w, x))| s * (w + w + x)).sum();
                let cost = admitted.config.costs.convex(i, prices[i]);
                let mu = problem.mu[i] + 0.5 * (cost.buy - cost.sell);
                -problem.risk_aversion * both + mu - money
            }
        });
        Some(Self { gain: gain.collect(), variance: [variance(&before), variance(&after)] })
    }

    /// Benefit and cost of the trades, fractions of NAV over the horizon; `None` when they are not finite. `found` is the solved problem of the
    /// optimal method.
    pub(crate) fn benefit_and_cost(
        &self,
        admitted: &Admitted<'_>,
        found: Option<&OptimalPlan>,
        trades: &TradePlan,
    ) -> Option<[f64; 2]> {
        let trade = fractions(admitted, trades);
        let traded = || (0..trade.len()).filter(|&i| trade[i] != 0.0);
        let benefit: f64 = traded().map(|i| trade[i] * self.gain[i]).sum();
        let cost: f64 = traded().map(|i| paid(admitted, trades, i, trade[i], impact_of(admitted, found, i))).sum();
        Some([benefit, cost]).filter(|worth| worth.iter().all(|figure| figure.is_finite()))
    }

    /// Benefit less cost of the trades at the impact of the cost model, basis points of NAV over the horizon; `None` when
    /// they are not finite.
    pub(crate) fn net_bps(&self, admitted: &Admitted<'_>, trades: &TradePlan) -> Option<f64> {
        let [benefit, cost] = self.benefit_and_cost(admitted, None, trades)?;
        Some(1e4 * (benefit - cost))
    }
}

/// The coefficient of the impact of an asset's trades, to their 3/2 power; `found` is the solved problem of the optimal method, which may have
/// an impact of its own.
pub(crate) fn impact_of(admitted: &Admitted<'_>, found: Option<&OptimalPlan>, i: usize) -> f64 {
    match found {
        Some(found) => found.problem.cost_impact.as_ref().map_or(0.0, |impact| impact[i]),
        None => admitted.config.costs.convex(i, admitted.book.unit_values()[i]).impact,
    }
}

/// The trades as fractions of NAV.
pub(crate) fn fractions(admitted: &Admitted<'_>, trades: &TradePlan) -> Vec<f64> {
    let nav = admitted.nav().minor() as f64;
    trades.rows.iter().map(|row| row.value.minor() as f64 / nav).collect()
}

/// The cost of trade `i` including its expected impact, a fraction of NAV; `impact` is the coefficient of its 3/2
/// power.
pub(crate) fn paid(admitted: &Admitted<'_>, trades: &TradePlan, i: usize, trade: f64, impact: f64) -> f64 {
    trades.rows[i].cost.minor() as f64 / admitted.nav().minor() as f64 + impact * trade.abs().powf(1.5)
}

/// The returns of fixed weights less their mean; zero where they differ only by rounding.
fn centred(panel: &ReturnPanel, weights: &[f64]) -> Option<Vec<f64>> {
    let mut returns = panel.portfolio_returns(weights).ok()?;
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    returns.iter_mut().for_each(|r| *r -= mean);
    let deviation = (dot(&returns, &returns) / returns.len() as f64).sqrt();
    if deviation <= return_rounding(1.0 + mean.abs()) {
        returns.fill(0.0);
    }
    Some(returns)
}

/// Sums that are made beside each other: each waits for its own last term only.
const AT_A_TIME: usize = 4;

/// `Σ xᵢ·yᵢ` of several `x`, each 0 for an empty one, as [`dot`] gives them.
fn dots(x: [&[f64]; AT_A_TIME], y: &[f64]) -> [f64; AT_A_TIME] {
    let [a, b, c, d] = x;
    if x.iter().any(|x| x.len() != y.len()) {
        return x.map(|x| dot(x, y));
    }
    let mut sums = [std::iter::empty::<f64>().sum(); AT_A_TIME];
    for ((((a, b), c), d), y) in a.iter().zip(b).zip(c).zip(d).zip(y) {
        sums = [sums[0] + a * y, sums[1] + b * y, sums[2] + c * y, sums[3] + d * y];
    }
    sums
}

/// `Σ xᵢ·yᵢ`.
pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}
