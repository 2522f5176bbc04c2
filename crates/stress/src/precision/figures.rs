//! Figures of weighted points in replications, and their standard errors.

use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{controls::Controls, sample::Sample};
use crate::{Estimate, Stop, StressError, extremes::larger};

/// Number of figures: mean, probability of a loss, six quantiles, CVaR.
pub(super) const FIGURES: usize = 9;
/// Position of the probability of a loss and of CVaR.
pub(super) const LOSS: usize = 1;
pub(super) const CVAR: usize = 8;
/// Position of the first quantile and of that which VaR and CVaR read.
pub(super) const FIRST: usize = 2;
pub(super) const AT_TAIL: usize = 3;
pub(super) const QUANTILES: [f64; 6] = crate::report::QUANTILES;
pub(super) const TAIL: f64 = crate::report::TAIL;
/// Normal quantile of a 95 % interval, and how much wider one must be whose error is estimated from 32 replications: t₃₁(97.5 %)/1.960.
const Z: f64 = 1.959_963_984_540_054;
pub(super) const FEW_REPLICATIONS: f64 = 2.039_513_446_396_408 / Z;

/// The gap between neighbouring values holds a probability that is exponential, with the mass of a point there as its
/// mean `m`: 95 % of them are below `ln(20)·m`.
const GAP: f64 = 2.995_732_273_553_991;
/// Points on each side of a level whose mean mass is that of a point there.
const BESIDE: usize = 4;
/// A figure that the controls give exactly is known up to rounding.
const ROUNDING: f64 = 1e-9;

/// The figures, and which of them the method gives in closed form: the errors of those are bounds of rounding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub(super) estimates: [Estimate; FIGURES],
    pub(super) exact: [bool; FIGURES],
}

/// The figures of all points, each with its standard error.
///
/// Every figure is linear in the points up to terms of order `1/points`: the mean, the probability of a loss, for a quantile `q` the share
/// `F(q)` of the points up to it, for CVaR the mean of `(q − x)⁺/tail`. Its error is that of this linear statistic: over the replications,
/// or over the points where they are independent. That of a quantile is divided by the density, from
/// `(q(p + δ) − q(p − δ))/2δ` with the `δ` of the 95 % interval of independent points. The error of a share is never
/// less than the gap between two points, which weighs less where importance sampling puts more of them.
///
/// With `controls` a statistic is that of the regression on them, and its error that of the residuals; for a quantile
/// it is wider by Student's t, because the points beyond it are few.
///
/// # References
/// Asmussen and Glynn (2007), "Stochastic Simulation", sections III.3 to III.5. Serfling (1980), "Approximation Theorems of Mathematical
/// Statistics", section 2.5 for the linear form of quantiles.
///
/// # Errors
/// [`StressError::Stopped`].
pub(super) fn measure(
    samples: &[Sample],
    independent: bool,
    controls: Option<&Controls>,
    stop: &Stop,
) -> Result<Figures, StressError> {
    let controlled = controls.map_or(Ok(None), |controls| controls.weights(samples, stop))?;
    let exact = match (controls, &controlled) {
        (Some(controls), Some(_)) => controls.exact(),
        _ => [false; FIGURES],
    };
    let weights: Vec<Vec<f64>> =
        controlled.unwrap_or_else(|| samples.iter().map(|sample| sample.weights.clone()).collect());
    let ordered = Ordered::of(samples, &weights, stop)?;
    let mut figures = [Estimate { value: 0.0, standard_error: None }; FIGURES];
    let total: f64 = weights.iter().flatten().sum();
    let share = |of: &dyn Fn(f64) -> f64| -> f64 {
        let weighted = samples.iter().zip(&weights).flat_map(|(s, w)| s.values.iter().zip(w));
        weighted.fold(0.0, |sum, (x, w)| sum + of(*x) * w) / total
    };
    figures[0].value = share(&|x| x);
    figures[LOSS].value = share(&|x| if x < 1.0 { 1.0 } else { 0.0 });
    for (figure, level) in figures[FIRST..].iter_mut().zip(QUANTILES) {
        figure.value = ordered.value_at(level);
    }
    figures[CVAR].value = 1.0 - ordered.tail_mean(TAIL);
    stop.check()?;

    let at: [f64; FIGURES] = figures.map(|figure| figure.value);
    let statistic = |x: f64| -> [f64; FIGURES] {
        let below = |holds: bool| if holds { 1.0 } else { 0.0 };
        let mut all = [0.0; FIGURES];
        (all[0], all[LOSS], all[CVAR]) = (x, below(x < 1.0), (at[AT_TAIL] - x).max(0.0) / TAIL);
        for (one, quantile) in all[FIRST..CVAR].iter_mut().zip(&at[FIRST..CVAR]) {
            *one = below(x <= *quantile);
        }
        all
    };
    let errors = errors(samples, &statistic, independent, controls, stop)?;
    let points: usize = samples.iter().map(|sample| sample.values.len()).sum();
    let least = |level: f64| GAP / Z * ordered.point_mass(level);
    for of in [0, CVAR] {
        figures[of].standard_error = Some(errors[of]);
    }
    figures[LOSS].standard_error = Some(errors[LOSS].max(least(figures[LOSS].value)));
    for ((figure, error), level) in figures[FIRST..].iter_mut().zip(&errors[FIRST..]).zip(QUANTILES) {
        let reach = Z * (level * (1.0 - level) / points as f64).sqrt();
        let beyond = points as f64 * level.min(1.0 - level);
        let wider = if controls.is_some() { student_ratio(beyond - 1.0) } else { 1.0 };
        figure.standard_error = Some((wider * error).max(least(level)) * ordered.slope(level, reach));
    }
    for (figure, _) in figures.iter_mut().zip(exact).filter(|(_, exact)| *exact) {
        figure.standard_error = Some(ROUNDING);
    }
    Ok(Figures { estimates: figures, exact })
}

