//! Which series of the windows represents an asset of a plan.

use super::series::{ScenarioSeries, series};

/// Classes whose assets are represented by the S&P 500.
const STOCKS: [&str; 6] = ["equity", "equities", "stock", "stocks", "us_equity", "us equity"];
/// Classes whose assets are represented by the ten-year US Treasury.
const TREASURIES: [&str; 8] = [
    "treasury",
    "treasuries",
    "us_treasury",
    "us treasury",
    "government_bond",
    "government bond",
    "government_bonds",
    "government bonds",
];

/// The series that represents an asset: the one with its name, or else that of its class.
///
/// | class, in letters of either case | series |
/// |---|---|
/// | `equity`, `stock`, `us_equity` and their plurals | `SP500_INDEX` |
/// | `treasury`, `us_treasury`, `government_bond` and their plurals | `UST10Y_TR` |
/// | any other | none |
///
/// Only these two classes have a broad series among those shipped. A class without one gets none: Treasuries rose in
/// 2008 while corporate bonds fell, and neither represents gold or a cryptocurrency. The series of a class does not
/// contain the asset's idiosyncratic risk.
///
/// ```
/// use stress::scenario::stand_in;
///
/// assert_eq!(stand_in("XOM", Some("equity")).map(|series| series.name), Some("XOM"));
/// assert_eq!(stand_in("VTI", Some("Equity")).map(|series| series.name), Some("SP500_INDEX"));
/// assert!(stand_in("GLD", Some("commodity")).is_none());
/// ```
#[must_use]
pub fn stand_in(name: &str, class: Option<&str>) -> Option<&'static ScenarioSeries> {
    series(name).or_else(|| {
        let class = class?.trim().to_ascii_lowercase();
        let is_one_of = |names: &[&str]| names.contains(&class.as_str());
        if is_one_of(&STOCKS) {
            series("SP500_INDEX")
        } else if is_one_of(&TREASURIES) {
            series("UST10Y_TR")
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_before_a_class_and_no_class_is_guessed() {
        let name = |asset, class| stand_in(asset, class).map(|series| series.name);
        assert_eq!(name("msft", Some("treasury")), Some("MSFT"));
        assert_eq!(name("GOVT", Some(" Government_Bond ")), Some("UST10Y_TR"));
        for class in ["bond", "fixed_income", "commodity", "crypto", "cash", "real_estate", ""] {
            assert_eq!(name("X1", Some(class)), None, "{class}");
        }
        assert_eq!(name("X1", None), None);
    }
}
