//! Preintegration: the expectation over the portfolio factor in closed form, the other shocks by Sobol points.

use rayon::prelude::*;

use super::{
    VarianceReduction,
    figures::{AT_TAIL, CVAR, FEW_REPLICATIONS, FIGURES, FIRST, Figures, LOSS, QUANTILES, TAIL},
    points::Points,
    quantile::normal_quantile,
    sobol::Sobol,
    terminal::Book,
};
use crate::{Estimate, LANES, LaneStream, Stop, StressError, elementary::exp, extremes::larger, paths::check_values};

/// Most points × assets that are kept.
const KEPT: usize = 1 << 22;
/// The factor beyond this has a probability below 1e-32.
const FAR: f64 = 12.0;
/// Rounds of the search for a root, each at least a bisection.
const ROUNDS: usize = 80;
/// Rounds of the search for a quantile.
const QUANTILE_ROUNDS: usize = 60;
/// A bracket of a root this narrow has found it, and so has a step of Newton's method of this size: the next one would be its square.
const CLOSE: f64 = 1e-14;
const NEWTON: f64 = 1e-7;
/// No figure is more certain than its rounding.
const ROUNDING: f64 = 1e-12;

/// Most points of a replication, a power of two.
pub(super) fn most_points(assets: usize, replications: usize) -> usize {
    1 << (KEPT / (assets.max(1) * replications)).max(1).ilog2()
}

/// The figures of a book whose value rises with the portfolio factor `y`.
///
/// Given the other shocks `x` the value is `V(y) = c + Σ gᵢ·e^{aᵢ·y}` with `gᵢ·aᵢ ≥ 0`, so for every `v` there is one `y(v)` with `V = v`, and
///
/// ```text
/// E[V | x] = c + Σ gᵢ·e^{aᵢ²/2},   P(V ≤ v | x) = Φ(y(v))
/// E[(v − V)⁺ | x] = (v − c)·Φ(y(v)) − Σ gᵢ·e^{aᵢ²/2}·Φ(y(v) − aᵢ)
/// ```
///
/// A figure is that of the means of these over all points. `sizes`: replications, and points of each; `streams`: the stream of a replication. The
/// error of a figure is that of its linear form over the replications; a quantile is divided by the density, which is a mean too.
///
/// # Errors
/// [`StressError::Stopped`], or [`StressError::Diverges`].
pub(super) fn preintegrated(
    book: &Book<'_>,
    sobol: &Sobol,
    sizes: [usize; 2],
    streams: impl Fn(u64) -> LaneStream + Sync,
    stop: &Stop,
) -> Result<Figures, StressError> {
    let [replications, count] = sizes;
    let mut given: Vec<Conditional<'_>> = (0..replications)
        .into_par_iter()
        .map(|replication| {
            let points = Points::new(VarianceReduction::Preintegration, sobol, count, streams(replication as u64));
            Conditional::of(book, points, count, stop)
        })
        .collect();
    stop.check()?;
    for replication in &given {
        check_values(&replication.holdings)?;
    }

    let mut values = [0.0; FIGURES];
    let mut density = [1.0; FIGURES];
    values[0] = mean(&each(&mut given, stop, |point| point.mean())?);
    values[LOSS] = mean(&each(&mut given, stop, |point| risk::normal_cdf(point.root(1.0)))?);
    let range = range(&mut given, stop)?;
    for (figure, level) in (FIRST..).zip(QUANTILES) {
        let start = book.median(normal_quantile(level));
        (values[figure], density[figure]) = quantile(&mut given, level, start, range, stop)?;
    }
    let at_tail = values[AT_TAIL];
    values[CVAR] = 1.0 - at_tail + mean(&each(&mut given, stop, |point| point.shortfall(at_tail))?) / TAIL;

    let mut figures = [Estimate { value: 0.0, standard_error: None }; FIGURES];
    for (of, figure) in figures.iter_mut().enumerate() {
        let at = values[of];
        let means = each(&mut given, stop, |point| match of {
            0 => point.mean(),
            LOSS => risk::normal_cdf(point.root(1.0)),
            CVAR => point.shortfall(at_tail) / TAIL,
            _ => risk::normal_cdf(point.root(at)),
        })?;
        let centre = mean(&means);
        let square: f64 = means.iter().map(|m| (m - centre) * (m - centre)).sum();
        let n = means.len() as f64;
        let error = FEW_REPLICATIONS * (square / (n * (n - 1.0))).sqrt() / density[of];
        *figure = Estimate { value: at, standard_error: Some(larger(error, ROUNDING)) };
    }
    // Without other shocks every point is the same.
    Ok(Figures { estimates: figures, exact: [book.law().factor().rank() <= 1; FIGURES] })
}

/// The points of one replication: what each holding is worth where the portfolio factor is zero.
struct Conditional<'a> {
    loadings: &'a [f64],
    cash: f64,
    /// Point by point, one entry per asset.
    holdings: Vec<f64>,
    /// The last root of each point, near the next one.
    last: Vec<f64>,
}

