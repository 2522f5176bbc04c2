//! Completes histories of different lengths into one panel: the longer histories fill in what a short one lacks.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use portfolio_core::ReturnPanel;

use crate::error::RiskError;
use crate::spread::Spread;
use crate::{RiskOptions, UnavailableReason};

/// Maximum number of longer histories that one short history is regressed on: those it is most correlated with.
const MOST_REGRESSORS: usize = 16;

/// Candidate penalties of the regression, in units of the regressors' variance, the largest first.
const PENALTIES: [f64; 9] = [100.0, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01];

/// Options of [`complete_histories`].
///
/// | option | default | meaning |
/// |---|---|---|
/// | `risk_free_rate` | that of [`RiskOptions`] | annual, a fraction: what an asset without a premium earns |
/// | `periods_per_year` | that of [`RiskOptions`] | periods in a year |
/// | `prior_information_ratio` | 0.5 | standard deviation, across assets, of the true annual return that the longer histories do not explain, per unit of its volatility |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompletionOptions {
    /// Annual risk-free rate, a fraction.
    pub risk_free_rate: f64,
    /// Periods in a year.
    pub periods_per_year: f64,
    /// Dispersion of true annual information ratios.
    pub prior_information_ratio: f64,
}

impl Default for CompletionOptions {
    fn default() -> Self {
        let RiskOptions { risk_free_rate, periods_per_year } = RiskOptions::default();
        Self { risk_free_rate, periods_per_year, prior_information_ratio: 0.5 }
    }
}

impl CompletionOptions {
    fn risk_free_per_period(&self) -> f64 {
        let Self { risk_free_rate, periods_per_year, .. } = *self;
        RiskOptions { risk_free_rate, periods_per_year }.risk_free_per_period()
    }

    /// The weight given to a mean of `observations` returns: `n/(n + periods_per_year/prior_information_ratio²)`.
    fn belief(&self, observations: usize) -> f64 {
        let n = observations as f64;
        n / (n + self.periods_per_year / (self.prior_information_ratio * self.prior_information_ratio))
    }
}

/// A panel without gaps, and how much of it was observed.
#[derive(Debug, Clone, PartialEq)]
pub struct CompletedPanel {
    /// The same assets, each with a return for every period.
    pub panel: ReturnPanel,
    /// Number of observed returns of each asset, in column order. The others, the oldest, were completed.
    pub observed: Vec<usize>,
}

impl CompletedPanel {
    /// Number of returns of an asset that were completed.
    #[must_use]
    pub fn completed(&self, asset: usize) -> usize {
        self.panel.periods() - self.observed[asset]
    }
}

