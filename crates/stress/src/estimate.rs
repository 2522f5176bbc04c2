//! Figures with standard errors, and the estimators behind them.

use std::fmt;

use risk::TailMass;
use serde::Serialize;

/// A simulated figure with the standard deviation of its error, `value ± standard_error`.
///
/// A correct figure lies within two standard errors of the truth about 95 times in 100; four times as many paths halve
/// the error.
///
/// # Example
/// ```
/// use stress::Estimate;
///
/// let loss = Estimate { value: 0.0871, standard_error: Some(0.0012) };
/// assert_eq!(loss.to_string(), "0.0871 ± 0.0012");
/// assert_eq!(format!("{loss:.2}"), "0.09 ± 0.00");
/// assert_eq!(f64::from(loss), 0.0871);
/// // One path says nothing about the error.
/// assert_eq!(Estimate { value: 1.5, standard_error: None }.to_string(), "1.5");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(
    feature = "openapi",
    schema(
        description = "A simulated figure with the standard deviation of its error, `value ± standard_error`.\n\nA correct figure lies within two \
                       standard errors of the truth about 95 times in 100; four times as many paths halve the error.",
        example = json!({"value": 1.0061, "standard_error": 0.0004})
    )
)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Standard error of the figure from sampling alone, same unit; null for a single path, which says nothing about
    /// it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub standard_error: Option<f64>,
}

impl From<Estimate> for f64 {
    fn from(estimate: Estimate) -> Self {
        estimate.value
    }
}

impl fmt::Display for Estimate {
    /// `value ± standard_error`; a precision applies to both.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)?;
        let Some(error) = self.standard_error else { return Ok(()) };
        f.write_str(" ± ")?;
        fmt::Display::fmt(&error, f)
    }
}

/// Normal quantile of the 95 % interval from which the error of a quantile is computed.
const Z: f64 = 1.959_963_984_540_054;

impl Estimate {
    fn new(value: f64, standard_error: f64, paths: usize) -> Self {
        Self { value, standard_error: (paths > 1).then_some(standard_error) }
    }

    /// The same error around `origin − value`, such as a loss computed from a terminal value.
    pub(crate) fn below(self, origin: f64) -> Self {
        Self { value: origin - self.value, ..self }
    }
}

/// Mean, with standard error `sd/√N` (sd divides by `N − 1`).
pub(crate) fn mean(values: &[f64]) -> Estimate {
    let n = values.len() as f64;
    let mean = sum(values, |v| v) / n;
    let variance = sum(values, |v| (v - mean) * (v - mean)) / (n - 1.0);
    Estimate::new(mean, (variance / n).sqrt(), values.len())
}

/// Probability of an event that occurred on `hits` of `paths` paths, with the binomial error `√(p̃(1 − p̃)/N)`.
///
/// `p̃ = (hits + 1)/(N + 2)`: an event that never occurred on `N` paths may still happen, so its error is about `1/N`
/// and not 0.
pub(crate) fn probability(hits: usize, paths: usize) -> Estimate {
    let (hits, n) = (hits as f64, paths as f64);
    let smoothed = (hits + 1.0) / (n + 2.0);
    Estimate::new(hits / n, (smoothed * (1.0 - smoothed) / n).sqrt(), paths)
}

/// Values sorted far enough that the required quantiles are at their ranks.
pub(crate) struct Ordered<'a> {
    values: &'a mut [f64],
}

impl<'a> Ordered<'a> {
    /// Partial sort: every rank that [`Ordered::quantile`] reads for `levels`; `O(N log levels)`.
    pub(crate) fn at(values: &'a mut [f64], levels: &[f64]) -> Self {
        select(values, &ranks(levels, values.len()), 0);
        Self { values }
    }

    /// Values that are already in place, at every one of the [`ranks`] and below the largest tail that is read.
    pub(crate) fn in_place(values: &'a mut [f64]) -> Self {
        Self { values }
    }

