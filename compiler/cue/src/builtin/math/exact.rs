//! Transcendental functions of decimals.
//!
//! Invariant: no binary float. Values are integers scaled by a power of ten with digits to spare,
//! so that the 34 digits of a result are those of the exact value, rounded half up; the work is
//! bounded by limits on exponents and digits.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use platformc_value::Number;

use crate::builtin::args::{CallError, fail};

/// Digits of a result.
const PRECISION: u32 = 34;
/// Digits that computations carry besides.
const GUARD: u32 = 26;
/// Most digits that are carried on top where a result is close to zero.
const MAX_EXTRA: i64 = 2000;

fn pow10(power: u32) -> BigInt {
    BigInt::from(10).pow(power)
}

fn length(n: &BigInt) -> i64 {
    i64::try_from(n.magnitude().to_string().len()).unwrap_or(i64::MAX)
}

/// A number with its coefficient rounded to so many digits.
fn shortened(n: &Number, digits: u32) -> (BigInt, i64) {
    let (coefficient, exponent) = n.coefficient_exponent();
    let drop = length(&coefficient) - i64::from(digits);
    let Some(drop) = u32::try_from(drop).ok().filter(|drop| *drop > 0) else {
        return (coefficient, exponent);
    };
    let unit = pow10(drop);
    let (mut kept, rest) = coefficient.div_rem(&unit);
    if rest.abs() * 2i32 >= unit {
        kept += if coefficient.is_negative() { -1i32 } else { 1i32 };
    }
    (kept, exponent + i64::from(drop))
}

/// A number of at most 34 digits, rounded half up, as a decimal.
pub(super) fn round(n: &Number) -> Result<Number, CallError> {
    let (coefficient, exponent) = shortened(n, PRECISION);
    finish(coefficient, exponent)
}

fn finish(coefficient: BigInt, exponent: i64) -> Result<Number, CallError> {
    let n = Number::decimal(coefficient, exponent)?;
    let (coefficient, exponent) = shortened(&n, PRECISION);
    Ok(Number::decimal(coefficient, exponent)?)
}

/// A number as an integer scaled by `10^scale`.
fn fixed(n: &Number, scale: u32) -> BigInt {
    let (coefficient, exponent) = n.coefficient_exponent();
    let shift = exponent + i64::from(scale);
    let power = pow10(u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX));
    if shift >= 0 { coefficient * power } else { coefficient / power }
}

/// Twice the inverse hyperbolic tangent of a quotient, scaled.
fn two_atanh(numerator: &BigInt, denominator: &BigInt, scale: u32) -> BigInt {
    let unit = pow10(scale);
    let z = numerator * &unit / denominator;
    let square = &z * &z / &unit;
    let (mut power, mut sum, mut odd) = (z.clone(), z, 1u32);
    while !power.is_zero() {
        power = power * &square / &unit;
        odd += 2;
        sum += &power / odd;
    }
    sum * 2i32
}

/// The natural logarithms of 2 and of 10, scaled.
fn logarithms(scale: u32) -> (BigInt, BigInt) {
    let one = BigInt::one();
    let inner = scale + 10;
    // ln 2 = 2 artanh 1/3; ln 10 = 3 ln 2 + 2 artanh 1/9.
    let two = two_atanh(&one, &BigInt::from(3), inner);
    let ten = &two * 3i32 + two_atanh(&one, &BigInt::from(9), inner);
    let spare = pow10(10);
    (two / &spare, ten / &spare)
}

/// The natural logarithm of a positive number, scaled.
fn ln_fixed(n: &Number, scale: u32) -> BigInt {
    let (coefficient, exponent) = n.coefficient_exponent();
    let inner = scale + 10;
    let unit = pow10(inner);
    // The number is m × 10^power with m of one digit before its point.
    let digits = length(&coefficient);
    let power = exponent + digits - 1;
    let shift = i64::from(inner) - (digits - 1);
    let factor = pow10(u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX));
    let mut m = if shift >= 0 { coefficient * factor } else { coefficient / factor };
    // Halving brings m next to 1, where the series is short.
    let mut halvings = 0u32;
    while &m * 4i32 > &unit * 5i32 {
        m /= 2i32;
        halvings += 1;
    }
    let (two, ten) = logarithms(inner);
    let log = two_atanh(&(&m - &unit), &(&m + &unit), inner) + two * halvings + ten * power;
    log / pow10(10)
}

/// Digits to carry so that a logarithm near zero keeps its leading ones.
fn extra_near_one(n: &Number) -> Result<u32, CallError> {
    let off = n.sub(&Number::Int(1)).or_else(|_| n.add(&Number::Int(0)))?;
    let (coefficient, exponent) = off.coefficient_exponent();
    let leading = -(exponent + length(&coefficient));
    match leading {
        ..=0 => Ok(0),
        leading if leading > MAX_EXTRA => fail!("the argument is too close to 1"),
        leading => Ok(u32::try_from(leading).unwrap_or(0)),
    }
}

fn not_positive(n: &Number) -> Result<(), CallError> {
    if n.is_zero() {
        return fail!("the result -Infinity is no number");
    }
    if n.is_negative() {
        return fail!("invalid operation");
    }
    Ok(())
}

