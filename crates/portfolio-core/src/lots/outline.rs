//! The possible trades of an asset as a few points: a lower bound of deviation against cash spent.

use super::LotProblem;
use super::domain::Domain;

/// Longest run of lots whose costs are all evaluated.
const SHORT_RUN: i64 = 8;
/// Most points of an outline: no trade, and two ends and two corners for each of four runs.
const MOST_SORTED: usize = 17;
/// How far above the hull, relative to the deviations, a point is that rounding errors cannot bring down to it.
const ABOVE: f64 = 1e-9;

/// A number of lots with its effect, or a corner that is at least as good as the lots around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) lots: i64,
    /// Absolute value of the ticket.
    pub(super) value: f64,
    /// Cash it uses, costs included; negative when it raises cash.
    pub(super) spent: f64,
    /// Weighted distance from the goal, plus the weighted cost.
    pub(super) gap: f64,
    /// Whether these lots have exactly this effect; a corner is only a bound.
    pub(super) is_real: bool,
}

impl Point {
    /// The effect of trading `lots` of asset `i`.
    #[inline]
    pub(super) fn of(problem: &LotProblem<'_>, i: usize, lots: i64) -> Self {
        Self::with_cost(problem, i, lots, problem.cost_of(i, lots))
    }

    #[inline]
    fn with_cost(problem: &LotProblem<'_>, i: usize, lots: i64, cost: f64) -> Self {
        let asset = &problem.assets[i];
        let value = lots as f64 * asset.step;
        let gap = asset.gap(lots) + problem.cost_weight * cost;
        Self { lots, value: value.abs(), spent: value + cost, gap, is_real: true }
    }

    /// The Lagrangian of the asset, `gap − price·spent + toll·value`.
    #[inline]
    pub(super) fn at(&self, price: f64, toll: f64) -> f64 {
        self.gap - price * self.spent + toll * self.value
    }
}

/// Points whose convex hull contains every allowed number of lots of an asset, or lies below it.
///
/// The lots are divided into runs that cross neither zero nor the goal, so deviation and value are linear along a run
/// and only the cost is nonlinear. A run is represented by its two ends and, where the cost is convex, by the corner
/// where the cost's tangents at the ends meet; otherwise by the corners of the rectangle that contains any
/// non-decreasing cost.
#[derive(Debug, Clone)]
pub(super) struct Outline {
    pub(super) points: Vec<Point>,
}

impl Outline {
    /// The outline of asset `i` over the lots in `domain`, which is not empty.
    pub(super) fn of(problem: &LotProblem<'_>, i: usize, domain: Domain) -> Self {
        let mut points = Vec::with_capacity(8);
        if domain.zero {
            points.push(Point::of(problem, i, 0));
        }
        let goal = problem.assets[i].goal_lots();
        let (below, above) = (goal.floor() as i64, goal.ceil() as i64);
        let (near, far) = domain.buy;
        if near <= below && below < far {
            add_run(&mut points, problem, i, near, below);
            add_run(&mut points, problem, i, below + 1, far);
        } else if near <= far {
            add_run(&mut points, problem, i, near, far);
        }
        let (far, near) = domain.sell;
        if far < above && above <= near {
            add_run(&mut points, problem, i, near, above);
            add_run(&mut points, problem, i, above - 1, far);
        } else if far <= near {
            add_run(&mut points, problem, i, near, far);
        }
        Self { points }
    }

    /// Without the points that minimise the Lagrangian at no price while the toll is 0: those above the lower hull of deviation over cash
    /// spent. The points keep their order. With `none`, the first point stays when it is no trade.
    pub(super) fn hull(mut self, none: bool) -> Self {
        let mut order = [0_u8; MOST_SORTED];
        let n = self.points.len();
        if !(3..=MOST_SORTED).contains(&n) {
            return self;
        }
        for i in 0..n {
            let mut place = i;
            while place > 0 && self.points[usize::from(order[place - 1])].spent > self.points[i].spent {
                order[place] = order[place - 1];
                place -= 1;
            }
            order[place] = i as u8;
        }
        let is_above = |a: u8, p: u8, b: u8| {
            let [a, p, b] = [a, p, b].map(|i| &self.points[usize::from(i)]);
            let width = b.spent - a.spent;
            let noise = ABOVE * (1.0 + a.gap + p.gap + b.gap);
            (p.gap - a.gap) * width - (b.gap - a.gap) * (p.spent - a.spent) > noise * width
        };
        let (mut on, mut count) = ([0_u8; MOST_SORTED], 0);
        for &next in &order[..n] {
            while count >= 2 && is_above(on[count - 2], on[count - 1], next) {
                count -= 1;
            }
            on[count] = next;
            count += 1;
        }
        let mut stays = [false; MOST_SORTED];
        on[..count].iter().for_each(|&i| stays[usize::from(i)] = true);
        stays[0] |= none && self.points[0].lots == 0;
        let mut stays = stays.into_iter();
        self.points.retain(|_| stays.next() == Some(true));
        self
    }

