//! The bound of a node: the best prices for cash and turnover.
//!
//! A price `λ` of cash and a toll `β` on value split the problem into its assets. With `C` the cash to spend and
//! `U ≥ C` the most that may be spent, every plan leaves at least
//!
//! ```text
//! D(λ, β) = Σᵢ minₖ ( gapᵢ(k) − λ·spentᵢ(k) + β·valueᵢ(k) ) + h(λ) − β·budget,   h(λ) = λ·C, or short_weight·(U − C) + λ·U below −short_weight
//! ```
//!
//! for every `λ ≤ idle_weight` and `β ≥ 0` (twice the deviation; a limit on tickets is kept in the sum itself). `D` is
//! concave and piecewise linear, so the intersection of two tangents is found exactly in a few steps.
//!
//! # Reference
//! Geoffrion (1974), "Lagrangean relaxation for integer programming", Mathematical Programming Study 2, 82–114.

use std::rc::Rc;

use super::LotProblem;
use super::limits::Limits;
use super::outline::{Outline, Point};

/// Most steps towards the best price.
const MOST_STEPS: usize = 40;
/// Most steps towards the best toll.
const MOST_TOLLS: usize = 10;
/// Largest price of missing cash.
const HIGHEST_PRICE: f64 = 1e6;

/// The terms of a problem that all assets share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    limits: Limits,
    highest_toll: f64,
    roundoff: f64,
}

/// Where the tickets of one price are chosen, kept from price to price.
#[derive(Debug, Default)]
struct Tickets<'o> {
    points: Vec<&'o Point>,
    /// How much a ticket reduces the sum, its asset, and its point.
    gains: Vec<(f64, usize, &'o Point)>,
}

/// The tangent of the bound at a price: the sums of one choice per asset that minimises the Lagrangian there.
#[derive(Debug, Clone, Copy)]
struct Tangent {
    value: f64,
    bound: f64,
    price: f64,
    slope: f64,
}

/// Tangents at one toll between which the spending is right.
#[derive(Debug, Clone, Copy)]
struct Pair {
    toll: f64,
    /// Spends less than the goal, or ends the search.
    low: Tangent,
    /// Spends more, and its share; absent when `low` balances alone.
    high: Option<(Tangent, f64)>,
}

impl Pair {
    fn value(&self) -> f64 {
        let low = self.low.value;
        self.high.as_ref().map_or(low, |(high, share)| low + share * (high.value - low))
    }
}

/// The best prices, and the tangents that meet there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Top {
    pub(super) bound: f64,
    price: f64,
    toll: f64,
    /// Within the budget, when there is one.
    within: Pair,
    /// Above the budget, and its share; absent when the budget does not bind.
    over: Option<(Pair, f64)>,
}

impl Top {
    /// Value of the tickets in the mixture above the budget: the slope of the bound in the toll.
    fn above(&self, terms: &Terms) -> f64 {
        self.within.value() - terms.limits.budget
    }
}

/// One choice per asset that minimises the Lagrangian.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) points: Vec<Point>,
}

/// Choices at one toll that together spend the right amount.
#[derive(Debug, Clone)]
pub(super) struct Mixture {
    /// Spends less than the goal, or ends the search.
    pub(super) low: Choice,
    /// Spends more, and its share; absent when `low` balances alone.
    pub(super) high: Option<(Choice, f64)>,
}

/// The best prices and the choices between which they balance.
#[derive(Debug, Clone)]
pub(super) struct Peak {
    pub(super) bound: f64,
    pub(super) price: f64,
    pub(super) toll: f64,
    /// Within the budget, when there is one.
    pub(super) within: Mixture,
    /// Above the budget, and its share; absent when the budget does not bind.
    pub(super) over: Option<(Mixture, f64)>,
}

impl Mixture {
    #[inline]
    fn mean(&self, i: usize) -> f64 {
        let lots = |choice: &Choice| choice.points[i].lots as f64;
        let low = lots(&self.low);
        self.high.as_ref().map_or(low, |(high, share)| low + share * (lots(high) - low))
    }

    #[inline]
    fn choices(&self) -> impl Iterator<Item = &Choice> {
        std::iter::once(&self.low).chain(self.high.as_ref().map(|(high, _)| high))
    }

    /// The smallest and the largest number of lots of an asset in the choices.
    #[inline]
    fn range(&self, i: usize) -> (i64, i64) {
        let low = self.low.points[i].lots;
        let high = self.high.as_ref().map_or(low, |(high, _)| high.points[i].lots);
        (low.min(high), low.max(high))
    }
}