/// The natural logarithm.
pub(super) fn ln(n: &Number) -> Result<Number, CallError> {
    not_positive(n)?;
    let scale = PRECISION + GUARD + extra_near_one(n)?;
    finish(ln_fixed(n, scale), -i64::from(scale))
}

/// The logarithm to base 10.
pub(super) fn log10(n: &Number) -> Result<Number, CallError> {
    not_positive(n)?;
    let (coefficient, exponent) = n.coefficient_exponent();
    let digits = length(&coefficient);
    let power = u32::try_from(digits - 1).unwrap_or(0);
    if coefficient == pow10(power) {
        return Ok(Number::from(exponent + digits - 1));
    }
    let scale = PRECISION + GUARD + extra_near_one(n)?;
    let (_, ten) = logarithms(scale);
    let log = ln_fixed(n, scale) * pow10(scale) / ten;
    finish(log, -i64::from(scale))
}

/// `e` to the power of an integer scaled by `10^scale`, as coefficient and exponent.
fn exp_fixed(x: &BigInt, scale: u32) -> Result<(BigInt, i64), CallError> {
    let (_, ten) = logarithms(scale);
    // x = power · ln 10 + r, with r below ln 10.
    let (power, r) = x.div_mod_floor(&ten);
    let Some(power) = power.to_i64().filter(|power| power.unsigned_abs() < 1_000_000) else {
        return fail!("number too large");
    };
    const HALVINGS: u32 = 16;
    let inner = scale + 10;
    let unit = pow10(inner);
    let r = (r * pow10(10)) >> HALVINGS;
    let (mut term, mut sum, mut count) = (unit.clone(), unit.clone(), 0u32);
    while !term.is_zero() {
        count += 1;
        term = term * &r / &unit / count;
        sum += &term;
    }
    for _ in 0..HALVINGS {
        sum = &sum * &sum / &unit;
    }
    Ok((sum, power - i64::from(inner)))
}

/// Exponents of `e` past this have no result.
fn check_exponent(x: &Number) -> Result<(), CallError> {
    let limit = Number::Int(300_000);
    if x.compare(&limit) == Ordering::Greater || x.compare(&limit.neg()) == Ordering::Less {
        return fail!("number too large");
    }
    Ok(())
}

/// `e` to a power.
pub(super) fn exp(x: &Number) -> Result<Number, CallError> {
    check_exponent(x)?;
    if x.is_zero() {
        return Ok(Number::Int(1));
    }
    let scale = PRECISION + GUARD;
    let (coefficient, exponent) = exp_fixed(&fixed(x, scale), scale)?;
    finish(coefficient, exponent)
}

/// A number to a power.
pub(super) fn pow(x: &Number, y: &Number) -> Result<Number, CallError> {
    if y.is_zero() {
        return if x.is_zero() { fail!("invalid operation") } else { Ok(Number::Int(1)) };
    }
    if x.is_zero() {
        return if y.is_negative() {
            fail!("the result Infinity is no number")
        } else {
            Ok(Number::Int(0))
        };
    }
    if let Some(power) = y.to_integral() {
        return integer_power(x, &power);
    }
    if x.is_negative() {
        return fail!("invalid operation");
    }
    // The digits before the point of y · ln x are lost to those behind it.
    check_exponent(y)?;
    let scale = PRECISION + GUARD + 12 + extra_near_one(x)?;
    let power = ln_fixed(x, scale) * fixed(y, scale) / pow10(scale);
    let (coefficient, exponent) = exp_fixed(&power, scale)?;
    finish(coefficient, exponent)
}

/// A number to an integer power, by squaring.
fn integer_power(x: &Number, power: &BigInt) -> Result<Number, CallError> {
    let digits = PRECISION + GUARD;
    let Some(mut left) = power.abs().to_u64() else {
        return fail!("number too large");
    };
    let multiply = |a: &(BigInt, i64), b: &(BigInt, i64)| -> Result<(BigInt, i64), CallError> {
        let product = Number::decimal(&a.0 * &b.0, a.1 + b.1)?;
        Ok(shortened(&product, digits))
    };
    let mut square = shortened(x, digits);
    let mut result = (BigInt::one(), 0);
    while left > 0 {
        if left % 2 == 1 {
            result = multiply(&result, &square)?;
        }
        left /= 2;
        if left > 0 {
            square = multiply(&square, &square)?;
        }
    }
    if power.is_negative() {
        let unit = pow10(2 * digits);
        let quotient = unit / &result.0;
        return finish(quotient, -result.1 - i64::from(2 * digits));
    }
    finish(result.0, result.1)
}

/// The cube root.
pub(super) fn cbrt(n: &Number) -> Result<Number, CallError> {
    let (coefficient, exponent) = shortened(n, PRECISION * 4);
    if coefficient.is_zero() {
        return Ok(Number::Int(0));
    }
    // Digits enough for the root, and an exponent that three divides.
    let want = i64::from(3 * (PRECISION + 6));
    let mut raise = (want - length(&coefficient)).max(0);
    raise += (exponent - raise).rem_euclid(3);
    let scaled = coefficient * pow10(u32::try_from(raise).unwrap_or(0));
    finish(scaled.cbrt(), (exponent - raise) / 3)
}
