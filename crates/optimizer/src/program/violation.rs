//! Measures how far weights violate the limits.

use super::{Program, gross_exposure};

impl Program<'_> {
    /// Largest violation of any limit at `w`; tracking is measured as an error, not as a variance.
    pub(crate) fn violation(&self, w: &[f64]) -> f64 {
        self.worst(w, |over, _| over)
    }

    /// The same, with each violation relative to the numbers that the limit sums, where those are above one: a sum of
    /// millions is accurate to fewer decimals.
    pub(crate) fn relative_violation(&self, w: &[f64]) -> f64 {
        self.worst(w, |over, size| over / size.max(1.0))
    }

    fn worst(&self, w: &[f64], measure: impl Fn(f64, f64) -> f64) -> f64 {
        let mut worst = 0.0_f64;
        for i in 0..self.n() {
            worst = worst.max(measure((self.lower[i] - w[i]).max(w[i] - self.upper[i]), w[i].abs()));
        }
        let gross = gross_exposure(w);
        for r in &self.rows {
            let v = r.a.dot(w);
            let over = (r.lo - v).max(v - r.hi);
            if over > worst {
                worst = worst.max(measure(over, r.a.gross(w)));
            }
        }
        if let Some(t) = self.turnover {
            let traded = self.turnover_of(w);
            worst = worst.max(measure(traded - t, traded + gross));
        }
        if let Some(l) = self.leverage {
            worst = worst.max(measure(gross - l, gross));
        }
        if let Some(t) = &self.tracking {
            let error = t.value(&self.model, w).max(0.0).sqrt();
            worst = worst.max(measure(error - t.limit.max(0.0).sqrt(), error));
        }
        worst
    }
}
