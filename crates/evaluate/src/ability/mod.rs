//! Is the best of many models better than a benchmark, given how many there were?

mod differences;

use serde::Serialize;

use self::differences::Differences;
use crate::error::{EvaluateInput, EvaluateParameter, check_companion, check_series, require};
use crate::{Block, EvaluateError, Judgement, NoFigure, Resampler};
use portfolio_core::interrupt::checkpoint;

/// Minimum number of losses for a test.
const LEAST_LOSSES: usize = 10;

/// A p-value from artificial histories.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapPValue {
    /// `(exceedances + 1)/(resamples + 1)`: the real history counts as one of them, so that it is never 0.
    pub value: f64,
    /// Number of artificial histories whose statistic is above that of the real one; all of them if that is 0.
    pub exceedances: usize,
}

/// Whether any of several models is better than a benchmark.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbilityTest {
    /// The largest scaled mean advantage of a model over the benchmark, and 0 if none has an advantage.
    pub statistic: f64,
    /// The model with the largest scaled mean advantage, by its position from 0.
    pub best: usize,
    /// Number of models.
    pub models: usize,
    /// The p-value that treats poor models as equal to the benchmark only if their sample supports it: a lower bound.
    pub lower: BootstrapPValue,
    /// The p-value that leaves out models so poor that they cannot matter, by the law of the iterated logarithm.
    pub consistent: BootstrapPValue,
    /// The p-value that treats every model as equal to the benchmark: an upper bound, which poor models raise.
    pub upper: BootstrapPValue,
    /// Artificial histories.
    pub resamples: usize,
    /// Mean length of their blocks, in periods.
    pub mean_block: f64,
}

impl AbilityTest {
    /// The verdict on the best model by the consistent p-value, which allows for the number of models: better or not
    /// distinguishable. If no model is better, this does not imply that any is worse.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a level outside (0, 1).
    pub fn judge(&self, level: f64) -> Result<Judgement, EvaluateError> {
        Judgement::of(self.consistent.value, true, level, self.models as u64)
    }
}

/// Hansen's test for superior predictive ability.
///
/// With the advantage `d_kt` of model `k` (loss of the benchmark minus loss of the model) and the long-run variance `ω²_k` of
/// its mean under the stationary bootstrap,
///
/// ```text
/// T  = max( 0, max_k √n·d̄_k/ω_k )
/// T* = max( 0, max_k √n·(d̄*_k − g(d̄_k))/ω_k )           p = share of T* above T
///
/// g lower: max(0, d̄)    consistent: d̄ where d̄ ≥ −ω·√(2·ln ln n/n), else 0    upper: d̄
/// ω² = γ₀ + 2·Σ κ_i·γ_i,   κ_i = (1 − i/n)·(1 − q)^i + i/n·(1 − q)^{n−i},   q = 1/mean block
/// ```
///
/// A statistic of 0, where no model has an advantage, has a p-value of 1. A model whose losses always equal those of
/// the benchmark is left out. `benchmark`: `n ≥ 10` losses, lower is better; `models`: as many losses of each.
///
/// # Errors
/// [`EvaluateError::Empty`], [`EvaluateError::NotFinite`], [`EvaluateError::LengthMismatch`],
/// [`EvaluateError::OutOfRange`]; [`EvaluateError::Unavailable`] for fewer than ten losses, or a model whose advantage is
/// the same in every period.
///
/// # Reference
/// Hansen (2005), "A test for superior predictive ability", Journal of Business & Economic Statistics 23(4), 365–380.
///
/// # Example
/// ```
/// use evaluate::{StationaryBootstrap, Verdict, superior_predictive_ability};
/// use portfolio_core::Seed;
///
/// let benchmark: Vec<f64> = (0..200).map(|i| f64::from((i * 7919) % 101) / 100.0).collect();
/// let luck: Vec<f64> = (0..200).map(|i| f64::from((i * 6101) % 103) / 102.0).collect();
/// let skill: Vec<f64> = benchmark.iter().zip(&luck).map(|(b, l)| 0.8 * b + 0.1 * l - 0.1).collect();
/// let bootstrap = StationaryBootstrap::new(2.0, 499, Seed(1))?;
/// let test = superior_predictive_ability(&benchmark, &[luck.clone(), skill], &bootstrap)?;
/// assert_eq!((test.best, test.judge(0.05)?.verdict), (1, Verdict::Better));
/// let test = superior_predictive_ability(&benchmark, &[luck], &bootstrap)?;
/// assert_eq!(test.judge(0.05)?.verdict, Verdict::NotDistinguishable);
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
pub fn superior_predictive_ability<M: AsRef<[f64]>>(
    benchmark: &[f64],
    models: &[M],
    resampler: &impl Resampler,
) -> Result<AbilityTest, EvaluateError> {
    let differences = checked(benchmark, models, resampler)?;
    if differences.errors.iter().zip(&differences.means).any(|(error, mean)| *error == 0.0 && *mean != 0.0) {
        return Err(NoFigure::NoVariation.into());
    }
    let scales: Vec<f64> =
        differences.errors.iter().map(|error| if *error > 0.0 { 1.0 / error } else { 0.0 }).collect();
    Ok(run(&differences, &scales, resampler))
}

