//! Figures of weighted points, and of replications of them.

use nalgebra::{DMatrix, DVector};

use crate::elementary::exp;

use super::terminal::Book;

/// Number of figures: mean, probability of a loss, six quantiles, CVaR.
pub(super) const FIGURES: usize = 9;
/// Position of the probability of a loss and of CVaR.
pub(super) const LOSS: usize = 1;
pub(super) const CVAR: usize = 8;
const QUANTILES: [f64; 6] = crate::report::QUANTILES;
const TAIL: f64 = crate::report::TAIL;
/// The 5 % quantile of a standard normal number, and its density and distribution function there.
const TAIL_AT: f64 = -1.644_853_626_951_472_7;

/// The points of one replication.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    pub(super) values: Vec<f64>,
    /// The portfolio factor of each point.
    pub(super) factors: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

impl Sample {
    pub(super) fn append(&mut self, other: &Self) {
        self.values.extend_from_slice(&other.values);
        self.factors.extend_from_slice(&other.factors);
        self.weights.extend_from_slice(&other.weights);
    }

    /// The figures, under weights that make the controls exact if `book` is given.
    pub(super) fn figures(&self, controls: Option<&Book<'_>>) -> [f64; FIGURES] {
        let calibrated = controls.and_then(|book| self.calibrated(book));
        weighted_figures(&self.values, calibrated.as_deref().unwrap_or(&self.weights))
    }

    /// The weights closest to equal ones under which functions of the portfolio factor have their known means. An estimate under them is that
    /// of the regression on the controls.
    ///
    /// # Reference
    /// Hesterberg and Nelson (1998), "Control variates for probability and quantile estimation", Management Science 44(9), 1295–1312.
    fn calibrated(&self, book: &Book<'_>) -> Option<Vec<f64>> {
        let controls = Controls::of(book);
        let n = self.values.len();
        let columns = controls.means.len();
        let matrix = DMatrix::from_fn(n, columns, |point, column| controls.at(self.factors[point], column));
        let means = DVector::from_iterator(columns, matrix.column_iter().map(|column| column.mean()));
        let centred = DMatrix::from_fn(n, columns, |point, column| matrix[(point, column)] - means[column]);
        let spread = centred.tr_mul(&centred) / n as f64;
        let known = DVector::from_column_slice(&controls.means);
        let slope = spread.cholesky()?.solve(&(known - means));
        let weights = centred * slope;
        Some(weights.iter().map(|w| 1.0 + w).collect())
    }
}

/// Functions of the portfolio factor with known means: the geometric portfolio, the factor itself, its tail, and where it loses.
struct Controls {
    scale: f64,
    loss_at: Option<f64>,
    means: Vec<f64>,
}

impl Controls {
    fn of(book: &Book<'_>) -> Self {
        // Beyond this slope the geometric portfolio is nothing but its largest point.
        let scale = book.slope.min(1.0);
        let density = (-TAIL_AT * TAIL_AT / 2.0, (2.0 * std::f64::consts::PI).sqrt());
        let shortfall = TAIL * TAIL_AT + exp(density.0) / density.1;
        let mut means = vec![0.0, exp(scale * scale / 2.0), TAIL, shortfall];
        means.extend(book.loss_at.map(risk::normal_cdf));
        Self { scale, loss_at: book.loss_at, means }
    }

    fn at(&self, y: f64, column: usize) -> f64 {
        let below = |at: f64| if y < at { 1.0 } else { 0.0 };
        match column {
            0 => y,
            1 => exp(self.scale * y),
            2 => below(TAIL_AT),
            3 => (TAIL_AT - y).max(0.0),
            _ => below(self.loss_at.unwrap_or(0.0)),
        }
    }
}

/// Mean, probability of a loss, quantiles and CVaR of values with weights, which are divided by their sum.
fn weighted_figures(values: &[f64], weights: &[f64]) -> [f64; FIGURES] {
    let total: f64 = weights.iter().sum();
    let mean = values.iter().zip(weights).map(|(v, w)| v * w).sum::<f64>() / total;
    let loss = values.iter().zip(weights).filter(|(v, _)| **v < 1.0).map(|(_, w)| w).sum::<f64>() / total;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
    let mut figures = [0.0; FIGURES];
    (figures[0], figures[LOSS]) = (mean, loss);
    let (mut mass, mut below, mut open) = (0.0, 0.0, 0);
    for &point in &order {
        let (value, weight) = (values[point], weights[point] / total);
        // The tail is whole when the mass reaches it; its last point counts in part.
        if mass < TAIL {
            below += value * weight.min(TAIL - mass);
        }
        mass += weight;
        while open < QUANTILES.len() && mass >= QUANTILES[open] - 1e-12 {
            figures[2 + open] = value;
            open += 1;
        }
    }
    if let Some(last) = order.last() {
        figures[2 + open..2 + QUANTILES.len()].fill(values[*last]);
    }
    figures[CVAR] = 1.0 - below / TAIL;
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_give_the_figures_of_a_sorted_list() {
        let values: Vec<f64> = (0..1000).map(|i| ((i * 7) % 1000 + 1) as f64 / 500.0).collect();
        let figures = weighted_figures(&values, &[1.0; 1000]);
        assert!((figures[0] - 1.001).abs() < 1e-12);
        assert!((figures[LOSS] - 0.499).abs() < 1e-12);
        for (got, want) in figures[2..8].iter().zip([10.0, 50.0, 250.0, 500.0, 750.0, 950.0]) {
            assert!((got - want / 500.0).abs() < 1e-12, "{got} {want}");
        }
        assert!((figures[CVAR] - (1.0 - 25.5 / 500.0)).abs() < 1e-12);
    }

    #[test]
    fn a_point_of_double_weight_counts_as_two() {
        let once = weighted_figures(&[0.5, 0.5, 1.5, 2.0], &[1.0; 4]);
        let twice = weighted_figures(&[2.0, 0.5, 1.5], &[3.0, 6.0, 3.0]);
        for (a, b) in once.iter().zip(twice) {
            assert!((a - b).abs() < 1e-12);
        }
    }
}
