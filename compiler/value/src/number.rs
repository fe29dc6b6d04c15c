//! Numbers as CUE has them: integers without bound and exact decimals.
//!
//! Invariant: no binary floating point. A decimal operation rounds half up to 34 significant
//! digits, as the reference implementation does; integer addition and multiplication are exact. The exponent of a
//! decimal stays within ±100,000, so that no number takes more memory than its digits.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Significant digits of decimal operations.
const PRECISION: u64 = 34;
/// Largest magnitude of a decimal exponent.
const MAX_EXPONENT: i64 = 100_000;
/// Longest integer, in bits, that an operation may make.
const MAX_BITS: u64 = 1 << 20;

/// A number. Integers and decimals are different kinds: `1` is an `int`, `1.0` a `float`.
#[derive(Clone, Debug)]
pub enum Number {
    /// An integer that fits 64 bits.
    Int(i64),
    /// A larger integer; never one that fits 64 bits.
    Big(Arc<BigInt>),
    /// A decimal: coefficient × 10^exponent.
    Decimal(Arc<(BigInt, i32)>),
}

/// Why an operation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// The text is not a number.
    Syntax,
    /// Division by zero.
    DivisionByZero,
    /// The result is larger than this implementation holds.
    TooLarge,
    /// An integer operation got a decimal.
    NotInteger,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NumberError::Syntax => "not a number",
            NumberError::DivisionByZero => "division by zero",
            NumberError::TooLarge => "number too large",
            NumberError::NotInteger => "not an integer",
        })
    }
}

impl std::error::Error for NumberError {}

impl From<i64> for Number {
    fn from(n: i64) -> Number {
        Number::Int(n)
    }
}

impl From<BigInt> for Number {
    fn from(n: BigInt) -> Number {
        n.to_i64().map_or_else(|| Number::Big(Arc::new(n)), Number::Int)
    }
}

impl From<usize> for Number {
    fn from(n: usize) -> Number {
        i64::try_from(n).map_or_else(|_| Number::from(BigInt::from(n)), Number::Int)
    }
}

fn pow10(exponent: u64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(u32::MAX))
}

fn digits(n: &BigInt) -> u64 {
    if n.is_zero() {
        return 1;
    }
    // An estimate from the bit length, corrected by one comparison.
    let estimate = ((n.bits() - 1) as u128 * 30_103 / 100_000) as u64;
    let mut count = estimate.max(1);
    while n.abs() >= pow10(count) {
        count += 1;
    }
    while count > 1 && n.abs() < pow10(count - 1) {
        count -= 1;
    }
    count
}