/// White's reality check: [`superior_predictive_ability`] without division by `ω_k`. White's own p-value is `upper`; the
/// other two are Hansen's refinements of it.
///
/// The statistic is in the unit of the losses times `√n`, and a model with volatile losses dominates it.
///
/// # Errors
/// As [`superior_predictive_ability`], but an advantage that does not vary is allowed.
///
/// # Reference
/// White (2000), "A reality check for data snooping", Econometrica 68(5), 1097–1126.
pub fn reality_check<M: AsRef<[f64]>>(
    benchmark: &[f64],
    models: &[M],
    resampler: &impl Resampler,
) -> Result<AbilityTest, EvaluateError> {
    let differences = checked(benchmark, models, resampler)?;
    let scales = vec![(benchmark.len() as f64).sqrt(); models.len()];
    Ok(run(&differences, &scales, resampler))
}

fn checked<M: AsRef<[f64]>>(
    benchmark: &[f64],
    models: &[M],
    resampler: &impl Resampler,
) -> Result<Differences, EvaluateError> {
    check_series(EvaluateInput::BenchmarkLosses, benchmark)?;
    if models.is_empty() {
        return Err(EvaluateError::Empty(EvaluateInput::Models));
    }
    for (index, losses) in models.iter().enumerate() {
        check_companion(EvaluateInput::Model(index), benchmark.len(), losses.as_ref())?;
    }
    if benchmark.len() < LEAST_LOSSES {
        return Err(NoFigure::TooFewObservations.into());
    }
    let mean_block = resampler.mean_block();
    require(mean_block >= 1.0 && mean_block.is_finite(), EvaluateParameter::MeanBlock, mean_block)?;
    require(resampler.resamples() >= 1, EvaluateParameter::Resamples, resampler.resamples() as f64)?;
    Ok(Differences::of(benchmark, models, mean_block)?)
}

