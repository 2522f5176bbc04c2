//! A guess of which limits hold with equality at the solution. An interior point makes it; the polish corrects it.

use crate::multipliers::Multipliers;
use crate::problem::RebalanceProblem;
use crate::program::{Program, Row};

/// The limit or kink that one weight is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lean {
    Lower,
    Upper,
    /// The weight before the trade.
    Start,
    /// Zero, where leverage is capped.
    Zero,
    Free,
}

/// The limit that a row is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    None,
    Lower,
    Upper,
}

/// The limits that the solution satisfies with equality.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ActiveSet {
    pub(crate) leans: Vec<Lean>,
    pub(crate) rows: Vec<Side>,
    pub(crate) turnover: bool,
    pub(crate) leverage: bool,
    pub(crate) tracking: bool,
}

impl ActiveSet {
    /// The limits that the solution `w` of a problem is at, for a programme with the same limits: those its weights are placed on exactly,
    /// and those with a multiplier.
    pub(crate) fn of(solved: &RebalanceProblem, w: &[f64], m: &Multipliers, p: &Program<'_>) -> Self {
        let (lower, upper) = solved.weight_box();
        let lean = |i: usize| match w[i] {
            w if w <= lower[i] => Lean::Lower,
            w if w >= upper[i] => Lean::Upper,
            w if w == solved.w0[i] => Lean::Start,
            0.0 if m.leverage > 0.0 => Lean::Zero,
            _ => Lean::Free,
        };
        let side = |(row, y): (&Row<'_>, &f64)| match *y {
            _ if row.is_equality() => Side::Upper,
            y if y > 0.0 => Side::Upper,
            y if y < 0.0 => Side::Lower,
            _ => Side::None,
        };
        Self {
            leans: (0..w.len()).map(lean).collect(),
            rows: p.rows.iter().zip(&m.rows).map(side).collect(),
            turnover: m.turnover > 0.0,
            leverage: m.leverage > 0.0,
            tracking: m.tracking > 0.0,
        }
    }

    /// The number of limits in which two guesses differ.
    pub(crate) fn differences(&self, other: &Self) -> usize {
        let leans = self.leans.iter().zip(&other.leans).filter(|(a, b)| a != b).count();
        let rows = self.rows.iter().zip(&other.rows).filter(|(a, b)| a != b).count();
        let caps = [(self.turnover, other.turnover), (self.leverage, other.leverage), (self.tracking, other.tracking)];
        leans + rows + caps.iter().filter(|(a, b)| a != b).count()
    }

    /// The weights that are at no limit and no kink.
    pub(crate) fn free(&self) -> Vec<usize> {
        (0..self.leans.len()).filter(|&i| self.leans[i] == Lean::Free).collect()
    }

    /// Sets every weight that is at a limit or a kink to its value there.
    pub(crate) fn place(&self, p: &Program<'_>, w: &mut [f64]) {
        for (i, lean) in self.leans.iter().enumerate() {
            match lean {
                Lean::Lower => w[i] = p.lower[i],
                Lean::Upper => w[i] = p.upper[i],
                Lean::Start => w[i] = p.w0[i],
                Lean::Zero => w[i] = 0.0,
                Lean::Free => {}
            }
        }
    }

    /// Multipliers that a proof may use: 0 for a limit outside the set and for a multiplier of the wrong sign.
    pub(crate) fn clean(&self, p: &Program<'_>, m: &Multipliers) -> Multipliers {
        let sided = |r: usize| match self.rows[r] {
            _ if p.rows[r].is_equality() => m.rows[r],
            Side::None => 0.0,
            Side::Lower => m.rows[r].min(0.0),
            Side::Upper => m.rows[r].max(0.0),
        };
        let keep = |on: bool, v: f64| if on { v.max(0.0) } else { 0.0 };
        Multipliers {
            rows: (0..p.rows.len()).map(sided).collect(),
            turnover: keep(self.turnover, m.turnover),
            leverage: keep(self.leverage, m.leverage),
            tracking: keep(self.tracking, m.tracking),
        }
    }
}