/// One point.
struct Point<'a> {
    loadings: &'a [f64],
    cash: f64,
    holdings: &'a [f64],
    last: &'a mut f64,
}

impl<'a> Conditional<'a> {
    fn of(book: &'a Book<'_>, mut points: Points<'_>, count: usize, stop: &Stop) -> Self {
        let law = book.law();
        let assets = law.assets();
        let mut rows = vec![[0.0; LANES]; law.factor().rank()];
        let mut growth = vec![[0.0; LANES]; assets];
        let mut holdings = Vec::with_capacity(count * assets);
        while holdings.len() < count * assets && !stop.is_raised() {
            let filled = points.fill_others(&mut rows);
            book.values(&mut rows, &mut growth);
            for lane in 0..filled {
                holdings.extend(growth.iter().zip(law.weights()).map(|(growth, weight)| weight * growth[lane]));
            }
        }
        Self { loadings: &book.loadings, cash: law.cash_weight(), holdings, last: vec![0.0; count] }
    }

    /// The points, until the signal is raised.
    fn points<'p>(&'p mut self, stop: &'p Stop) -> impl Iterator<Item = Point<'p>> {
        let (loadings, cash) = (self.loadings, self.cash);
        let points = self.holdings.chunks(loadings.len()).zip(&mut self.last);
        points.take_while(|_| !stop.is_raised()).map(move |(holdings, last)| Point { loadings, cash, holdings, last })
    }
}

impl Point<'_> {
    /// The value and its derivative at `y`.
    fn value(&self, y: f64) -> (f64, f64) {
        let (mut value, mut slope) = (self.cash, 0.0);
        for (holding, loading) in self.holdings.iter().zip(self.loadings) {
            let held = holding * exp(loading * y);
            value += held;
            slope += loading * held;
        }
        (value, slope)
    }

    /// Where the value is `v`, or the end of the range beyond which it lies: Newton's method, and a bisection where that leaves the bracket.
    fn root(&mut self, v: f64) -> f64 {
        let (mut low, mut high) = (-FAR, FAR);
        let mut y = self.last.clamp(low, high);
        for _ in 0..ROUNDS {
            let (value, slope) = self.value(y);
            let gap = value - v;
            if gap > 0.0 {
                high = y
            } else {
                low = y
            }
            let step = y - gap / slope;
            let newton = (low..=high).contains(&step);
            let next = if newton { step } else { (low + high) / 2.0 };
            let moved = (next - y).abs();
            y = next;
            if moved <= if newton { NEWTON } else { CLOSE * FAR } {
                break;
            }
        }
        *self.last = y;
        y
    }

    fn mean(&self) -> f64 {
        let held = |(holding, loading): (&f64, &f64)| holding * exp(loading * loading / 2.0);
        self.cash + self.holdings.iter().zip(self.loadings).map(held).sum::<f64>()
    }

    /// `E[(v − V)⁺]`.
    fn shortfall(&mut self, v: f64) -> f64 {
        let y = self.root(v);
        let held =
            |(holding, loading): (&f64, &f64)| holding * exp(loading * loading / 2.0) * risk::normal_cdf(y - loading);
        (v - self.cash) * risk::normal_cdf(y) - self.holdings.iter().zip(self.loadings).map(held).sum::<f64>()
    }
}

