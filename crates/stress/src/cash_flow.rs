//! Cash flows of the paths of a block, and the ruin of a path that cannot pay.

use crate::{LANES, Lanes, extremes::larger};

/// A withdrawal still counts as paid if at most this share of it is missing: `1 − 0.3 − 0.3 − 0.4` is not 0 in binary.
const PAYMENT_ROUNDING: f64 = 1e-9;

/// The account of the cash flows of a block of paths.
///
/// A withdrawal takes what is available. A path that cannot pay one in full is ruined: it ends and keeps its value at
/// that time, which is zero unless a loan or short holdings made it negative. Later additions are not paid in, and
/// later withdrawals are not paid out.
pub(crate) struct CashAccount {
    /// `1 + Σ c` so far, for a path that is not ruined.
    paid_in: f64,
    /// Money lost up to ruin; valid only where something is unpaid.
    lost: Lanes,
    /// Unpaid withdrawals: positive for a ruined path, zero for any other.
    unpaid: Lanes,
    /// Whether any path is ruined.
    ruin: bool,
}

impl CashAccount {
    pub(crate) fn new() -> Self {
        Self { paid_in: 1.0, lost: [0.0; LANES], unpaid: [0.0; LANES], ruin: false }
    }

    /// Books the cash flow at the end of a step on all paths.
    pub(crate) fn book(&mut self, wealth: &mut Lanes, addition: f64) {
        if addition >= 0.0 && !self.ruin {
            wealth.iter_mut().for_each(|w| *w += addition);
        } else {
            for (lane, w) in wealth.iter_mut().enumerate() {
                if self.unpaid[lane] > 0.0 {
                    self.unpaid[lane] += larger(-addition, 0.0);
                } else if addition >= 0.0 || *w + addition >= 0.0 {
                    *w += addition;
                } else {
                    let available = larger(*w, 0.0);
                    let unpaid = -addition - available;
                    if unpaid > PAYMENT_ROUNDING * -addition {
                        self.ruin = true;
                        self.unpaid[lane] = unpaid;
                        self.lost[lane] = self.paid_in - *w;
                    }
                    *w -= available;
                }
            }
        }
        self.paid_in += addition;
    }

    /// The loss of each ruined path, zero for the others: the money that it lost, and at least the withdrawals that it
    /// did not pay.
    pub(crate) fn ruin_losses(&self) -> Lanes {
        std::array::from_fn(
            |lane| if self.unpaid[lane] > 0.0 { larger(self.lost[lane], self.unpaid[lane]) } else { 0.0 },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wealth and loss of one lane after flows, with growth by `factor` before each.
    fn lane(factor: f64, flows: &[f64]) -> (f64, f64) {
        let mut account = CashAccount::new();
        let mut wealth = [1.0; LANES];
        for flow in flows {
            wealth.iter_mut().for_each(|w| *w *= factor);
            account.book(&mut wealth, *flow);
        }
        (wealth[0], account.ruin_losses()[0])
    }

    #[test]
    fn a_withdrawal_takes_what_there_is() {
        assert_eq!(lane(1.0, &[-0.25, 0.5]), (1.25, 0.0));
        // 0.5 of 1 is paid, then 0.5 of 0.75.
        assert_eq!(lane(1.0, &[-0.5, -0.75]), (0.0, 0.25));
        // The market took half and the rest was paid out: half is lost, although only 0.25 is unpaid.
        assert_eq!(lane(0.5, &[-0.75]), (0.0, 0.5));
        // After a gain of 1, all of the 2 was paid out: no money is lost, but 1 is unpaid.
        assert_eq!(lane(2.0, &[-3.0]), (0.0, 1.0));
    }

    #[test]
    fn ruin_is_the_end() {
        assert_eq!(lane(2.0, &[-3.0, 5.0, 1.0]), (0.0, 1.0));
        assert_eq!(lane(1.0, &[-1.5, -0.25, 1.0, -0.25]), (0.0, 1.0));
    }

    #[test]
    fn taking_out_all_there_is_is_no_ruin() {
        assert_eq!(lane(1.0, &[-1.0, 0.5]), (0.5, 0.0));
        // The sum of these is one, the difference in binary −5.6e-17.
        assert_eq!(lane(1.0, &[-0.3, -0.3, -0.4]), (0.0, 0.0));
        assert_eq!(lane(1.0, &[-1.0, -1e-300]), (0.0, 1e-300));
    }

    #[test]
    fn a_debt_from_a_loan_stays() {
        let mut account = CashAccount::new();
        let mut wealth = [-0.5; LANES];
        account.book(&mut wealth, 0.25);
        assert_eq!(wealth[0], -0.25);
        account.book(&mut wealth, -0.1);
        account.book(&mut wealth, 1.0);
        // 1.25 was paid in and −0.25 is left.
        assert_eq!((wealth[0], account.ruin_losses()[0]), (-0.25, 1.5));
    }
}
