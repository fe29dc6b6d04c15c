//! Package `math`.
//!
//! Invariant: functions of exact decimals (rounding, `Exp`, `Log`, `Pow`, roots) keep 34 digits;
//! those the reference computes with binary floats are computed by the portable `libm`, so that
//! results are the same on every machine. The last digit of the latter may differ.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};
use platformc_value::{Number, Value};

use super::args::{
    CallError, CallResult, big, decimal, fail, float, from_float, int, int32, integer, number,
    truth,
};
use super::list::as_decimal;
use super::{Constant, PackageInfo, functions};

mod exact;
mod special;

/// `math`: constants and functions of numbers.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "math",
    constants: &[
        ("Above", Constant::Number("1")),
        ("AwayFromZero", Constant::Number("3")),
        ("Below", Constant::Source("-1")),
        ("E", Constant::Number("2.71828182845904523536028747135266249775724709369995957496696763")),
        ("Exact", Constant::Number("0")),
        (
            "Ln10",
            Constant::Number("2.3025850929940456840179914546843642076011014886287729760333278"),
        ),
        (
            "Ln2",
            Constant::Number("0.693147180559945309417232121458176568075500134360255254120680009"),
        ),
        (
            "Log10E",
            Constant::Number("0.43429448190325182765112891891660508229439700580366656611445378"),
        ),
        (
            "Log2E",
            Constant::Number("1.442695040888963407359924681001892137426645954152985934135449408"),
        ),
        ("MaxBase", Constant::Number("62")),
        ("MaxExp", Constant::Number("2147483647")),
        ("MaxPrec", Constant::Number("4294967295")),
        ("MinExp", Constant::Source("-2147483648")),
        (
            "Phi",
            Constant::Number("1.61803398874989484820458683436563811772030917980576286213544861"),
        ),
        (
            "Pi",
            Constant::Number("3.14159265358979323846264338327950288419716939937510582097494459"),
        ),
        (
            "Sqrt2",
            Constant::Number("1.41421356237309504880168872420969807856967187537694807317667974"),
        ),
        (
            "SqrtE",
            Constant::Number("1.64872127070012814684865078781416357165377610071014801157507931"),
        ),
        (
            "SqrtPhi",
            Constant::Number("1.27201964951406896425242246173749149171560804184009624861664038"),
        ),
        (
            "SqrtPi",
            Constant::Number("1.77245385090551602729816748334114518279754945612238712821380779"),
        ),
        ("ToNearestAway", Constant::Number("1")),
        ("ToNearestEven", Constant::Number("0")),
        ("ToNegativeInf", Constant::Number("4")),
        ("ToPositiveInf", Constant::Number("5")),
        ("ToZero", Constant::Number("2")),
    ],
    functions: functions! { "math";
        Abs(Number) -> Number = Pure(abs);
        Acos(Number) -> Number = Pure(|a| unary(a, libm::acos));
        Acosh(Number) -> Number = Pure(|a| unary(a, libm::acosh));
        Asin(Number) -> Number = Pure(|a| unary(a, libm::asin));
        Asinh(Number) -> Number = Pure(|a| unary(a, libm::asinh));
        Atan(Number) -> Number = Pure(|a| unary(a, libm::atan));
        Atan2(Number, Number) -> Number = Pure(|a| binary(a, libm::atan2));
        Atanh(Number) -> Number = Pure(|a| unary(a, libm::atanh));
        Cbrt(Number) -> Number = Pure(|a| decimal(exact::cbrt(number(a, 0)?)?));
        Ceil(Number) -> Int = Pure(|a| rounded(a, |floor, rest| floor + i32::from(!rest.is_zero())));
        Copysign(Number, Number) -> Number = Pure(copysign);
        Cos(Number) -> Number = Pure(|a| unary(a, libm::cos));
        Cosh(Number) -> Number = Pure(|a| unary(a, libm::cosh));
        Dim(Number, Number) -> Number = Pure(dim);
        Erf(Number) -> Number = Pure(|a| unary(a, libm::erf));
        Erfc(Number) -> Number = Pure(|a| unary(a, libm::erfc));
        Erfcinv(Number) -> Number = Pure(|a| unary(a, special::erfc_inverse));
        Erfinv(Number) -> Number = Pure(|a| unary(a, special::erf_inverse));
        Exp(Number) -> Number = Pure(|a| decimal(exact::exp(number(a, 0)?)?));
        Exp2(Number) -> Number = Pure(|a| decimal(exact::pow(&Number::Int(2), number(a, 0)?)?));
        Expm1(Number) -> Number = Pure(|a| unary(a, libm::expm1));
        Floor(Number) -> Int = Pure(|a| rounded(a, |floor, _| floor));
        Gamma(Number) -> Number = Pure(|a| unary(a, libm::tgamma));
        Hypot(Number, Number) -> Number = Pure(|a| binary(a, libm::hypot));
        Ilogb(Number) -> Int = Pure(|a| integer(i64::from(special::exponent(float(a, 0)?))));
        J0(Number) -> Number = Pure(|a| unary(a, libm::j0));
        J1(Number) -> Number = Pure(|a| unary(a, libm::j1));
        Jacobi(Int, Int) -> Int = Pure(jacobi);
        Jn(Int, Number) -> Number = Pure(|a| bessel(a, libm::jn));
        Ldexp(Number, Int) -> Number = Pure(ldexp);
        Log(Number) -> Number = Pure(|a| decimal(exact::ln(number(a, 0)?)?));
        Log10(Number) -> Number = Pure(|a| decimal(exact::log10(number(a, 0)?)?));
        Log1p(Number) -> Number = Pure(|a| unary(a, libm::log1p));
        Log2(Number) -> Number = Pure(log2);
        Logb(Number) -> Number = Pure(logb);
        Mod(Number, Number) -> Number = Pure(|a| binary(a, libm::fmod));
        MultipleOf(Number, Number) -> Bool = Pure(multiple_of);
        Pow(Number, Number) -> Number = Pure(|a| decimal(exact::pow(number(a, 0)?, number(a, 1)?)?));
        Pow10(Int) -> Number = Pure(|a| decimal(Number::decimal(BigInt::one(), int32(a, 0, "int32")?.into())?));
        Remainder(Number, Number) -> Number = Pure(|a| binary(a, libm::remainder));
        Round(Number) -> Int = Pure(|a| rounded(a, half_away));
        RoundToEven(Number) -> Int = Pure(|a| rounded(a, half_even));
        Signbit(Number) -> Bool = Pure(|a| truth(number(a, 0)?.is_negative()));
        Sin(Number) -> Number = Pure(|a| unary(a, libm::sin));
        Sinh(Number) -> Number = Pure(|a| unary(a, libm::sinh));
        Sqrt(Number) -> Number = Pure(|a| unary(a, libm::sqrt));
        Tan(Number) -> Number = Pure(|a| unary(a, libm::tan));
        Tanh(Number) -> Number = Pure(|a| unary(a, libm::tanh));
        Trunc(Number) -> Int = Pure(|a| rounded(a, |floor, rest| {
            if floor.is_negative() && !rest.is_zero() { floor + 1i32 } else { floor }
        }));
        Y0(Number) -> Number = Pure(|a| unary(a, libm::y0));
        Y1(Number) -> Number = Pure(|a| unary(a, libm::y1));
        Yn(Int, Number) -> Number = Pure(|a| bessel(a, libm::yn));
    },
};