/// `t(97.5 %)` of so many degrees of freedom over that of the normal law.
fn student_ratio(freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom.max(1.0)).map_or(1.0, |law| law.inverse_cdf(0.975) / Z)
}

/// Standard errors of the weighted means of the statistics.
fn errors(
    samples: &[Sample],
    statistic: &(dyn Fn(f64) -> [f64; FIGURES] + Sync),
    independent: bool,
    controls: Option<&Controls>,
    stop: &Stop,
) -> Result<[f64; FIGURES], StressError> {
    let means = {
        let (mut sums, mut total) = ([0.0; FIGURES], 0.0);
        for sample in samples {
            stop.check()?;
            for (x, weight) in sample.values.iter().zip(&sample.weights) {
                sums.iter_mut().zip(statistic(*x)).for_each(|(sum, g)| *sum += weight * g);
                total += weight;
            }
        }
        sums.map(|sum| sum / total)
    };
    let regression = controls.and_then(|controls| controls.regression(samples, &means, statistic));
    // Sum, sum of squares and largest size of the influences of the points of each replication.
    let sums: Vec<[[f64; FIGURES]; 3]> = samples
        .par_iter()
        .map(|sample| {
            let [mut first, mut second, mut largest] = [[0.0; FIGURES]; 3];
            if stop.is_raised() {
                return [first, second, largest];
            }
            for (point, (x, weight)) in sample.values.iter().zip(&sample.weights).enumerate() {
                let mut influences = statistic(*x);
                influences.iter_mut().zip(&means).for_each(|(g, mean)| *g = weight * (*g - mean));
                if let Some(regression) = &regression {
                    regression.residuals(sample.factors[point], &mut influences);
                }
                for (of, influence) in influences.into_iter().enumerate() {
                    first[of] += influence;
                    second[of] += influence * influence;
                    largest[of] = larger(influence.abs(), largest[of]);
                }
            }
            [first, second, largest]
        })
        .collect();
    stop.check()?;
    let (replications, points) = (samples.len() as f64, samples.iter().map(|s| s.values.len()).sum::<usize>() as f64);
    Ok(std::array::from_fn(|of| {
        let mean = sums.iter().map(|[first, ..]| first[of]).sum::<f64>();
        if independent {
            let square = sums.iter().map(|[_, second, _]| second[of]).sum::<f64>();
            let largest = sums.iter().map(|[.., largest]| largest[of]).fold(0.0, f64::max);
            // Where few points make the error, the next sample has one more of them, or one less.
            ((square - mean * mean / points + largest * largest).max(0.0) / (points * (points - 1.0))).sqrt()
        } else {
            let mean = mean / replications;
            let square = sums.iter().map(|[first, ..]| (first[of] - mean) * (first[of] - mean)).sum::<f64>();
            FEW_REPLICATIONS * (square * replications / (replications - 1.0)).sqrt() / points
        }
    }))
}