impl Number {
    /// Reads a decimal literal: optional sign, digits, fraction, exponent. Without fraction and
    /// exponent it is an integer. No separators, no radix prefixes, no multipliers.
    ///
    /// # Errors
    /// [`NumberError::Syntax`], or [`NumberError::TooLarge`] for an exponent past the limit.
    pub fn parse(text: &str) -> Result<Number, NumberError> {
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Err(NumberError::Syntax);
        }
        if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            if let Ok(n) = text.strip_prefix('+').unwrap_or(text).parse::<i64>() {
                return Ok(Number::Int(n));
            }
            if unsigned.len() as u64 > MAX_BITS / 4 {
                return Err(NumberError::TooLarge);
            }
            let n: BigInt = unsigned.parse().map_err(|_| NumberError::Syntax)?;
            return Ok(Number::from(if negative { -n } else { n }));
        }
        let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => {
                let exponent = &unsigned[at + 1..];
                let body = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if body.is_empty() || !body.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(NumberError::Syntax);
                }
                (&unsigned[..at], exponent.parse::<i64>().map_err(|_| NumberError::TooLarge)?)
            }
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if (whole.is_empty() && fraction.is_empty())
            || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
        {
            return Err(NumberError::Syntax);
        }
        if mantissa.len() as u64 > MAX_BITS / 4 {
            return Err(NumberError::TooLarge);
        }
        let coefficient: BigInt =
            format!("{whole}{fraction}").parse().map_err(|_| NumberError::Syntax)?;
        let exponent = exponent - i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        Number::decimal(if negative { -coefficient } else { coefficient }, exponent)
    }

    /// Reads the digits of an integer in a radix between 2 and 36.
    ///
    /// # Errors
    /// [`NumberError::Syntax`] or [`NumberError::TooLarge`].
    pub fn parse_radix(digits: &str, radix: u32) -> Result<Number, NumberError> {
        if digits.len() as u64 > MAX_BITS / 8 {
            return Err(NumberError::TooLarge);
        }
        BigInt::parse_bytes(digits.as_bytes(), radix).map(Number::from).ok_or(NumberError::Syntax)
    }

    /// `coefficient × 10^exponent` as a decimal.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`] for an exponent past the limit.
    pub fn decimal(coefficient: BigInt, exponent: i64) -> Result<Number, NumberError> {
        let adjusted = exponent + i64::try_from(digits(&coefficient)).unwrap_or(i64::MAX);
        if exponent < -2 * MAX_EXPONENT || adjusted.abs() > MAX_EXPONENT {
            if coefficient.is_zero() {
                return Ok(Number::Decimal(Arc::new((coefficient, 0))));
            }
            return Err(NumberError::TooLarge);
        }
        let exponent = i32::try_from(exponent).map_err(|_| NumberError::TooLarge)?;
        Ok(Number::Decimal(Arc::new((coefficient, exponent))))
    }

    /// The shortest decimal that reads back as `float`; `None` for infinities and NaN.
    #[must_use]
    pub fn from_f64(float: f64) -> Option<Number> {
        if !float.is_finite() {
            return None;
        }
        let text = format!("{float:e}");
        let number = Number::parse(&text).ok()?;
        Some(match number {
            Number::Decimal(_) => number,
            Number::Int(_) | Number::Big(_) => Number::decimal(number.to_bigint()?, 0).ok()?,
        })
    }

    /// Whether this is an integer by kind (`1.0` is not).
    #[must_use]
    pub fn is_int(&self) -> bool {
        !matches!(self, Number::Decimal(_))
    }

    /// As a 64-bit integer, if it is one and fits.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Number::Int(n) => Some(*n),
            Number::Big(_) | Number::Decimal(_) => None,
        }
    }

    /// As an integer, if its kind is one.
    #[must_use]
    pub fn to_bigint(&self) -> Option<BigInt> {
        match self {
            Number::Int(n) => Some(BigInt::from(*n)),
            Number::Big(n) => Some((**n).clone()),
            Number::Decimal(_) => None,
        }
    }

    /// The integer of the same value, also of a decimal without fraction such as `2.0`.
    #[must_use]
    pub fn to_integral(&self) -> Option<BigInt> {
        match self {
            Number::Decimal(decimal) => {
                let (coefficient, exponent) = &**decimal;
                if *exponent >= 0 {
                    return Some(coefficient * pow10(exponent.unsigned_abs().into()));
                }
                let (whole, rest) = coefficient.div_rem(&pow10(exponent.unsigned_abs().into()));
                rest.is_zero().then_some(whole)
            }
            _ => self.to_bigint(),
        }
    }

    /// The nearest 64-bit float; infinite past its range.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match self {
            Number::Int(n) => *n as f64,
            _ => self.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    fn parts(&self) -> (BigInt, i64) {
        match self {
            Number::Int(n) => (BigInt::from(*n), 0),
            Number::Big(n) => ((**n).clone(), 0),
            Number::Decimal(decimal) => (decimal.0.clone(), decimal.1.into()),
        }
    }

    /// Coefficient and exponent: the value is `coefficient × 10^exponent`.
    #[must_use]
    pub fn coefficient_exponent(&self) -> (BigInt, i64) {
        self.parts()
    }

    /// Whether the value is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match self {
            Number::Int(n) => *n == 0,
            Number::Big(_) => false,
            Number::Decimal(decimal) => decimal.0.is_zero(),
        }
    }

    /// Whether the value is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match self {
            Number::Int(n) => *n < 0,
            Number::Big(n) => n.is_negative(),
            Number::Decimal(decimal) => decimal.0.is_negative(),
        }
    }

    fn rounded(coefficient: BigInt, exponent: i64) -> Result<Number, NumberError> {
        let count = digits(&coefficient);
        if count <= PRECISION {
            return Number::decimal(coefficient, exponent);
        }
        let drop = count - PRECISION;
        let divisor = pow10(drop);
        let (mut kept, rest) = coefficient.div_rem(&divisor);
        if rest.abs() * 2 >= divisor {
            kept += if coefficient.sign() == Sign::Minus { -1 } else { 1 };
        }
        let exponent = exponent + i64::try_from(drop).unwrap_or(i64::MAX);
        if digits(&kept) > PRECISION {
            return Number::decimal(kept / 10, exponent + 1);
        }
        Number::decimal(kept, exponent)
    }

    fn exact(n: BigInt) -> Result<Number, NumberError> {
        if n.bits() > MAX_BITS { Err(NumberError::TooLarge) } else { Ok(Number::from(n)) }
    }

    /// Sum. An integer if both are.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn add(&self, other: &Number) -> Result<Number, NumberError> {
        if let (Number::Int(a), Number::Int(b)) = (self, other)
            && let Some(sum) = a.checked_add(*b)
        {
            return Ok(Number::Int(sum));
        }
        let ((a, x), (b, y)) = (self.parts(), other.parts());
        if self.is_int() && other.is_int() {
            return Number::exact(a + b);
        }
        let gap = (x - y).unsigned_abs();
        if gap > 4 * PRECISION + digits(&a).max(digits(&b)) {
            // The smaller one is below the last digit that is kept.
            let (big, small, exponent) = if x > y { (a, b, x) } else { (b, a, y) };
            if big.is_zero() {
                return if x > y { Number::rounded(small, y) } else { Number::rounded(small, x) };
            }
            return Number::rounded(big, exponent);
        }
        let low = x.min(y);
        let raise = |n: BigInt, e: i64| n * pow10((e - low).unsigned_abs());
        Number::rounded(raise(a, x) + raise(b, y), low)
    }

    /// Difference. An integer if both are.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn sub(&self, other: &Number) -> Result<Number, NumberError> {
        self.add(&other.neg())
    }

    /// Product. An integer if both are.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn mul(&self, other: &Number) -> Result<Number, NumberError> {
        if let (Number::Int(a), Number::Int(b)) = (self, other)
            && let Some(product) = a.checked_mul(*b)
        {
            return Ok(Number::Int(product));
        }
        let ((a, x), (b, y)) = (self.parts(), other.parts());
        if a.bits() + b.bits() > MAX_BITS {
            return Err(NumberError::TooLarge);
        }
        if self.is_int() && other.is_int() {
            return Number::exact(a * b);
        }
        Number::rounded(a * b, x + y)
    }

    /// Quotient as a decimal of 34 digits, trailing zeros dropped.
    ///
    /// # Errors
    /// [`NumberError::DivisionByZero`], [`NumberError::TooLarge`].
    pub fn div(&self, other: &Number) -> Result<Number, NumberError> {
        if other.is_zero() {
            return Err(NumberError::DivisionByZero);
        }
        let ((a, x), (b, y)) = (self.parts(), other.parts());
        if a.is_zero() {
            return Number::decimal(a, 0);
        }
        let ideal = x - y;
        let need = (PRECISION + 2 + digits(&b)).saturating_sub(digits(&a));
        let (quotient, rest) = (a * pow10(need)).div_rem(&b);
        let mut exponent = ideal - i64::try_from(need).unwrap_or(i64::MAX);
        let mut coefficient = quotient;
        if !rest.is_zero() {
            // A sticky digit keeps the rounding right.
            coefficient = coefficient * 10 + rest.signum() * b.signum();
            exponent -= 1;
            let quotient = Number::rounded(coefficient, exponent)?;
            let (mut coefficient, mut exponent) = quotient.parts();
            while exponent < -1 && (&coefficient % 10i32).is_zero() {
                coefficient /= 10i32;
                exponent += 1;
            }
            return Number::decimal(coefficient, exponent);
        }
        while exponent < ideal {
            let (shorter, digit) = coefficient.div_rem(&BigInt::from(10));
            if !digit.is_zero() {
                break;
            }
            coefficient = shorter;
            exponent += 1;
        }
        Number::rounded(coefficient, exponent)
    }

    fn integers(&self, other: &Number) -> Result<(BigInt, BigInt), NumberError> {
        let a = self.to_bigint().ok_or(NumberError::NotInteger)?;
        let b = other.to_bigint().ok_or(NumberError::NotInteger)?;
        if b.is_zero() { Err(NumberError::DivisionByZero) } else { Ok((a, b)) }
    }

    /// Euclidean quotient of integers (`div` of CUE): the remainder is never negative.
    ///
    /// # Errors
    /// [`NumberError::NotInteger`], [`NumberError::DivisionByZero`].
    pub fn int_div(&self, other: &Number) -> Result<Number, NumberError> {
        let (a, b) = self.integers(other)?;
        let (mut quotient, rest) = a.div_rem(&b);
        if rest.is_negative() {
            quotient -= b.signum();
        }
        Ok(Number::from(quotient))
    }

    /// Euclidean remainder of integers (`mod` of CUE), never negative.
    ///
    /// # Errors
    /// [`NumberError::NotInteger`], [`NumberError::DivisionByZero`].
    pub fn int_mod(&self, other: &Number) -> Result<Number, NumberError> {
        let (a, b) = self.integers(other)?;
        let rest = a % &b;
        Ok(Number::from(if rest.is_negative() { rest + b.abs() } else { rest }))
    }

    /// Truncated quotient of integers (`quo` of CUE).
    ///
    /// # Errors
    /// [`NumberError::NotInteger`], [`NumberError::DivisionByZero`].
    pub fn int_quo(&self, other: &Number) -> Result<Number, NumberError> {
        let (a, b) = self.integers(other)?;
        Ok(Number::from(a / b))
    }

    /// Truncated remainder of integers (`rem` of CUE).
    ///
    /// # Errors
    /// [`NumberError::NotInteger`], [`NumberError::DivisionByZero`].
    pub fn int_rem(&self, other: &Number) -> Result<Number, NumberError> {
        let (a, b) = self.integers(other)?;
        Ok(Number::from(a % b))
    }

    /// The negated value, of the same kind.
    #[must_use]
    pub fn neg(&self) -> Number {
        match self {
            Number::Int(n) => n
                .checked_neg()
                .map_or_else(|| Number::Big(Arc::new(-BigInt::from(*n))), Number::Int),
            Number::Big(n) => Number::from(-(**n).clone()),
            Number::Decimal(d) => Number::Decimal(Arc::new((-d.0.clone(), d.1))),
        }
    }

    /// Orders by value; `1` and `1.0` are equal in value.
    #[must_use]
    pub fn compare(&self, other: &Number) -> Ordering {
        if let (Number::Int(a), Number::Int(b)) = (self, other) {
            return a.cmp(b);
        }
        let ((a, x), (b, y)) = (self.parts(), other.parts());
        let order = a.sign().cmp(&b.sign());
        if order != Ordering::Equal || a.is_zero() {
            return order;
        }
        let magnitude = |n: &BigInt, e: i64| i64::try_from(digits(n)).unwrap_or(i64::MAX) + e;
        let by_size = magnitude(&a, x).cmp(&magnitude(&b, y));
        if by_size != Ordering::Equal {
            return if a.is_negative() { by_size.reverse() } else { by_size };
        }
        let low = x.min(y);
        let raise = |n: BigInt, e: i64| n * pow10((e - low).unsigned_abs());
        raise(a, x).cmp(&raise(b, y))
    }
}

