//! How a node is split.

use std::rc::Rc;

use super::LotProblem;
use super::domain::{Domain, floor};
use super::dual::Peak;
use super::outline::{Outline, Point};

/// A split of the plans into two parts by the trade of one asset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub(super) asset: usize,
    split: Split,
}

#[derive(Debug, Clone, Copy)]
enum Split {
    /// At most this many lots, or more.
    After(i64),
    /// No ticket, or one.
    Ticket,
}

impl Branch {
    /// The split of a node, based on the choices that balance at its best prices; `None` when every asset is fixed.
    ///
    /// Where tickets are limited, the largest ticket that only some choices have is decided first. Next is the asset
    /// for which the mixture of the choices is least accurate: the nearest allowed lots are far away, or, because of a
    /// fee, worse than the bound assumes. Without such an asset, it is one at a corner of its outline, then the one
    /// with the widest range.
    pub(super) fn of(
        problem: &LotProblem<'_>,
        peak: &Peak,
        domains: &[Domain],
        outlines: &[Rc<Outline>],
    ) -> Option<Self> {
        if let Some(branch) = Self::of_tickets(problem, peak, domains) {
            return Some(branch);
        }
        let mut worst: Option<(f64, Self)> = None;
        for (i, domain) in domains.iter().enumerate() {
            let Some((first, last)) = peak.apart(i) else { continue };
            let mean = peak.mean(i);
            let lots = floor(mean).clamp(first, last - 1);
            let (below, above) = (domain.at_most(lots), domain.at_least(lots + 1));
            let distance = |k: Option<i64>| k.map_or(f64::INFINITY, |k| (mean - k as f64).abs());
            let misplaced = distance(below).min(distance(above)) * problem.assets[i].step;
            let here = [below, above].into_iter().flatten();
            let value = here.map(|k| Point::of(problem, i, k).at(peak.price, peak.toll)).fold(f64::INFINITY, f64::min);
            let unseen = value - outlines[i].least(peak.price, peak.toll).0;
            let is_ticket = unseen > misplaced && domain.is_open() && (first..=last).contains(&0);
            let split = if is_ticket { Split::Ticket } else { Split::After(lots) };
            let score = misplaced.max(unseen);
            if worst.is_none_or(|(most, _)| score > most) {
                worst = Some((score, Self { asset: i, split }));
            }
        }
        worst.map(|(_, branch)| branch).or_else(|| Self::of_ranges(peak, domains))
    }

    /// The largest ticket that only some of the choices have, when together they have more tickets than are allowed.
    fn of_tickets(problem: &LotProblem<'_>, peak: &Peak, domains: &[Domain]) -> Option<Self> {
        let most = problem.max_tickets?;
        let trades = |i: usize| peak.choices().any(|choice| choice.points[i].lots != 0);
        if (0..domains.len()).filter(|i| trades(*i)).count() <= most {
            return None;
        }
        let value = |i: usize| peak.choices().map(|choice| choice.points[i].value).fold(0.0, f64::max);
        let open = (0..domains.len())
            .filter(|&i| domains[i].is_open() && trades(i) && peak.choices().any(|choice| choice.points[i].lots == 0));
        let asset = open.max_by(|&a, &b| value(a).total_cmp(&value(b)).then(b.cmp(&a)))?;
        Some(Self { asset, split: Split::Ticket })
    }

    fn of_ranges(peak: &Peak, domains: &[Domain]) -> Option<Self> {
        let free = || {
            domains.iter().enumerate().filter_map(|(i, domain)| {
                let (first, last) = (domain.at_least(i64::MIN)?, domain.at_most(i64::MAX)?);
                (first < last).then_some((i, first, last))
            })
        };
        let points = &peak.within.low.points;
        let at_corner = free().find(|(i, ..)| !points[*i].is_real);
        let (asset, first, last) = at_corner.or_else(|| free().max_by_key(|(_, first, last)| last - first))?;
        Some(Self { asset, split: Split::After(points[asset].lots.clamp(first, last - 1)) })
    }

    /// Both parts of the lots that the asset may trade.
    pub(super) fn parts(self, whole: Domain) -> [Domain; 2] {
        match self.split {
            Split::After(lots) => [whole.up_to(lots), whole.from(lots + 1)],
            Split::Ticket => [whole.without_tickets(), whole.with_ticket()],
        }
    }
}
