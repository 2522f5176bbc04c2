//! Textbook formulas, written a second time so that the service is not compared with itself.

const DAYS: f64 = 252.0;

/// The figures of a plan, tracking error against `benchmark`.
pub(crate) struct Figures {
    pub(crate) volatility: f64,
    pub(crate) sharpe: f64,
    pub(crate) max_drawdown: f64,
    pub(crate) var_95: f64,
    pub(crate) cvar_95: f64,
    pub(crate) expected_annual_return: f64,
    pub(crate) tracking_error: f64,
    pub(crate) live_drawdown: f64,
}

impl Figures {
    pub(crate) fn of(returns: &[f64], benchmark: &[f64], annual_rate: f64) -> Self {
        let daily_rate = (1.0 + annual_rate).powf(1.0 / DAYS) - 1.0;
        let (mean, deviation) = moments(returns);
        let active: Vec<f64> = returns.iter().zip(benchmark).map(|(r, b)| r - b).collect();
        let (var_95, cvar_95) = tail(returns);
        Self {
            volatility: deviation * DAYS.sqrt(),
            sharpe: (mean - daily_rate) / deviation * DAYS.sqrt(),
            max_drawdown: drawdown(returns),
            var_95,
            cvar_95,
            expected_annual_return: mean * DAYS,
            tracking_error: moments(&active).1 * DAYS.sqrt(),
            live_drawdown: live_drawdown(returns),
        }
    }

    pub(crate) fn named(&self) -> [(&'static str, f64); 8] {
        [
            ("volatility", self.volatility),
            ("sharpe", self.sharpe),
            ("max_drawdown", self.max_drawdown),
            ("var_95", self.var_95),
            ("cvar_95", self.cvar_95),
            ("expected_annual_return", self.expected_annual_return),
            ("tracking_error", self.tracking_error),
            ("live_drawdown", self.live_drawdown),
        ]
    }
}

/// Daily returns of fixed weights on the last `periods` returns of each series.
pub(crate) fn portfolio(weights: &[f64], series: &[Vec<f64>], periods: usize) -> Vec<f64> {
    let day = |t: usize| -> f64 { weights.iter().zip(series).map(|(w, s)| w * s[s.len() - periods + t]).sum() };
    (0..periods).map(day).collect()
}

/// Mean and standard deviation with denominator T − 1.
fn moments(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    (mean, (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

/// Fall from the highest wealth to the last.
fn live_drawdown(returns: &[f64]) -> f64 {
    let wealth = |end: usize| returns[..end].iter().map(|r| 1.0 + r).product::<f64>();
    1.0 - wealth(returns.len()) / (0..=returns.len()).map(wealth).fold(0.0, f64::max)
}

fn drawdown(returns: &[f64]) -> f64 {
    let (mut wealth, mut peak, mut worst) = (1.0_f64, 1.0_f64, 0.0_f64);
    for r in returns {
        wealth *= 1.0 + r;
        peak = peak.max(wealth);
        worst = worst.max(1.0 - wealth / peak);
    }
    worst
}

/// VaR by the inverted distribution function, CVaR after Rockafellar and Uryasev, losses positive.
fn tail(returns: &[f64]) -> (f64, f64) {
    let mut losses: Vec<f64> = returns.iter().map(|r| -r).collect();
    losses.sort_by(|a, b| b.total_cmp(a));
    let mass = 0.05 * losses.len() as f64;
    let rank = (mass - 1e-9).ceil() as usize;
    let whole = (mass + 1e-9).floor();
    let sum: f64 = losses[..whole as usize].iter().sum();
    (losses[rank - 1], (sum + (mass - whole) * losses[rank - 1]) / mass)
}