/// The mean of a function of the points of each replication. The sums have one order on any number of threads.
fn each(
    given: &mut [Conditional<'_>],
    stop: &Stop,
    of: impl Fn(&mut Point<'_>) -> f64 + Sync,
) -> Result<Vec<f64>, StressError> {
    let one = |replication: &mut Conditional<'_>| {
        let count = replication.last.len().max(1) as f64;
        replication.points(stop).map(|mut point| of(&mut point)).sum::<f64>() / count
    };
    let means = given.par_iter_mut().map(one).collect();
    stop.check()?;
    Ok(means)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The lowest and the highest value of all points, far out along the portfolio factor.
fn range(given: &mut [Conditional<'_>], stop: &Stop) -> Result<[f64; 2], StressError> {
    let mut range = [f64::INFINITY, f64::NEG_INFINITY];
    for point in given.iter_mut().flat_map(|replication| replication.points(stop)) {
        range = [range[0].min(point.value(-FAR).0), range[1].max(point.value(FAR).0)];
    }
    stop.check()?;
    Ok(range)
}

/// The value up to which there is the probability `level`, and the density there: Newton's method from `start`, and a bisection where that
/// leaves the bracket.
fn quantile(
    given: &mut [Conditional<'_>],
    level: f64,
    start: f64,
    range: [f64; 2],
    stop: &Stop,
) -> Result<(f64, f64), StressError> {
    let [mut low, mut high] = range;
    let (mut v, mut density) = (start.clamp(low, high), f64::INFINITY);
    for _ in 0..QUANTILE_ROUNDS {
        let both: Vec<[f64; 2]> = given
            .par_iter_mut()
            .map(|replication| {
                let count = replication.last.len().max(1) as f64;
                let mut sums = [0.0; 2];
                for mut point in replication.points(stop) {
                    let y = point.root(v);
                    let slope = point.value(y).1;
                    sums[0] += risk::normal_cdf(y);
                    sums[1] += if slope > 0.0 { risk::normal_density(y) / slope } else { 0.0 };
                }
                sums.map(|sum| sum / count)
            })
            .collect();
        stop.check()?;
        let of = |part: usize| mean(&both.iter().map(|both| both[part]).collect::<Vec<f64>>());
        let gap = of(0) - level;
        density = of(1);
        if gap > 0.0 {
            high = v
        } else {
            low = v
        }
        if gap.abs() <= CLOSE {
            break;
        }
        let step = v - gap / density;
        let newton = (low..=high).contains(&step);
        let next = if newton { step } else { (low + high) / 2.0 };
        let moved = (next - v).abs() / larger(v.abs(), 1e-3);
        v = next;
        if moved <= if newton { NEWTON } else { CLOSE } {
            break;
        }
    }
    Ok((v, density))
}

#[cfg(test)]
mod tests {
    use portfolio_core::{Covariance, Universe};

    use super::*;
    use crate::{AssetLaw, Seed};

    fn law(weights: &[f64], rows: &[&[f64]]) -> AssetLaw {
        let annual = Covariance::from_rows(Universe::numbered(weights.len()).unwrap(), rows, 1.0).unwrap();
        AssetLaw::new(weights, &vec![0.05; weights.len()], &annual, 252.0).unwrap()
    }

    fn rising(law: &AssetLaw) -> Option<Book<'_>> {
        Book::rising(law, 126, &Stop::never()).unwrap()
    }

    fn figures(law: &AssetLaw, points: usize) -> Option<[Estimate; FIGURES]> {
        let book = rising(law)?;
        let streams = |replication| LaneStream::new(Seed(5), replication);
        Some(preintegrated(&book, &Sobol::new(), [8, points], streams, &Stop::never()).unwrap().estimates)
    }

    /// One asset of 20 % volatility over half a year beside a third in cash: every figure has a closed form.
    #[test]
    fn one_asset_is_its_closed_form() {
        let found = figures(&law(&[2.0 / 3.0], &[&[0.04]]), 4).unwrap();
        let (centre, deviation) = (0.015, 0.2 * 0.5_f64.sqrt());
        let value = |z: f64| 1.0 / 3.0 + 2.0 / 3.0 * (centre + deviation * z).exp();
        let z05 = risk::normal_quantile(0.05).unwrap();
        let tail = 1.0 / 3.0 + 2.0 / 3.0 * 0.025_f64.exp() * risk::normal_cdf(z05 - deviation) / 0.05;
        let close =
            |of: usize, want: f64| assert!((found[of].value - want).abs() < 1e-12, "{of}: {} {want}", found[of]);
        close(0, 1.0 / 3.0 + 2.0 / 3.0 * 0.025_f64.exp());
        close(LOSS, risk::normal_cdf(-centre / deviation));
        for (of, level) in (FIRST..).zip(QUANTILES) {
            close(of, value(risk::normal_quantile(level).unwrap()));
        }
        close(CVAR, 1.0 - tail);
        assert!(found.iter().all(|figure| figure.standard_error.unwrap() < 1e-11));
    }

    /// The book falls along the first shock of a short holding unless the direction is chosen for it.
    #[test]
    fn a_short_holding_has_a_direction_and_a_hedge_of_the_same_asset_has_none() {
        let hedged = law(&[1.0, -0.5], &[&[0.04, 0.018], &[0.018, 0.0225]]);
        let book = rising(&hedged).unwrap();
        assert!(book.loadings[0] > 0.0 && book.loadings[1] <= 1e-9, "{:?}", book.loadings);
        assert!(figures(&hedged, 64).unwrap()[LOSS].standard_error.unwrap() < 1e-3);
        // Two holdings of one risk in opposite directions.
        assert!(rising(&law(&[1.0, -0.5], &[&[0.04, 0.03], &[0.03, 0.0225]])).is_none());
        // Nothing moves.
        assert!(rising(&law(&[1.0, 0.5], &[&[0.0, 0.0], &[0.0, 0.0]])).is_none());
    }

    #[test]
    fn a_level_that_no_point_reaches_is_beyond_the_range() {
        let mut point = Point { loadings: &[0.2], cash: 0.5, holdings: &[0.5], last: &mut 0.0 };
        assert!(point.root(0.4) < -11.9 && point.root(1e9) > 11.9);
        assert!((point.root(1.0)).abs() < 1e-12 && (point.root(0.5 + 0.5 * 0.2_f64.exp()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_points_that_are_kept_are_bounded() {
        assert_eq!([most_points(1, 32), most_points(500, 32), most_points(500, 16)], [1 << 17, 1 << 8, 1 << 9]);
    }
}