/// Completes histories that begin later than the others, over the newest `periods` rows of a panel.
///
/// Histories are processed from the longest to the shortest. Each shorter one is regressed, over its own `n` periods,
/// on the histories that are complete by then. The regression is a ridge regression whose penalty is chosen by
/// generalised cross-validation (Golub, Heath and Wahba 1979). A missing return is then
///
/// ```text
/// r = rf + Σ βⱼ·(xⱼ − rf) + q·a + e,        q = n/(n + periods_per_year/prior_information_ratio²)
/// ```
///
/// Here `xⱼ` are the returns of the longer histories in that period, and `a` is the mean that the regression leaves
/// unexplained, shrunk by `q` for its `n` observations. The residuals `e` of the regression are taken in turn, so that
/// the completed history has the variance observed for the asset. This is the estimator of Stambaugh (1997, Journal of
/// Financial Economics 45) for histories of different lengths, with a penalty because a young asset has many regressors
/// and few observations, and with a prior on the mean.
///
/// * `panel`: simple returns per period, fractions, oldest first. Each asset needs at least two returns.
/// * `periods`: rows of the result; fewer when the longest history is shorter.
///
/// Cost: `O(n·k)` for each short history and `O(n·16²)` for its regression, `k` the number of longer ones.
///
/// # Errors
/// [`UnavailableReason::TooFewReturns`] for an asset with fewer than two returns.
///
/// # Example
/// ```
/// use portfolio_core::{ReturnPanel, Universe};
/// use risk::{CompletionOptions, complete_histories};
///
/// let market: Vec<f64> = (0..250).map(|t| 0.01 * f64::from((t * 7) % 11 - 5) / 5.0).collect();
/// let young: Vec<f64> = market[190..].iter().map(|r| 1.5 * r).collect();
/// let panel = ReturnPanel::new(Universe::new(["Market", "Young"])?, vec![market.clone(), young])?;
///
/// let completed = complete_histories(&panel, 250, &CompletionOptions::default())?;
/// assert_eq!((completed.panel.common_periods(), completed.completed(1)), (250, 190));
/// // What was observed stays; what was not follows the market at the beta that was seen.
/// assert!((completed.panel.series(1).unwrap()[0] - 1.5 * market[0]).abs() < 2e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn complete_histories(
    panel: &ReturnPanel,
    periods: usize,
    options: &CompletionOptions,
) -> Result<CompletedPanel, RiskError> {
    let panel = panel.tail(periods);
    let rows = panel.columns().map(<[f64]>::len).max().unwrap_or(0);
    let observed: Vec<usize> = panel.columns().map(<[f64]>::len).collect();
    if observed.iter().any(|&n| n < 2) {
        return Err(UnavailableReason::TooFewReturns.into());
    }
    let mut columns: Vec<Vec<f64>> = panel.columns().map(<[f64]>::to_vec).collect();
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|&asset| std::cmp::Reverse(observed[asset]));
    let risk_free = options.risk_free_per_period();
    // Histories of equal length are completed from the same longer ones, so the order of the assets does not matter.
    let mut complete: Vec<usize> = Vec::new();
    for group in order.chunk_by(|&a, &b| observed[a] == observed[b]) {
        let n = observed[group[0]];
        if n < rows {
            let filled: Vec<Vec<f64>> = group
                .iter()
                .map(|&asset| {
                    let fit = Fit::of(&columns[asset], &complete, &columns);
                    fit.fill(&columns, rows - n, risk_free, options.belief(n))
                })
                .collect();
            for (&asset, mut missing) in group.iter().zip(filled) {
                missing.append(&mut columns[asset]);
                columns[asset] = missing;
            }
        }
        complete.extend(group);
    }
    let panel = ReturnPanel::new(panel.universe().clone(), columns).map_err(|_| UnavailableReason::Overflow)?;
    Ok(CompletedPanel { panel, observed })
}

/// A short history regressed on longer ones.
struct Fit {
    /// The longer histories and their coefficients.
    betas: Vec<(usize, f64)>,
    /// Mean that the longer histories do not explain.
    alpha: f64,
    /// Residuals over the asset's own periods, of mean zero, oldest first.
    residuals: Vec<f64>,
}

impl Fit {
    /// Regresses the newest returns `y` on the columns `complete`, over the periods of `y`.
    fn of(y: &[f64], complete: &[usize], columns: &[Vec<f64>]) -> Self {
        let n = y.len();
        let tail = |asset: usize| &columns[asset][columns[asset].len() - n..];
        let mean = Spread::mean_of(y);
        let variance = y.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n as f64;
        let mut regressors: Vec<Regressor> = Vec::new();
        if Spread::of(y).divisor() != Err(UnavailableReason::ZeroVolatility) {
            regressors.extend(complete.iter().filter_map(|&asset| Regressor::of(asset, tail(asset), y, mean)));
            regressors.sort_by(|a, b| b.covariance.abs().total_cmp(&a.covariance.abs()).then(a.asset.cmp(&b.asset)));
            regressors.truncate(MOST_REGRESSORS);
        }
        let (coefficients, freedom) = ridge(&regressors, variance, n, tail);
        let betas: Vec<(usize, f64)> =
            regressors.iter().zip(coefficients).map(|(x, beta)| (x.asset, beta / x.deviation)).collect();
        let explained = |t: usize| betas.iter().map(|&(asset, beta)| beta * tail(asset)[t]).sum::<f64>();
        let mut residuals: Vec<f64> = (0..n).map(|t| y[t] - explained(t)).collect();
        let alpha = Spread::mean_of(&residuals);
        // The residuals of a fit are smaller than its errors. A correction for the degrees of freedom restores the
        // variance.
        let scale = (n as f64 / (n as f64 - 1.0 - freedom).max(1.0)).sqrt();
        residuals.iter_mut().for_each(|e| *e = scale * (*e - alpha));
        Self { betas, alpha, residuals }
    }

