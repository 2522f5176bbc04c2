//! Rows `lo ≤ aᵀw ≤ hi` of the programme.

use std::borrow::Cow;

use crate::tolerance::SAME;
use crate::vector::{axpy, dot};

/// `lo ≤ aᵀw ≤ hi`.
#[derive(Debug, Clone)]
pub(crate) struct Row<'a> {
    pub(crate) a: Coefficients<'a>,
    pub(crate) lo: f64,
    pub(crate) hi: f64,
}

/// The coefficients of a row, in the cheapest form; borrowed from the problem until assets are removed.
#[derive(Debug, Clone)]
pub(crate) enum Coefficients<'a> {
    Ones,
    Members(Cow<'a, [usize]>),
    Dense(Cow<'a, [f64]>),
}

impl Coefficients<'_> {
    pub(crate) fn dot(&self, w: &[f64]) -> f64 {
        match self {
            Self::Ones => w.iter().sum(),
            Self::Members(m) => m.iter().map(|&i| w[i]).sum(),
            Self::Dense(a) => dot(a, w),
        }
    }

    /// `Σ|aᵢwᵢ|`.
    pub(crate) fn gross(&self, w: &[f64]) -> f64 {
        match self {
            Self::Ones => w.iter().map(|w| w.abs()).sum(),
            Self::Members(m) => m.iter().map(|&i| w[i].abs()).sum(),
            Self::Dense(a) => a.iter().zip(w).map(|(a, w)| (a * w).abs()).sum(),
        }
    }

    /// `out ← out + y·a`.
    pub(crate) fn add_to(&self, y: f64, out: &mut [f64]) {
        match self {
            Self::Ones => out.iter_mut().for_each(|o| *o += y),
            Self::Members(m) => m.iter().for_each(|&i| out[i] += y),
            Self::Dense(a) => axpy(y, a, out),
        }
    }

    /// The coefficients as one number for each of the `n` assets.
    pub(crate) fn to_dense(&self, n: usize) -> Vec<f64> {
        let mut out = vec![0.0; n];
        self.add_to(1.0, &mut out);
        out
    }

    /// `(i, sign·aᵢ)` for each asset of the `n` that may have a coefficient.
    #[cfg(feature = "conic")]
    pub(crate) fn entries(&self, n: usize, sign: f64) -> Vec<(usize, f64)> {
        match self {
            Self::Ones => (0..n).map(|i| (i, sign)).collect(),
            Self::Members(m) => m.iter().map(|&i| (i, sign)).collect(),
            Self::Dense(a) => a.iter().enumerate().map(|(i, v)| (i, sign * v)).collect(),
        }
    }

    /// The same coefficients for the assets `keep`, whose new position is in `position` (`usize::MAX`: dropped).
    pub(super) fn select(&self, keep: &[usize], position: &[usize]) -> Coefficients<'static> {
        match self {
            Self::Ones => Coefficients::Ones,
            Self::Members(m) => {
                Coefficients::Members(m.iter().map(|&i| position[i]).filter(|&at| at != usize::MAX).collect())
            }
            Self::Dense(a) => Coefficients::Dense(keep.iter().map(|&i| a[i]).collect()),
        }
    }
}

impl Row<'_> {
    /// Tightens limits that no portfolio in the box comes near (such as a million for "no limit") to within one of the
    /// row's range: slacks of very different sizes cost an interior point its accuracy.
    pub(super) fn draw_in(&mut self, lower: &[f64], upper: &[f64]) {
        let (least, most) = self.range(lower, upper);
        let (lo, hi) = (self.lo, self.hi);
        self.lo = lo.max((least - 1.0).min(hi - 1.0));
        self.hi = hi.min((most + 1.0).max(lo + 1.0));
    }

    /// The least and the largest value of `aᵀw` over `lower ≤ w ≤ upper`.
    pub(crate) fn range(&self, lower: &[f64], upper: &[f64]) -> (f64, f64) {
        let (mut least, mut most) = (0.0, 0.0);
        for (i, a) in self.a.to_dense(lower.len()).into_iter().enumerate() {
            if a != 0.0 {
                least += (a * lower[i]).min(a * upper[i]);
                most += (a * lower[i]).max(a * upper[i]);
            }
        }
        (least, most)
    }

    pub(crate) fn is_equality(&self) -> bool {
        self.hi - self.lo <= SAME
    }

    /// The value of an equality.
    pub(crate) fn middle(&self) -> f64 {
        0.5 * (self.lo + self.hi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_of_one_row_agree() {
        let w = [0.5, -0.2, 0.3];
        let forms =
            [Coefficients::Ones, Coefficients::Members(vec![0, 1, 2].into()), Coefficients::Dense(vec![1.0; 3].into())];
        for a in forms {
            assert!((a.dot(&w) - 0.6).abs() < 1e-15 && (a.gross(&w) - 1.0).abs() < 1e-15);
            let mut out = [1.0; 3];
            a.add_to(2.0, &mut out);
            assert_eq!(out, [3.0; 3]);
        }
    }

    #[test]
    fn a_limit_out_of_reach_is_drawn_in_to_one_beyond_the_box() {
        // Two weights between 0 and 1 have a sum between 0 and 2.
        let mut row = Row { a: Coefficients::Ones, lo: -1e6, hi: 0.5 };
        row.draw_in(&[0.0; 2], &[1.0; 2]);
        assert_eq!((row.lo, row.hi), (-1.0, 0.5));
    }
}
