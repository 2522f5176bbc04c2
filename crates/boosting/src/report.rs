//! What trees were worth on blocks that they were not trained on.

use evaluate::{EvaluateError, Judgement, LongRunVariance, NoFigure, Verdict, diebold_mariano, test_mean};

use crate::calibration::CalibrationSlope;
use crate::features::ranks;
use crate::training::TrainingError;

/// Probability of any false verdict.
const LEVEL: f64 = 0.05;
/// Figures that are judged of each trial.
const FIGURES: u64 = 2;

/// A figure out of sample with its interval and its verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// The figure.
    pub value: f64,
    /// Its interval at 95 %, lower end first; `None` where it is the same in every block.
    pub interval: Option<[f64; 2]>,
    /// The verdict over all trials, two figures each (Bonferroni).
    pub judgement: Judgement,
}

/// What a purged walk-forward trial found.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkForwardReport {
    /// Trainings, without the last one on all rows.
    pub folds: usize,
    /// Blocks of `horizon` periods that were forecast.
    pub blocks: usize,
    /// Rows that the last training saw.
    pub training_rows: usize,
    /// `1 − Σ(y − f)² / Σy²`: against forecasting no difference between the assets. The interval holds the denominator.
    pub r_squared: Figure,
    /// Mean over the blocks of the rank correlation between forecasts and what came (Spearman).
    pub rank_correlation: Figure,
    /// Slope of outcomes on forecasts, from which their standard error follows; `None` where the forecasts do not differ between the assets.
    pub slope: Option<CalibrationSlope>,
    /// The lower end of the interval of `rank_correlation` that allows for all trials, and 0 where it is negative.
    pub confidence: f64,
}

/// Forecast and outcome of each asset in a block.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tested {
    pub(crate) told: Vec<f64>,
    pub(crate) came: Vec<f64>,
}

impl WalkForwardReport {
    pub(crate) fn of(
        tested: &[Tested],
        folds: usize,
        training_rows: usize,
        trials: u64,
    ) -> Result<Self, TrainingError> {
        let unjudged = |error: EvaluateError| TrainingError::NoVerdict(error.to_string());
        let mean = |numbers: &mut dyn Iterator<Item = f64>, count: usize| numbers.sum::<f64>() / count as f64;
        let losses = |told: bool| -> Vec<f64> {
            let loss = |block: &Tested| {
                let squares = block.came.iter().zip(&block.told);
                mean(&mut squares.map(|(y, f)| (y - if told { *f } else { 0.0 }).powi(2)), block.came.len())
            };
            tested.iter().map(loss).collect()
        };
        let (own, none) = (losses(true), losses(false));
        let scale = mean(&mut none.iter().copied(), none.len());
        let tests = trials.max(1).saturating_mul(FIGURES);
        // Trees without a split forecast no difference: there is nothing to test.
        let none_found = |value| Figure {
            value,
            interval: None,
            judgement: Judgement { verdict: Verdict::NotDistinguishable, level: LEVEL, trials: tests, p_value: 1.0 },
        };
        let r_squared = match diebold_mariano(&own, &none, 1) {
            Err(EvaluateError::Unavailable(NoFigure::NoVariation)) => none_found(0.0),
            Err(error) => return Err(unjudged(error)),
            Ok(test) => {
                let [lower, upper] = test.test.interval(1.0 - LEVEL).map_err(unjudged)?;
                Figure {
                    value: -test.test.mean / scale,
                    interval: Some([-upper / scale, -lower / scale]),
                    judgement: test.judge(LEVEL, tests).map_err(unjudged)?,
                }
            }
        };
        let correlations: Vec<f64> = tested.iter().map(|block| correlation(&block.told, &block.came)).collect();
        let (rank_correlation, confidence) =
            match test_mean(&correlations, LongRunVariance::automatic(correlations.len())) {
                Err(EvaluateError::Unavailable(NoFigure::NoVariation)) => {
                    (none_found(mean(&mut correlations.iter().copied(), correlations.len())), 0.0)
                }
                Err(error) => return Err(unjudged(error)),
                Ok(test) => {
                    let judgement = Judgement::bonferroni(test.p_value, test.mean > 0.0, LEVEL, tests);
                    let figure = Figure {
                        value: test.mean,
                        interval: Some(test.interval(1.0 - LEVEL).map_err(unjudged)?),
                        judgement: judgement.map_err(unjudged)?,
                    };
                    let [least, _] = test.interval(1.0 - LEVEL / tests as f64).map_err(unjudged)?;
                    (figure, least.clamp(0.0, 1.0))
                }
            };
        let slope = CalibrationSlope::of(tested, LEVEL / tests as f64).map_err(unjudged)?;
        Ok(Self { folds, blocks: tested.len(), training_rows, r_squared, rank_correlation, slope, confidence })
    }
}

/// The correlation of the ranks; 0 where all of either are equal.
fn correlation(first: &[f64], second: &[f64]) -> f64 {
    let (first, second) = (ranks(first), ranks(second));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    // Ranks have the mean zero.
    let scale = (product(&first, &first) * product(&second, &second)).sqrt();
    if scale > 0.0 { product(&first, &second) / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_trial_by_hand() {
        assert_eq!(correlation(&[1.0, 2.0, 3.0], &[10.0, 30.0, 20.0]), 0.5);
        assert_eq!(correlation(&[1.0, 1.0], &[1.0, 2.0]), 0.0);
        // Every block: outcomes ±0.02; forecasts that are half of them, or, in each third block, half of their opposite.
        let block = |k: usize| {
            let came = vec![0.02, -0.02];
            let sign = if k % 3 == 2 { -0.5 } else { 0.5 };
            Tested { told: came.iter().map(|y| sign * y).collect(), came }
        };
        let tested: Vec<Tested> = (0..30).map(block).collect();
        let report = WalkForwardReport::of(&tested, 1, 60, 1).unwrap();
        // Losses are a quarter of the squares in two blocks of three and nine quarters in the third: mean 11/12.
        assert!((report.r_squared.value - (1.0 - 11.0 / 12.0)).abs() < 1e-12, "{report:?}");
        assert!((report.rank_correlation.value - 1.0 / 3.0).abs() < 1e-12);
        let [lower, upper] = report.rank_correlation.interval.unwrap();
        assert!(lower < 1.0 / 3.0 && upper > 1.0 / 3.0);
        // Twice the forecast in two blocks of three, and its opposite in the third.
        assert!((report.slope.unwrap().value - 2.0 / 3.0).abs() < 1e-12);
        // Trees that say nothing are told so.
        let silent: Vec<Tested> = tested.iter().map(|block| Tested { told: vec![0.0; 2], ..block.clone() }).collect();
        let nothing = WalkForwardReport::of(&silent, 1, 60, 1).unwrap();
        assert_eq!((nothing.r_squared.value, nothing.rank_correlation.interval, nothing.confidence), (0.0, None, 0.0));
        assert_eq!((nothing.r_squared.judgement.verdict, nothing.slope), (Verdict::NotDistinguishable, None));
        // More trials leave less to trust.
        let many = WalkForwardReport::of(&tested, 1, 60, 1_000).unwrap();
        assert!(many.confidence <= report.confidence);
        assert!(many.slope.unwrap().standard_error() >= report.slope.unwrap().standard_error());
        assert_eq!(many.rank_correlation.judgement.trials, 2_000);
    }
}
