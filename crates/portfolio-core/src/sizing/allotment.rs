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

    /// Variance of holding these amounts of two assets.
    fn of_pair(&mut self, [(i, of_i), (j, of_j)]: [(usize, f64); 2]) -> f64 {
        let column_i = column(&self.centred, &mut self.columns, i);
        let (ii, ij) = (column_i[i], column_i[j]);
        of_i * of_i * ii + 2.0 * of_i * of_j * ij + of_j * of_j * column(&self.centred, &mut self.columns, j)[j]
    }

    /// Allocates the binding budget of `gaps` among the wanted trades, and returns the part of it that is used.
    ///
    /// Let `a` be the deviations of the positions from their goals, `g` the wanted trades, `K` the share of them that the budget pays for, `λ`
    /// the price of variance and `c` the costs. The allotted trades `x` solve
    ///
    /// ```text
    /// min λ·(a + x)ᵀΣ(a + x) + Σ c(xᵢ)   with 0 ≤ xᵢ/gᵢ ≤ 1,   k ≤ K,   Σ of the buys = k·Σ of the wanted buys,   the same for sells,
    ///                                     (a + x)ᵀΣ(a + x) ≤ (a + k·g)ᵀΣ(a + k·g)
    /// ```
    ///
    /// so turnover and cash equal those of `x = k·g`. The search starts from `x = K·g` and first spends all of the budget: each step moves an
    /// amount between the two buys or the two sells whose slopes differ most, as far as the objective falls. A step moves at least a minor
    /// unit, and each asset has at most eight steps. Costs count where the input prices variance, and trades of a side differ in them; else the
    /// deviation never grows. Where costs lead to more deviation than the proportional trades leave, the result is the point nearest to them
    /// on the way from the trades of least deviation that leaves no more. Where it `stops`, and the last unit costs more than it takes off,
    /// `k` falls too ([`Self::stop`]). When the covariance is the identity, [`level`] solves each side exactly.
    pub(super) fn allot(
        &mut self,
        input: &SizingInput,
        ledger: &Ledger,
        nav_after: f64,
        stops: bool,
        gaps: &mut Gaps,
    ) -> f64 {
        (gaps.stopped_by_cost, gaps.last_unit) = (false, None);
        let starts: Vec<f64> =
            ledger.positions.iter().zip(input.optimized).map(|(position, goal)| position - goal * nav_after).collect();
        if self.centred.is_empty() {
            [true, false].into_iter().for_each(|buys| level_side(gaps, buys, |i| starts[i]));
            return 1.0;
        }
        let costs = SideCosts::of(input, gaps, self.periods());
        let apart = costs.as_ref().filter(|costs| costs.tells_apart);
        let proportional = apart.map(|_| gaps.allotted.clone());
        self.exchange(&starts, apart, None, gaps);
        if let Some(proportional) = proportional {
            self.deviate_no_more(&starts, proportional, gaps);
        }
        let Some(costs) = costs else { return 1.0 };
        let both = Both::of(gaps);
        let slope = self.times(&ends(&starts, &gaps.allotted));
        gaps.last_unit = both.last_unit(&slope, &costs, gaps);
        match gaps.last_unit {
            Some([benefit, cost]) if stops && benefit < cost => self.stop(&starts, &costs, &both, ledger, gaps),
            _ => 1.0,
        }
    }

    /// Leaves out the turnover that costs more than it takes off the objective, on both sides in proportion to what they want, and returns the part of
    /// the budget that is used. Both sides are chosen again on the way.
    ///
    /// The objective is convex in `x` and `k`, so what is left out is not worth its cost by itself either.
    fn stop(&mut self, starts: &[f64], costs: &SideCosts, both: &Both, ledger: &Ledger, gaps: &mut Gaps) -> f64 {
        let whole = gaps.allotted.clone();
        let objective = |risk: &Self, trades: &[f64]| 0.5 * risk.variance(starts, trades) + costs.of_trades(trades);
        let before = objective(self, &whole);
        self.exchange(starts, Some(costs), Some(both), gaps);
        let size = |trades: &[f64]| trades.iter().map(|x| x.abs()).sum::<f64>();
        let (spent, budget) = (size(&gaps.allotted), size(&whole));
        let share = spent / size(&gaps.wanted);
        self.deviate_no_more(starts, gaps.wanted.iter().map(|wanted| share * wanted).collect(), gaps);
        if ledger.is_dust(spent as i64) {
            // Booked, it would only round.
            gaps.allotted.fill(0.0);
        }
        if budget - spent <= DUST || objective(self, &gaps.allotted) >= before {
            gaps.allotted = whole;
            return 1.0;
        }
        gaps.stopped_by_cost = true;
        spent / budget
    }

    /// Where the trades leave more deviation than the proportional ones, moves them towards the trades of least deviation until they leave as much.
    fn deviate_no_more(&mut self, starts: &[f64], proportional: Vec<f64>, gaps: &mut Gaps) {
        let (most, ended) = (self.variance(starts, &proportional), self.variance(starts, &gaps.allotted));
        if ended <= most {
            return;
        }
        let cheapest = std::mem::replace(&mut gaps.allotted, proportional);
        self.exchange(starts, None, None, gaps);
        let nearest = ends(starts, &gaps.allotted);
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

    /// The variance that is left after these trades, up to the factor of the covariance.
    fn variance(&self, starts: &[f64], trades: &[f64]) -> f64 {
        let gap = ends(starts, trades);
        dot(&gap, &self.times(&gap))
    }

    /// Periods of the histories.
    fn periods(&self) -> usize {
        self.centred.iter().map(Vec::len).max().unwrap_or_default()
    }

    /// Moves amounts between the trades of a side while the objective falls, and of `both` sides to and from what is not traded.
    fn exchange(&mut self, starts: &[f64], costs: Option<&SideCosts>, both: Option<&Both>, gaps: &mut Gaps) {
        let mut slope = self.times(&ends(starts, &gaps.allotted));
        let trading: Vec<usize> = (0..starts.len()).filter(|&i| gaps.wanted[i].abs() > DUST).collect();
        for _ in 0..(STEPS_PER_ASSET * trading.len()).min(MOST_STEPS) {
            let sides = [true, false].map(|buys| Step::within(&trading, &slope, costs, gaps, buys));
            let joint = both.zip(costs).map(|(both, costs)| both.steps(&slope, costs, gaps));
            let steps = sides.into_iter().chain(joint.into_iter().flatten()).flatten();
            let Some(step) = steps.max_by(|x, y| x.fall.total_cmp(&y.fall)) else { return };
            let [(first, of_first), (second, of_second)] = step.moves;
            let variance = self.of_pair([(first, of_first), (second, of_second)]);
            let best = if variance > 0.0 { step.fall / variance } else { f64::INFINITY };
            let mut moved = best.min(step.room);
            if let Some(costs) = costs {
                moved = costs.as_far_as_it_falls(moved, |m| {
                    let rise = |i: usize, per_unit: f64| {
                        let grows = per_unit * gaps.wanted[i] > 0.0;
                        let (size, more) = (per_unit.abs(), per_unit.abs() * if grows { m } else { -m });
                        size * costs.rise(i, gaps.allotted[i], more).abs()
                    };
                    step.fall - m * variance - rise(first, of_first) - rise(second, of_second)
                });
            }
            if moved.is_nan() || moved <= DUST {
                return;
            }
            for (i, per_unit) in step.moves {
                gaps.allotted[i] += per_unit * moved;
                self.add_column(&mut slope, i, per_unit * moved);
            }
        }
    }
}

