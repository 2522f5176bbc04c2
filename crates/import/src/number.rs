//! One number as it was written: its possible values, its currency sign, its percent sign.

/// The decimal separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DecimalMark {
    /// `1,234.50`
    Point,
    /// `1.234,50`
    Comma,
}

/// A decimal number, exact: `-41.24` with an exponent of ten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: String,
    exponent: i32,
}

impl Decimal {
    /// The last written decimal place: 0.01 for `12.50`, 1 for `12`.
    pub(crate) fn place(&self) -> f64 {
        let decimals = self.digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let shift = self.exponent.saturating_sub(i32::try_from(decimals).unwrap_or(i32::MAX));
        format!("1e{shift}").parse().unwrap_or(0.0)
    }

    /// The nearest double of the number times `10^shift`.
    pub(crate) fn value(&self, shift: i32) -> f64 {
        format!("{}e{}", self.digits, self.exponent.saturating_add(shift)).parse().unwrap_or(f64::NAN)
    }
}

/// Largest shift by an exponent in powers of ten, and largest number of digits.
const MAX_EXPONENT: i32 = 30;
const MAX_DIGITS: usize = 40;
/// Size of the largest number with these bounds; the smallest has its reciprocal. Products, ratios and sums of such numbers are finite.
const LARGEST: f64 = 1e70;

/// Whether a workbook number is within the size range of numbers in text.
pub(crate) fn is_sized(value: f64) -> bool {
    value == 0.0 || (1.0 / LARGEST..=LARGEST).contains(&value.abs())
}

/// A cell that was read as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    point: Option<Decimal>,
    comma: Option<Decimal>,
    /// The currency next to the number: a code, or the sign as written.
    pub(crate) currency: Option<String>,
    pub(crate) percent: bool,
    pub(crate) pence: bool,
}

/// A cell in a column of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NumberCell {
    /// Empty, or a sign for empty, such as `--`.
    Empty,
    /// A number.
    Number(Written),
    /// Something else.
    Text,
}

/// The decimal mark that a cell proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Both marks give the same value.
    None,
    /// Only this mark gives a value.
    Only(DecimalMark),
    /// The marks give different values.
    Open,
}

impl Written {
    /// A number stored as a number in a workbook.
    pub(crate) fn exact(value: f64) -> Self {
        let exact = Decimal { digits: format!("{value}"), exponent: 0 };
        Self { point: Some(exact.clone()), comma: Some(exact), currency: None, percent: false, pence: false }
    }

    pub(crate) fn evidence(&self) -> Evidence {
        match (&self.point, &self.comma) {
            (Some(point), Some(comma)) if point == comma => Evidence::None,
            (Some(_), Some(_)) | (None, None) => Evidence::Open,
            (Some(_), None) => Evidence::Only(DecimalMark::Point),
            (None, Some(_)) => Evidence::Only(DecimalMark::Comma),
        }
    }

    /// The number read with this mark.
    pub(crate) fn under(&self, mark: DecimalMark) -> Option<&Decimal> {
        match mark {
            DecimalMark::Point => self.point.as_ref(),
            DecimalMark::Comma => self.comma.as_ref(),
        }
    }

    /// The number, if the marks do not give different values.
    pub(crate) fn certain(&self) -> Option<&Decimal> {
        match self.evidence() {
            Evidence::None => self.point.as_ref(),
            Evidence::Only(mark) => self.under(mark),
            Evidence::Open => None,
        }
    }
}

const NOTHING: [&str; 14] = ["", "-", "--", "---", "–", "—", "−", "n/a", "na", "n.a.", "#n/a", "nan", "null", "k.a."];
const UNITS: [&str; 12] =
    ["stk.", "stk", "stück", "st.", "shares", "share", "units", "unit", "pcs", "anteile", "titres", "stuks"];
const SIGNS: [(&str, &str); 18] = [
    ("US$", "USD"),
    ("AU$", "AUD"),
    ("CA$", "CAD"),
    ("A$", "AUD"),
    ("C$", "CAD"),
    ("NZ$", "NZD"),
    ("HK$", "HKD"),
    ("S$", "SGD"),
    ("R$", "BRL"),
    ("$", "$"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "¥"),
    ("₹", "INR"),
    ("zł", "PLN"),
    ("kr.", "kr"),
    ("kr", "kr"),
    ("Fr.", "CHF"),
];