    /// The `missing` returns before the first observed one, oldest first.
    fn fill(&self, columns: &[Vec<f64>], missing: usize, risk_free: f64, belief: f64) -> Vec<f64> {
        let total: f64 = self.betas.iter().map(|(_, beta)| beta).sum();
        // The mean that remains if the longer histories earn the risk-free rate.
        let unexplained = self.alpha - risk_free * (1.0 - total);
        let base = risk_free * (1.0 - total) + belief * unexplained;
        let fitted = |t: usize| self.betas.iter().map(|&(asset, beta)| beta * columns[asset][t]).sum::<f64>();
        // Residuals are counted back from the first observed return, so that a longer gap leaves the newer returns as they are.
        let n = self.residuals.len();
        let residual = |t: usize| self.residuals[n - 1 - (missing - 1 - t) % n];
        (0..missing).map(|t| (base + fitted(t) + residual(t)).max(-1.0)).collect()
    }
}

/// A longer history over the periods of a short one.
struct Regressor {
    asset: usize,
    mean: f64,
    deviation: f64,
    /// Covariance with the short history, per unit of this history's standard deviation.
    covariance: f64,
}

impl Regressor {
    /// `None` for a history that does not vary.
    fn of(asset: usize, x: &[f64], y: &[f64], mean_of_y: f64) -> Option<Self> {
        if Spread::of(x).divisor() == Err(UnavailableReason::ZeroVolatility) {
            return None;
        }
        let (n, mean) = (x.len() as f64, Spread::mean_of(x));
        let deviation = (x.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n).sqrt();
        let covariance = x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean_of_y)).sum::<f64>() / (n * deviation);
        (deviation > 0.0 && covariance.is_finite()).then_some(Self { asset, mean, deviation, covariance })
    }
}

/// Coefficients on standardised regressors under the penalty with the smallest cross-validation error, and the degrees
/// of freedom used. All coefficients are zero if no penalty beats the mean of `y`.
fn ridge<'a>(regressors: &[Regressor], variance: f64, n: usize, tail: impl Fn(usize) -> &'a [f64]) -> (Vec<f64>, f64) {
    let k = regressors.len();
    let none = (vec![0.0; k], 0.0);
    if k == 0 || n < 3 {
        return none;
    }
    let standard: Vec<Vec<f64>> =
        regressors.iter().map(|x| tail(x.asset).iter().map(|r| (r - x.mean) / x.deviation).collect()).collect();
    let correlation =
        DMatrix::from_fn(k, k, |i, j| standard[i].iter().zip(&standard[j]).map(|(a, b)| a * b).sum::<f64>() / n as f64);
    let covariance = DVector::from_iterator(k, regressors.iter().map(|x| x.covariance));
    let eigen = SymmetricEigen::new(correlation);
    let turned = eigen.eigenvectors.transpose() * covariance;
    let error = |residual: f64, freedom: f64| {
        let left = 1.0 - (1.0 + freedom) / n as f64;
        (left > 0.0).then(|| residual / (left * left))
    };
    let Some(mut best) = error(variance, 0.0) else { return none };
    let mut found = None;
    for penalty in PENALTIES {
        let (mut residual, mut freedom) = (variance, 0.0);
        for (d, c) in eigen.eigenvalues.iter().zip(&turned) {
            let d = d.max(0.0);
            let shrunk = c / (d + penalty);
            residual -= shrunk * (2.0 * c - d * shrunk);
            freedom += d / (d + penalty);
        }
        if let Some(value) = error(residual.max(0.0), freedom)
            && value < best
        {
            best = value;
            found = Some((penalty, freedom));
        }
    }
    let Some((penalty, freedom)) = found else { return none };
    let scaled =
        DVector::from_iterator(k, turned.iter().zip(&eigen.eigenvalues).map(|(c, d)| c / (d.max(0.0) + penalty)));
    ((&eigen.eigenvectors * scaled).iter().copied().collect(), freedom)
}

#[cfg(test)]
mod tests {
    use portfolio_core::Universe;

    use super::*;

