//! Scopes and the resolution of names.

use std::sync::Arc;

use platformc_source::{Diagnostic, Span, codes, nearest};
use platformc_value::{BoundOp, Number};
use rustc_hash::FxHashMap;

use super::Compiler;
use crate::builtin;
use crate::ir::{Expr, ExprKind, Predeclared};
use crate::kind::Kinds;
use crate::label::Label;

/// What a name in a scope stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Field(Label),
    Let(u32),
    /// A field with a computed label: the index of its declaration.
    Dynamic(u32),
    /// The value the scope belongs to.
    Own,
    /// The label of the field the scope belongs to.
    OwnLabel,
    Binding(u8),
}

/// One scope.
#[derive(Debug, Default)]
pub(super) struct Frame {
    names: FxHashMap<Arc<str>, Target>,
    is_struct: bool,
}

impl Frame {
    pub(super) fn new_struct() -> Frame {
        Frame { names: FxHashMap::default(), is_struct: true }
    }

    pub(super) fn new_field(label: Option<&str>, value: Option<&str>) -> Frame {
        let mut frame = Frame::default();
        if let Some(name) = label {
            frame.add(name, Target::OwnLabel);
        }
        if let Some(name) = value {
            frame.add(name, Target::Own);
        }
        frame
    }

    pub(super) fn new_clause(key: Option<&str>, value: &str) -> Frame {
        let mut frame = Frame::default();
        if let Some(name) = key {
            frame.add(name, Target::Binding(0));
        }
        frame.add(value, Target::Binding(1));
        frame
    }

    /// Adds a name; the first declaration wins.
    pub(super) fn add(&mut self, name: &str, target: Target) {
        if name != "_" {
            self.names.entry(Arc::from(name)).or_insert(target);
        }
    }
}

impl Compiler<'_> {
    /// The innermost scope that declares a name.
    pub(super) fn resolve(&self, name: &str) -> Option<(u32, Target)> {
        self.frames.iter().rev().enumerate().find_map(|(up, frame)| {
            let target = frame.names.get(name)?;
            Some((u32::try_from(up).unwrap_or(u32::MAX), *target))
        })
    }

    pub(super) fn identifier(&mut self, name: &str, span: Span) -> Expr {
        if let Some((up, target)) = self.resolve(name) {
            let kind = match target {
                Target::Field(label) => ExprKind::Field { up, label },
                Target::Let(index) => ExprKind::Let { up, index },
                Target::Dynamic(index) => ExprKind::DynamicAlias { up, index },
                Target::Own => ExprKind::ValueOf { up },
                Target::OwnLabel => ExprKind::LabelOf { up },
                Target::Binding(slot) => ExprKind::Binding { up, slot },
            };
            return Expr { span, kind };
        }
        if let Some((_, path)) = self.imports.iter().find(|(local, _)| &**local == name) {
            let path = path.clone();
            let kind = match self.options.imports.and_then(|find| find(&path)) {
                Some(package) => ExprKind::Import(package),
                None if builtin::package(&path).is_some() => {
                    ExprKind::Bad(format!("package \"{path}\" is not a value"))
                }
                None => ExprKind::Bad(format!("package \"{path}\" is not known")),
            };
            return Expr { span, kind };
        }
        if let Some(kind) = predeclared(name) {
            return Expr { span, kind };
        }
        if name == "self"
            && let Some(up) = self.frames.iter().rev().position(|frame| frame.is_struct)
        {
            let up = u32::try_from(up).unwrap_or(u32::MAX);
            return Expr { span, kind: ExprKind::ValueOf { up } };
        }
        let message = format!("reference \"{name}\" not found");
        let mut diagnostic = Diagnostic::new(codes::CUE_REFERENCE, span, message.clone());
        let mut known: Vec<&str> =
            self.frames.iter().flat_map(|frame| frame.names.keys()).map(|name| &**name).collect();
        known.extend(self.imports.iter().map(|(local, _)| &**local));
        known.sort_unstable();
        let near: Vec<String> = nearest(name, known).into_iter().map(str::to_owned).collect();
        for name in near {
            diagnostic = diagnostic.replace(span, name.as_str(), format!("write \"{name}\""));
        }
        if builtin::package(name).is_some() {
            diagnostic = diagnostic.note(format!("the file does not import \"{name}\""));
        }
        self.diagnostics.push(diagnostic);
        Expr { span, kind: ExprKind::Bad(message) }
    }
}

fn range(low: &str, high: &str) -> Vec<(BoundOp, Number)> {
    let bound = |op, text: &str| Number::parse(text).ok().map(|number| (op, number));
    [bound(BoundOp::GreaterEqual, low), bound(BoundOp::LessEqual, high)]
        .into_iter()
        .flatten()
        .collect()
}

/// The predeclared identifiers of the language; a leading `__` names one that is shadowed.
fn predeclared(name: &str) -> Option<ExprKind> {
    let function = |function| Some(ExprKind::Predeclared(function));
    match name {
        "__closeAll" => return function(Predeclared::CloseAll),
        "__reclose" => return function(Predeclared::Reclose),
        _ => {}
    }
    let plain = |kinds| Some(ExprKind::Type(kinds, Vec::new()));
    let int = |low, high| Some(ExprKind::Type(Kinds::INT, range(low, high)));
    let float = |low, high| Some(ExprKind::Type(Kinds::NUMBER, range(low, high)));
    match name.strip_prefix("__").unwrap_or(name) {
        "bool" => plain(Kinds::BOOL),
        "int" => plain(Kinds::INT),
        "float" => plain(Kinds::FLOAT),
        "number" => plain(Kinds::NUMBER),
        "string" => plain(Kinds::STRING),
        "bytes" => plain(Kinds::BYTES),
        "uint" => Some(ExprKind::Type(Kinds::INT, vec![(BoundOp::GreaterEqual, Number::Int(0))])),
        "uint8" => int("0", "255"),
        "int8" => int("-128", "127"),
        "uint16" => int("0", "65535"),
        "int16" => int("-32768", "32767"),
        "rune" => int("0", "1114111"),
        "uint32" => int("0", "4294967295"),
        "int32" => int("-2147483648", "2147483647"),
        "uint64" => int("0", "18446744073709551615"),
        "int64" => int("-9223372036854775808", "9223372036854775807"),
        "uint128" => int("0", "340282366920938463463374607431768211455"),
        "int128" => int(
            "-170141183460469231731687303715884105728",
            "170141183460469231731687303715884105727",
        ),
        "float32" => float(
            "-3.40282346638528859811704183484516925440e+38",
            "3.40282346638528859811704183484516925440e+38",
        ),
        "float64" => float(
            "-1.797693134862315708145274237317043567981e+308",
            "1.797693134862315708145274237317043567981e+308",
        ),
        "len" => function(Predeclared::Len),
        "close" => function(Predeclared::Close),
        "and" => function(Predeclared::And),
        "or" => function(Predeclared::Or),
        "div" => function(Predeclared::Div),
        "mod" => function(Predeclared::Mod),
        "quo" => function(Predeclared::Quo),
        "rem" => function(Predeclared::Rem),
        "error" => function(Predeclared::Error),
        "matchN" => function(Predeclared::MatchN),
        "matchIf" => function(Predeclared::MatchIf),
        _ => None,
    }
}