/// Equal means the same kind and the same value: `1 != 1.0`, `1.0 == 1.00`.
impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.is_int() == other.is_int() && self.compare(other) == Ordering::Equal
    }
}

impl Eq for Number {}

/// The literal CUE and JSON share: digits for integers; for decimals plain notation down to
/// 1e-6 and up to the coefficient's length, else an exponent (`1e+20`). Decimals without a
/// fraction keep `.0`, so that they read back as decimals.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (coefficient, exponent) = match self {
            Number::Int(n) => return write!(f, "{n}"),
            Number::Big(n) => return write!(f, "{n}"),
            Number::Decimal(d) => (&d.0, i64::from(d.1)),
        };
        if coefficient.is_negative() {
            f.write_str("-")?;
        }
        let text = coefficient.magnitude().to_string();
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        let adjusted = exponent + length - 1;
        if exponent == 0 {
            return write!(f, "{text}.0");
        }
        if exponent < 0 && adjusted >= -6 {
            let point = length + exponent;
            return if point > 0 {
                let (whole, fraction) = text.split_at(usize::try_from(point).unwrap_or(0));
                write!(f, "{whole}.{fraction}")
            } else {
                let zeros = usize::try_from(-point).unwrap_or(0);
                write!(f, "0.{}{text}", "0".repeat(zeros))
            };
        }
        let (first, rest) = text.split_at(1);
        f.write_str(first)?;
        if !rest.is_empty() {
            write!(f, ".{rest}")?;
        }
        write!(f, "e{adjusted:+}")
    }
}

