//! Numbers as text. A fraction becomes a percentage by moving the decimal point in its text, so nothing is multiplied.

/// A larger number is written with an exponent.
const LONGEST_PLAIN: f64 = 1e13;

/// `0.0412` as `4.12%`, with two decimals.
pub(crate) fn percent(fraction: f64) -> String {
    percent_digits(fraction, 2) + "%"
}

/// A fraction as a percentage with all its digits and no trailing zeros: `0.03` as `3`.
pub(crate) fn exact_percent(fraction: f64) -> String {
    if fraction.abs() >= LONGEST_PLAIN {
        return percent_digits(fraction, 2);
    }
    without_false_sign(&point_moved(&format!("{fraction}")))
}

/// A limit as a percentage with all its digits and at least two decimals: `2.00%`, `2.125%`.
pub(crate) fn limit_percent(fraction: f64) -> String {
    let exact = exact_percent(fraction);
    let decimals = exact.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    if decimals < 2 || exact.contains('e') { percent(fraction) } else { exact + "%" }
}

/// A percentage printed next to `limit`: two decimals, or as many as are needed to distinguish the two.
///
/// `0.03001` against `0.03` is `3.001`; at two decimals both would read `3.00`.
pub(crate) fn apart(fraction: f64, limit: f64) -> String {
    if fraction == limit {
        return percent_digits(fraction, 2);
    }
    (2..=8)
        .map(|digits| (percent_digits(fraction, digits), percent_digits(limit, digits)))
        .find(|(value, limit)| value != limit)
        .map_or_else(|| exact_percent(fraction), |(value, _)| value)
}

/// The level with which a value was compared, printed next to that value: with two decimals, or with all its digits if
/// it was set with up to four; more only if the two would be printed the same.
///
/// A level that was computed, such as `0.03283635042283032`, is `3.28%`.
pub(crate) fn level(level: f64, value: f64) -> String {
    let exact = limit_percent(level);
    let decimals = exact.split_once('.').map_or(0, |(_, decimals)| decimals.trim_end_matches('%').len());
    if decimals <= 4 && !exact.contains('e') { exact } else { apart(level, value) + "%" }
}

/// `1234.5` as `1,234.50 USD`.
pub(crate) fn money(amount: f64, minor_digits: u8, currency: &str) -> String {
    format!("{} {currency}", fixed(amount, usize::from(minor_digits)))
}

/// A price per unit: with the decimals of its currency, or with up to six where it has more.
pub(crate) fn price(amount: f64, minor_digits: u8, currency: &str) -> String {
    let short = fixed(amount, usize::from(minor_digits));
    let long = plain(amount, 6);
    if long.len() > short.len() { format!("{long} {currency}") } else { format!("{short} {currency}") }
}

