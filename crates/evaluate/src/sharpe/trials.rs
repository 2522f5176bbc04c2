//! The best of many trials: the Sharpe ratio expected without skill, and the observed one corrected for it.

use risk::{normal_cdf, normal_density, normal_quantile};

use super::{SharpeForm, SharpeSample};
use crate::EvaluateError;
use crate::error::{EvaluateParameter, require};

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;
/// The largest number of trials whose maximum is described.
const MOST_TRIALS: u64 = 1_000_000_000;

/// How many strategies were tried, and how much their Sharpe ratios differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trials {
    count: u64,
    variance: f64,
}

impl Trials {
    /// Checks the number of independent trials, the first included, and the variance of their Sharpe ratios per period.
    ///
    /// Similar strategies count as fewer trials than their number: count clusters of them.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for no trials, more than 10⁹, or a variance that is negative or not finite.
    pub fn new(count: u64, variance: f64) -> Result<Self, EvaluateError> {
        require((1..=MOST_TRIALS).contains(&count), EvaluateParameter::Trials, count as f64)?;
        require(variance >= 0.0 && variance.is_finite(), EvaluateParameter::TrialVariance, variance)?;
        Ok(Self { count, variance })
    }

    /// Number of trials.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Variance of their Sharpe ratios, per period.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.variance
    }
}

/// Expected maximum of the Sharpe ratios of `K` trials without skill,
///
/// ```text
/// √V·( (1 − γ)·Φ⁻¹(1 − 1/K) + γ·Φ⁻¹(1 − 1/(K·e)) ),   γ = 0.5772…
/// ```
///
/// The approximation comes from the limit law of maxima; one trial gives 0. Result: a ratio per period, 0 or more.
///
/// # Reference
/// Bailey and López de Prado (2014), "The deflated Sharpe ratio", Journal of Portfolio Management 40(5), 94–107.
///
/// # Example
/// ```
/// use evaluate::{Trials, expected_maximum};
///
/// assert!((expected_maximum(&Trials::new(10, 0.1)?) - 0.498).abs() < 5e-4);
/// assert_eq!(expected_maximum(&Trials::new(1, 0.1)?), 0.0);
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
#[must_use]
pub fn expected_maximum(trials: &Trials) -> f64 {
    if trials.count == 1 {
        return 0.0;
    }
    let count = trials.count as f64;
    // `−Φ⁻¹(p)` is `Φ⁻¹(1 − p)` with every digit of a small `p`.
    let upper = |p: f64| normal_quantile(p).map_or(0.0, |z| -z);
    trials.variance.sqrt() * ((1.0 - EULER) * upper(1.0 / count) + EULER * upper(1.0 / (count * std::f64::consts::E)))
}

/// Variance of the maximum of `K` independent standard normal numbers: 1 for one, and decreasing with their number.
///
/// The density of the maximum is `K·φ(z)·Φ(z)^{K−1}`. Its moments are sums over a grid, which are exact to rounding for a
/// smooth density that vanishes at both ends.
///
/// # Errors
/// [`EvaluateError::OutOfRange`] for no trials, or more than 10⁹.
///
/// # Example
/// ```
/// // Of two: 1 − 1/π.
/// assert!((evaluate::variance_of_maximum(2)? - (1.0 - 1.0 / std::f64::consts::PI)).abs() < 1e-12);
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
pub fn variance_of_maximum(trials: u64) -> Result<f64, EvaluateError> {
    require((1..=MOST_TRIALS).contains(&trials), EvaluateParameter::Trials, trials as f64)?;
    if trials == 1 {
        return Ok(1.0);
    }
    // Beyond these ends the density is below 1e-17 for every number of trials allowed.
    let (from, to, steps) = (-10.0, 12.0, 2_200_u32);
    let width = (to - from) / f64::from(steps);
    let [mut mass, mut first, mut second] = [0.0; 3];
    for step in 0..=steps {
        let z = from + width * f64::from(step);
        let density = normal_density(z) * ((trials - 1) as f64 * (-normal_cdf(-z)).ln_1p()).exp();
        mass += density;
        first += density * z;
        second += density * z * z;
    }
    let mean = first / mass;
    Ok(second / mass - mean * mean)
}