/// Texts that programs write for a failed calculation, and some programs for an empty cell.
pub(crate) fn is_nan(cell: &str) -> bool {
    cell.trim().eq_ignore_ascii_case("nan")
}

/// Reads a cell.
pub(crate) fn read_number(cell: &str) -> NumberCell {
    let mut rest = cell.trim();
    if NOTHING.contains(&rest.to_lowercase().as_str()) {
        return NumberCell::Empty;
    }
    let (mut negative, mut percent, mut pence, mut currency) = (false, false, false, None);
    let mut in_parentheses = false;
    if let Some(inner) = rest.strip_prefix('(') {
        let (inner, after) = match inner.rsplit_once(')') {
            Some((inner, after)) => (inner, after.trim()),
            None => return NumberCell::Text,
        };
        if !(after.is_empty() || after == "%") {
            return NumberCell::Text;
        }
        percent = after == "%";
        in_parentheses = true;
        rest = inner.trim();
    }
    let mut signed = false;
    loop {
        if let Some(after) = rest.strip_prefix(['-', '−', '–']) {
            if signed {
                return NumberCell::Text;
            }
            (negative, signed, rest) = (true, true, after.trim_start());
        } else if let Some(after) = rest.strip_prefix('+') {
            if signed {
                return NumberCell::Text;
            }
            (signed, rest) = (true, after.trim_start());
        } else if let Some((code, after)) = leading_currency(rest) {
            if currency.is_some() {
                return NumberCell::Text;
            }
            (currency, rest) = (Some(code), after);
        } else {
            break;
        }
    }
    loop {
        if let Some(before) = rest.strip_suffix('%') {
            if percent {
                return NumberCell::Text;
            }
            (percent, rest) = (true, before.trim_end());
        } else if let Some(before) =
            rest.strip_suffix('-').filter(|b| !signed && b.ends_with(|c: char| c.is_ascii_digit()))
        {
            (negative, signed, rest) = (true, true, before.trim_end());
        } else if let Some((code, before)) = trailing_currency(rest).filter(|_| currency.is_none()) {
            (currency, rest) = (Some(code), before);
        } else if let Some(before) = unit_removed(rest) {
            rest = before;
        } else if let Some(before) =
            rest.strip_suffix('p').filter(|b| !pence && b.ends_with(|c: char| c.is_ascii_digit()))
        {
            (pence, rest) = (true, before);
        } else {
            break;
        }
    }
    if in_parentheses && signed {
        return NumberCell::Text;
    }
    if matches!(currency.as_deref(), Some("GBX" | "GBp")) {
        (pence, currency) = (true, Some("GBP".to_owned()));
    }
    let negative = negative || in_parentheses;
    let point = number_under(rest, '.', ',', negative);
    let comma = number_under(rest, ',', '.', negative);
    if point.is_none() && comma.is_none() {
        return NumberCell::Text;
    }
    NumberCell::Number(Written { point, comma, currency, percent, pence })
}

fn leading_currency(text: &str) -> Option<(String, &str)> {
    for (sign, code) in SIGNS {
        if let Some(after) = text.strip_prefix(sign) {
            return Some((code.to_owned(), after.trim_start()));
        }
    }
    let code = text.get(..3).filter(|c| is_code(c))?;
    Some((code.to_owned(), text[3..].trim_start()))
}

fn trailing_currency(text: &str) -> Option<(String, &str)> {
    for (sign, code) in SIGNS {
        if let Some(before) = text.strip_suffix(sign) {
            return Some((code.to_owned(), before.trim_end()));
        }
    }
    let start = text.len().checked_sub(3)?;
    let code = text.get(start..).filter(|c| is_code(c))?;
    Some((code.to_owned(), text[..start].trim_end()))
}

fn is_code(text: &str) -> bool {
    matches!(text, "GBX" | "GBp") || text.parse::<portfolio_core::Currency>().is_ok_and(|c| c.code() == text)
}

fn unit_removed(text: &str) -> Option<&str> {
    let (number, unit) = text.rsplit_once(char::is_whitespace)?;
    UNITS.contains(&unit.to_lowercase().as_str()).then(|| number.trim_end())
}