/// The deviations that trades leave.
fn ends(starts: &[f64], trades: &[f64]) -> Vec<f64> {
    starts.iter().zip(trades).map(|(start, trade)| start + trade).collect()
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

/// A change of two trades together, and how much the objective falls for each unit of it.
struct Step {
    /// Two assets, and the change of their trades for each unit.
    moves: [(usize, f64); 2],
    fall: f64,
    /// Largest number of units.
    room: f64,
}

impl Step {
    /// From one to the other of the two buys, or sells, whose slopes differ most.
    fn within(trading: &[usize], slope: &[f64], costs: Option<&SideCosts>, gaps: &Gaps, buys: bool) -> Option<Self> {
        let per_unit = |i: usize| per_unit(slope, costs, gaps, i);
        let side = || trading.iter().copied().filter(|&i| (gaps.wanted[i] > 0.0) == buys);
        let open = |i: usize| gaps.wanted[i].abs() - gaps.allotted[i].abs();
        let more = side().filter(|&i| open(i) > DUST).min_by(|&i, &j| per_unit(i).total_cmp(&per_unit(j)))?;
        let less =
            side().filter(|&i| gaps.allotted[i].abs() > DUST).max_by(|&i, &j| per_unit(i).total_cmp(&per_unit(j)))?;
        let fall = per_unit(less) - per_unit(more);
        let sign = if buys { 1.0 } else { -1.0 };
        let moves = [(more, sign), (less, -sign)];
        (more != less && fall > 0.0).then(|| Self { moves, fall, room: open(more).min(gaps.allotted[less].abs()) })
    }
}

/// The change of the objective per unit of turnover of an asset, costs beyond those that its side has in common: a unit bought adds its slope, a unit
/// sold subtracts it, and both add what they cost.
fn per_unit(slope: &[f64], costs: Option<&SideCosts>, gaps: &Gaps, i: usize) -> f64 {
    let of_risk = if gaps.wanted[i] > 0.0 { slope[i] } else { -slope[i] };
    costs.map_or(of_risk, |costs| of_risk + costs.slope(i, gaps.allotted[i]))
}

/// Both sides of the trades, which grow and shrink together.
struct Both {
    /// The assets of each side, and its part of a unit of turnover.
    sides: [(Vec<usize>, f64); 2],
    /// The turnover of the budget.
    budget: f64,
}

impl Both {
    fn of(gaps: &Gaps) -> Self {
        let side = |buys: bool| -> Vec<usize> {
            let trades = |i: &usize| gaps.wanted[*i].abs() > DUST && (gaps.wanted[*i] > 0.0) == buys;
            (0..gaps.wanted.len()).filter(trades).collect()
        };
        let sides = [true, false].map(side);
        let sums = [0, 1].map(|k| sides[k].iter().map(|&i| gaps.wanted[i].abs()).sum::<f64>());
        let total: f64 = sums.iter().sum();
        let [buys, sells] = sides;
        let budget = gaps.allotted.iter().map(|x| x.abs()).sum();
        Self { sides: [(buys, sums[0] / total), (sells, sums[1] / total)], budget }
    }

    /// For each side that trades: the asset whose trade takes most off the objective per unit, of those that `may` change, or least.
    fn ends(
        &self,
        slope: &[f64],
        costs: &SideCosts,
        gaps: &Gaps,
        least: bool,
        may: impl Fn(usize) -> bool,
    ) -> Option<[Option<(usize, f64)>; 2]> {
        let order = |i: &usize, j: &usize| {
            let of = |i: usize| per_unit(slope, Some(costs), gaps, i);
            if least { of(*j).total_cmp(&of(*i)) } else { of(*i).total_cmp(&of(*j)) }
        };
        let end = |(side, part): &(Vec<usize>, f64)| {
            let asset = side.iter().copied().filter(|&i| may(i)).min_by(order);
            // A side that wants trades has to take part.
            (side.is_empty() || asset.is_some()).then(|| asset.map(|i| (i, *part)))
        };
        let [buys, sells] = &self.sides;
        Some([end(buys)?, end(sells)?])
    }

    /// What the trades of least worth take off the objective and what they cost, per unit of turnover.
    fn last_unit(&self, slope: &[f64], costs: &SideCosts, gaps: &Gaps) -> Option<[f64; 2]> {
        let least = self.ends(slope, costs, gaps, true, |i| gaps.allotted[i].abs() > DUST)?;
        let each = least.into_iter().flatten();
        Some(each.fold([0.0, 0.0], |[benefit, cost], (i, part)| {
            let own = costs.common(gaps.wanted[i] > 0.0) + costs.slope(i, gaps.allotted[i]);
            let of_risk = per_unit(slope, None, gaps, i);
            [benefit - part * of_risk / costs.weight, cost + part * own / costs.weight]
        }))
    }

    /// Less of the trades of least worth, and more of those of most worth within the budget.
    fn steps(&self, slope: &[f64], costs: &SideCosts, gaps: &Gaps) -> [Option<Step>; 2] {
        let traded = |i: usize| gaps.allotted[i].abs();
        let open = |i: usize| gaps.wanted[i].abs() - traded(i);
        let unspent = self.budget - gaps.allotted.iter().map(|x| x.abs()).sum::<f64>();
        let step = |ends: [Option<(usize, f64)>; 2], grows: bool| {
            let each = || ends.into_iter().flatten();
            let rise = |(i, part): (usize, f64)| {
                part * (per_unit(slope, Some(costs), gaps, i) + costs.common(gaps.wanted[i] > 0.0))
            };
            let total: f64 = each().map(rise).sum();
            let fall = if grows { -total } else { total };
            let room =
                each().map(|(i, part)| if grows { open(i) } else { traded(i) } / part).fold(f64::INFINITY, f64::min);
            let sign = if grows { 1.0 } else { -1.0 };
            let change = |(i, part): (usize, f64)| (i, sign * part.copysign(gaps.wanted[i]));
            let mut moves = each().map(change);
            let first = moves.next()?;
            let second = moves.next().unwrap_or((first.0, 0.0));
            let room = if grows { room.min(unspent) } else { room };
            (fall > 0.0 && room > DUST).then_some(Step { moves: [first, second], fall, room })
        };
        let less = self.ends(slope, costs, gaps, true, |i| traded(i) > DUST).and_then(|ends| step(ends, false));
        let more = self.ends(slope, costs, gaps, false, |i| open(i) > DUST).and_then(|ends| step(ends, true));
        [less, more]
    }
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