impl SharpeSample {
    /// Deflated Sharpe ratio: the [probabilistic ratio](Self::probabilistic) against the expected best of all trials
    /// without skill, `SR₀ = ` [`expected_maximum`].
    ///
    /// The form of 2025 also scales its variance by [`variance_of_maximum`], because the observed ratio is a maximum;
    /// [`deflated_as_single`](Self::deflated_as_single) does not. Result: from 0 to 1.
    ///
    /// # Errors
    /// [`EvaluateError::Unavailable`] without a variance.
    ///
    /// # Example
    /// ```
    /// use evaluate::{SharpeForm, SharpeMoments, SharpeSample, Trials};
    ///
    /// // A daily strategy with a Sharpe ratio of 2.5 a year over five years, the best of a hundred: the example of 2014.
    /// let sample = SharpeSample::from_moments(SharpeMoments {
    ///     mean: 2.5 / 250_f64.sqrt(),
    ///     sd: 1.0,
    ///     skewness: -3.0,
    ///     kurtosis: 10.0,
    ///     autocorrelation: 0.0,
    ///     observations: 1250,
    /// })?;
    /// let trials = Trials::new(100, 0.5 / 250.0)?;
    /// assert!((sample.deflated(SharpeForm::Form2012, &trials)? - 0.9004).abs() < 5e-5);
    /// # Ok::<(), evaluate::EvaluateError>(())
    /// ```
    pub fn deflated(&self, form: SharpeForm, trials: &Trials) -> Result<f64, EvaluateError> {
        self.deflated_against(form, 0.0, trials)
    }

    /// [`deflated`](Self::deflated) where strategies without skill have the ratio `benchmark` instead of zero:
    /// `SR₀ = benchmark + ` [`expected_maximum`].
    ///
    /// # Errors
    /// As [`probabilistic`](Self::probabilistic).
    pub fn deflated_against(&self, form: SharpeForm, benchmark: f64, trials: &Trials) -> Result<f64, EvaluateError> {
        match form {
            SharpeForm::Form2012 => self.probabilistic(form, benchmark + expected_maximum(trials)),
            SharpeForm::Form2025 => self.deflated_by(benchmark, trials, variance_of_maximum(trials.count)?),
        }
    }

    /// Deflated Sharpe ratio of 2025 with the variance of a single trial: the benchmark allows for the trials, the variance
    /// does not.
    ///
    /// # Errors
    /// As [`deflated`](Self::deflated).
    pub fn deflated_as_single(&self, trials: &Trials) -> Result<f64, EvaluateError> {
        self.deflated_as_single_against(0.0, trials)
    }

    /// [`deflated_as_single`](Self::deflated_as_single) where strategies without skill have the ratio `benchmark`.
    ///
    /// # Errors
    /// As [`probabilistic`](Self::probabilistic).
    pub fn deflated_as_single_against(&self, benchmark: f64, trials: &Trials) -> Result<f64, EvaluateError> {
        self.deflated_by(benchmark, trials, 1.0)
    }

    fn deflated_by(&self, without_skill: f64, trials: &Trials, scale: f64) -> Result<f64, EvaluateError> {
        require(without_skill.is_finite(), EvaluateParameter::Sharpe, without_skill)?;
        let benchmark = without_skill + expected_maximum(trials);
        let variance = self.variance(SharpeForm::Form2025, benchmark)? * scale;
        Ok(normal_cdf((self.sharpe() - benchmark) / variance.sqrt()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variance_of_the_maximum_has_known_values() {
        // Of three: 1 + √3/(2π) − 9/(4π). Of ten and a hundred: tables of order statistics (Tippett 1925).
        let pi = std::f64::consts::PI;
        let three = 1.0 + 3.0_f64.sqrt() / (2.0 * pi) - 9.0 / (4.0 * pi);
        assert!((variance_of_maximum(3).unwrap() - three).abs() < 1e-12);
        assert!((variance_of_maximum(10).unwrap() - 0.344_343_8).abs() < 1e-6);
        assert!((variance_of_maximum(100).unwrap() - 0.184_2).abs() < 1e-3);
        let huge = variance_of_maximum(MOST_TRIALS).unwrap();
        // The limit law: π²/6 over 2·ln K, to its leading order.
        assert!((0.02..0.06).contains(&huge), "{huge}");
    }

    #[test]
    fn trials_outside_their_range_are_refused() {
        assert!(Trials::new(0, 0.1).is_err() && Trials::new(MOST_TRIALS + 1, 0.1).is_err());
        assert!(Trials::new(10, -0.1).is_err() && Trials::new(10, f64::NAN).is_err());
        assert!(variance_of_maximum(0).is_err());
    }

    #[test]
    fn more_trials_leave_less() {
        let returns: Vec<f64> = (0..250).map(|i| 0.002 + 0.01 * f64::from((i * 97) % 251 - 125) / 125.0).collect();
        let sample = SharpeSample::from_returns(&returns).unwrap();
        for form in [SharpeForm::Form2012, SharpeForm::Form2025] {
            let of = |count| sample.deflated(form, &Trials::new(count, 0.01).unwrap()).unwrap();
            assert_eq!(of(1), sample.probabilistic(form, 0.0).unwrap());
            assert!(of(1) > of(5) && of(5) > of(50), "{form:?}");
        }
    }
}
