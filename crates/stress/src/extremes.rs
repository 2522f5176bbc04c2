//! The running extremes of each path, lane by lane.

use crate::{LANES, Lanes};

/// Peak, largest drawdown and lowest value of each lane. The start, a value of one, is a peak.
pub(crate) struct Extremes {
    peak: Lanes,
    pub(crate) drawdown: Lanes,
    pub(crate) low: Lanes,
}

impl Extremes {
    pub(crate) fn new() -> Self {
        Self { peak: [1.0; LANES], drawdown: [0.0; LANES], low: [1.0; LANES] }
    }

    /// Updates the extremes with the values at the end of a day.
    #[inline(always)]
    pub(crate) fn observe(&mut self, values: &Lanes) {
        let state = self.peak.iter_mut().zip(&mut self.drawdown).zip(&mut self.low);
        for (v, ((peak, drawdown), low)) in values.iter().zip(state) {
            *peak = larger(*v, *peak);
            *drawdown = larger(1.0 - *v / *peak, *drawdown);
            *low = smaller(*v, *low);
        }
    }
}

/// Sets a negative value to zero: it is rounding error in a book that cannot lose more than it is worth.
#[inline(always)]
pub(crate) fn at_least_zero(value: &mut f64) {
    // NaN is kept, so that it is noticed at the end.
    *value = if *value < 0.0 { 0.0 } else { *value };
}

/// The larger of two numbers that are not NaN, in one instruction.
#[inline(always)]
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The smaller of two numbers that are not NaN, in one instruction.
#[inline(always)]
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawdown_is_measured_from_the_peak_before_it() {
        let mut extremes = Extremes::new();
        for value in [1.25, 1.0, 2.0, 1.5, 3.0] {
            extremes.observe(&[value; LANES]);
        }
        // 1.25 to 1.0 is a fifth, 2.0 to 1.5 a quarter.
        assert_eq!((extremes.drawdown[0], extremes.low[LANES - 1]), (0.25, 1.0));
    }
}
