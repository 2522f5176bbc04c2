//! Where a node is split, and the plan next to its best prices.

use super::domain::Domain;
use super::dual::Peak;
use super::outline::Point;

/// A split into the plans with at most `lots` of an asset, and those with more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub(super) asset: usize,
    pub(super) lots: i64,
}

impl Branch {
    /// Splits the asset that the mixture of the two choices leaves between two numbers of lots; without one, an asset
    /// at a corner of its outline, then the one with the widest range. `None` when every asset is fixed.
    pub(super) fn of(peak: &Peak, domains: &[Domain]) -> Option<Self> {
        let mut spent = peak.low.spent;
        for (i, low, high) in moves(peak) {
            let step = high.spent - low.spent;
            if spent + step >= peak.goal_spent {
                let share = ((peak.goal_spent - spent) / step).clamp(0.0, 1.0);
                let between = low.lots as f64 + share * (high.lots - low.lots) as f64;
                let (first, last) = (low.lots.min(high.lots), low.lots.max(high.lots));
                return Some(Self { asset: i, lots: (between.floor() as i64).clamp(first, last - 1) });
            }
            spent += step;
        }
        let free = || {
            domains.iter().enumerate().filter_map(|(i, domain)| {
                let (first, last) = (domain.at_least(i64::MIN)?, domain.at_most(i64::MAX)?);
                (first < last).then_some((i, first, last))
            })
        };
        let at_corner = free().find(|(i, ..)| !peak.low.points[*i].is_real);
        let (asset, first, last) = at_corner.or_else(|| free().max_by_key(|(_, first, last)| last - first))?;
        Some(Self { asset, lots: peak.low.points[asset].lots.clamp(first, last - 1) })
    }
}

/// The low choice, moved towards the high one by whole assets, the largest first, as far as the cash allows; `None`
/// when there is no high choice.
pub(super) fn round_to_plan(peak: &Peak) -> Option<Vec<i64>> {
    peak.high.as_ref()?;
    let mut lots: Vec<i64> = peak.low.points.iter().map(|point| point.lots).collect();
    let mut spent = peak.low.spent;
    for (i, low, high) in moves(peak) {
        let step = high.spent - low.spent;
        if spent + step <= peak.goal_spent {
            spent += step;
            lots[i] = high.lots;
        }
    }
    Some(lots)
}

/// The assets whose lots differ between the two choices, the largest difference of cash first.
fn moves(peak: &Peak) -> Vec<(usize, Point, Point)> {
    let Some(high) = &peak.high else { return Vec::new() };
    let both = peak.low.points.iter().zip(&high.points).enumerate();
    let mut moves: Vec<_> = both.filter(|(_, (l, h))| l.lots != h.lots).map(|(i, (l, h))| (i, *l, *h)).collect();
    moves.sort_by(|a, b| (b.2.spent - b.1.spent).abs().total_cmp(&(a.2.spent - a.1.spent).abs()));
    moves
}
