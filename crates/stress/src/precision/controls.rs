//! Control variates: functions of the portfolio factor whose means are known.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::{
    figures::{CVAR, FIGURES, LOSS},
    sample::Sample,
    terminal::Book,
};
use crate::{Stop, StressError, elementary::exp};

const TAIL: f64 = crate::report::TAIL;
/// The 5 % quantile of a standard normal number.
const TAIL_AT: f64 = -1.644_853_626_951_472_7;

/// Slopes of the geometric portfolio. Below the first one the curvature of its exponential is lost in rounding; beyond
/// the last one it is nothing but its largest point.
const SLOPES: (f64, f64) = (1e-4, 1.0);

/// Cash below this is rounding.
const CASH: f64 = 1e-12;
/// Most searches for weights of which none is negative.
const ROUNDS: usize = 16;

/// The factor itself, the geometric portfolio, the indicator and the excess of the factor's tail, what the exponential
/// adds to that excess, and the indicator of a loss of the factor. They span the value of one asset and its shortfall
/// below the tail.
pub(super) struct Controls {
    /// Whether they span the value, its shortfall below the tail and, with `loss_at`, the indicator of a loss: a book of one asset without cash.
    spans: bool,
    scale: f64,
    loss_at: Option<f64>,
    means: Vec<f64>,
}

impl Controls {
    pub(super) fn of(book: &Book<'_>) -> Self {
        // The slope of the value over the value is that of its logarithm: for one asset exactly.
        let middle = book.median(0.0);
        let slope = if middle > 0.0 { book.slope / middle } else { book.slope };
        let scale = slope.clamp(SLOPES.0, SLOPES.1);
        let spans = book.law().assets() == 1 && book.law().cash_weight().abs() < CASH && middle > 0.0 && scale == slope;
        let density = exp(-TAIL_AT * TAIL_AT / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
        let shortfall = TAIL * TAIL_AT + density;
        // E[exp(s(y − z)); y < z] = exp(s²/2 − sz)·Φ(z − s).
        let tail_growth = exp(scale * (scale / 2.0 - TAIL_AT)) * risk::normal_cdf(TAIL_AT - scale);
        let bend = (tail_growth - TAIL + scale * shortfall) * 2.0 / (scale * scale);
        let mut means = vec![0.0, exp(scale * scale / 2.0), TAIL, shortfall, bend];
        means.extend(book.loss_at.map(risk::normal_cdf));
        Self { spans, scale, loss_at: book.loss_at, means }
    }

    fn at(&self, y: f64, column: usize) -> f64 {
        let below = |at: f64| if y < at { 1.0 } else { 0.0 };
        match column {
            0 => y,
            1 => exp(self.scale * y),
            2 => below(TAIL_AT),
            3 => (TAIL_AT - y).max(0.0),
            // About the square of the excess.
            4 if y < TAIL_AT => {
                let beyond = self.scale * (y - TAIL_AT);
                (exp(beyond) - 1.0 - beyond) * 2.0 / (self.scale * self.scale)
            }
            4 => 0.0,
            _ => below(self.loss_at.unwrap_or(0.0)),
        }
    }

    /// Which figures follow from the means of the controls alone: mean, probability of a loss, CVaR.
    pub(super) fn exact(&self) -> [bool; FIGURES] {
        let mut exact = [false; FIGURES];
        (exact[0], exact[CVAR], exact[LOSS]) = (self.spans, self.spans, self.spans && self.loss_at.is_some());
        exact
    }

    /// The weights closest to equal ones under which the controls have their known means over all points, one list per
    /// replication; `None` where there are none. An estimate under them equals that of the regression on the controls. A
    /// point whose weight would be negative, which can result from few points, gets none, and the others are weighed again.
    ///
    /// # Reference
    /// Hesterberg and Nelson (1998), "Control variates for probability and quantile estimation", Management Science 44(9), 1295–1312.
    pub(super) fn weights(&self, samples: &[Sample], stop: &Stop) -> Result<Option<Vec<Vec<f64>>>, StressError> {
        let mut weights: Vec<Vec<f64>> = samples.iter().map(|sample| vec![1.0; sample.factors.len()]).collect();
        for _ in 0..ROUNDS {
            stop.check()?;
            let Some((means, spread)) = self.moments(samples, Some(&weights)) else { return Ok(None) };
            let slope = spread.solve(&(DVector::from_column_slice(&self.means) - &means));
            let weight = |y: f64| {
                let columns = 0..self.means.len();
                1.0 + columns.map(|k| slope[k] * (self.at(y, k) - means[k])).sum::<f64>()
            };
            let mut is_met = true;
            for (sample, weights) in samples.iter().zip(&mut weights) {
                for (y, of_point) in sample.factors.iter().zip(weights).filter(|(_, of_point)| **of_point > 0.0) {
                    *of_point = weight(*y).max(0.0);
                    is_met &= *of_point > 0.0;
                }
            }
            if is_met {
                return Ok(Some(weights));
            }
        }
        Ok(None)
    }

    /// The regression of each statistic on the controls.
    pub(super) fn regression(
        &self,
        samples: &[Sample],
        means: &[f64; FIGURES],
        statistic: &dyn Fn(f64) -> [f64; FIGURES],
    ) -> Option<Regression<'_>> {
        let (centre, spread) = self.moments(samples, None)?;
        let mut products = DMatrix::zeros(self.means.len(), FIGURES);
        let mut points = 0.0;
        for sample in samples {
            for (x, y) in sample.values.iter().zip(&sample.factors) {
                let found = statistic(*x);
                for k in 0..self.means.len() {
                    let control = self.at(*y, k) - centre[k];
                    for of in 0..FIGURES {
                        products[(k, of)] += control * (found[of] - means[of]);
                    }
                }
                points += 1.0;
            }
        }
        let slopes = spread.solve(&(products / points));
        Some(Regression { controls: self, slopes, centre, inverse: spread.inverse(), points })
    }