impl Peak {
    /// The choices, at most four.
    pub(super) fn choices(&self) -> impl Iterator<Item = &Choice> {
        self.within.choices().chain(self.over.iter().flat_map(|(over, _)| over.choices()))
    }

    /// The smallest and the largest number of lots of an asset in the choices, when they differ.
    #[inline]
    pub(super) fn apart(&self, i: usize) -> Option<(i64, i64)> {
        let (mut least, mut most) = self.within.range(i);
        if let Some((over, _)) = &self.over {
            let (low, high) = over.range(i);
            (least, most) = (least.min(low), most.max(high));
        }
        (least < most).then_some((least, most))
    }

    /// The lots of an asset in the mixture of the choices.
    #[inline]
    pub(super) fn mean(&self, i: usize) -> f64 {
        let within = self.within.mean(i);
        self.over.as_ref().map_or(within, |(over, share)| within + share * (over.mean(i) - within))
    }
}

impl Terms {
    pub(super) fn of(problem: &LotProblem<'_>) -> Self {
        let weight = problem.assets.iter().map(|asset| asset.weight).fold(problem.short_weight, f64::max);
        Self {
            limits: Limits::of(problem),
            highest_toll: 2.0 * (weight + problem.idle_weight),
            roundoff: 1e-13 * problem.scale(),
        }
    }

    /// The contribution of the price to the bound, and its slope.
    fn of_price(&self, price: f64) -> (f64, f64) {
        let Limits { most_spent, goal_spent, idle_weight, short_weight, .. } = self.limits;
        if goal_spent > most_spent {
            // Cash always ends above its goal.
            return (idle_weight * (goal_spent - most_spent) + price * most_spent, most_spent);
        }
        if price < -short_weight {
            return (short_weight * (most_spent - goal_spent) + price * most_spent, most_spent);
        }
        (price * goal_spent, goal_spent)
    }