fn unary(args: &[Value], function: fn(f64) -> f64) -> CallResult {
    from_float(function(float(args, 0)?))
}

fn binary(args: &[Value], function: fn(f64, f64) -> f64) -> CallResult {
    from_float(function(float(args, 0)?, float(args, 1)?))
}

/// Orders past this make recurrences too long.
const MAX_ORDER: i64 = 100_000;

fn bessel(args: &[Value], function: fn(i32, f64) -> f64) -> CallResult {
    let order = int(args, 0)?;
    match i32::try_from(order) {
        Ok(small) if order.abs() <= MAX_ORDER => from_float(function(small, float(args, 1)?)),
        _ => fail!("the order {order} is past ±{MAX_ORDER}"),
    }
}

/// The largest integer below a number and what is left, in parts of a whole.
struct Rest {
    part: BigInt,
    whole: BigInt,
}

impl Rest {
    fn is_zero(&self) -> bool {
        self.part.is_zero()
    }

    /// How the rest compares to one half.
    fn half(&self) -> Ordering {
        (&self.part * 2i32).cmp(&self.whole)
    }
}

fn rounded(args: &[Value], round: fn(BigInt, &Rest) -> BigInt) -> CallResult {
    let n = number(args, 0)?;
    let (coefficient, exponent) = n.coefficient_exponent();
    if exponent >= 0 {
        let whole = n.to_integral().ok_or_else(|| CallError::new("not a number"))?;
        return integer(whole);
    }
    let power = u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX);
    let whole = BigInt::from(10).pow(power);
    let (floor, part) = coefficient.div_mod_floor(&whole);
    integer(round(floor, &Rest { part, whole }))
}

