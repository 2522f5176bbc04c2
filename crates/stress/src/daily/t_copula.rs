//! A t copula with the margins of history.

use portfolio_core::{Covariance, ModelParameter, Universe};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{DailyLaw, DailyPaths, LogHistory, chi_square::chi_square, student::check_degrees};
use crate::{
    LANES, LaneStream, Lanes, NormalShocks, ShockLaw, StressError,
    correlate::{Correlator, Scaled},
    factor::Factor,
};

/// Joint extremes with each asset's own distribution: the dependence of a multivariate Student-t law, and as the margin
/// of each asset its empirical distribution (each day of the history with the same probability).
///
/// The correlation is that of the normal scores of the ranks. [`StudentShocks`](crate::StudentShocks) gives all assets Student-t margins
/// instead.
///
/// # Reference
/// Demarta and McNeil (2005), "The t copula and related copulas", International Statistical Review 73(1), 111–129.
#[derive(Debug, Clone)]
pub struct TCopula {
    degrees_of_freedom: f64,
    factor: Factor,
    /// Log-returns of each asset in ascending order.
    sorted: Vec<Vec<f64>>,
    /// Quantiles of the Student-t law at `1/T, 2/T, …, (T − 1)/T`: between two of them lies one day of the history.
    thresholds: Vec<f64>,
    convexity: Vec<f64>,
    periods_per_year: f64,
}

impl TCopula {
    /// The copula of `history` with these degrees of freedom, above 2 and at most 1,000.
    ///
    /// # Errors
    /// [`StressError::DegreesOfFreedom`], or an invalid covariance of scores.
    pub fn new(history: &LogHistory, degrees_of_freedom: f64) -> Result<Self, StressError> {
        check_degrees(degrees_of_freedom)?;
        let (assets, periods) = (history.centred().len(), history.periods());
        let student = StudentsT::new(0.0, 1.0, degrees_of_freedom)
            .map_err(|_| StressError::DegreesOfFreedom { value: degrees_of_freedom })?;
        let thresholds = (1..periods).map(|k| student.inverse_cdf(k as f64 / periods as f64)).collect();
        let scores: Vec<Vec<f64>> = history.centred().iter().map(|column| normal_scores(column)).collect();
        let product = |i: usize, j: usize| scores[i].iter().zip(&scores[j]).map(|(a, b)| a * b).sum::<f64>();
        let scale: Vec<f64> = (0..assets).map(|i| product(i, i).sqrt()).collect();
        let entry = |i: usize, j: usize| if i == j { 1.0 } else { product(i, j) / (scale[i] * scale[j]) };
        let correlation = (0..assets * assets).map(|at| entry(at / assets, at % assets)).collect();
        let universe = Universe::numbered(assets).map_err(|_| StressError::NoAssets)?;
        let correlation = Covariance::estimated(universe, correlation, 1.0)?;
        let factor = Factor::of(correlation.as_slice(), assets)?;
        let sorted = history.centred().iter().map(|column| {
            let mut column = column.clone();
            column.sort_unstable_by(f64::total_cmp);
            column
        });
        Ok(Self {
            degrees_of_freedom,
            factor,
            sorted: sorted.collect(),
            thresholds,
            convexity: (0..assets).map(|asset| history.convexity(asset)).collect(),
            periods_per_year: history.periods_per_year(),
        })
    }
}

/// `Φ⁻¹(rank/(T + 1))` of each value; equal values share the mean of their ranks.
fn normal_scores(column: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..column.len()).collect();
    order.sort_by(|a, b| column[*a].total_cmp(&column[*b]));
    let mut scores = vec![0.0; column.len()];
    for ties in order.chunk_by(|a, b| column[*a] == column[*b]).scan(0, |before, ties| {
        let first = *before;
        *before += ties.len();
        Some((first, ties))
    }) {
        let (first, ties) = ties;
        let rank = first as f64 + (ties.len() as f64 + 1.0) / 2.0;
        let score = risk::normal_quantile(rank / (column.len() as f64 + 1.0)).unwrap_or(0.0);
        ties.iter().for_each(|at| scores[*at] = score);
    }
    scores
}

impl DailyLaw for TCopula {
    fn id(&self) -> &'static str {
        "t_copula"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("degrees_of_freedom", self.degrees_of_freedom)]
    }

    fn assets(&self) -> usize {
        self.sorted.len()
    }

    fn periods_per_year(&self) -> f64 {
        self.periods_per_year
    }

    fn convexity(&self, asset: usize, _: usize) -> f64 {
        self.convexity[asset]
    }

    fn paths(&self) -> Box<dyn DailyPaths + '_> {
        Box::new(Paths {
            law: self,
            correlator: Correlator::new(&self.factor, self.sorted.len()),
            rows: vec![[0.0; LANES]; self.factor.rank()],
        })
    }
}

struct Paths<'a> {
    law: &'a TCopula,
    correlator: Correlator<'a>,
    rows: Vec<Lanes>,
}

impl DailyPaths for Paths<'_> {
    fn restart(&mut self) {}

    fn step(&mut self, stream: &mut LaneStream, log_returns: &mut [Lanes]) {
        let law = self.law;
        NormalShocks.fill(stream, &mut self.rows);
        let mut chi = [0.0; LANES];
        chi_square(law.degrees_of_freedom, stream, &mut chi);
        chi.iter_mut().for_each(|c| *c = (law.degrees_of_freedom / *c).sqrt());
        self.correlator.apply(&self.rows, log_returns, Scaled(1.0));
        for (asset, out) in log_returns.iter_mut().enumerate() {
            let sorted = &law.sorted[asset];
            for (x, scale) in out.iter_mut().zip(&chi) {
                let t = *x * scale;
                *x = sorted[law.thresholds.partition_point(|threshold| *threshold < t)];
            }
        }
    }
}