/// A plain number with at most `digits` decimals and no trailing zeros; smaller numbers keep three significant digits.
pub(crate) fn plain(value: f64, digits: usize) -> String {
    let text = (digits..=digits + 12)
        .map(|digits| fixed(value, digits))
        .find(|text| value == 0.0 || significant(text) >= 3 || value.abs() >= 1.0)
        .unwrap_or_else(|| fixed(value, digits));
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A number of units with at most four decimals, or more when it would otherwise round to zero.
pub(crate) fn units(count: f64) -> String {
    plain(count, 4)
}

/// A whole number with thousands separators.
pub(crate) fn whole(count: u64) -> String {
    grouped(&count.to_string())
}

/// A number with exactly `digits` decimals and thousands separators.
pub(crate) fn fixed(value: f64, digits: usize) -> String {
    if value.abs() >= 100.0 * LONGEST_PLAIN {
        return format!("{value:.2e}");
    }
    grouped(&without_false_sign(&format!("{value:.digits$}")))
}

fn percent_digits(fraction: f64, digits: usize) -> String {
    if fraction.abs() >= LONGEST_PLAIN {
        let text = format!("{fraction:.2e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        return format!("{mantissa}e{}", exponent + 2);
    }
    without_false_sign(&point_moved(&format!("{fraction:.*}", digits + 2)))
}

/// Moves the decimal point two places to the right.
fn point_moved(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let moved = format!("{decimals:0<2}");
    let (hundredths, rest) = moved.split_at(2);
    let joined = format!("{whole}{hundredths}");
    let whole = joined.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// Removes the sign of a rounded zero such as `-0.00`.
fn without_false_sign(text: &str) -> String {
    let has_value = text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if has_value { text.to_owned() } else { text.trim_start_matches('-').to_owned() }
}

fn significant(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).skip_while(|&c| c == '0').count()
}

fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, decimals) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + decimals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_reads_as_a_percentage_with_two_decimals() {
        for (fraction, text) in [
            (0.0412, "4.12%"),
            (-0.0412, "-4.12%"),
            (0.0, "0.00%"),
            (-0.0, "0.00%"),
            (-0.000_01, "0.00%"),
            (0.999_999, "100.00%"),
            (12.5, "1250.00%"),
            (1e300, "1.00e302%"),
            (f64::MAX, "1.80e310%"),
        ] {
            assert_eq!(percent(fraction), text, "{fraction}");
        }
    }

    #[test]
    fn limits_keep_all_their_digits() {
        for (limit, short, long) in [
            (0.03, "3", "3.00%"),
            (0.18, "18", "18.00%"),
            (0.07, "7", "7.00%"),
            (0.025, "2.5", "2.50%"),
            (0.02125, "2.125", "2.125%"),
            (1e-7, "0.00001", "0.00001%"),
            (0.0, "0", "0.00%"),
            (2.0, "200", "200.00%"),
        ] {
            assert_eq!(exact_percent(limit), short);
            assert_eq!(limit_percent(limit), long);
        }
    }

    #[test]
    fn a_value_beside_its_limit_never_reads_like_the_limit_unless_it_is() {
        assert_eq!(apart(0.0412, 0.03), "4.12");
        assert_eq!(apart(0.030_01, 0.03), "3.001");
        assert_eq!(apart(0.03, 0.03), "3.00");
        assert_eq!(apart(0.030_000_000_000_000_02, 0.03), "3.000000000000002");
    }

    #[test]
    fn a_computed_level_is_as_long_as_it_takes_to_tell_it_from_the_value() {
        for (limit, value, text) in [
            (0.032_836_350_422_830_32, 0.0624, "3.28%"),
            (0.032_836_350_422_830_32, 0.032_836_9, "3.2836%"),
            (0.18, 0.3331, "18.00%"),
            (0.021_25, 0.03, "2.125%"),
        ] {
            assert_eq!(level(limit, value), text, "{limit}");
        }
    }

    #[test]
    fn a_price_keeps_decimals_beyond_those_of_its_currency() {
        for (amount, text) in [(412.5, "412.50 USD"), (1.084_25, "1.08425 USD"), (67_500.0, "67,500.00 USD")] {
            assert_eq!(price(amount, 2, "USD"), text);
        }
    }

    #[test]
    fn money_has_separators_and_the_decimals_of_its_currency() {
        for (amount, digits, text) in [
            (1234.5, 2, "1,234.50 USD"),
            (0.0, 2, "0.00 USD"),
            (999.0, 0, "999 USD"),
            (1e12, 0, "1,000,000,000,000 USD"),
            (0.123_456_78, 8, "0.12345678 USD"),
            (1e300, 2, "1.00e300 USD"),
        ] {
            assert_eq!(money(amount, digits, "USD"), text);
        }
    }

    #[test]
    fn plain_numbers_are_short_and_small_ones_do_not_vanish() {
        for (value, text) in [
            (12_345.678, "12,345.678"),
            (120.0, "120"),
            (100.0, "100"),
            (0.135_37, "0.1354"),
            (0.000_012_34, "0.0000123"),
            (0.5, "0.5"),
            (0.0, "0"),
            (-1.5, "-1.5"),
            (1e20, "1.00e20"),
            (f64::MIN_POSITIVE, "0"),
        ] {
            assert_eq!(plain(value, 4), text, "{value}");
        }
        assert_eq!(whole(10_000), "10,000");
    }
}
