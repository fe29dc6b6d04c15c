//! Functions of binary floats that `libm` does not have.

/// The binary exponent of a float; that of zero is the smallest integer of 32 bits.
pub(super) fn exponent(float: f64) -> i32 {
    if float == 0.0 { i32::MIN } else { libm::ilogb(float) }
}

/// The inverse of the error function; not a number outside of (-1, 1).
pub(super) fn erf_inverse(y: f64) -> f64 {
    if y.abs() >= 1.0 || y.is_nan() {
        return if y.abs() == 1.0 { y * f64::INFINITY } else { f64::NAN };
    }
    if y == 0.0 {
        return y;
    }
    let sign = y.signum();
    let y = y.abs();
    let x = if y < 0.5 {
        newton(estimate(1.0 - y), |x| libm::erf(x) - y, 1.0)
    } else {
        newton(estimate(1.0 - y), |x| libm::erfc(x) - (1.0 - y), -1.0)
    };
    sign * x
}

/// The inverse of the complementary error function; not a number outside of (0, 2).
pub(super) fn erfc_inverse(y: f64) -> f64 {
    if !(0.0..=2.0).contains(&y) {
        return f64::NAN;
    }
    if y == 0.0 || y == 2.0 {
        return if y == 0.0 { f64::INFINITY } else { f64::NEG_INFINITY };
    }
    if y > 0.5 {
        return erf_inverse(1.0 - y);
    }
    newton(estimate(y), |x| libm::erfc(x) - y, -1.0)
}

/// A first guess at where the complementary error function has a value of at most 1: Winitzki's
/// closed form.
fn estimate(y: f64) -> f64 {
    const A: f64 = 0.147;
    let log = libm::log(y * (2.0 - y));
    let half = 2.0 / (core::f64::consts::PI * A) + log / 2.0;
    libm::sqrt(libm::sqrt(half * half - log / A) - half)
}

/// Halley's steps towards a root of a function whose slope is that of the error function, times
/// a sign.
fn newton(mut x: f64, off: impl Fn(f64) -> f64, sign: f64) -> f64 {
    const TWO_BY_ROOT_PI: f64 = core::f64::consts::FRAC_2_SQRT_PI;
    for _ in 0..8 {
        let slope = sign * TWO_BY_ROOT_PI * libm::exp(-x * x);
        if slope == 0.0 {
            break;
        }
        let step = off(x) / slope;
        let next = x - step / (1.0 + x * step);
        if next == x || !next.is_finite() {
            break;
        }
        x = next;
    }
    x
}