    /// Quantile `x₍ₖ₎`, `k = ⌈qN⌉` (inverted distribution function), at one of the requested levels.
    ///
    /// The error needs no density: the order statistics `l` and `u` at `qN ± z√(Nq(1 − q))` enclose the quantile with
    /// 95 % confidence. A normal error with the standard deviation `(x₍ᵤ₎ − x₍ₗ₎)/2z` would have an interval of that width.
    ///
    /// # Reference
    /// David and Nagaraja (2003), "Order Statistics", 3rd ed., section 7.1.
    pub(crate) fn quantile(&self, q: f64) -> Estimate {
        let n = self.values.len();
        let [low, high] = interval(q, n);
        Estimate::new(self.values[rank(q, n)], (self.values[high] - self.values[low]) / (2.0 * Z), n)
    }

    /// Sorts the lowest share `tail`, the boundary value included, and returns their number.
    pub(crate) fn sort_tail(&mut self, tail: f64) -> usize {
        let count = lowest(tail, self.values.len()).rank();
        self.values[..count].sort_unstable_by(f64::total_cmp);
        count
    }

    /// Mean of the lowest share `tail` of the values; the boundary value counts in part when `tail·N` is not whole
    /// ([`TailMass`]).
    ///
    /// Let `k = tail·N`, let `q` be the quantile at `tail`, and let `m` and `s²` be the mean and variance of `q − x`
    /// over the tail. The error is that of the influence function, `√((s² + (1 − tail)·m²)/(tail·N))`.
    ///
    /// The tail is sorted, so that the sum does not depend on the order that the partial sort left.
    ///
    /// # References
    /// Rockafellar and Uryasev (2002), "Conditional value-at-risk for general loss distributions", Journal of Banking &
    /// Finance 26(7), 1443–1471. Manistre and Hancock (2005), "Variance of the CTE estimator", North American Actuarial
    /// Journal 9(2), 129–156.
    pub(crate) fn tail_mean(&mut self, tail: f64) -> Estimate {
        let n = self.values.len();
        let lowest = lowest(tail, n);
        let boundary = self.sort_tail(tail) - 1;
        let tail_values = &self.values[..=boundary];
        let quantile = tail_values[boundary];
        // Every value below the boundary counts in full; the boundary has no excess over itself.
        let (mut first, mut second) = (0.0, 0.0);
        for v in &tail_values[..boundary] {
            let excess = quantile - v;
            first += excess;
            second += excess * excess;
        }
        let (m, square) = (first / lowest.mass(), second / lowest.mass());
        let variance = (square - m * m).max(0.0);
        Estimate::new(quantile - m, ((variance + (1.0 - tail) * m * m) / (tail * n as f64)).sqrt(), n)
    }
}

/// The lowest share `q` of `n` values, by the rule that `risk` uses for its VaR and CVaR.
fn lowest(q: f64, n: usize) -> TailMass {
    TailMass::below(q, n).expect("every level read here is a probability, and a simulation has a path")
}

/// Position from zero of the quantile at `q`, `⌈qn⌉ − 1`.
fn rank(q: f64, n: usize) -> usize {
    lowest(q, n).rank() - 1
}

/// Positions from zero of the ends of the 95 % interval of the quantile at `q`.
fn interval(q: f64, n: usize) -> [usize; 2] {
    let centre = q * n as f64;
    let reach = Z * (centre * (1.0 - q)).sqrt();
    let low = (centre - reach).floor().max(1.0) as usize;
    let high = (centre + reach).ceil() as usize + 1;
    [low.clamp(1, n) - 1, high.clamp(1, n) - 1]
}

/// Every rank that the quantiles at `levels` and their errors read, ascending and distinct.
pub(crate) fn ranks(levels: &[f64], n: usize) -> Vec<usize> {
    let mut ranks: Vec<usize> = levels.iter().flat_map(|&q| [[rank(q, n); 2], interval(q, n)].concat()).collect();
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}

