//! Rows that repeat the sum of the others.

use crate::heading::normalise;

/// How strongly the name of a row indicates a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TotalName {
    /// The name is the word for a total.
    Word,
    /// The name contains it: a total, if the row has no price.
    Part,
    /// Not a total.
    No,
}

const WORDS: [&str; 42] = [
    "total",
    "totals",
    "account total",
    "grand total",
    "subtotal",
    "sub total",
    "portfolio total",
    "total portfolio",
    "total value",
    "total account",
    "account totals",
    "sum",
    "gesamt",
    "summe",
    "gesamtsumme",
    "zwischensumme",
    "gesamtwert",
    "gesamtdepot",
    "depot gesamt",
    "total general",
    "totaux",
    "total du portefeuille",
    "totale",
    "totale portafoglio",
    "totaal",
    "suma",
    "total cartera",
    "totalt",
    "summa",
    "total holdings",
    "total market value",
    "positions total",
    "overall total",
    "total assets",
    "total investments",
    "portfolio value",
    "account value",
    "net liquidation value",
    "total gesamt",
    "total positions",
    "合計",
    "総合計",
];

/// What a name indicates.
pub(crate) fn total_name(name: &str) -> TotalName {
    let words = normalise(name);
    if WORDS.contains(&words.as_str()) {
        TotalName::Word
    } else if words.starts_with("total ")
        || words.ends_with(" total")
        || words.ends_with(" gesamt")
        || words.starts_with("summe ")
        || words.starts_with("gesamt ")
    {
        TotalName::Part
    } else {
        TotalName::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_known_in_several_languages() {
        for name in ["Total", "Totals", "Account Total", "Gesamt", "TOTAL:"] {
            assert_eq!(total_name(name), TotalName::Word, "{name}");
        }
        assert_eq!(total_name("Total SE"), TotalName::Part);
        assert_eq!(total_name("TotalEnergies"), TotalName::No);
    }
}
