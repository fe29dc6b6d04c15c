//! Package `math/bits`: integers as two's complements without end.

use num_traits::Signed;
use platformc_value::Value;

use super::args::{CallResult, big, fail, int, integer, unsigned};
use super::{PackageInfo, functions};

/// Most bits of an integer that a call may make.
const MAX_BITS: u64 = 1 << 20;

/// `math/bits`: operations on the bits of integers.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "math/bits",
    constants: &[],
    functions: functions! { "math/bits";
        And(Int, Int) -> Int = Pure(|a| integer(big(a, 0)? & big(a, 1)?));
        At(Int, Int) -> Int = Pure(at);
        Clear(Int, Int) -> Int = Pure(|a| integer(big(a, 0)? & !big(a, 1)?));
        Len(Int) -> Int = Pure(|a| integer(i64::try_from(big(a, 0)?.bits()).unwrap_or(i64::MAX)));
        Lsh(Int, Int) -> Int = Pure(shift_left);
        OnesCount(Int) -> Int = Pure(ones);
        Or(Int, Int) -> Int = Pure(|a| integer(big(a, 0)? | big(a, 1)?));
        Rsh(Int, Int) -> Int = Pure(shift_right);
        Set(Int, Int, Int) -> Int = Pure(set);
        Xor(Int, Int) -> Int = Pure(|a| integer(big(a, 0)? ^ big(a, 1)?));
    },
};

/// The bit at an index.
fn at(args: &[Value]) -> CallResult {
    let (n, index) = (big(args, 0)?, unsigned(args, 1)?);
    if index > u64::from(i32::MAX.unsigned_abs()) {
        return fail!("bit index too large");
    }
    integer(i64::from(n.bit(index)))
}

/// The integer times a power of two.
fn shift_left(args: &[Value]) -> CallResult {
    let (n, by) = (big(args, 0)?, unsigned(args, 1)?);
    if n.bits() > 0 && n.bits().saturating_add(by) > MAX_BITS {
        return fail!("the integer would have more than {MAX_BITS} bits");
    }
    integer(if n.bits() == 0 { n } else { n << by })
}

/// The integer divided by a power of two, rounded down.
fn shift_right(args: &[Value]) -> CallResult {
    let (n, by) = (big(args, 0)?, unsigned(args, 1)?);
    let all = n.bits() + 1;
    integer(n >> by.min(all))
}

/// The integer with a bit set (1) or cleared (0).
fn set(args: &[Value]) -> CallResult {
    let (mut n, index, bit) = (big(args, 0)?, int(args, 1)?, unsigned(args, 2)?);
    let Ok(index) = u64::try_from(index) else { return fail!("negative bit index") };
    if bit > 1 {
        return fail!("set bit is not 0 or 1");
    }
    if index > MAX_BITS {
        return fail!("the integer would have more than {MAX_BITS} bits");
    }
    n.set_bit(index, bit == 1);
    integer(n)
}

/// The number of one bits of the magnitude.
fn ones(args: &[Value]) -> CallResult {
    let n = big(args, 0)?.abs();
    let count: u32 = n.iter_u64_digits().map(u64::count_ones).sum();
    integer(i64::from(count))
}