    /// Means and factored covariance of the controls over all points, or over those with a weight above zero; none where
    /// they do not vary.
    fn moments(&self, samples: &[Sample], weights: Option<&[Vec<f64>]>) -> Option<(DVector<f64>, Cholesky<f64, Dyn>)> {
        let columns = self.means.len();
        let counts = |sample: usize, point: usize| weights.is_none_or(|weights| weights[sample][point] > 0.0);
        let factors = || {
            let points = samples
                .iter()
                .enumerate()
                .flat_map(|(s, sample)| sample.factors.iter().enumerate().map(move |(point, y)| (s, point, y)));
            points.filter(|(sample, point, _)| counts(*sample, *point)).map(|(.., y)| y)
        };
        let points = factors().count() as f64;
        let mean = |k: usize| factors().map(|y| self.at(*y, k)).sum::<f64>() / points;
        let means = DVector::from_fn(columns, |k, _| mean(k));
        let mut spread = DMatrix::zeros(columns, columns);
        for y in factors() {
            for row in 0..columns {
                for column in 0..=row {
                    spread[(row, column)] += (self.at(*y, row) - means[row]) * (self.at(*y, column) - means[column]);
                }
            }
        }
        spread.fill_upper_triangle_with_lower_triangle();
        Some((means, (spread / points).cholesky()?))
    }
}

/// Statistics explained by the controls.
pub(super) struct Regression<'a> {
    controls: &'a Controls,
    /// One column per statistic.
    slopes: DMatrix<f64>,
    centre: DVector<f64>,
    inverse: DMatrix<f64>,
    points: f64,
}

impl Regression<'_> {
    /// The residual of the statistics of a point with the factor `y`, divided by one minus its leverage: a point that
    /// pulls the regression towards itself has a small residual, and without the correction the error would be too
    /// small.
    ///
    /// # Reference
    /// MacKinnon and White (1985), "Some heteroskedasticity-consistent covariance matrix estimators with improved finite sample
    /// properties", Journal of Econometrics 29(3), 305–325: HC3.
    pub(super) fn residuals(&self, y: f64, statistics: &mut [f64; FIGURES]) {
        let columns = self.controls.means.len();
        let control = DVector::from_fn(columns, |k, _| self.controls.at(y, k) - self.centre[k]);
        let leverage = (1.0 + control.dot(&(&self.inverse * &control))) / self.points;
        for (of, statistic) in statistics.iter_mut().enumerate() {
            let explained: f64 = (0..columns).map(|k| control[k] * self.slopes[(k, of)]).sum();
            *statistic = (*statistic - explained) / (1.0 - leverage).max(0.1);
        }
    }
}