impl Number {
    /// One, as an integer raised to `10^exponent`; used for literals with a multiplier.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn scaled(&self, factor: &BigInt) -> Result<Number, NumberError> {
        match self {
            Number::Decimal(d) => {
                let product = Number::decimal(&d.0 * factor, d.1.into())?;
                product.to_integral().map(Number::from).ok_or(NumberError::NotInteger)
            }
            _ => self.mul(&Number::from(factor * BigInt::one())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        Number::parse(text).expect(text)
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(n("0.1").add(&n("0.2")).expect("sum"), n("0.3"));
        assert_eq!(n("9223372036854775807").add(&n("1")).expect("sum"), n("9223372036854775808"));
        assert_eq!(
            n("1").div(&n("3")).expect("third").to_string(),
            "0.3333333333333333333333333333333333"
        );
        assert_eq!(
            n("2").div(&n("3")).expect("thirds").to_string(),
            "0.6666666666666666666666666666666667"
        );
        assert_eq!(n("4").div(&n("2")).expect("half").to_string(), "2.0");
        // Zeros that rounding leaves at the end are dropped.
        assert_eq!(
            n("1").div(&n("33")).expect("quotient").to_string(),
            "0.0303030303030303030303030303030303"
        );
        assert_eq!(n("-7").int_div(&n("2")).expect("div"), n("-4"));
        assert_eq!(n("-7").int_mod(&n("2")).expect("mod"), n("1"));
        assert_eq!(n("-7").int_quo(&n("2")).expect("quo"), n("-3"));
        assert_eq!(n("-7").int_rem(&n("2")).expect("rem"), n("-1"));
        assert!(n("1").div(&n("0")).is_err());
    }

    #[test]
    fn order_ignores_kind_and_equality_does_not() {
        assert_eq!(n("1").compare(&n("1.0")), Ordering::Equal);
        assert_ne!(n("1"), n("1.0"));
        assert_eq!(n("1e2").compare(&n("99.9")), Ordering::Greater);
        assert_eq!(n("-1e2").compare(&n("-99.9")), Ordering::Less);
    }

    #[test]
    fn literals_read_back() {
        for text in ["0", "-1", "1.0", "1.50", "0.000001", "1e-7", "1e+20", "1.5e+30"] {
            assert_eq!(n(text).to_string(), text);
        }
        assert_eq!(Number::parse("1e999999999"), Err(NumberError::TooLarge));
        assert_eq!(Number::parse("1e99999999999999999999"), Err(NumberError::TooLarge));
        assert_eq!(Number::parse("x"), Err(NumberError::Syntax));
        assert_eq!(Number::parse("1e"), Err(NumberError::Syntax));
    }
}
