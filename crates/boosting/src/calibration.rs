//! How far outcomes follow forecasts, and the standard error that a forecast has by it.

use evaluate::{EvaluateError, LongRunVariance, NoFigure, test_mean};

use crate::report::Tested;

/// The slope of outcomes on forecasts over blocks out of sample.
///
/// Forecasts `f` and outcomes `y` of each block are taken beyond their means over the assets:
///
/// ```text
/// slope = Σ_t mean(f y) / Σ_t mean(f²)
/// ```
///
/// The interval is that of a ratio of means, from the residuals `mean(f y) − slope · mean(f²)` of the blocks and their long-run variance
/// (delta method). It allows for all tests of the trial, as the confidence does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationSlope {
    /// 1 where outcomes differ as much as forecasts say, 0 where they do not follow them.
    pub value: f64,
    /// Its interval, lower end first.
    pub interval: [f64; 2],
    /// Mean of `f²`: the variance of the forecasts over the assets, of a block.
    pub forecast_variance: f64,
}

impl CalibrationSlope {
    /// `None` where no block has forecasts that differ, or the slope is the same in every block.
    pub(crate) fn of(tested: &[Tested], level: f64) -> Result<Option<Self>, EvaluateError> {
        let moments: Vec<[f64; 2]> = tested.iter().map(moments).collect();
        let count = moments.len() as f64;
        let [product, square] = [0, 1].map(|i| moments.iter().map(|of| of[i]).sum::<f64>() / count);
        if !(square > 0.0 && square.is_finite()) {
            return Ok(None);
        }
        let slope = product / square;
        // In units of the slope, so that the interval of their mean is that of the slope about it.
        let residuals: Vec<f64> = moments.iter().map(|[product, own]| (product - slope * own) / square).collect();
        match test_mean(&residuals, LongRunVariance::automatic(residuals.len())) {
            Err(EvaluateError::Unavailable(NoFigure::NoVariation)) => Ok(None),
            Err(error) => Err(error),
            Ok(test) => {
                let [lower, upper] = test.interval(1.0 - level)?;
                Ok(Some(Self { value: slope, interval: [slope + lower, slope + upper], forecast_variance: square }))
            }
        }
    }

    /// Standard error of a forecast as an estimate of the expected difference between the assets, in the unit of the forecasts.
    ///
    /// With `m = b f` expected of a forecast `f` of variance `d`, there are two ways to be wrong. Up to a slope of 1 the forecast is the expected
    /// difference and an error beside it, and the slope is the share of the first (Kelley 1927): the error has the variance `(1 − b) d`. Beyond 1 the
    /// forecast says too little, by `(b − 1) f`. Each is taken at the end of the interval where it is larger:
    ///
    /// ```text
    /// standard_error² = d · max(1 − max(b_low, 0), (b_high − 1)₊²)
    /// ```
    ///
    /// A model whose slope could be zero thus has errors as large as its forecasts, and a test of their differences finds nothing.
    ///
    /// # Reference
    /// Kelley (1927), "Interpretation of Educational Measurements"; Mincer and Zarnowitz (1969), "The evaluation of economic forecasts" (the
    /// regression of outcomes on forecasts).
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        let [low, high] = self.interval;
        let beside = 1.0 - low.max(0.0);
        let beyond = (high - 1.0).max(0.0).powi(2);
        (self.forecast_variance * beside.max(beyond)).sqrt()
    }
}

/// `mean(f y)` and `mean(f²)` over the assets of a block, both beyond their means.
fn moments(block: &Tested) -> [f64; 2] {
    let count = block.told.len() as f64;
    let mean = |of: &[f64]| of.iter().sum::<f64>() / count;
    let (told, came) = (mean(&block.told), mean(&block.came));
    let pairs = || block.told.iter().zip(&block.came).map(|(f, y)| (f - told, y - came));
    [pairs().map(|(f, y)| f * y).sum::<f64>() / count, pairs().map(|(f, _)| f * f).sum::<f64>() / count]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forecasts of ±1, or ±3 in each third block, and outcomes that are `slope` times as much, plus or minus `noise` in turns.
    fn blocks(slope: f64, noise: f64) -> Vec<Tested> {
        let block = |k: usize| {
            let size = if k % 3 == 2 { 3.0 } else { 1.0 };
            let own = slope * size + if k.is_multiple_of(2) { noise } else { -noise };
            // The means over the assets are no difference between them.
            Tested { told: vec![5.0 + size, 5.0 - size], came: vec![own - 2.0, -own - 2.0] }
        };
        (0..60).map(block).collect()
    }

    #[test]
    fn a_slope_by_hand() {
        let found = CalibrationSlope::of(&blocks(0.5, 0.4), 0.05).unwrap().unwrap();
        // Blocks of variance 1, 1 and 9; the noise cancels within each six blocks.
        assert!((found.forecast_variance - 11.0 / 3.0).abs() < 1e-12, "{found:?}");
        assert!((found.value - 0.5).abs() < 1e-12);
        let [low, high] = found.interval;
        assert!(low > 0.3 && high < 0.7 && ((low + high) / 2.0 - 0.5).abs() < 1e-12, "{found:?}");
        assert!((found.standard_error().powi(2) - 11.0 / 3.0 * (1.0 - low)).abs() < 1e-12);
        // A stricter level is a wider interval and a larger error.
        let strict = CalibrationSlope::of(&blocks(0.5, 0.4), 0.001).unwrap().unwrap();
        assert!(strict.interval[0] < low && strict.standard_error() > found.standard_error());
    }

    #[test]
    fn the_error_is_the_size_of_forecasts_that_nothing_follows_and_grows_where_they_say_too_little() {
        let none = CalibrationSlope { value: 0.0, interval: [-0.4, 0.4], forecast_variance: 4.0 };
        assert_eq!(none.standard_error(), 2.0);
        let close = CalibrationSlope { value: 0.95, interval: [0.91, 0.99], forecast_variance: 4.0 };
        assert!((close.standard_error() - 0.6).abs() < 1e-12);
        let timid = CalibrationSlope { value: 2.0, interval: [1.5, 2.5], forecast_variance: 4.0 };
        assert_eq!(timid.standard_error(), 3.0);
    }

    #[test]
    fn forecasts_that_do_not_differ_have_no_slope() {
        let equal = Tested { told: vec![0.1, 0.1], came: vec![0.02, -0.02] };
        assert_eq!(CalibrationSlope::of(&vec![equal; 20], 0.05), Ok(None));
    }
}