fn half_away(floor: BigInt, rest: &Rest) -> BigInt {
    match rest.half() {
        Ordering::Greater => floor + 1i32,
        Ordering::Equal if !floor.is_negative() => floor + 1i32,
        _ => floor,
    }
}

fn half_even(floor: BigInt, rest: &Rest) -> BigInt {
    match rest.half() {
        Ordering::Greater => floor + 1i32,
        Ordering::Equal if floor.is_odd() => floor + 1i32,
        _ => floor,
    }
}

fn magnitude(n: &Number) -> Number {
    if n.is_negative() { n.neg() } else { n.clone() }
}

/// The magnitude.
fn abs(args: &[Value]) -> CallResult {
    decimal(exact::round(&magnitude(number(args, 0)?))?)
}

/// The magnitude of one number with the sign of another.
fn copysign(args: &[Value]) -> CallResult {
    let n = magnitude(number(args, 0)?);
    decimal(if number(args, 1)?.is_negative() { n.neg() } else { n })
}

/// The difference, or 0 if that is negative.
fn dim(args: &[Value]) -> CallResult {
    let difference = as_decimal(number(args, 0)?)?.sub(number(args, 1)?)?;
    decimal(if difference.is_negative() { Number::Int(0) } else { difference })
}

/// Whether a number is a whole multiple of another.
fn multiple_of(args: &[Value]) -> CallResult {
    let quotient = number(args, 0)?.div(number(args, 1)?)?;
    truth(quotient.to_integral().is_some())
}

/// The logarithm to base 2: the quotient of two rounded natural ones.
fn log2(args: &[Value]) -> CallResult {
    let n = exact::ln(number(args, 0)?)?;
    decimal(n.div(&exact::ln(&Number::Int(2))?)?)
}

/// The binary exponent.
fn logb(args: &[Value]) -> CallResult {
    let n = float(args, 0)?;
    if n == 0.0 {
        return fail!("the result -Infinity is no number");
    }
    from_float(f64::from(special::exponent(n)))
}

/// A number times a power of two.
fn ldexp(args: &[Value]) -> CallResult {
    let power = int(args, 1)?.clamp(-100_000, 100_000);
    from_float(libm::ldexp(float(args, 0)?, i32::try_from(power).unwrap_or(0)))
}

/// The Jacobi symbol of an integer and an odd one.
fn jacobi(args: &[Value]) -> CallResult {
    let (mut x, mut y) = (big(args, 0)?, big(args, 1)?);
    if y.is_even() {
        return fail!("big: invalid 2nd argument to Int.Jacobi: need odd integer but got {y}");
    }
    let mut sign = 1i64;
    if y.is_negative() {
        if x.is_negative() {
            sign = -sign;
        }
        y = -y;
    }
    loop {
        if y.is_one() {
            return integer(sign);
        }
        x = x.mod_floor(&y);
        if x.is_zero() {
            return integer(0i64);
        }
        let twos = x.trailing_zeros().unwrap_or(0);
        x >>= twos;
        let low = |n: &BigInt| n.iter_u64_digits().next().unwrap_or(0);
        if twos % 2 == 1 && matches!(low(&y) % 8, 3 | 5) {
            sign = -sign;
        }
        if low(&y) % 4 == 3 && low(&x) % 4 == 3 {
            sign = -sign;
        }
        std::mem::swap(&mut x, &mut y);
    }
}
