//! Evaluates calls of standard functions on literals, and prints what they give.
//!
//! Invariant: only literals, constants and calls; `subject & call` uses a call as a validator.

use std::fmt::Write;

use platformc_cue::builtin::{Constant, Function, Implementation, PackageInfo, packages};
use platformc_cue_syntax::ast::{
    BinaryOp, DeclKind, Expr, ExprKind, LabelKind, ListElementKind, StructLit, UnaryOp,
};
use platformc_source::{FileId, Origin};
use platformc_value::{Data, Map, Number, Value};

/// The value of an expression, or why there is none.
pub(crate) fn evaluate(text: &str) -> Result<Value, String> {
    let parsed = platformc_cue_syntax::parse_expr(FileId::NONE, text);
    if let Some(diagnostic) = parsed.diagnostics.first() {
        return Err(format!("not an expression: {}", diagnostic.message));
    }
    value(&parsed.value)
}

fn package(expr: &Expr) -> Option<&'static PackageInfo> {
    let ExprKind::Ident(name) = &expr.kind else { return None };
    packages().find(|package| package.path.rsplit('/').next() == Some(name))
}

fn value(expr: &Expr) -> Result<Value, String> {
    Ok(match &expr.kind {
        ExprKind::Null => Value::null(),
        ExprKind::Bool(b) => Value::bool(*b),
        ExprKind::Number(text) => number(text)?,
        ExprKind::String(text) => Value::string(text.clone()),
        ExprKind::Bytes(bytes) => Value::new(Data::Bytes(bytes.clone()), Origin::NONE),
        ExprKind::Paren(inner) => value(inner)?,
        ExprKind::Unary { op: UnaryOp::Minus, operand, .. } => match value(operand)?.data {
            Data::Number(n) => Value::new(Data::Number(n.neg()), Origin::NONE),
            _ => return Err("only numbers have a sign".to_owned()),
        },
        ExprKind::List(list) => {
            let items = list.elements.iter().map(|element| match &element.kind {
                ListElementKind::Expr(expr) => value(expr),
                ListElementKind::Comprehension(..) => Err("a comprehension".to_owned()),
            });
            Value::list(items.collect::<Result<_, _>>()?)
        }
        ExprKind::Struct(literal) => fields(literal)?,
        ExprKind::Selector { base, label, .. } => {
            let LabelKind::Ident(name) = &label.kind else { return Err("a label".to_owned()) };
            match package(base).and_then(|package| package.constant(name)) {
                Some(Constant::Number(text)) => number(text)?,
                Some(Constant::String(text)) => Value::string(*text),
                Some(Constant::Source(text)) => evaluate(text)?,
                None => return Err(format!("no constant {name}")),
            }
        }
        ExprKind::Call { function, arguments } => {
            let function = named(function)?;
            let arguments = arguments.iter().map(value).collect::<Result<Vec<_>, _>>()?;
            call(function, &arguments, false)?
        }
        ExprKind::Binary { op: BinaryOp::Unification, left, right, .. } => {
            let subject = value(left)?;
            let ExprKind::Call { function, arguments } = &right.kind else {
                return Err("not a validator".to_owned());
            };
            let function = named(function)?;
            if !function.is_validator(arguments.len()) {
                return Err("not a validator".to_owned());
            }
            let mut all = vec![subject.clone()];
            all.extend(arguments.iter().map(value).collect::<Result<Vec<_>, _>>()?);
            match call(function, &all, true)?.as_bool() {
                Some(true) => subject,
                _ => {
                    return Err(format!(
                        "invalid value (does not satisfy {})",
                        function.qualified()
                    ));
                }
            }
        }
        _ => return Err("not a literal".to_owned()),
    })
}

fn number(text: &str) -> Result<Value, String> {
    if text.contains(['.', 'e', 'E']) && !text.starts_with("0x") {
        // The function makes an integer of a decimal without a fraction; a literal stays one.
        if let Ok(n) = Number::parse(&text.replace('_', "")) {
            return Ok(Value::new(Data::Number(n), Origin::NONE));
        }
    }
    call(
        platformc_cue::builtin::function("strconv", "ParseNumber").ok_or("no ParseNumber")?,
        &[Value::string(text)],
        false,
    )
}

fn fields(literal: &StructLit) -> Result<Value, String> {
    let mut map = Map::new();
    for decl in &literal.decls {
        let DeclKind::Field(field) = &decl.kind else { return Err("not a field".to_owned()) };
        let (LabelKind::Ident(name) | LabelKind::String(name)) = &field.label.kind else {
            return Err("not a plain label".to_owned());
        };
        map.insert(name.clone(), value(&field.value)?);
    }
    Ok(Value::map(map))
}

fn named(expr: &Expr) -> Result<&'static Function, String> {
    if let ExprKind::Selector { base, label, .. } = &expr.kind
        && let LabelKind::Ident(name) = &label.kind
        && let Some(package) = package(base)
    {
        return package.function(name).ok_or_else(|| format!("no function {name}"));
    }
    Err("not a function".to_owned())
}

fn call(function: &Function, arguments: &[Value], validator: bool) -> Result<Value, String> {
    let name = function.qualified();
    let (have, want) = (arguments.len(), function.params.len());
    if have > want {
        return Err(format!("too many arguments in call to {name} (have {have}, want {want})"));
    }
    if have < function.required() {
        return Err(format!("not enough arguments in call to {name} (have {have}, want {want})"));
    }
    for (at, (argument, param)) in arguments.iter().zip(function.params).enumerate() {
        if !param.accepts(argument) {
            return Err(format!(
                "cannot use {} (type {}) as {} in argument {} to {name}",
                show(argument),
                argument.kind_name(),
                param.kind_name(),
                at + 1
            ));
        }
    }
    let Implementation::Pure(pure) = function.call else {
        return Err(format!("{name} needs the evaluator"));
    };
    match pure(arguments) {
        Ok(value) => Ok(value),
        Err(error) if error.validation && !validator => Ok(Value::bool(false)),
        Err(error) => Err(error.message),
    }
}

/// A value as CUE on one line.
pub(crate) fn show(value: &Value) -> String {
    match &value.data {
        Data::Null => "null".to_owned(),
        Data::Bool(b) => b.to_string(),
        Data::Number(n) => n.to_string(),
        Data::String(text) => format!("\"{}\"", escaped(text)),
        Data::Bytes(bytes) => {
            let mut out = "'".to_owned();
            for byte in bytes.iter() {
                match byte {
                    b' '..=b'~' if !matches!(byte, b'\'' | b'\\') => out.push(char::from(*byte)),
                    byte => {
                        let _ = write!(out, "\\x{byte:02x}");
                    }
                }
            }
            out.push('\'');
            out
        }
        Data::List(items) => {
            let items: Vec<String> = items.iter().map(show).collect();
            format!("[{}]", items.join(", "))
        }
        Data::Map(map) => {
            let fields: Vec<String> = map
                .iter()
                .map(|entry| format!("\"{}\": {}", escaped(&entry.key), show(&entry.value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
