//! Allocates a binding turnover budget to the trades that leave the least tracking error.

use super::SizingInput;
use super::gaps::{DUST, Gaps};
use super::ledger::Ledger;
use super::levelling::level;

/// Maximum number of steps per traded asset.
const STEPS_PER_ASSET: usize = 8;
/// Maximum number of steps per search; each step needs at most two columns of the covariance.
const MOST_STEPS: usize = 2_048;

/// The covariance of returns up to a positive factor. Its columns are computed on demand.
#[derive(Debug)]
pub(super) struct DeviationRisk {
    /// Returns of each asset minus their mean, either all over the same periods or empty. If there are none, the
    /// covariance is the identity.
    centred: Vec<Vec<f64>>,
    /// Columns of the covariance computed so far.
    columns: Vec<Option<Vec<f64>>>,
}

impl DeviationRisk {
    /// Builds the risk from the histories of an input. `O(T·N)`.
    pub(super) fn of(input: &SizingInput) -> Self {
        let centre = |returns: &&[f64]| {
            let mean = returns.iter().sum::<f64>() / returns.len().max(1) as f64;
            returns.iter().map(|r| r - mean).collect()
        };
        let centred: Vec<Vec<f64>> = input.histories.unwrap_or_default().iter().map(centre).collect();
        Self { columns: vec![None; centred.len()], centred }
    }

    /// `Σ·gap`.
    fn times(&self, gap: &[f64]) -> Vec<f64> {
        let periods = self.centred.iter().map(Vec::len).max().unwrap_or_default();
        let mut deviation = vec![0.0; periods];
        for (returns, g) in self.centred.iter().zip(gap).filter(|(_, g)| **g != 0.0) {
            deviation.iter_mut().zip(returns).for_each(|(d, r)| *d += g * r);
        }
        self.centred.iter().map(|returns| dot(returns, &deviation)).collect()
    }

    /// `slope += amount·Σ·eᵢ`.
    fn add_column(&mut self, slope: &mut [f64], i: usize, amount: f64) {
        let column = column(&self.centred, &mut self.columns, i);
        slope.iter_mut().zip(column).for_each(|(slope, c)| *slope += amount * c);
    }

    /// Variance of being long one unit of asset `i` and short one unit of asset `j`.
    fn of_pair(&mut self, i: usize, j: usize) -> f64 {
        let of_i = column(&self.centred, &mut self.columns, i);
        let (ii, ij) = (of_i[i], of_i[j]);
        ii - 2.0 * ij + column(&self.centred, &mut self.columns, j)[j]
    }

    /// Allocates the binding budget of `gaps` among the wanted trades.
    ///
    /// Let `a` be the deviations of the positions from their goals, `g` the wanted trades, and `k` the share of them
    /// that the budget pays for. The allotted trades `x` solve
    ///
    /// ```text
    /// min (a + x)ᵀΣ(a + x)   with 0 ≤ xᵢ/gᵢ ≤ 1,   Σ of the buys = k·Σ of the wanted buys,   the same for sells
    /// ```
    ///
    /// so turnover and cash equal those of `x = k·g`, where the search starts. Each step moves an amount between the
    /// two buys or the two sells whose slopes `Σ(a + x)` differ most, as far as the objective falls. The deviation
    /// therefore never grows, and the result is never worse than the proportional trades. A step moves at least a minor
    /// unit, and each asset has at most eight steps. When the covariance is the identity, [`level`] solves each side exactly.
    pub(super) fn allot(&mut self, input: &SizingInput, ledger: &Ledger, nav_after: f64, gaps: &mut Gaps) {
        let assets = gaps.wanted.len();
        let after = |i: usize, x: f64| ledger.positions[i] - input.optimized[i] * nav_after + x;
        if self.centred.is_empty() {
            return [true, false].into_iter().for_each(|buys| level_side(gaps, buys, |i| after(i, 0.0)));
        }
        let gap: Vec<f64> = (0..assets).map(|i| after(i, gaps.allotted[i])).collect();
        let mut slope = self.times(&gap);
        let trading: Vec<usize> = (0..assets).filter(|&i| gaps.wanted[i].abs() > DUST).collect();
        for _ in 0..(STEPS_PER_ASSET * trading.len()).min(MOST_STEPS) {
            let sides = [true, false].map(|buys| steepest(&trading, &slope, gaps, buys));
            let Some(pair) = sides.into_iter().flatten().max_by(|x, y| x.fall.total_cmp(&y.fall)) else { return };
            let variance = self.of_pair(pair.more, pair.less);
            let best = if variance > 0.0 { pair.fall / variance } else { f64::INFINITY };
            let moved = best.min(pair.room);
            if moved.is_nan() || moved <= DUST {
                return;
            }
            let signed = moved.copysign(gaps.wanted[pair.more]);
            gaps.allotted[pair.more] += signed;
            gaps.allotted[pair.less] -= signed;
            self.add_column(&mut slope, pair.more, signed);
            self.add_column(&mut slope, pair.less, -signed);
        }
    }
}

/// Spreads the amount of one side over its trades so that the largest deviations shrink first.
fn level_side(gaps: &mut Gaps, buys: bool, deviation: impl Fn(usize) -> f64) {
    let side: Vec<usize> =
        (0..gaps.wanted.len()).filter(|&i| gaps.wanted[i] != 0.0 && (gaps.wanted[i] > 0.0) == buys).collect();
    let sign = if buys { 1.0 } else { -1.0 };
    let missing: Vec<f64> = side.iter().map(|&i| -sign * deviation(i)).collect();
    let caps: Vec<f64> = side.iter().map(|&i| gaps.wanted[i].abs()).collect();
    let amount = side.iter().map(|&i| gaps.allotted[i].abs()).sum();
    for (&i, share) in side.iter().zip(level(&missing, &caps, amount)) {
        gaps.allotted[i] = sign * share;
    }
}

/// Two trades on one side, and how much the objective falls for each unit that moves from one to the other.
struct Pair {
    more: usize,
    less: usize,
    fall: f64,
    /// Largest amount that can move.
    room: f64,
}

/// The pair of buys, or of sells, whose slopes differ most.
fn steepest(trading: &[usize], slope: &[f64], gaps: &Gaps, buys: bool) -> Option<Pair> {
    // Per unit of turnover: a unit bought adds its slope, a unit sold subtracts it.
    let per_unit = |i: usize| if buys { slope[i] } else { -slope[i] };
    let side = || trading.iter().copied().filter(|&i| (gaps.wanted[i] > 0.0) == buys);
    let open = |i: usize| gaps.wanted[i].abs() - gaps.allotted[i].abs();
    let more = side().filter(|&i| open(i) > DUST).min_by(|&i, &j| per_unit(i).total_cmp(&per_unit(j)))?;
    let less =
        side().filter(|&i| gaps.allotted[i].abs() > DUST).max_by(|&i, &j| per_unit(i).total_cmp(&per_unit(j)))?;
    let fall = per_unit(less) - per_unit(more);
    (more != less && fall > 0.0).then(|| Pair { more, less, fall, room: open(more).min(gaps.allotted[less].abs()) })
}

fn column<'a>(centred: &[Vec<f64>], columns: &'a mut [Option<Vec<f64>>], i: usize) -> &'a [f64] {
    columns[i].get_or_insert_with(|| centred.iter().map(|other| dot(&centred[i], other)).collect())
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}
