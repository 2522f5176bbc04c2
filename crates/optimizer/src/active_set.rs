//! A guess of which limits hold with equality at the solution. An interior point makes it; the polish corrects it.

use crate::multipliers::Multipliers;
use crate::program::Program;

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
