//! Package `list`.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::Zero;
use platformc_value::{Data, Entry, Map, Number, Value};
use rustc_hash::FxHashMap;

use super::args::{
    CallError, CallResult, MAX_ITEMS, MAX_REPEAT, any, decimal, fail, int, integral, items, list,
    literal, number, numbers, numeric, room, strings, texts, truth,
};
use super::{Constant, PackageInfo, functions};

/// `list`: functions on lists.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "list",
    constants: &[
        (
            "Ascending",
            Constant::Source("{T: number | string, x: T, y: T, less: bool, less: x < y}"),
        ),
        ("Comparer", Constant::Source("{T: _, x: T, y: T, less: bool}")),
        (
            "Descending",
            Constant::Source("{T: number | string, x: T, y: T, less: bool, less: x > y}"),
        ),
    ],
    functions: functions! { "list";
        Avg(NumberList) -> Number = Pure(avg);
        Concat(List) -> List = Pure(concat);
        Contains(List, Any) -> Bool = Pure(contains);
        Drop(List, Int) -> List = Pure(drop);
        FlattenN(Any, Int) -> List = Pure(flatten);
        IsSorted(List, Any) -> Bool = Engine(EngineFunction::ListIsSorted);
        IsSortedStrings(StringList) -> Bool = Pure(|a| truth(strings(a, 0)?.is_sorted()));
        MatchN(List, Schema, Schema) -> Bool = Engine(EngineFunction::ListMatchN);
        Max(NumberList) -> Number = Pure(|a| extreme(a, Ordering::Less));
        MaxItems(List, Int) -> Bool = Pure(max_items);
        Min(NumberList) -> Number = Pure(|a| extreme(a, Ordering::Greater));
        MinItems(List, Int) -> Bool = Pure(min_items);
        Product(NumberList) -> Number = Pure(product);
        Range(Number, Number, Number) -> List = Pure(range);
        Repeat(List, Int) -> List = Pure(repeat);
        Reverse(List) -> List = Pure(|a| items(list(a, 0)?.iter().rev().cloned().collect()));
        Slice(List, Int, Int) -> List = Pure(slice);
        Sort(List, Any) -> List = Engine(EngineFunction::ListSort);
        SortStable(List, Any) -> List = Engine(EngineFunction::ListSortStable);
        SortStrings(StringList) -> List = Pure(sort_strings);
        Sum(NumberList) -> Number = Pure(|a| decimal(sum(&numbers(a, 0)?)?));
        Take(List, Int) -> List = Pure(take);
        UniqueItems(List) -> Bool = Pure(unique_items);
    },
};

/// A number as a decimal, so that arithmetic rounds as that of decimals does.
pub(super) fn as_decimal(n: &Number) -> Result<Number, CallError> {
    let (coefficient, exponent) = n.coefficient_exponent();
    Ok(Number::decimal(coefficient, exponent)?)
}

fn sum(numbers: &[&Number]) -> Result<Number, CallError> {
    let mut total = Number::decimal(BigInt::ZERO, 0)?;
    for n in numbers {
        total = total.add(n)?;
    }
    Ok(total)
}

/// The mean.
fn avg(args: &[Value]) -> CallResult {
    let numbers = numbers(args, 0)?;
    if numbers.is_empty() {
        return fail!("empty list");
    }
    decimal(sum(&numbers)?.div(&Number::from(numbers.len()))?)
}

/// The first of the largest or smallest numbers.
fn extreme(args: &[Value], worse: Ordering) -> CallResult {
    let numbers = numbers(args, 0)?;
    let Some((first, rest)) = numbers.split_first() else { return fail!("empty list") };
    let best = rest.iter().fold(*first, |best, n| if best.compare(n) == worse { n } else { best });
    decimal(best.clone())
}

/// The product; that of no numbers is 1.
fn product(args: &[Value]) -> CallResult {
    let mut product = Number::decimal(BigInt::from(1), 0)?;
    for n in numbers(args, 0)? {
        product = product.mul(n)?;
    }
    decimal(product)
}

/// The numbers from a start, by a step, up to and without an end.
fn range(args: &[Value]) -> CallResult {
    let (start, end, step) = (number(args, 0)?, number(args, 1)?, number(args, 2)?);
    if step.is_zero() {
        return fail!("step must be non zero");
    }
    let beyond = if step.is_negative() { Ordering::Less } else { Ordering::Greater };
    if start.compare(end) == beyond {
        return if step.is_negative() {
            fail!("end must be less than start when step is negative")
        } else {
            fail!("end must be greater than start when step is positive")
        };
    }
    let count = end.sub(start)?.div(step)?;
    if count.compare(&Number::from(MAX_ITEMS)) == Ordering::Greater {
        return fail!("the list would have more than {MAX_ITEMS} items");
    }
    let mut values = Vec::new();
    let mut n = as_decimal(start)?;
    while n.compare(end) == beyond.reverse() {
        room(values.len() + 1)?;
        let next = n.add(step)?;
        values.push(numeric(integral(n)));
        n = next;
    }
    items(values)
}

/// The lists of a list one behind the other.
fn concat(args: &[Value]) -> CallResult {
    let mut all = Vec::new();
    for value in list(args, 0)? {
        let part = as_list(value)?;
        room(all.len() + part.len())?;
        all.extend_from_slice(part);
    }
    items(all)
}

fn as_list(value: &Value) -> Result<&[Value], CallError> {
    let (shown, kind) = (literal(value), value.kind_name());
    value
        .as_list()
        .ok_or_else(|| CallError::new(format!("cannot use value {shown} (type {kind}) as list")))
}

