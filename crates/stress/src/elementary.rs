//! `ln`, `exp`, `sin` and `cos` with the same bits on every platform.
//!
//! The functions of the standard library call the platform's mathematics library, whose last bits differ between
//! systems. The functions here use only additions, multiplications, one division and bit operations, which IEEE 754
//! rounds in one way. They have no branch, so that the compiler vectorises a loop over them. They use no fused
//! multiply-add: its rounding differs, and not every machine has one.
//!
//! Coefficients are those of the power series, to the degree at which the remainder falls below half a unit in the last
//! place; the tests measure the error. Method: Muller et al. (2018), "Handbook of Floating-Point Arithmetic", ch. 10.

use std::f64::consts::{LN_2, LOG2_E};

use crate::instruction_set::{Kernel, vectorised};

const ONE_BITS: u64 = 0x3FF0_0000_0000_0000;
const MANTISSA: u64 = 0x000F_FFFF_FFFF_FFFF;
/// The bits of √½: mantissas lie between √½ and √2, so that the logarithm of a number near one is small.
const SQRT_HALF_BITS: u64 = 0x3FE6_A09E_667F_3BCD;
/// 2⁵²: OR-ing a small integer into its mantissa gives 2⁵² + integer, a conversion that needs no instruction of its
/// own.
const TWO_52: f64 = 4_503_599_627_370_496.0;
/// 1.5·2⁵²: adding it rounds to a whole number, which is then in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts; the first has trailing zeros, so that its product with a whole number is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);

/// Horner's rule, coefficients from the lowest power up.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    for i in (0..N - 1).rev() {
        sum = sum * x + coefficients[i];
    }
    sum
}

/// Natural logarithm of a positive normal number, relative error below 5e-16.
///
/// `x = m·2ᵉ` with `√½ ≤ m < √2`, and `ln m = 2·artanh(s) = 2s·(1 + s²/3 + s⁴/5 + …)` with `s = (m − 1)/(m + 1)`.
#[must_use]
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let shifted = x.to_bits().wrapping_add(ONE_BITS - SQRT_HALF_BITS);
    let exponent = f64::from_bits(TWO_52.to_bits() | (shifted >> 52)) - (TWO_52 + 1023.0);
    let m = f64::from_bits((shifted & MANTISSA) + SQRT_HALF_BITS);
    let s = (m - 1.0) / (m + 1.0);
    let s2 = s * s;
    let tail = polynomial(
        s2,
        [2.0 / 3.0, 2.0 / 5.0, 2.0 / 7.0, 2.0 / 9.0, 2.0 / 11.0, 2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0, 2.0 / 19.0],
    );
    exponent * LN_2 + (2.0 * s + s * s2 * tail)
}

/// `ln(1 + x)` for `x > −1`, relative error below 1e-15 also for small `x`.
///
/// With `u` the rounded `1 + x`, the rounding error is corrected to first order:
/// `ln(1 + x) = ln u + (x − (u − 1))/u`.
#[must_use]
#[inline(always)]
pub fn ln_1p(x: f64) -> f64 {
    let u = 1.0 + x;
    ln(u) + (x - (u - 1.0)) / u
}

/// `eˣ`, relative error below 5e-16; `x` is limited to ±700, so that the result is a positive normal number.
///
/// `x = n·ln 2 + r` with whole `n` and `|r| ≤ ½·ln 2`; the power series gives `eʳ` and `n` is added to its exponent.
#[must_use]
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let x = if x > 700.0 { 700.0 } else { x };
    let x = if x < -700.0 { -700.0 } else { x };
    let rounded = x * LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let power = polynomial(
        r,
        [
            1.0,
            1.0,
            1.0 / 2.0,
            1.0 / 6.0,
            1.0 / 24.0,
            1.0 / 120.0,
            1.0 / 720.0,
            1.0 / 5_040.0,
            1.0 / 40_320.0,
            1.0 / 362_880.0,
            1.0 / 3_628_800.0,
            1.0 / 39_916_800.0,
            1.0 / 479_001_600.0,
            1.0 / 6_227_020_800.0,
        ],
    );
    f64::from_bits(power.to_bits().wrapping_add(rounded.to_bits() << 52))
}

