//! Branch and bound over the lots, best bound first.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

use super::account::{Account, Judge};
use super::branch::Branch;
use super::domain::Domain;
use super::dual::{Peak, Terms};
use super::outline::{Outline, Point};
use super::repair::Repair;
use super::{LotOptions, LotPlan, LotProblem};
use crate::interrupt::checkpoint;

/// Half a minor unit, in twice the deviation: plans this close are equal when booked.
const SAME: f64 = 1.0;
/// Nodes spent on plans that are equal when booked.
const POLISH_NODES: u64 = 500;
/// Plans that most searches complete no more of.
const ROOM: usize = 256;
/// Assets whose bound is one node's work.
const ASSETS_PER_NODE: usize = 64;

/// An open part of the search: one more asset is restricted than in its parent.
struct Node {
    parent: Option<usize>,
    asset: usize,
    domain: Domain,
    outline: Rc<Outline>,
    price: f64,
    toll: f64,
    branch: Branch,
}

struct Open {
    bound: f64,
    depth: usize,
    node: usize,
}

impl Ord for Open {
    /// The heap gives the lowest bound first, then the deepest and the oldest node.
    fn cmp(&self, other: &Self) -> Ordering {
        let lower = other.bound.total_cmp(&self.bound);
        lower.then(self.depth.cmp(&other.depth)).then(other.node.cmp(&self.node))
    }
}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Open {}

/// Searches from `start`, a plan within all limits. A plan within the gap is good enough once the bound, twice the deviation, is above
/// `certain`.
pub(super) fn search(problem: &LotProblem<'_>, options: &LotOptions, start: Vec<i64>, certain: f64) -> LotPlan {
    let domains = Domain::all(problem);
    let judge = Judge::of(problem);
    let repair = Repair::of(problem, &domains, judge);
    let mut search = Search {
        problem,
        terms: Terms::of(problem),
        judge,
        repair: &repair,
        domains: &domains,
        best: (Account::of(problem, &start), start),
        nodes: Vec::new(),
        open: BinaryHeap::new(),
        seen: 0,
        tried: HashSet::with_capacity_and_hasher(ROOM, BuildHasherDefault::default()),
        lots: Vec::new(),
        points: Vec::new(),
    };
    let mut swept = search.best.1.clone();
    repair.sweep(&mut swept);
    search.offer(swept);
    let bound = search.run(options, certain);
    let mut swept = search.best.1.clone();
    repair.sweep(&mut swept);
    search.offer(swept);
    let deviation = 0.5 * judge.twice(&search.best.0);
    let bound = (0.5 * bound).clamp(0.0, deviation);
    LotPlan { lots: search.best.1, deviation, bound, is_exact: deviation - bound < 0.5 * SAME, nodes: search.seen }
}

struct Search<'a> {
    problem: &'a LotProblem<'a>,
    terms: Terms,
    judge: Judge,
    repair: &'a Repair<'a>,
    domains: &'a [Domain],
    best: (Account, Vec<i64>),
    nodes: Vec<Node>,
    open: BinaryHeap<Open>,
    seen: u64,
    /// Plans that were completed before: many nodes lead to the same one.
    tried: HashSet<Vec<i64>, BuildHasherDefault<LotHasher>>,
    /// The plan at work, and its points.
    lots: Vec<i64>,
    points: Vec<Point>,
}

/// A hash of a few whole numbers by rotations and products. Nothing depends on the order of the set, and nobody chooses plans to collide.
#[derive(Default)]
struct LotHasher(u64);

