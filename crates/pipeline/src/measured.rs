//! Measures as a list in a sentence, with each book named once.

use crate::limit_check::{LimitPoint, Measure};

/// Measures with the book they refer to:
/// `annual volatility and one-day VaR95 before and after the plan, largest weight after the plan`. A measure of the
/// plan or of its input, such as the turnover, refers to no book. The order is that of the first mention of each
/// measure; duplicates for the same book are listed once.
///
/// # Example
/// ```
/// use pipeline::{LimitPoint::{After, Before}, Measure::{Turnover, Var95, Volatility}, measures_in_words};
/// let named = [(Volatility, Before), (Var95, Before), (Volatility, After), (Var95, After), (Turnover, After)];
/// assert_eq!(measures_in_words(named), "annual volatility and one-day VaR95 before and after the plan, two-way turnover");
/// ```
#[must_use]
pub fn measures_in_words(named: impl IntoIterator<Item = (Measure, LimitPoint)>) -> String {
    let mut measures: Vec<(Measure, Books)> = Vec::new();
    for (measure, point) in named {
        let known = measures.iter().position(|(known, _)| *known == measure);
        let at = known.unwrap_or_else(|| {
            measures.push((measure, Books::default()));
            measures.len() - 1
        });
        if let Some((_, books)) = measures.get_mut(at) {
            match point {
                _ if !measure.is_of_a_book() => {}
                LimitPoint::Before => books.before = true,
                LimitPoint::After => books.after = true,
            }
        }
    }
    let mut groups: Vec<(Books, Vec<&str>)> = Vec::new();
    for (measure, books) in &measures {
        match groups.iter_mut().find(|(of, _)| of == books) {
            Some((_, names)) => names.push(measure.name()),
            None => groups.push((*books, vec![measure.name()])),
        }
    }
    let parts: Vec<String> =
        groups.iter().map(|(books, names)| format!("{}{}", listed(names), books.in_words())).collect();
    parts.join(", ")
}

/// The books that a measure refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Books {
    before: bool,
    after: bool,
}

impl Books {
    fn in_words(self) -> &'static str {
        match (self.before, self.after) {
            (true, true) => " before and after the plan",
            (true, false) => " before the plan",
            (false, true) => " after the plan",
            (false, false) => "",
        }
    }
}

/// `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_named_once_for_both_books() {
        use LimitPoint::{After, Before};
        use Measure::{Concentration, DataShortfall, TrackingError, Volatility};
        let named = [(Volatility, Before), (TrackingError, Before), (Volatility, After), (Concentration, After)];
        let words = measures_in_words(named);
        let want = "annual volatility before and after the plan, annual tracking error before the plan, largest weight after the plan";
        assert_eq!(words, want);
        assert_eq!(measures_in_words([(DataShortfall, Before)]), "data-quality shortfall");
        assert_eq!(measures_in_words([]), "");
    }
}