/// The number if `decimal` separates decimals and `group` groups thousands.
fn number_under(text: &str, decimal: char, group: char, negative: bool) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok().filter(|e| e.abs() <= MAX_EXPONENT)?),
        None => (text, 0),
    };
    let (whole, fraction) = match mantissa.split_once(decimal) {
        Some((whole, fraction)) => (whole, fraction),
        None => (mantissa, ""),
    };
    if !fraction.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let whole = ungrouped(whole, group)?;
    if whole.is_empty() && fraction.is_empty() || whole.len() + fraction.len() > MAX_DIGITS {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { &whole };
    let sign = if negative { "-" } else { "" };
    let digits = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    Some(Decimal { digits, exponent })
}

/// The digits of a whole number whose thousands may be grouped by one kind of sign.
fn ungrouped(whole: &str, group: char) -> Option<String> {
    let is_digits = |s: &str| s.chars().all(|c| c.is_ascii_digit());
    if is_digits(whole) {
        return Some(whole.to_owned());
    }
    let sign = whole.chars().find(|c| !c.is_ascii_digit())?;
    if sign != group && !matches!(sign, ' ' | '\u{A0}' | '\u{202F}' | '\u{2009}' | '\'' | '’') {
        return None;
    }
    let groups: Vec<&str> = whole.split(sign).collect();
    let (first, last) = (groups[0], groups[groups.len() - 1]);
    let inner = &groups[1..groups.len() - 1];
    // Thousands, or lakh and crore: the last group has three digits, and those before it all have three or all two.
    let inner_fits = inner.iter().all(|g| g.len() == 3) || inner.iter().all(|g| g.len() == 2);
    let fits = matches!(first.len(), 1..=3) && !first.starts_with('0') && last.len() == 3 && inner_fits;
    (fits && groups.iter().all(|g| is_digits(g))).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cell: &str) -> Written {
        match read_number(cell) {
            NumberCell::Number(written) => written,
            other => panic!("{cell:?} is {other:?}"),
        }
    }

    fn certain(cell: &str) -> f64 {
        written(cell).certain().unwrap_or_else(|| panic!("{cell:?} is open")).value(0)
    }

    #[test]
    fn what_people_write_is_read() {
        for (cell, value) in [
            ("212", 212.0),
            ("$60,909.72", 60_909.72),
            ("-$0.22", -0.22),
            ("$-0.22", -0.22),
            ("($1,234.50)", -1234.5),
            ("1.234,50 €", 1234.5),
            ("EUR 1'234.50", 1234.5),
            ("1 234,5", 1234.5),
            ("1\u{202F}234,5\u{A0}€", 1234.5),
            ("1.234.567", 1_234_567.0),
            ("12,34,567.5", 1_234_567.5),
            ("10 Stk.", 10.0),
            ("0,600", 0.6),
            (".5", 0.5),
            ("1.5E+05", 150_000.0),
            ("12,5-", -12.5),
            ("+0.09%", 0.09),
        ] {
            assert_eq!(certain(cell), value, "{cell}");
        }
        assert_eq!(written("41.24%").certain().unwrap().value(-2), 0.4124);
        assert!(written("123.4p").pence && written("GBX 123.4").pence);
        assert_eq!(written("100,50 CHF").currency.as_deref(), Some("CHF"));
    }

    #[test]
    fn a_single_mark_before_three_digits_is_open() {
        let open = written("67.500");
        assert_eq!(open.evidence(), Evidence::Open);
        assert_eq!(open.under(DecimalMark::Point).unwrap().value(0), 67.5);
        assert_eq!(open.under(DecimalMark::Comma).unwrap().value(0), 67_500.0);
    }

    #[test]
    fn signs_for_nothing_are_empty_and_words_are_text() {
        for cell in ["", " ", "--", "n/a", "–"] {
            assert_eq!(read_number(cell), NumberCell::Empty, "{cell}");
        }
        for cell in [
            "1e31",
            "1e-31",
            "1e299",
            "abc",
            "1.2.3",
            "1,23.4,5",
            "12/34",
            "5%%",
            "--5",
            "(5",
            "1,34.5",
            "$",
            "2026-11-27",
            "27.11.2026",
        ] {
            assert_eq!(read_number(cell), NumberCell::Text, "{cell}");
        }
    }
}