/// All values in ascending order, with the mass up to each.
struct Ordered {
    values: Vec<f64>,
    mass: Vec<f64>,
}

/// Values between two checks of the signal.
const LOOK: usize = 1 << 16;

impl Ordered {
    /// Sorts each replication and merges them.
    fn of(samples: &[Sample], weights: &[Vec<f64>], stop: &Stop) -> Result<Self, StressError> {
        let sorted: Vec<Vec<(f64, f64)>> = samples
            .par_iter()
            .zip(weights)
            .map(|(sample, weights)| {
                let mut pairs = Vec::new();
                if !stop.is_raised() {
                    pairs = sample.values.iter().copied().zip(weights.iter().copied()).collect();
                    // A stable sort: equal values keep the order of their points.
                    pairs.sort_by(|a: &(f64, f64), b| a.0.total_cmp(&b.0));
                }
                pairs
            })
            .collect();
        stop.check()?;
        let merged = merge(sorted, stop)?;
        let total: f64 = merged.iter().map(|(_, weight)| weight).sum();
        let mut mass = 0.0;
        let up_to = |(_, weight): &(f64, f64)| {
            mass += weight / total;
            mass
        };
        let mass = merged.iter().map(up_to).collect();
        Ok(Self { values: merged.into_iter().map(|(value, _)| value).collect(), mass })
    }

    fn position(&self, level: f64) -> usize {
        self.mass.partition_point(|mass| *mass < level - 1e-12).min(self.values.len().saturating_sub(1))
    }

    /// The lowest value up to which there is at least this mass.
    fn value_at(&self, level: f64) -> f64 {
        self.values.get(self.position(level)).copied().unwrap_or_default()
    }

    /// Mean mass of the points around `level`.
    fn point_mass(&self, level: f64) -> f64 {
        let at = self.position(level);
        let (low, high) = (at.saturating_sub(BESIDE), (at + BESIDE).min(self.mass.len().saturating_sub(1)));
        if high > low { (self.mass[high] - self.mass[low]) / (high - low) as f64 } else { 1.0 }
    }

    /// Change of the quantile per unit of probability around `level`.
    fn slope(&self, level: f64, reach: f64) -> f64 {
        let (low, high) = (self.position(level - reach), self.position(level + reach));
        match (self.values.get(low), self.values.get(high)) {
            (Some(below), Some(above)) if self.mass[high] > self.mass[low] => {
                (above - below) / (self.mass[high] - self.mass[low])
            }
            _ => 0.0,
        }
    }

    /// Mean of the lowest share; its last point counts in part.
    fn tail_mean(&self, tail: f64) -> f64 {
        let (mut below, mut before) = (0.0, 0.0);
        for (value, mass) in self.values.iter().zip(&self.mass) {
            below += value * (mass.min(tail) - before);
            before = *mass;
            if before >= tail {
                break;
            }
        }
        below / tail
    }
}