    /// Returns in (−0.01, 0.01): a linear congruential generator (Knuth's MMIX constants).
    fn noise(seed: u64, periods: usize) -> Vec<f64> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            0.02 * ((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
        };
        (0..periods).map(|_| next()).collect()
    }

    fn panel(series: Vec<Vec<f64>>) -> ReturnPanel {
        let universe = Universe::new((0..series.len()).map(|i| format!("A{i}"))).unwrap();
        ReturnPanel::new(universe, series).unwrap()
    }

    fn deviation(x: &[f64]) -> f64 {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        (x.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (x.len() - 1) as f64).sqrt()
    }

    #[test]
    fn equal_histories_stay_as_they_are() {
        let even = panel(vec![noise(1, 80), noise(2, 80)]);
        let completed = complete_histories(&even, 80, &CompletionOptions::default()).unwrap();
        assert_eq!((&completed.panel, completed.observed), (&even, vec![80, 80]));
        // Histories longer than requested are cut.
        let completed = complete_histories(&even, 50, &CompletionOptions::default()).unwrap();
        assert_eq!(completed.panel, even.tail(50));
    }

    #[test]
    fn what_was_observed_is_kept_and_a_known_beta_is_found() {
        let market = noise(3, 500);
        let young: Vec<f64> = market[400..].iter().zip(noise(4, 100)).map(|(m, e)| 0.8 * m + 0.3 * e).collect();
        let completed =
            complete_histories(&panel(vec![market.clone(), young.clone()]), 500, &Default::default()).unwrap();
        let series = completed.panel.series(1).unwrap();
        assert_eq!(&series[400..], young);
        let (of_market, of_young) = (deviation(&market[..400]), deviation(&series[..400]));
        let expected = (0.64 + 0.09_f64).sqrt();
        assert!((of_young / of_market - expected).abs() < 0.06, "{} against {expected}", of_young / of_market);
    }

    #[test]
    fn unrelated_and_riskless_histories_are_no_trouble() {
        let riskless = vec![0.0001; 300];
        let completed = complete_histories(
            &panel(vec![noise(5, 300), riskless, noise(6, 40), vec![0.0002; 30]]),
            300,
            &Default::default(),
        )
        .unwrap();
        let short = completed.panel.series(2).unwrap();
        assert!((deviation(&short[..260]) / deviation(&short[260..]) - 1.0).abs() < 0.1);
        // Before it begins, a riskless history earns the risk-free rate and the shrunk part of the rest.
        let flat = completed.panel.series(3).unwrap();
        assert!(flat[..270].iter().all(|r| (r - flat[0]).abs() < 1e-15), "{flat:?}");
        assert!(flat[0] > 0.0 && flat[0] < 0.0002, "{}", flat[0]);
    }

    #[test]
    fn a_lucky_month_is_not_a_lucky_decade() {
        let lucky: Vec<f64> = noise(7, 20).iter().map(|r| r + 0.01).collect();
        let completed = complete_histories(&panel(vec![noise(8, 1000), lucky]), 1000, &Default::default()).unwrap();
        let series = completed.panel.series(1).unwrap();
        let mean = series[..980].iter().sum::<f64>() / 980.0;
        assert!(mean.abs() < 0.001, "{mean}: 20 days of 1 % a day say little about the years before");
    }

    #[test]
    fn the_order_of_the_assets_decides_nothing() {
        let (a, b, c, d) = (noise(9, 200), noise(10, 200), noise(11, 60), noise(12, 60));
        let one =
            complete_histories(&panel(vec![a.clone(), b.clone(), c.clone(), d.clone()]), 200, &Default::default())
                .unwrap();
        let two = complete_histories(&panel(vec![d, c, b, a]), 200, &Default::default()).unwrap();
        for asset in 0..4 {
            let pair = one.panel.series(asset).unwrap().iter().zip(two.panel.series(3 - asset).unwrap());
            assert!(pair.into_iter().all(|(x, y)| (x - y).abs() < 1e-12), "asset {asset}");
        }
    }

    #[test]
    fn one_return_completes_nothing() {
        let error = complete_histories(&panel(vec![noise(1, 30), vec![0.01]]), 30, &Default::default());
        assert_eq!(error, Err(RiskError::Unavailable(UnavailableReason::TooFewReturns)));
    }
}
