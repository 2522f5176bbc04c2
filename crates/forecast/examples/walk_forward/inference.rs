//! Tests whether a mean differs from zero, and whether it still does when many means are tested.

use evaluate::{EvaluateError, LongRunVariance, NoFigure};

/// The mean of a series, and the probability that chance alone moves it this far from zero.
pub(crate) struct MeanTest {
    pub(crate) mean: f64,
    /// The 95 % interval of the mean, the lower end first.
    pub(crate) interval: [f64; 2],
    pub(crate) t: f64,
    pub(crate) p: f64,
}

/// Confidence of an interval of one mean, which allows for no other test.
const CONFIDENCE: f64 = 0.95;

/// Tests that the mean of a series is zero, with the standard error of Newey and West (1987) at `⌊4(T/100)^(2/9)⌋` lags.
///
/// Applied to a difference of losses, this is the test of Diebold and Mariano (1995), with the t distribution of
/// Harvey, Leybourne and Newbold (1997).
pub(crate) fn test_mean(series: &[f64]) -> Result<MeanTest, EvaluateError> {
    match evaluate::test_mean(series, LongRunVariance::automatic(series.len())) {
        Ok(test) => {
            let interval = test.interval(CONFIDENCE)?;
            Ok(MeanTest { mean: test.mean, interval, t: test.statistic, p: test.p_value })
        }
        // A series that is zero throughout, such as the gain of a tilt that never moved, does not differ from zero.
        Err(EvaluateError::Unavailable(NoFigure::NoVariation)) => {
            Ok(MeanTest { mean: series[0], interval: [series[0]; 2], t: 0.0, p: 1.0 })
        }
        Err(error) => Err(error),
    }
}

/// Which of several tests are significant at a family-wise level, by the method of Holm (1979).
pub(crate) fn holm(p_values: &[f64], level: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut significant = vec![false; p_values.len()];
    for (rank, &at) in order.iter().enumerate() {
        if p_values[at] > level / (p_values.len() - rank) as f64 {
            break;
        }
        significant[at] = true;
    }
    significant
}