/// Merges neighbours until one list is left.
fn merge(mut lists: Vec<Vec<(f64, f64)>>, stop: &Stop) -> Result<Vec<(f64, f64)>, StressError> {
    while lists.len() > 1 {
        lists = lists.par_chunks(2).map(|pair| two(&pair[0], pair.get(1).map_or(&[], Vec::as_slice), stop)).collect();
        stop.check()?;
    }
    Ok(lists.pop().unwrap_or_default())
}

/// Two sorted lists merged into one, the first before the second among equals; incomplete if the signal was raised.
fn two(mut a: &[(f64, f64)], mut b: &[(f64, f64)], stop: &Stop) -> Vec<(f64, f64)> {
    let mut merged = Vec::with_capacity(a.len() + b.len());
    while let (Some((first, rest_a)), Some((second, rest_b))) = (a.split_first(), b.split_first()) {
        if merged.len() % LOOK == 0 && stop.is_raised() {
            return merged;
        }
        if first.0.total_cmp(&second.0).is_le() {
            merged.push(*first);
            a = rest_a;
        } else {
            merged.push(*second);
            b = rest_b;
        }
    }
    merged.extend_from_slice(a);
    merged.extend_from_slice(b);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(values: &[f64], weights: &[f64], replications: usize) -> [Estimate; FIGURES] {
        let samples: Vec<Sample> = values
            .chunks(values.len() / replications)
            .zip(weights.chunks(values.len() / replications))
            .map(|(values, weights)| Sample {
                values: values.to_vec(),
                factors: vec![0.0; values.len()],
                weights: weights.to_vec(),
            })
            .collect();
        measure(&samples, false, None, &Stop::never()).unwrap().estimates
    }

    #[test]
    fn equal_weights_give_the_figures_of_a_sorted_list() {
        let values: Vec<f64> = (0..1000).map(|i| ((i * 7) % 1000 + 1) as f64 / 500.0).collect();
        let figures = figures(&values, &[1.0; 1000], 4).map(|figure| figure.value);
        assert!((figures[0] - 1.001).abs() < 1e-12);
        assert!((figures[LOSS] - 0.499).abs() < 1e-12);
        for (got, want) in figures[2..8].iter().zip([10.0, 50.0, 250.0, 500.0, 750.0, 950.0]) {
            assert!((got - want / 500.0).abs() < 1e-12, "{got} {want}");
        }
        assert!((figures[CVAR] - (1.0 - 25.5 / 500.0)).abs() < 1e-12);
    }

    #[test]
    fn a_point_of_double_weight_counts_as_two() {
        let once = figures(&[0.5, 0.5, 1.5, 2.0], &[1.0; 4], 1);
        let twice = figures(&[2.0, 0.5, 1.5], &[3.0, 6.0, 3.0], 1);
        for (a, b) in once.iter().zip(twice) {
            assert!((a.value - b.value).abs() < 1e-12);
        }
    }

    /// Two replications with the means 1 and 3: the error of the mean 2 is the deviation √2 over √2, and the share of
    /// losses, the same in both, has an error of at least the gap between two of four points.
    #[test]
    fn errors_are_those_of_the_replications_and_no_share_is_certain() {
        let found = figures(&[0.5, 1.5, 0.75, 5.25], &[1.0; 4], 2);
        assert!((found[0].value - 2.0).abs() < 1e-12);
        assert!((found[0].standard_error.unwrap() - FEW_REPLICATIONS).abs() < 1e-12);
        assert!((found[LOSS].standard_error.unwrap() - 20_f64.ln() / 1.96 / 4.0).abs() < 1e-4);
        // Nothing lost is a share of zero, without a sign.
        assert!(figures(&[1.0; 4], &[1.0; 4], 2)[LOSS].value.is_sign_positive());
    }
}
