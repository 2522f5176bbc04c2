//! Allocates a binding turnover budget to the trades that are worth most: the least tracking error and cost in one objective.

use super::SizingInput;
use super::allotment_costs::SideCosts;
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
        let histories = input.histories.map(|histories| histories.returns).unwrap_or_default();
        let centred: Vec<Vec<f64>> = histories.iter().map(centre).collect();
        Self { columns: vec![None; centred.len()], centred }
    }

    /// `Σ·gap`.
    fn times(&self, gap: &[f64]) -> Vec<f64> {
        let mut deviation = vec![0.0; self.periods()];
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
    /// Let `a` be the deviations of the positions from their goals, `g` the wanted trades, `k` the share of them that the budget pays for, `λ`
    /// the price of variance and `c` the costs. The allotted trades `x` solve
    ///
    /// ```text
    /// min λ·(a + x)ᵀΣ(a + x) + Σ c(xᵢ)   with 0 ≤ xᵢ/gᵢ ≤ 1,   Σ of the buys = k·Σ of the wanted buys,   the same for sells,
    ///                                     (a + x)ᵀΣ(a + x) ≤ (a + k·g)ᵀΣ(a + k·g)
    /// ```
    ///
    /// so turnover and cash equal those of `x = k·g`, where the search starts. Each step moves an amount between the
    /// two buys or the two sells whose slopes differ most, as far as the objective falls. A step moves at least a minor
    /// unit, and each asset has at most eight steps. Costs count where the input prices variance, and trades of a side differ in them; else the
    /// deviation never grows. Where costs lead to more deviation than the proportional trades leave, the result is the point nearest to them
    /// on the way from the trades of least deviation that leaves no more. When the covariance is the identity, [`level`] solves each side exactly.
    pub(super) fn allot(&mut self, input: &SizingInput, ledger: &Ledger, nav_after: f64, gaps: &mut Gaps) {
        let assets = gaps.wanted.len();
        let after = |i: usize, x: f64| ledger.positions[i] - input.optimized[i] * nav_after + x;
        if self.centred.is_empty() {
            return [true, false].into_iter().for_each(|buys| level_side(gaps, buys, |i| after(i, 0.0)));
        }
        let deviation = |x: &[f64]| -> Vec<f64> { (0..assets).map(|i| after(i, x[i])).collect() };
        let costs = SideCosts::of(input, gaps, self.periods());
        let start = costs.as_ref().map(|_| gaps.allotted.clone());
        self.exchange(deviation(&gaps.allotted), costs.as_ref(), gaps);
        let Some(proportional) = start else { return };
        let variance = |risk: &Self, x: &[f64]| {
            let gap = deviation(x);
            dot(&gap, &risk.times(&gap))
        };
        let most = variance(self, &proportional);
        let ended = variance(self, &gaps.allotted);
        if ended <= most {
            return;
        }
        let cheapest = std::mem::replace(&mut gaps.allotted, proportional);
        self.exchange(deviation(&gaps.allotted), None, gaps);
        let nearest = deviation(&gaps.allotted);
        let slope = self.times(&nearest);
        let (least, toward) = (dot(&nearest, &slope), difference(&cheapest, &gaps.allotted));
        // v(s) = least + 2s·b + s²·a, which is `ended` at 1.
        let linear = dot(&toward, &slope);
        let square = ended - least - 2.0 * linear;
        let room = (most - least).max(0.0);
        let share = if square > 0.0 { ((linear * linear + square * room).sqrt() - linear) / square } else { 0.0 };
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        for (allotted, more) in gaps.allotted.iter_mut().zip(&toward) {
            *allotted += share * more;
        }
    }

    /// Periods of the histories.
    fn periods(&self) -> usize {
        self.centred.iter().map(Vec::len).max().unwrap_or_default()
    }

    /// Moves amounts between the trades of a side while the objective falls. `gap`: the deviations that the allotted trades leave.
    fn exchange(&mut self, gap: Vec<f64>, costs: Option<&SideCosts>, gaps: &mut Gaps) {
        let mut slope = self.times(&gap);
        let trading: Vec<usize> = (0..gap.len()).filter(|&i| gaps.wanted[i].abs() > DUST).collect();
        for _ in 0..(STEPS_PER_ASSET * trading.len()).min(MOST_STEPS) {
            let sides = [true, false].map(|buys| steepest(&trading, &slope, costs, gaps, buys));
            let Some(pair) = sides.into_iter().flatten().max_by(|x, y| x.fall.total_cmp(&y.fall)) else { return };
            let variance = self.of_pair(pair.more, pair.less);
            let best = if variance > 0.0 { pair.fall / variance } else { f64::INFINITY };
            let mut moved = best.min(pair.room);
            if let Some(costs) = costs {
                let (more, less) = (gaps.allotted[pair.more], gaps.allotted[pair.less]);
                moved = costs.as_far_as_it_falls(moved, |m| {
                    pair.fall - m * variance - costs.rise(pair.more, more, m) - costs.rise(pair.less, less, -m).abs()
                });
            }
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
fn steepest(trading: &[usize], slope: &[f64], costs: Option<&SideCosts>, gaps: &Gaps, buys: bool) -> Option<Pair> {
    // Per unit of turnover: a unit bought adds its slope, a unit sold subtracts it, and both add what they cost.
    let per_unit = |i: usize| {
        let of_risk = if buys { slope[i] } else { -slope[i] };
        costs.map_or(of_risk, |costs| of_risk + costs.slope(i, gaps.allotted[i]))
    };
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

fn difference(x: &[f64], y: &[f64]) -> Vec<f64> {
    x.iter().zip(y).map(|(x, y)| x - y).collect()
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}