    /// The point that minimises the Lagrangian, and its value.
    #[inline]
    pub(super) fn least(&self, price: f64, toll: f64) -> (f64, &Point) {
        let (first, others) = self.points.split_first().expect("an outline has a point");
        let (mut least, mut at) = (first.at(price, toll), first);
        for point in others {
            let value = point.at(price, toll);
            if value < least {
                (least, at) = (value, point);
            }
        }
        (least, at)
    }
}

/// Adds the run of lots from `near` to `far`, which is at least as far from no trade and on the same side.
fn add_run(points: &mut Vec<Point>, problem: &LotProblem<'_>, i: usize, near: i64, far: i64) {
    let first = Point::of(problem, i, near);
    points.push(first);
    if near == far {
        return;
    }
    let last = Point::of(problem, i, far);
    points.push(last);
    let (length, side) = ((far - near).abs(), (far - near).signum());
    if length == 1 {
        return;
    }
    let cost = |k: i64| problem.cost_of(i, near + side * k);
    let (low, high) = (cost(0), cost(length));
    let step = (high - low) / length as f64;
    let slack = 1e-12 * (1.0 + high + last.value);
    let (after, before) = (cost(1) - low, high - cost(length - 1));
    // A tangent takes its slope from two neighbours, so along the run the rounding errors of their costs add up.
    let noise = slack + 4.0 * f64::EPSILON * high * length as f64;
    let is_convex = if length <= SHORT_RUN {
        (1..length).all(|k| cost(k + 1) - 2.0 * cost(k) + cost(k - 1) >= -slack)
    } else {
        after <= step + slack
            && step <= before + slack
            && [length / 4, length / 2, length - length / 4].into_iter().all(|k| {
                let (from_low, from_high) = (k as f64, (length - k) as f64);
                let tangents = (low + after * from_low).max(high - before * from_high);
                let value = cost(k);
                tangents - noise <= value && value <= low + step * from_low + slack
            })
    };
    if !is_convex {
        points.push(Point { is_real: false, ..Point::with_cost(problem, i, near, high) });
        points.push(Point { is_real: false, ..Point::with_cost(problem, i, far, low) });
        return;
    }
    // The tangents `low + after·k` and `high − before·(length − k)` meet below the chord, or the cost is a straight line.
    if (before - after) * length as f64 <= noise {
        return;
    }
    let k = ((before * length as f64 - (high - low)) / (before - after)).clamp(0.0, length as f64);
    let (share, corner) = (k / length as f64, low + after * k);
    let value = first.value + share * (last.value - first.value);
    let chord = low + share * (high - low);
    points.push(Point {
        lots: near + side * (k.floor() as i64),
        value,
        spent: side_of(near) * value + corner,
        // Along the run the deviation is a straight line, and the cost is not.
        gap: first.gap + share * (last.gap - first.gap) + problem.cost_weight * (corner - chord),
        is_real: false,
    });
}