    /// The minimum of the Lagrangian. `keep` is called with the point of each asset that attains it, in order.
    #[inline]
    fn choose<'o>(
        &self,
        outlines: &'o [Rc<Outline>],
        price: f64,
        toll: f64,
        tickets: &mut Tickets<'o>,
        mut keep: impl FnMut(&Point),
    ) -> Tangent {
        let (mut bound, mut spent, mut value) = (0.0, 0.0, 0.0);
        let mut add = |point: &Point| {
            spent += point.spent;
            value += point.value;
            keep(point);
        };
        if self.limits.max_tickets < outlines.len() {
            bound += self.choose_tickets(outlines, price, toll, tickets);
            for point in &tickets.points {
                add(point);
            }
        } else {
            for outline in outlines {
                let (least, point) = outline.least(price, toll);
                bound += least;
                add(point);
            }
        }
        let (of_price, wanted) = self.of_price(price);
        bound += of_price;
        if self.limits.budget.is_finite() {
            bound -= toll * self.limits.budget;
        }
        let mut slope = wanted - spent;
        if price == -self.limits.short_weight && slope < 0.0 {
            slope = (self.limits.most_spent - spent).min(0.0);
        }
        Tangent { value, bound, price, slope }
    }

    /// The minimum with no more tickets than allowed: those that reduce it most.
    fn choose_tickets<'o>(
        &self,
        outlines: &'o [Rc<Outline>],
        price: f64,
        toll: f64,
        Tickets { points, gains }: &mut Tickets<'o>,
    ) -> f64 {
        let mut sum = 0.0;
        points.clear();
        points.reserve(outlines.len());
        gains.clear();
        gains.reserve(outlines.len());
        let mut places = self.limits.max_tickets;
        for (i, outline) in outlines.iter().enumerate() {
            let none = outline.points.first().filter(|p| p.lots == 0 && p.is_real);
            let (value, point) = outline.least(price, toll);
            let Some(none) = none else {
                sum += value;
                points.push(point);
                let Some(left) = places.checked_sub(1) else { return f64::INFINITY };
                places = left;
                continue;
            };
            let idle = none.at(price, toll);
            sum += idle;
            points.push(none);
            if value < idle {
                gains.push((value - idle, i, point));
            }
        }
        if gains.len() > places {
            if places == 0 {
                gains.clear();
            } else {
                gains.select_nth_unstable_by(places - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                gains.truncate(places);
            }
        }
        for &(gain, i, point) in gains.iter() {
            sum += gain;
            points[i] = point;
        }
        sum
    }

    /// The choices at the tangents of a top.
    pub(super) fn peak(&self, outlines: &[Rc<Outline>], top: &Top) -> Peak {
        let choice = |tangent: &Tangent, toll: f64| {
            let mut points = Vec::with_capacity(outlines.len());
            self.choose(outlines, tangent.price, toll, &mut Tickets::default(), |point| points.push(*point));
            Choice { points }
        };
        let mixture = |pair: &Pair| Mixture {
            low: choice(&pair.low, pair.toll),
            high: pair.high.as_ref().map(|(high, share)| (choice(high, pair.toll), *share)),
        };
        Peak {
            bound: top.bound,
            price: top.price,
            toll: top.toll,
            within: mixture(&top.within),
            over: top.over.as_ref().map(|(over, share)| (mixture(over), *share)),
        }
    }

    /// The largest bound over prices and tolls, or one that reaches `enough`. It starts at the prices of the parent node.
    pub(super) fn climb(&self, outlines: &[Rc<Outline>], price: f64, toll: f64, enough: f64) -> Top {
        let start = self.climb_price(outlines, price, toll, enough);
        let slope = start.above(self);
        if !self.limits.budget.is_finite() || start.bound >= enough || (toll == 0.0 && slope <= 0.0) {
            return start;
        }
        let other = if slope > 0.0 { self.highest_toll } else { 0.0 };
        let end = self.climb_price(outlines, start.price, other, enough);
        if end.bound >= enough || (other == 0.0) == (end.above(self) <= 0.0) {
            return end;
        }
        let (mut over, mut within) = if slope > 0.0 { (start, end) } else { (end, start) };
        for _ in 0..MOST_TOLLS {
            let (rise, fall) = (over.above(self), within.above(self));
            let toll = (within.bound - over.bound + rise * over.toll - fall * within.toll) / (rise - fall);
            if !(toll > over.toll && toll < within.toll) {
                break;
            }
            let crossing = over.bound + rise * (toll - over.toll);
            let next = self.climb_price(outlines, over.price, toll, enough);
            if next.bound >= enough {
                return next;
            }
            let is_top = next.bound >= crossing - self.roundoff;
            if next.above(self) > 0.0 {
                over = next
            } else {
                within = next
            }
            if is_top {
                break;
            }
        }
        let (rise, fall) = (over.above(self), within.above(self));
        Top { bound: over.bound.max(within.bound), over: Some((over.within, fall / (fall - rise))), ..within }
    }

    /// The largest bound over prices at one toll, or one that reaches `enough`.
    fn climb_price(&self, outlines: &[Rc<Outline>], price: f64, toll: f64, enough: f64) -> Top {
        let top = self.limits.idle_weight;
        let mut tickets = Tickets::default();
        let mut at = |price: f64| self.choose(outlines, price, toll, &mut tickets, |_| ());
        let start = at(price.min(top));
        let is_done = |c: &Tangent| c.bound >= enough || c.slope == 0.0 || (c.price >= top && c.slope > 0.0);
        if is_done(&start) {
            return self.alone(start, toll);
        }
        let (mut low, mut high);
        if start.slope > 0.0 {
            low = start;
            high = at(top);
            if is_done(&high) {
                return self.alone(high, toll);
            }
        } else {
            high = start;
            let floor = -self.limits.short_weight;
            let mut next = if high.price > floor { floor } else { (2.0 * high.price).min(-1.0) };
            loop {
                low = at(next);
                if is_done(&low) || next < -HIGHEST_PRICE {
                    return self.alone(low, toll);
                }
                if low.slope > 0.0 {
                    break;
                }
                high = low;
                next = (2.0 * next).min(-1.0);
            }
        }
        // Where both tangents meet the bound, the choices on either side are as good, and only the price is new.
        let mut touching = None;
        for _ in 0..MOST_STEPS {
            let price =
                (high.bound - low.bound + low.slope * low.price - high.slope * high.price) / (low.slope - high.slope);
            if !(price > low.price && price < high.price) {
                break;
            }
            let crossing = low.bound + low.slope * (price - low.price);
            let next = at(price);
            if is_done(&next) {
                return self.alone(next, toll);
            }
            if next.bound >= crossing - self.roundoff {
                touching = Some((next.bound, next.price));
                break;
            }
            if next.slope > 0.0 { low = next } else { high = next }
        }
        let share = low.slope / (low.slope - high.slope);
        let ends = [(low.bound, low.price), (high.bound, high.price)].into_iter().chain(touching);
        let (bound, price) = ends.fold((f64::NEG_INFINITY, 0.0), |best, end| if end.0 > best.0 { end } else { best });
        Top { bound, price, toll, within: Pair { toll, low, high: Some((high, share)) }, over: None }
    }

    fn alone(&self, only: Tangent, toll: f64) -> Top {
        Top { bound: only.bound, price: only.price, toll, within: Pair { toll, low: only, high: None }, over: None }
    }
}
