//! The paths that end in a loss, and the values from which losses are computed.

/// A value counts as a loss if it is below the money put in by more than this share of all money that moved:
/// `1 + 0.2 + 0.2 + 0.2` is not 1.6 in binary.
const VALUE_ROUNDING: f64 = 1e-12;

/// The losses of a simulation, measured from the money put in.
pub(crate) struct Losses<'a> {
    /// `I`: one, plus additions, minus withdrawals.
    pub(crate) paid_in: f64,
    /// Values below this one are losses.
    least: f64,
    ruin_losses: Option<&'a [f64]>,
}

impl<'a> Losses<'a> {
    pub(crate) fn new(cash_flows: &[f64], ruin_losses: Option<&'a [f64]>) -> Self {
        let paid_in = 1.0 + cash_flows.iter().sum::<f64>();
        let moved = 1.0 + cash_flows.iter().map(|c| c.abs()).sum::<f64>();
        Self { paid_in, least: paid_in - VALUE_ROUNDING * moved, ruin_losses }
    }

    /// Number of paths that end below the money put in, or in ruin.
    pub(crate) fn count(&self, values: &[f64]) -> usize {
        match self.ruin_losses {
            Some(losses) => values.iter().zip(losses).filter(|(v, loss)| **v < self.least || **loss > 0.0).count(),
            None => values.iter().filter(|v| **v < self.least).count(),
        }
    }

    /// Number of paths that end in ruin; `None` without withdrawals.
    pub(crate) fn ruined(&self) -> Option<usize> {
        self.ruin_losses.map(|losses| losses.iter().filter(|loss| **loss > 0.0).count())
    }

    /// The value of each path from which its loss is computed, `I − loss` for a ruined one. `None` when no path is
    /// ruined, so that the values at the horizon suffice.
    pub(crate) fn outcomes(&self, values: &[f64]) -> Option<Vec<f64>> {
        let losses = self.ruin_losses.filter(|_| self.ruined() != Some(0))?;
        let outcome = |(value, loss): (&f64, &f64)| if *loss > 0.0 { self.paid_in - loss } else { *value };
        Some(values.iter().zip(losses).map(outcome).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruined_path_is_a_loss_whatever_its_value() {
        let losses = Losses::new(&[-0.6, -0.6], Some(&[0.2, 0.0, 0.0]));
        assert!((losses.paid_in + 0.2).abs() < 1e-15);
        // The first is ruined, the last is below what was put in.
        let values = [0.0, 0.5, -0.3];
        assert_eq!((losses.count(&values), losses.ruined()), (2, Some(1)));
        let outcomes = losses.outcomes(&values).unwrap();
        assert!((outcomes[0] + 0.4).abs() < 1e-15 && outcomes[1..] == values[1..]);
    }

    #[test]
    fn without_ruin_the_values_say_it_all() {
        let losses = Losses::new(&[0.2; 3], None);
        assert_eq!((losses.ruined(), losses.outcomes(&[1.0])), (None, None));
        assert_eq!(Losses::new(&[-0.5], Some(&[0.0])).outcomes(&[0.4]), None);
        // One and three fifths, added up one by one, is 2.2e-16 less than 1.6.
        assert_eq!(losses.count(&[1.0 + 0.2 + 0.2 + 0.2, 1.6, 1.599_999]), 1);
    }
}