fn side_of(lots: i64) -> f64 {
    if lots < 0 { -1.0 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::LotAsset;
    use super::*;

    fn free_problem() -> LotProblem<'static> {
        LotProblem {
            assets: &[],
            cash: 0.0,
            cash_least: 0.0,
            cash_goal: 0.0,
            idle_weight: 1.0,
            short_weight: 1.0,
            cost_weight: 0.0,
            budget: None,
            max_tickets: None,
            cost: &|_, _| 0.0,
        }
    }

    fn outline(cost: &dyn Fn(usize, i64) -> f64, cost_weight: f64, domain: Domain) -> Outline {
        let asset = LotAsset { goal: 255.0, step: 10.0, least: -100, most: 100, min_value: 0.0, weight: 1.0 };
        let problem = LotProblem { assets: &[asset], cost_weight, cost, ..free_problem() };
        Outline::of(&problem, 0, domain)
    }

    /// No number of lots is below the outline at any price and toll.
    fn bounds(cost: &dyn Fn(usize, i64) -> f64) {
        [0.0, 1.0, 2.0].into_iter().for_each(|cost_weight| bounds_at(cost, cost_weight));
    }

    fn bounds_at(cost: &dyn Fn(usize, i64) -> f64, cost_weight: f64) {
        let domain = Domain { sell: (-90, -2), zero: true, buy: (3, 80) };
        let outline = outline(cost, cost_weight, domain);
        let asset = LotAsset { goal: 255.0, step: 10.0, least: -100, most: 100, min_value: 0.0, weight: 1.0 };
        for lots in (-90..=80).filter(|lots| domain.at_most(*lots) == Some(*lots)) {
            let paid = if lots == 0 { 0.0 } else { cost(0, lots) };
            let spent = lots as f64 * 10.0 + paid;
            for price in [-2.0, -1.0, -0.9, 0.0, 0.5, 0.99, 1.0, 2.0] {
                for toll in [0.0, 0.3] {
                    let value =
                        asset.gap(lots) + cost_weight * paid - price * spent + toll * (lots as f64 * 10.0).abs();
                    assert!(outline.least(price, toll).0 <= value + 1e-9, "{lots} lots at {price}");
                }
            }
        }
    }

    /// What the hull leaves out is the best at no price, in any of the shapes that a cost may have and in any part of the lots.
    #[test]
    fn the_hull_has_the_same_best_point_at_every_price() {
        let costs: [&dyn Fn(usize, i64) -> f64; 5] = [
            &|_, _| 0.0,
            &|_, lots| (0.05 * lots.abs() as f64).max(1.0),
            &|_, lots| 0.01 * (lots.abs() as f64).powf(1.5),
            &|_, lots| (lots.abs() as f64).sqrt(),
            &|_, lots| ((lots.abs() / 16) as f64) * 3.0,
        ];
        let whole = Domain { sell: (-90, -2), zero: true, buy: (3, 80) };
        let mut left_out = 0;
        for cost in costs {
            for domain in [whole, whole.from(20), whole.up_to(-5), whole.with_ticket(), whole.from(-3).up_to(40)] {
                let all = outline(cost, 1.0, domain);
                let (hull, with_none) = (all.clone().hull(false), all.clone().hull(true));
                left_out += all.points.len() - hull.points.len();
                assert_eq!(with_none.points[0].lots == 0, domain.zero);
                for price in (-400..=400).map(|price| f64::from(price) / 100.0) {
                    assert_eq!(hull.least(price, 0.0), all.least(price, 0.0), "{domain:?} at {price}");
                    assert_eq!(with_none.least(price, 0.0), all.least(price, 0.0), "{domain:?} at {price}");
                }
            }
        }
        assert!(left_out > 20, "{left_out}");
    }

    #[test]
    fn a_straight_cost_needs_the_ends_of_its_runs_only() {
        let straight = |_: usize, lots: i64| 1.0 + 0.02 * lots.abs() as f64;
        let domain = Domain { sell: (0, -1), zero: true, buy: (1, 60) };
        let lots: Vec<i64> = outline(&straight, 0.0, domain).points.iter().map(|p| p.lots).collect();
        assert_eq!(lots, [0, 1, 25, 26, 60]);
    }

    #[test]
    fn rounding_errors_along_a_long_run_are_no_curvature() {
        let cost = |_: usize, lots: i64| 100.0 + 0.003_017 * lots as f64;
        let asset = LotAsset { goal: 20_318_183.9, step: 1.0, least: 0, most: 30_000_000, min_value: 0.0, weight: 1.0 };
        let problem = LotProblem { assets: &[asset], cash: 3e7, cost: &cost, ..free_problem() };
        let outline = Outline::of(&problem, 0, Domain::all(&problem)[0]);
        let lots: Vec<i64> = outline.points.iter().map(|p| p.lots).collect();
        assert_eq!(lots, [0, 1, 20_318_183, 20_318_184, 30_000_000]);
    }

    #[test]
    fn an_outline_is_below_every_number_of_lots() {
        bounds(&|_, _| 0.0);
        bounds(&|_, lots| (0.05 * lots.abs() as f64).max(1.0));
        bounds(&|_, lots| 0.01 * (lots.abs() as f64).powf(1.5));
        bounds(&|_, lots| (lots.abs() as f64).sqrt());
        bounds(&|_, lots| ((lots.abs() / 16) as f64) * 3.0);
    }
}
