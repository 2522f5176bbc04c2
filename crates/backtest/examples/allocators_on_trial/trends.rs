//! Two forecasts of relative returns, of different speeds, fitted to the past alone.

use backtest::Past;

/// Rows of a month, which is the period of the forecasts, and of a year.
pub(crate) const MONTH: usize = 21;
const YEAR: usize = 252;
/// Months from which a forecast is fitted; before that it is nothing.
const FEWEST_MONTHS: usize = 36;
/// Number of signals.
pub(crate) const SIGNALS: usize = 2;

/// What the signals of a day say.
pub(crate) struct Trends {
    /// By signal, by asset: the logarithmic return of the last month, and of the eleven months before it, each less the mean over the assets.
    pub(crate) signals: [Vec<f64>; SIGNALS],
    /// What a unit of a signal has foretold of the next month's return, relative to the mean of the assets.
    pub(crate) loadings: [f64; SIGNALS],
    /// Part of a signal that is left after a month.
    pub(crate) persistence: [f64; SIGNALS],
}

impl Trends {
    /// The signals of the day and what the months before it say of them; `None` without enough months.
    pub(crate) fn of(past: &Past<'_>) -> Option<Self> {
        let signals = signals_at(past)?;
        let (mut products, mut foretold) = ([[0.0; SIGNALS]; SIGNALS], [0.0; SIGNALS]);
        let (mut lagged, mut squares) = ([0.0; SIGNALS], [0.0; SIGNALS]);
        let mut months = 0;
        // Months that ended by today, the newest first: what was known at their beginning, and what came.
        for end in (0..).map(|month| month * MONTH) {
            let Some(known) = past.before(end + MONTH).and_then(|then| signals_at(&then)) else { break };
            let after = past.before(end)?;
            let (came, next) = (moved(&after, MONTH)?, signals_at(&after)?);
            for a in 0..SIGNALS {
                for b in 0..SIGNALS {
                    products[a][b] += dot(&known[a], &known[b]);
                }
                foretold[a] += dot(&known[a], &came);
                lagged[a] += dot(&known[a], &next[a]);
                squares[a] += dot(&known[a], &known[a]);
            }
            months += 1;
        }
        let determinant = products[0][0] * products[1][1] - products[0][1] * products[1][0];
        if months < FEWEST_MONTHS || determinant <= 0.0 {
            return None;
        }
        let loadings = [
            (products[1][1] * foretold[0] - products[0][1] * foretold[1]) / determinant,
            (products[0][0] * foretold[1] - products[1][0] * foretold[0]) / determinant,
        ];
        let persistence = std::array::from_fn(|s| (lagged[s] / squares[s]).clamp(0.0, 0.99));
        Some(Self { signals, loadings, persistence })
    }

    /// Expected relative returns of the assets in a month from now, 0 for the coming one.
    pub(crate) fn expected(&self, month: i32) -> Vec<f64> {
        let of = |asset: usize| -> f64 {
            (0..SIGNALS).map(|s| self.loadings[s] * self.persistence[s].powi(month) * self.signals[s][asset]).sum()
        };
        (0..self.signals[0].len()).map(of).collect()
    }
}

fn signals_at(past: &Past<'_>) -> Option<[Vec<f64>; SIGNALS]> {
    Some([moved(past, MONTH)?, moved(&past.before(MONTH)?, YEAR - MONTH)?])
}

/// Logarithmic returns of the last `rows` rows, less their mean.
fn moved(past: &Past<'_>, rows: usize) -> Option<Vec<f64>> {
    let then = past.before(rows)?;
    let moved: Vec<f64> = past.prices().iter().zip(then.prices()).map(|(now, then)| (now / then).ln()).collect();
    let mean = moved.iter().sum::<f64>() / moved.len() as f64;
    Some(moved.iter().map(|m| m - mean).collect())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
