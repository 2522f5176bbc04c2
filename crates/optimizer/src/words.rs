//! The sentences that describe the types of this crate.

use std::fmt;

use crate::decimals::push_two_decimals;
use crate::error::{ConicPurpose, RisklessCause};
use crate::infeasible::LimitRelaxation;
use crate::limits::Limit;
use crate::objective::Objective;
use crate::prices::ConstraintPrice;

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CashMin => write!(f, "the smallest cash"),
            Self::CashMax => write!(f, "the largest cash"),
            Self::Lower { asset } => write!(f, "the lower bound of asset {}", asset + 1),
            Self::Upper { asset } => write!(f, "the upper bound of asset {}", asset + 1),
            Self::Trade { asset } => write!(f, "the trading restriction of asset {}", asset + 1),
            Self::GroupLower { name } => write!(f, "the floor of group {name}"),
            Self::GroupUpper { name } => write!(f, "the cap of group {name}"),
            Self::ExposureLower { name } => write!(f, "the floor of exposure {name}"),
            Self::ExposureUpper { name } => write!(f, "the cap of exposure {name}"),
            Self::Turnover => write!(f, "the turnover cap"),
            Self::Leverage => write!(f, "the leverage cap"),
            Self::TrackingError => write!(f, "the tracking-error cap"),
        }
    }
}

/// The meaning of a price: "Loosening the turnover cap, now 20.00 %, by one percentage point is worth 1.23 bp …".
pub(crate) fn price(p: &ConstraintPrice) -> String {
    let mut out = String::with_capacity(128);
    let mut say = |text: fmt::Arguments<'_>, number: f64| {
        // Writing to a string cannot fail.
        let _ = fmt::Write::write_fmt(&mut out, text);
        push_two_decimals(&mut out, number);
    };
    say(format_args!("Loosening {}, now ", p.limit), p.value * 100.0);
    say(format_args!(" %, by one percentage point is worth "), p.bp_per_point);
    let rest = match p.objective {
        Objective::Utility => " bp of the book a year",
        Objective::Variance => " ten-thousandths of the objective, risk aversion times annual variance",
        Objective::TrackingError => {
            " ten-thousandths of the objective, risk aversion times squared annual tracking error"
        }
    };
    match p.currency_per_point {
        Some(money) => {
            say(format_args!("{rest} ("), money);
            out.push_str(" in currency)");
        }
        None => out.push_str(rest),
    }
    out.push('.');
    out
}

/// Why there are no weights, and what the repair relaxes.
#[cfg(feature = "conic")]
pub(crate) fn infeasibility(conflict: &[Limit], relaxations: &[LimitRelaxation]) -> String {
    let list = |items: Vec<String>| match items.len() {
        0..=4 => items.join(", "),
        more => format!("{} and {} more", items[..3].join(", "), more - 3),
    };
    let conflict = list(conflict.iter().map(Limit::to_string).collect());
    let repair = list(relaxations.iter().map(LimitRelaxation::to_string).collect());
    format!("No portfolio satisfies {conflict} together; the smallest repair moves {repair}.")
}

impl fmt::Display for LimitRelaxation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {:.4} % to {:.4} %", self.limit, 100.0 * self.from, 100.0 * self.to)
    }
}

impl fmt::Display for RisklessCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExcessReturn => "a riskless mix earns more than the risk-free rate",
            Self::AverageVolatility => "the risks of a mix of risky assets cancel",
        })
    }
}

impl fmt::Display for ConicPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Diagnosis => {
                write!(
                    f,
                    "no portfolio satisfies the limits, and only the conic solver says which contradict each other"
                )
            }
            Self::SecondEngine { gap } => {
                write!(
                    f,
                    "the structured engine proved no optimum (gap {gap:.1e}), and only the conic solver can try again"
                )
            }
            Self::Allocation { method } => write!(f, "{method} takes the conic solver"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turnover_price(objective: Objective, currency_per_point: Option<f64>) -> String {
        let (limit, sentence) = (Limit::Turnover, String::new());
        let (value, multiplier, bp_per_point) = (0.2, 0.0606, 6.06);
        price(&ConstraintPrice { limit, value, multiplier, bp_per_point, currency_per_point, objective, sentence })
    }

    #[test]
    fn a_price_says_the_unit_of_its_objective() {
        let start = "Loosening the turnover cap, now 20.00 %, by one percentage point is worth 6.06";
        assert_eq!(turnover_price(Objective::Utility, None), format!("{start} bp of the book a year."));
        let money = turnover_price(Objective::Utility, Some(606.0));
        assert_eq!(money, format!("{start} bp of the book a year (606.00 in currency)."));
        let variance = turnover_price(Objective::Variance, None);
        let unit = "ten-thousandths of the objective, risk aversion times annual variance";
        assert_eq!(variance, format!("{start} {unit}."));
    }

    #[cfg(feature = "conic")]
    #[test]
    fn a_long_conflict_is_shortened() {
        let relaxations = [LimitRelaxation { limit: Limit::Turnover, from: 0.05, to: 0.081, by: 0.031 }];
        let limits: Vec<Limit> = (0..6).map(|asset| Limit::Upper { asset }).collect();
        let words = infeasibility(&limits, &relaxations);
        assert!(
            words.contains("asset 3 and 3 more together; the smallest repair moves the turnover cap from 5.0000 %")
        );
    }
}
