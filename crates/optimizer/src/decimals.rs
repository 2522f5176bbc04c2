//! Writes a number with two decimals, as `{:.2}` does, in a fraction of the time.
//!
//! A book of many assets has a price on hundreds of bounds. Each price has a sentence with two numbers, and their exact
//! decimal expansion took a fifth of a whole solve.

use std::fmt::Write;

/// Appends `value` with two decimals, exactly as `{:.2}` would.
pub(crate) fn push_two_decimals(out: &mut String, value: f64) {
    let hundredths = value.abs() * 100.0;
    let whole = hundredths.round();
    // Within this size the product is off by less than the margin kept from a tie.
    if whole < 1e9 && ((hundredths - whole).abs() - 0.5).abs() > 1e-6 {
        if value.is_sign_negative() {
            out.push('-');
        }
        let mut rest = whole as u64;
        // At most ten digits, written from the right; at least two follow the decimal point, even when they are zeros.
        let mut digits = [b'0'; 12];
        let mut at = digits.len();
        while rest > 0 || at > digits.len() - 3 {
            at -= 1;
            digits[at] += (rest % 10) as u8;
            rest /= 10;
        }
        let point = digits.len() - 2;
        out.extend(digits[at..point].iter().map(|d| char::from(*d)));
        out.push('.');
        out.extend(digits[point..].iter().map(|d| char::from(*d)));
    } else {
        // Writing to a string cannot fail.
        let _ = write!(out, "{value:.2}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_same(value: f64) {
        let mut out = String::new();
        push_two_decimals(&mut out, value);
        assert_eq!(out, format!("{value:.2}"), "{value:?}");
    }

    #[test]
    fn the_text_is_that_of_the_standard_library() {
        for value in [0.0, 0.004, 0.005, 0.015, 0.025, 0.995, 1.0, 9.994_999, 9.995, 12.3, 123_456.785, 1e7, 1e9, 1e300]
        {
            assert_same(value);
            assert_same(-value);
        }
        assert_same(f64::NAN);
        assert_same(f64::INFINITY);
        let mut seed = 1_u64;
        for i in 0..200_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let unit = (seed >> 11) as f64 / (1_u64 << 53) as f64;
            assert_same((unit - 0.5) * 10f64.powi(i % 14 - 4));
            // Ties and their neighbours.
            let tie = (seed >> 44) as f64 / 8.0 * 0.01;
            assert_same(tie);
            assert_same(f64::from_bits(tie.to_bits() + 1));
        }
    }
}
