//! Operators on concrete scalars (CUE specification, "Operators").

use std::cmp::Ordering;
use std::sync::Arc;

use platformc_source::Span;
use platformc_value::{Number, NumberError};

use super::fail::failed;
use super::{Atom, Eval};
use crate::ir::Op;

fn mismatch(op: Op, a: &Atom, b: &Atom, span: Span) -> super::Stop {
    failed(
        format!(
            "invalid operands {} and {} to '{}' (type {} and {})",
            a.text(),
            b.text(),
            op.text(),
            a.kind().text(),
            b.kind().text()
        ),
        span,
    )
}

/// Applies an operator other than the logical ones and equality.
pub(crate) fn apply(op: Op, a: &Atom, b: &Atom, span: Span) -> Eval<Atom> {
    let number = |result: Result<Number, NumberError>| match result {
        Ok(number) => Ok(Atom::Number(number)),
        Err(error) => Err(failed(error.to_string(), span)),
    };
    match (op, a, b) {
        (Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual, _, _) => {
            let Some(order) = order(a, b) else { return Err(mismatch(op, a, b, span)) };
            Ok(Atom::Bool(holds(op, order)))
        }
        (Op::Match | Op::NotMatch, Atom::String(text), Atom::String(pattern)) => {
            let found = super::bounds::matches(pattern, text.as_bytes(), span)?;
            Ok(Atom::Bool(found == (op == Op::Match)))
        }
        (Op::Match | Op::NotMatch, Atom::Bytes(text), Atom::String(pattern)) => {
            let found = super::bounds::matches(pattern, text, span)?;
            Ok(Atom::Bool(found == (op == Op::Match)))
        }
        (Op::Add, Atom::Number(a), Atom::Number(b)) => number(a.add(b)),
        (Op::Subtract, Atom::Number(a), Atom::Number(b)) => number(a.sub(b)),
        (Op::Multiply, Atom::Number(a), Atom::Number(b)) => number(a.mul(b)),
        (Op::Divide, Atom::Number(a), Atom::Number(b)) => number(a.div(b)),
        (Op::IntDiv, Atom::Number(a), Atom::Number(b)) => number(a.int_div(b)),
        (Op::IntMod, Atom::Number(a), Atom::Number(b)) => number(a.int_mod(b)),
        (Op::IntQuo, Atom::Number(a), Atom::Number(b)) => number(a.int_quo(b)),
        (Op::IntRem, Atom::Number(a), Atom::Number(b)) => number(a.int_rem(b)),
        (Op::Add, Atom::String(a), Atom::String(b)) => {
            if a.len() + b.len() > super::builtins::MAX_TEXT {
                return Err(failed("string too long", span));
            }
            Ok(Atom::String(Arc::from(format!("{a}{b}"))))
        }
        (Op::Add, Atom::Bytes(_), Atom::Bytes(_) | Atom::String(_))
        | (Op::Add, Atom::String(_), Atom::Bytes(_)) => {
            let mut bytes = bytes_of(a);
            bytes.extend(bytes_of(b));
            Ok(Atom::Bytes(bytes.into()))
        }
        (Op::Multiply, Atom::String(_) | Atom::Bytes(_), Atom::Number(n)) => repeat(a, n, span),
        (Op::Multiply, Atom::Number(n), Atom::String(_) | Atom::Bytes(_)) => repeat(b, n, span),
        _ => Err(mismatch(op, a, b, span)),
    }
}

fn bytes_of(atom: &Atom) -> Vec<u8> {
    match atom {
        Atom::Bytes(bytes) => bytes.to_vec(),
        Atom::String(text) => text.as_bytes().to_vec(),
        _ => Vec::new(),
    }
}

fn repeat(text: &Atom, count: &Number, span: Span) -> Eval<Atom> {
    let Some(n) = count.to_i64() else {
        return Err(failed(format!("cannot repeat a string {count} times"), span));
    };
    let Ok(n) = usize::try_from(n) else {
        return Err(failed("cannot convert negative number to uint64", span));
    };
    let length = bytes_of(text).len();
    if length.saturating_mul(n) > super::builtins::MAX_TEXT {
        return Err(failed("string too long", span));
    }
    Ok(match text {
        Atom::String(text) => Atom::String(text.repeat(n).into()),
        other => Atom::Bytes(bytes_of(other).repeat(n).into()),
    })
}

/// The order of two scalars, where they have one.
pub(crate) fn order(a: &Atom, b: &Atom) -> Option<Ordering> {
    match (a, b) {
        (Atom::Number(a), Atom::Number(b)) => Some(a.compare(b)),
        (Atom::String(a), Atom::String(b)) => Some(a.cmp(b)),
        (Atom::Bytes(a), Atom::Bytes(b)) => Some(a.cmp(b)),
        (Atom::Bytes(a), Atom::String(b)) => Some((**a).cmp(b.as_bytes())),
        (Atom::String(a), Atom::Bytes(b)) => Some(a.as_bytes().cmp(b)),
        _ => None,
    }
}

fn holds(op: Op, order: Ordering) -> bool {
    match op {
        Op::Less => order == Ordering::Less,
        Op::LessEqual => order != Ordering::Greater,
        Op::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }
}