/// Moves the values of all `ranks` (ascending, distinct, counted from `offset`) to their places.
pub(crate) fn select(values: &mut [f64], ranks: &[usize], offset: usize) {
    if ranks.is_empty() {
        return;
    }
    let middle = ranks.len() / 2;
    let (low, _, high) = values.select_nth_unstable_by(ranks[middle] - offset, f64::total_cmp);
    select(low, &ranks[..middle], offset);
    select(high, &ranks[middle + 1..], ranks[middle] + 1);
}

/// Sum of `f(v)` in eight interleaved partial sums: a fixed order in which additions do not wait for each other.
fn sum(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut partial = [0.0; 8];
    for chunk in chunks {
        for (p, v) in partial.iter_mut().zip(chunk) {
            *p += f(*v);
        }
    }
    partial.iter().sum::<f64>() + rest.iter().map(|v| f(*v)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1, 2, …, n in a scattered order (n coprime to 7).
    fn scattered(n: usize) -> Vec<f64> {
        (0..n).map(|i| ((i * 7) % n + 1) as f64).collect()
    }

    #[test]
    fn quantiles_are_order_statistics() {
        let levels = [0.01, 0.05, 0.5, 0.95];
        let mut values = scattered(1_000);
        let ordered = Ordered::at(&mut values, &levels);
        for (q, want) in levels.iter().zip([10.0, 50.0, 500.0, 950.0]) {
            assert_eq!(ordered.quantile(*q).value, want);
        }
        // 1.96·√(1000·0.25) = 30.99 on either side of 500: from 469 to 532.
        let error = ordered.quantile(0.5).standard_error.unwrap();
        assert!((error - 63.0 / (2.0 * Z)).abs() < 1e-12, "{error}");
        let mut values = scattered(999);
        assert_eq!(Ordered::at(&mut values, &levels).quantile(0.05).value, 50.0, "49.95 rounds up");
    }

    #[test]
    fn the_tail_mean_counts_its_boundary_in_part() {
        let mut values = scattered(1_000);
        assert!((Ordered::at(&mut values, &[0.05]).tail_mean(0.05).value - 25.5).abs() < 1e-12);
        // 5 % of 30 are 1.5 values: all of 1 and half of 2.
        let mut values = scattered(30);
        let tail = Ordered::at(&mut values, &[0.05]).tail_mean(0.05);
        assert!((tail.value - 2.0 / 1.5).abs() < 1e-12);
        let mut single = [3.0];
        let tail = Ordered::at(&mut single, &[0.05]).tail_mean(0.05);
        assert_eq!(tail, Estimate { value: 3.0, standard_error: None });
    }

    #[test]
    fn moments_and_probabilities_are_those_of_paper() {
        let estimate = mean(&scattered(10));
        assert_eq!(estimate.value, 5.5);
        assert!((estimate.standard_error.unwrap() - (55.0f64 / 6.0 / 10.0).sqrt()).abs() < 1e-15);
        let p = probability(3, 10);
        assert_eq!(p.value, 0.3);
        assert!((p.standard_error.unwrap() - (4.0 / 12.0 * 8.0 / 12.0 / 10.0f64).sqrt()).abs() < 1e-15);
        assert!(probability(0, 100).standard_error.unwrap() > 0.0);
        assert_eq!(mean(&[2.0]).standard_error, None);
    }

    #[test]
    fn a_partial_sort_agrees_with_a_full_one_for_any_length() {
        for n in 1..200 {
            let mut values: Vec<f64> = (0..n).map(|i| (f64::from(i) * 12.9898).sin()).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let levels = [0.05, 0.5, 0.99];
            let ordered = Ordered::at(&mut values, &levels);
            for q in levels {
                assert_eq!(ordered.quantile(q).value, sorted[rank(q, n as usize)]);
                let [low, high] = interval(q, n as usize);
                assert_eq!((ordered.values[low], ordered.values[high]), (sorted[low], sorted[high]));
            }
        }
    }
}