/// [`exp`] of every number of a slice, with the widest instructions in use ([`InstructionSet`](crate::InstructionSet)).
pub fn exp_all(values: &mut [f64]) {
    vectorised(ExpAll(values));
}

struct ExpAll<'a>(&'a mut [f64]);

impl Kernel for ExpAll<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.0.iter_mut().for_each(|x| *x = exp(*x));
    }
}

/// `(sin a, cos a)` for `|a| ≤ π/4`, error below 2.5e-16.
#[inline(always)]
pub(crate) fn sin_cos_eighth(a: f64) -> (f64, f64) {
    let a2 = a * a;
    let sin = polynomial(
        a2,
        [
            -1.0 / 6.0,
            1.0 / 120.0,
            -1.0 / 5_040.0,
            1.0 / 362_880.0,
            -1.0 / 39_916_800.0,
            1.0 / 6_227_020_800.0,
            -1.0 / 1_307_674_368_000.0,
        ],
    );
    let cos = polynomial(
        a2,
        [
            -1.0 / 2.0,
            1.0 / 24.0,
            -1.0 / 720.0,
            1.0 / 40_320.0,
            -1.0 / 3_628_800.0,
            1.0 / 479_001_600.0,
            -1.0 / 87_178_291_200.0,
            1.0 / 20_922_789_888_000.0,
        ],
    );
    (a + a * a2 * sin, 1.0 + a2 * cos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_PI_4;

    fn relative(got: f64, want: f64) -> f64 {
        if want == 0.0 { got.abs() } else { ((got - want) / want).abs() }
    }

    /// 200,000 points from `low` to `high`, including both ends.
    fn grid(low: f64, high: f64) -> impl Iterator<Item = f64> {
        (0..=200_000).map(move |i| low + (high - low) * f64::from(i) / 200_000.0)
    }

    #[test]
    fn ln_is_accurate_over_the_unit_interval_and_beyond() {
        let worst = grid(1e-3, 3.0).map(|x| relative(ln(x), x.ln())).fold(0.0, f64::max);
        assert!(worst < 5e-16, "{worst:e}");
        let worst = grid(-690.0, 690.0).map(|x| relative(ln(x.exp()), x.exp().ln())).fold(0.0, f64::max);
        assert!(worst < 5e-16, "{worst:e}");
        // The smallest uniform and its neighbours of one.
        for x in [f64::EPSILON, 1.0 - f64::EPSILON / 2.0, 1.0, 1.0 + f64::EPSILON] {
            assert!(relative(ln(x), x.ln()) < 5e-16, "{x:e}");
        }
    }

    #[test]
    fn ln_1p_is_accurate_for_small_and_large_returns() {
        for magnitude in -18..3 {
            for x in grid(-0.99, 5.0).step_by(997).map(|x| x * 10f64.powi(magnitude)).filter(|x| *x > -1.0) {
                assert!(relative(ln_1p(x), x.ln_1p()) < 1e-15, "{x:e}");
            }
        }
    }

    #[test]
    fn exp_is_accurate_and_stays_finite() {
        let worst = grid(-30.0, 30.0).map(|x| relative(exp(x), x.exp())).fold(0.0, f64::max);
        assert!(worst < 5e-16, "{worst:e}");
        let worst = grid(-700.0, 700.0).map(|x| relative(exp(x), x.exp())).fold(0.0, f64::max);
        assert!(worst < 5e-16, "{worst:e}");
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(f64::INFINITY).to_bits(), exp(700.0).to_bits());
        assert_eq!(exp(f64::NEG_INFINITY).to_bits(), exp(-700.0).to_bits());
    }

    #[test]
    fn sine_and_cosine_are_accurate_in_their_eighth() {
        for a in grid(-FRAC_PI_4, FRAC_PI_4) {
            let (sin, cos) = sin_cos_eighth(a);
            assert!((sin - a.sin()).abs() < 2.5e-16 && (cos - a.cos()).abs() < 2.5e-16, "{a}");
            assert!((sin * sin + cos * cos - 1.0).abs() < 1e-15);
        }
    }
}