/// Whether a value is an item.
fn contains(args: &[Value]) -> CallResult {
    let wanted = any(args, 1)?;
    truth(list(args, 0)?.contains(wanted))
}

fn index(args: &[Value], at: usize) -> Result<usize, CallError> {
    usize::try_from(int(args, at)?).map_err(|_| CallError::new("negative index"))
}

/// All but the first so many items.
fn drop(args: &[Value]) -> CallResult {
    let (list, count) = (list(args, 0)?, index(args, 1)?);
    items(list.get(count..).unwrap_or(&[]).to_vec())
}

/// The first so many items.
fn take(args: &[Value]) -> CallResult {
    let (list, count) = (list(args, 0)?, index(args, 1)?);
    items(list.get(..count).unwrap_or(list).to_vec())
}

/// The items between two indices.
fn slice(args: &[Value]) -> CallResult {
    let (list, from, to) = (list(args, 0)?, index(args, 1)?, int(args, 2)?);
    if i64::try_from(from).unwrap_or(i64::MAX) > to {
        return fail!("invalid index: {from} > {to}");
    }
    match usize::try_from(to).ok().and_then(|to| list.get(from..to)) {
        Some(part) => items(part.to_vec()),
        None => fail!("slice bounds out of range"),
    }
}

/// Lists within lists taken apart, so many levels deep (all, if negative).
fn flatten(args: &[Value]) -> CallResult {
    let (whole, depth) = (as_list(any(args, 0)?)?, int(args, 1)?);
    let mut flat = Vec::new();
    let mut open = vec![(whole.iter(), depth)];
    while let Some((iter, depth)) = open.last_mut() {
        let depth = *depth;
        match iter.next() {
            Some(Value { data: Data::List(inner), .. }) if depth != 0 => {
                open.push((inner.iter(), depth.wrapping_sub(1)));
            }
            Some(value) => {
                room(flat.len() + 1)?;
                flat.push(value.clone());
            }
            None => {
                open.pop();
            }
        }
    }
    items(flat)
}

/// So many copies of a list one behind the other.
fn repeat(args: &[Value]) -> CallResult {
    let (copied, count) = (list(args, 0)?, int(args, 1)?);
    if count < 0 {
        return fail!("negative count");
    }
    if count > MAX_REPEAT {
        return fail!("count {count} exceeds limit of {MAX_REPEAT}");
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    room(copied.len().saturating_mul(count))?;
    items(std::iter::repeat_n(copied, count).flatten().cloned().collect())
}

/// The texts in the order of their bytes.
fn sort_strings(args: &[Value]) -> CallResult {
    let mut sorted = strings(args, 0)?;
    sorted.sort_unstable();
    texts(sorted)
}

/// Refuses lists of fewer items.
fn min_items(args: &[Value]) -> CallResult {
    let (count, min) = (length(list(args, 0)?), int(args, 1)?);
    if count < min {
        return Err(CallError::refusal(format!("len(list) < MinItems({min}) ({count} < {min})")));
    }
    truth(true)
}

/// Refuses lists of more items.
fn max_items(args: &[Value]) -> CallResult {
    let (count, max) = (length(list(args, 0)?), int(args, 1)?);
    if count > max {
        return Err(CallError::refusal(format!("len(list) > MaxItems({max}) ({count} > {max})")));
    }
    truth(true)
}

fn length(list: &[Value]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}

/// Refuses lists with equal items.
fn unique_items(args: &[Value]) -> CallResult {
    let list = list(args, 0)?;
    let mut seen: FxHashMap<String, usize> = FxHashMap::default();
    let mut found: Option<(usize, usize)> = None;
    for (at, value) in list.iter().enumerate() {
        let key = canonical(value)?;
        if let Some(first) = seen.get(&key) {
            found = Some(found.map_or((*first, at), |found| found.min((*first, at))));
        } else {
            seen.insert(key, at);
        }
    }
    let Some((first, second)) = found else { return truth(true) };
    let message = match &list[first].data {
        Data::List(_) | Data::Map(_) => {
            format!("equal values at position {first} and {second}")
        }
        _ => {
            format!("equal value ({}) at position {first} and {second}", literal(&list[first]))
        }
    };
    Err(CallError::refusal(message))
}

/// A text that equal values share, and no others: JSON with sorted fields. What stands first in
/// a list tells real lists from bytes and decimals, which are compared by value.
fn canonical(value: &Value) -> Result<String, CallError> {
    super::json::marshal(&normal(value))
}

fn normal(value: &Value) -> Value {
    match &value.data {
        Data::List(items) => {
            Value::list([Value::bool(false)].into_iter().chain(items.iter().map(normal)).collect())
        }
        Data::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            let mut map = Map::with_capacity(entries.len());
            for entry in entries {
                map.push_unique(Entry { value: normal(&entry.value), ..entry.clone() });
            }
            Value::map(map)
        }
        Data::Bytes(bytes) => {
            Value::list(vec![Value::null(), Value::string(super::hex::digits(bytes))])
        }
        Data::Number(n) if !n.is_int() => {
            let (mut coefficient, mut exponent) = n.coefficient_exponent();
            if n.is_zero() {
                exponent = 0;
            }
            while !n.is_zero() && (&coefficient % 10i32).is_zero() {
                coefficient /= 10i32;
                exponent += 1;
            }
            let coefficient = Value::string(coefficient.to_string());
            Value::list(vec![Value::bool(true), coefficient, Value::int(exponent)])
        }
        _ => value.clone(),
    }
}