/// The test with the advantage of each model multiplied by its scale.
fn run(differences: &Differences, scales: &[f64], resampler: &impl Resampler) -> AbilityTest {
    let Differences { means, errors, rows, .. } = differences;
    let mut best = 0;
    for (k, (mean, scale)) in means.iter().zip(scales).enumerate() {
        if mean * scale > means[best] * scales[best] {
            best = k;
        }
    }
    let statistic = (means[best] * scales[best]).max(0.0);
    // Where `ln ln n` is negative there is no law of the iterated logarithm to lean on, and every model stays.
    let reach = (2.0 * (*rows as f64).ln().ln()).max(0.0).sqrt();
    let centres: Vec<[f64; 3]> = means
        .iter()
        .zip(errors)
        .map(|(&mean, error)| [mean.max(0.0), if mean >= -error * reach { mean } else { 0.0 }, mean])
        .collect();

    let mut exceedances = [0; 3];
    let (mut blocks, mut resampled) = (Vec::<Block>::new(), vec![0.0; means.len()]);
    for index in 0..resampler.resamples() {
        checkpoint();
        resampler.draw(*rows, index, &mut blocks);
        differences.mean_over(&blocks, &mut resampled);
        let mut highest = [0.0_f64; 3];
        for ((mean, centre), scale) in resampled.iter().zip(&centres).zip(scales) {
            for (most, centre) in highest.iter_mut().zip(centre) {
                *most = most.max((mean - centre) * scale);
            }
        }
        for (count, highest) in exceedances.iter_mut().zip(highest) {
            // Where no model has an advantage, no artificial history is less extreme than the real one.
            *count += usize::from(highest > statistic || statistic == 0.0);
        }
    }
    let p_value = |exceedances: usize| BootstrapPValue {
        value: (exceedances + 1) as f64 / (resampler.resamples() + 1) as f64,
        exceedances,
    };
    AbilityTest {
        statistic,
        best,
        models: means.len(),
        lower: p_value(exceedances[0]),
        consistent: p_value(exceedances[1]),
        upper: p_value(exceedances[2]),
        resamples: resampler.resamples(),
        mean_block: resampler.mean_block(),
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::Seed;

    use super::*;
    use crate::StationaryBootstrap;

    fn noise(count: i32, step: i32) -> Vec<f64> {
        (0..count).map(|i| f64::from((i * step) % 1009) / 1009.0).collect()
    }

    fn bootstrap() -> StationaryBootstrap {
        StationaryBootstrap::new(3.0, 199, Seed(5)).unwrap()
    }

    #[test]
    fn the_three_p_values_are_ordered_and_poor_models_raise_the_upper_one_only() {
        let benchmark = noise(200, 7919);
        let good: Vec<f64> = noise(200, 613).iter().map(|x| x - 0.05).collect();
        let poor: Vec<f64> = noise(200, 331).iter().map(|x| 3.0 * x + 2.0).collect();
        let alone = superior_predictive_ability(&benchmark, &[&good], &bootstrap()).unwrap();
        let beside = superior_predictive_ability(&benchmark, &[&good, &poor], &bootstrap()).unwrap();
        assert_eq!(beside.best, 0);
        assert!(beside.lower.value <= beside.consistent.value && beside.consistent.value <= beside.upper.value);
        assert_eq!(alone.consistent, beside.consistent);
        assert!(beside.upper.exceedances > alone.upper.exceedances);
    }

    #[test]
    fn a_copy_of_the_benchmark_takes_no_part() {
        let benchmark = noise(100, 7919);
        let model = noise(100, 613);
        let test = |models: &[&Vec<f64>]| superior_predictive_ability(&benchmark, models, &bootstrap()).unwrap();
        let (alone, beside) = (test(&[&model]), test(&[&model, &benchmark]));
        assert_eq!(alone.consistent, beside.consistent);
        assert_eq!(test(&[&benchmark]).statistic, 0.0);
    }

    #[test]
    fn models_without_an_advantage_are_no_discovery() {
        // Far below the benchmark, neither the model nor any artificial history of it has an advantage.
        let benchmark = noise(200, 7919);
        let poor: Vec<f64> = noise(200, 613).iter().map(|x| x + 1.0).collect();
        let scaled = superior_predictive_ability(&benchmark, &[&poor], &bootstrap()).unwrap();
        let plain = reality_check(&benchmark, &[&poor], &bootstrap()).unwrap();
        for found in [scaled, plain] {
            assert_eq!((found.statistic, found.consistent.value, found.lower.value), (0.0, 1.0, 1.0));
        }
    }

    #[test]
    fn what_cannot_be_tested_is_refused() {
        let benchmark = noise(100, 7919);
        let shifted: Vec<f64> = benchmark.iter().map(|x| x - 1.0).collect();
        let spa = |models: &[Vec<f64>]| superior_predictive_ability(&benchmark, models, &bootstrap());
        assert_eq!(spa(&[shifted]), Err(EvaluateError::Unavailable(NoFigure::NoVariation)));
        assert_eq!(spa(&[]), Err(EvaluateError::Empty(EvaluateInput::Models)));
        assert!(matches!(spa(&[noise(99, 3)]), Err(EvaluateError::LengthMismatch { .. })));
        let short = superior_predictive_ability(&benchmark[..5], &[&benchmark[5..10]], &bootstrap());
        assert_eq!(short, Err(EvaluateError::Unavailable(NoFigure::TooFewObservations)));
    }
}