impl Hasher for LotHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        for word in words.iter().chain((!rest.is_empty()).then_some(&last)) {
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Search<'_> {
    /// Twice a lower bound on the deviation of every plan.
    fn run(&mut self, options: &LotOptions, certain: f64) -> f64 {
        let per_node = (self.problem.assets.len() / ASSETS_PER_NODE).max(1) as u64;
        let root: Vec<Rc<Outline>> = self.domains.iter().enumerate().map(|(i, d)| self.outline(i, *d)).collect();
        let mut outlines = root.clone();
        self.seen = 1;
        let top = self.terms.climb(&outlines, 0.0, 0.0, f64::INFINITY);
        let peak = self.terms.peak(&outlines, &top);
        self.round(&peak, self.domains);
        let Some(mut branch) = Branch::of(self.problem, &peak, self.domains, &outlines) else {
            return self.least();
        };
        let (mut bound, mut depth, mut parent) = (peak.bound, 0, None);
        let (mut price, mut toll) = (peak.price, peak.toll);
        let mut domains = self.domains.to_vec();
        let mut polish = 0;
        loop {
            checkpoint();
            if bound >= self.least() - self.judge.tie {
                return self.least();
            }
            let is_near = bound >= self.least() - 2.0 * options.gap && bound > certain;
            if is_near && self.seen > options.exact_nodes {
                return bound;
            }
            polish += u64::from(bound >= self.least() - SAME);
            if self.seen.saturating_mul(per_node) >= options.nodes || polish > POLISH_NODES {
                return bound;
            }
            let whole = domains[branch.asset];
            for domain in branch.parts(whole) {
                if domain.is_empty() || !self.is_possible(&domains, branch.asset, domain) {
                    continue;
                }
                self.seen += 1;
                let outline = self.outline(branch.asset, domain);
                let enough = self.least() - self.judge.tie;
                outlines[branch.asset] = Rc::clone(&outline);
                let top = self.terms.climb(&outlines, price, toll, enough);
                if top.bound >= enough {
                    continue;
                }
                let peak = self.terms.peak(&outlines, &top);
                domains[branch.asset] = domain;
                self.round(&peak, &domains);
                if let Some(next) = Branch::of(self.problem, &peak, &domains, &outlines)
                    && peak.bound < self.least() - self.judge.tie
                {
                    self.open.push(Open { bound: peak.bound.max(bound), depth: depth + 1, node: self.nodes.len() });
                    self.nodes.push(Node {
                        parent,
                        asset: branch.asset,
                        domain,
                        outline,
                        price: peak.price,
                        toll: peak.toll,
                        branch: next,
                    });
                }
            }
            let Some(next) = self.open.pop() else { return self.least() };
            (bound, depth, parent) = (next.bound, next.depth, Some(next.node));
            let node = &self.nodes[next.node];
            (branch, price, toll) = (node.branch, node.price, node.toll);
            domains.copy_from_slice(self.domains);
            outlines.clear();
            outlines.extend_from_slice(&root);
            let mut chain = parent;
            let mut path = Vec::with_capacity(depth);
            while let Some(at) = chain {
                path.push(at);
                chain = self.nodes[at].parent;
            }
            for &at in path.iter().rev() {
                let node = &self.nodes[at];
                domains[node.asset] = node.domain;
                outlines[node.asset] = Rc::clone(&node.outline);
            }
        }
    }

    /// The outline of an asset. Without a budget the toll is always 0, and what only a toll makes the best is left out.
    fn outline(&self, i: usize, domain: Domain) -> Rc<Outline> {
        let outline = Outline::of(self.problem, i, domain);
        let is_priced_alone = self.problem.budget.is_none();
        Rc::new(if is_priced_alone { outline.hull(self.problem.max_tickets.is_some()) } else { outline })
    }

    /// Whether the tickets that the domains require are within the budget and the number of tickets.
    fn is_possible(&self, domains: &[Domain], asset: usize, domain: Domain) -> bool {
        if self.judge.is_unlimited(domains.len()) {
            return true;
        }
        let (mut value, mut tickets) = (0.0, 0);
        for (i, of_asset) in domains.iter().enumerate() {
            let of_asset = if i == asset { domain } else { *of_asset };
            if let Some(lots) = of_asset.smallest() {
                value += lots as f64 * self.problem.assets[i].step;
                tickets += 1;
            }
        }
        self.judge.has_room(value, tickets)
    }

    fn least(&self) -> f64 {
        self.judge.twice(&self.best.0)
    }

    /// Offers the plans next to the best prices of a node: each choice of their mixture, and the lots nearest to it.
    fn round(&mut self, peak: &Peak, domains: &[Domain]) {
        for choice in peak.choices() {
            self.complete(&choice.points, |i| choice.points[i].lots);
        }
        if peak.choices().nth(1).is_some() {
            self.complete(&peak.within.low.points, |i| domains[i].nearest(peak.mean(i)));
        }
    }

    /// Offers a plan after improving it by moves of single assets. `known` are points of the assets, for those lots that have one.
    fn complete(&mut self, known: &[Point], lots: impl Fn(usize) -> i64) {
        self.lots.clear();
        self.lots.extend((0..known.len()).map(lots));
        if self.tried.contains(self.lots.as_slice()) {
            return;
        }
        self.points.clear();
        self.points.extend(self.lots.iter().zip(known).enumerate().map(|(i, (&lots, known))| {
            if known.is_real && known.lots == lots { *known } else { Point::of(self.problem, i, lots) }
        }));
        let filled = self.repair.fill(&self.points, self.least() + self.judge.tie, self.tried.len() + 1);
        self.tried.insert(self.lots.clone());
        let Some(mut filled) = filled else { return };
        if self.offer(filled.clone()) {
            self.repair.sweep(&mut filled);
            self.offer(filled);
        }
    }

    /// Keeps a plan if it is allowed and better than the best so far.
    fn offer(&mut self, lots: Vec<i64>) -> bool {
        let account = Account::of(self.problem, &lots);
        let is_better = self.judge.allows(&account)
            && self.judge.compare(self.problem, (&account, &lots), (&self.best.0, &self.best.1)) == Ordering::Less;
        if is_better {
            self.best = (account, lots);
        }
        is_better
    }
}
