//! Calls: predeclared functions, functions of the standard packages, and validators.

use std::rc::Rc;

use platformc_source::{Origin, Span};
use platformc_value::{Data, Map, Number, Value};

use super::fail::{bottom, failed, incomplete};
use super::node::{DisjunctionSource, Validator, ValidatorKind};
use super::{Atom, Ci, Conj, EnvId, Eval, NodeId, State, Stop, Unit, Val, X};
use crate::builtin::{Function, Implementation, Param};
use crate::ir::{ArcType, Expr, ExprKind, Predeclared};
use crate::kind::Kinds;
use crate::label::Label;
use crate::tree::{ErrorCode, Reason};

/// Longest text and list that an expression may make.
pub(crate) const MAX_TEXT: usize = 64 << 20;
/// How many bytes of computed text are made for the price of a step: 256 MiB for the whole budget.
const BYTES_A_STEP: usize = 64;
pub(crate) const MAX_ITEMS: usize = 1_000_000;

pub(crate) fn atom_value(atom: &Atom) -> Value {
    Value::new(atom.to_data(), Origin::NONE)
}

fn param_kinds(param: Param) -> Kinds {
    match param {
        Param::Any | Param::Schema => Kinds::ALL,
        Param::String | Param::Os(_) => Kinds::STRING,
        Param::Bytes => Kinds::STRING | Kinds::BYTES,
        Param::Int => Kinds::INT,
        Param::Number => Kinds::NUMBER,
        Param::Bool => Kinds::BOOL,
        Param::List | Param::StringList | Param::NumberList => Kinds::LIST,
        Param::Struct => Kinds::STRUCT,
    }
}

impl<'p> Unit<'p> {
    /// A call that becomes a conjunct.
    pub(crate) fn run_call(
        &mut self,
        node: NodeId,
        expr: &'p Expr,
        function: &'p Expr,
        arguments: &'p [Expr],
        env: EnvId,
        ci: Ci,
    ) -> Eval<()> {
        match &function.kind {
            ExprKind::Builtin(builtin) if builtin.is_validator(arguments.len()) => {
                let kind = ValidatorKind::Function(builtin);
                self.add_validator(node, kind, arguments, expr.span, env);
                self.mark(node, ci);
                if let Some(first) = builtin.params.first() {
                    self.restrict(node, param_kinds(*first), expr.span);
                }
                Ok(())
            }
            ExprKind::Predeclared(predeclared @ (Predeclared::MatchN | Predeclared::MatchIf)) => {
                let wanted = if *predeclared == Predeclared::MatchN { 2 } else { 3 };
                if arguments.len() != wanted {
                    return Err(arity(predeclared.text(), arguments.len(), wanted, expr.span));
                }
                let kind = ValidatorKind::Predeclared(*predeclared);
                self.add_validator(node, kind, arguments, expr.span, env);
                self.mark(node, ci);
                Ok(())
            }
            ExprKind::Predeclared(Predeclared::And) => {
                let items = self.list_argument(arguments, expr, env, node)?;
                self.mark(node, ci);
                for item in items {
                    self.follow(node, item, 0, ci, false);
                }
                Ok(())
            }
            ExprKind::Predeclared(Predeclared::Or) => {
                let items = self.list_argument(arguments, expr, env, node)?;
                if items.is_empty() {
                    return Err(incomplete("empty list in call to or", expr.span));
                }
                self.mark(node, ci);
                if let [only] = items.as_slice() {
                    self.follow(node, *only, 0, ci, false);
                    return Ok(());
                }
                let index = u32::try_from(self.node_lists.len()).unwrap_or(u32::MAX);
                self.node_lists.push(items);
                let identity = std::ptr::from_ref(expr).addr();
                self.add_disjunction(node, DisjunctionSource::Nodes(index, identity), env, ci);
                Ok(())
            }
            ExprKind::Predeclared(Predeclared::CloseAll | Predeclared::Reclose)
                if arguments.len() == 1 =>
            {
                let scope = self.new_scope(super::Scope {
                    parent: ci.scope,
                    kind: super::ScopeKind::Definition,
                    embedded: ci.embed,
                    node: self.canonical(node),
                });
                self.add_expr(node, &arguments[0], env, Ci { scope, embed: false, ..ci });
                Ok(())
            }
            _ => match self.call(expr, function, arguments, env, node)? {
                Val::Atom(atom) => {
                    self.mark(node, ci);
                    self.add_atom(node, atom, Origin::authored(expr.span));
                    Ok(())
                }
                Val::Node(target) => {
                    self.follow(node, target, 0, ci, false);
                    Ok(())
                }
            },
        }
    }

    fn add_validator(
        &mut self,
        node: NodeId,
        kind: ValidatorKind,
        arguments: &'p [Expr],
        span: Span,
        env: EnvId,
    ) {
        let arguments: Rc<[NodeId]> = arguments
            .iter()
            .map(|argument| self.anonymous_node(argument, env, NodeId::NONE))
            .collect();
        let rare = self.node_mut(node).rare_mut();
        rare.validators.push(Validator { kind, arguments, span });
    }

    /// A function named without a call is a validator without arguments: `net.IPv4`.
    pub(crate) fn add_bare_validator(
        &mut self,
        node: NodeId,
        function: &'static Function,
        span: Span,
    ) -> Eval<()> {
        if !function.is_validator(0) {
            let message = format!("{} is a function, not a value", function.qualified());
            return Err(failed(message, span));
        }
        if let Some(first) = function.params.first() {
            self.restrict(node, param_kinds(*first), span);
        }
        let kind = ValidatorKind::Function(function);
        self.node_mut(node).noncyclic = true;
        let rare = self.node_mut(node).rare_mut();
        rare.validators.push(Validator { kind, arguments: Rc::new([]), span });
        Ok(())
    }

    fn list_argument(
        &mut self,
        arguments: &'p [Expr],
        expr: &'p Expr,
        env: EnvId,
        at: NodeId,
    ) -> Eval<Vec<NodeId>> {
        let [argument] = arguments else {
            return Err(arity("list function", arguments.len(), 1, expr.span));
        };
        match self.eval(argument, env, at)? {
            Val::Node(node) => self.list_items(node, argument),
            Val::Atom(atom) => {
                Err(failed(format!("cannot use {} as list", atom.text()), argument.span))
            }
        }
    }

    fn list_items(&mut self, node: NodeId, expr: &'p Expr) -> Eval<Vec<NodeId>> {
        let node = self.known(node, expr)?;
        if self.node(node).is_list() {
            return Ok(self.items(node));
        }
        let kinds = self.node(node).kinds;
        let message = format!("cannot use {} as list", kinds.text());
        if kinds.contains(Kinds::LIST) {
            Err(incomplete(message, expr.span))
        } else {
            Err(failed(message, expr.span))
        }
    }

    /// A call whose value is wanted.
    pub(crate) fn call(
        &mut self,
        expr: &'p Expr,
        function: &'p Expr,
        arguments: &'p [Expr],
        env: EnvId,
        at: NodeId,
    ) -> Eval<Val> {
        match &function.kind {
            ExprKind::Builtin(builtin) => {
                if builtin.is_validator(arguments.len()) {
                    return Ok(Val::Node(self.anonymous_node(expr, env, at)));
                }
                self.call_builtin(builtin, arguments, expr, env, at)
            }
            ExprKind::Predeclared(predeclared) => {
                self.call_predeclared(*predeclared, expr, arguments, env, at)
            }
            ExprKind::Bad(message) => Err(failed(message.clone(), function.span)),
            _ => match self.eval(function, env, at)? {
                Val::Node(node) => {
                    let node = self.known(node, function)?;
                    let kinds = self.node(node).kinds.text();
                    Err(failed(format!("cannot call non-function (type {kinds})"), function.span))
                }
                Val::Atom(atom) => Err(failed(
                    format!(
                        "cannot call non-function {} (type {})",
                        atom.text(),
                        atom.kind().text()
                    ),
                    function.span,
                )),
            },
        }
    }

    fn call_predeclared(
        &mut self,
        predeclared: Predeclared,
        expr: &'p Expr,
        arguments: &'p [Expr],
        env: EnvId,
        at: NodeId,
    ) -> Eval<Val> {
        let wanted = match predeclared {
            Predeclared::Div | Predeclared::Mod | Predeclared::Quo | Predeclared::Rem => 2,
            Predeclared::Len | Predeclared::Error => 1,
            _ => return Ok(Val::Node(self.anonymous_node(expr, env, at))),
        };
        if arguments.len() != wanted {
            return Err(arity(predeclared.text(), arguments.len(), wanted, expr.span));
        }
        if predeclared == Predeclared::Len {
            return self.length(&arguments[0], env, at).map(|n| Val::Atom(Atom::Number(n)));
        }
        let first = self.operand(&arguments[0], env, at)?;
        if predeclared == Predeclared::Error {
            let message = match &first {
                Atom::String(text) => text.to_string(),
                other => other.text(),
            };
            return Err(Stop::from(bottom(ErrorCode::User, message, expr.span)));
        }
        let second = self.operand(&arguments[1], env, at)?;
        let op = match predeclared {
            Predeclared::Div => crate::ir::Op::IntDiv,
            Predeclared::Mod => crate::ir::Op::IntMod,
            Predeclared::Quo => crate::ir::Op::IntQuo,
            _ => crate::ir::Op::IntRem,
        };
        super::arithmetic::apply(op, &first, &second, expr.span).map(Val::Atom)
    }

    fn length(&mut self, argument: &'p Expr, env: EnvId, at: NodeId) -> Eval<Number> {
        let of_atom = |atom: &Atom| match atom {
            Atom::String(text) => Ok(Number::from(text.len())),
            Atom::Bytes(bytes) => Ok(Number::from(bytes.len())),
            other => Err(failed(
                format!(
                    "invalid argument type {} for len (want string, bytes, list or struct)",
                    other.kind().text()
                ),
                argument.span,
            )),
        };
        let node = match self.eval(argument, env, at)? {
            Val::Atom(atom) => return of_atom(&atom),
            Val::Node(node) => self.known(node, argument)?,
        };
        if let Some(atom) = self.node(node).scalar.clone() {
            return of_atom(&atom);
        }
        let record = self.node(node);
        if record.is_list() {
            let list = record.rare.as_ref().and_then(|rare| rare.list.clone()).unwrap_or_default();
            if list.length.is_none() {
                return Err(incomplete("len of an open list is not known", argument.span));
            }
            return Ok(Number::from(i64::from(list.length.unwrap_or(0))));
        }
        if record.kinds == Kinds::STRUCT {
            let count = record
                .arcs
                .iter()
                .filter(|arc| arc.label.is_regular() && self.node(arc.node).arc == ArcType::Member)
                .count();
            return Ok(Number::from(count));
        }
        let kinds = record.kinds;
        let message = format!("invalid argument type {} for len", kinds.text());
        let fitting = Kinds::LIST | Kinds::STRUCT | Kinds::STRING | Kinds::BYTES;
        if (kinds & fitting).is_empty() {
            Err(failed(message, argument.span))
        } else {
            Err(incomplete(message, argument.span))
        }
    }

    fn call_builtin(
        &mut self,
        function: &'static Function,
        arguments: &'p [Expr],
        expr: &'p Expr,
        env: EnvId,
        at: NodeId,
    ) -> Eval<Val> {
        let name = function.qualified();
        if arguments.len() < function.required() || arguments.len() > function.params.len() {
            return Err(arity(&name, arguments.len(), function.params.len(), expr.span));
        }
        if let Implementation::Engine(engine) = function.call {
            return self.call_engine(engine, arguments, expr, env, at);
        }
        let Implementation::Pure(call) = function.call else {
            return Err(failed("function without implementation", expr.span));
        };
        let mut values = Vec::with_capacity(arguments.len());
        for (index, (argument, param)) in arguments.iter().zip(function.params).enumerate() {
            let value = match self.eval(argument, env, at)? {
                Val::Atom(atom) => atom_value(&atom),
                Val::Node(node) => {
                    let known = self.known(node, argument)?;
                    self.mismatched_argument(known, *param, index, &name, argument)?;
                    self.concrete(known, argument.span)?
                }
            };
            if !param.accepts(&value) {
                let message = format!(
                    "cannot use {} (type {}) as {} in argument {} to {name}",
                    brief(&value),
                    value.kind_name(),
                    param.kind_name(),
                    index + 1
                );
                return Err(failed(message, argument.span));
            }
            values.push(value);
        }
        match call(&values) {
            Ok(value) => {
                let result = self.value_val(&value, at);
                self.charge_text(&result);
                Ok(result)
            }
            Err(error) if error.validation => Ok(Val::Atom(Atom::Bool(false))),
            Err(error) => {
                let code = if error.incomplete { ErrorCode::Incomplete } else { ErrorCode::Eval };
                let message = format!("error in call to {name}: {}", error.message);
                Err(Stop::from(bottom(code, message, expr.span)))
            }
        }
    }

    /// An argument whose kind is known and wrong fails even before it is concrete.
    fn mismatched_argument(
        &self,
        node: NodeId,
        param: Param,
        index: usize,
        name: &str,
        argument: &Expr,
    ) -> Eval<()> {
        let kinds = self.node(node).kinds;
        if (kinds & param_kinds(param)).is_empty() && !kinds.is_empty() {
            let message = format!(
                "cannot use {} (type {}) as {} in argument {} to {name}",
                self.describe(node),
                kinds.text(),
                param.kind_name(),
                index + 1
            );
            return Err(failed(message, argument.span));
        }
        Ok(())
    }

    /// Counts the making of text, so that the budget bounds what all texts take together.
    pub(crate) fn charge_text(&mut self, value: &Val) {
        let length = match value {
            Val::Atom(Atom::String(text)) => text.len(),
            Val::Atom(Atom::Bytes(bytes)) => bytes.len(),
            _ => 0,
        };
        self.charge(length / BYTES_A_STEP);
    }

    /// A concrete value as an expression's value.
    pub(crate) fn value_val(&mut self, value: &Value, at: NodeId) -> Val {
        match Atom::from_data(&value.data) {
            Some(atom) => Val::Atom(atom),
            None => Val::Node(self.value_node(value, at)),
        }
    }

    /// A node that holds a concrete value.
    pub(crate) fn value_node(&mut self, value: &Value, at: NodeId) -> NodeId {
        match &value.data {
            Data::List(items) => {
                let items: Vec<NodeId> =
                    items.iter().map(|item| self.value_node(item, at)).collect();
                self.list_of(&items, at)
            }
            Data::Map(map) => {
                let fields: Vec<(Label, NodeId)> = map
                    .iter()
                    .map(|entry| (Label::regular(&entry.key), self.value_node(&entry.value, at)))
                    .collect();
                self.struct_of(fields, at)
            }
            data => {
                let atom = Atom::from_data(data).unwrap_or(Atom::Null);
                self.atom_node(atom, at)
            }
        }
    }

    /// The concrete value of a node.
    pub(crate) fn concrete(&mut self, node: NodeId, span: Span) -> Eval<Value> {
        let node = self.need(node, State::Final)?;
        let node = self.default_of(node).unwrap_or(node);
        self.concrete_at(node, span, 0)
    }

    fn concrete_at(&self, node: NodeId, span: Span, depth: u32) -> Eval<Value> {
        let node = self.deref(node);
        let node = self.default_of(node).unwrap_or(node);
        let record = self.node(node);
        if let Some(error) = record.errors.first() {
            return Err(Stop::from(error.clone().at(span)));
        }
        if let Some(error) = record.rare.as_ref().and_then(|rare| rare.incomplete.first()) {
            return Err(Stop::from(error.clone().at(span)));
        }
        if let Some(atom) = &record.scalar {
            return Ok(Value::new(atom.to_data(), record.origin));
        }
        // A node whose validators are being run is final but for them.
        let unfinished = depth > 0 && record.state < State::Final;
        if depth > self.options.depth || unfinished {
            return Err(incomplete(format!("incomplete value {}", self.path(node)), span));
        }
        if !record.alternatives().is_empty() {
            return Err(incomplete("unresolved disjunction", span));
        }
        if record.is_list() {
            let items = self
                .items(node)
                .into_iter()
                .map(|item| self.concrete_at(item, span, depth + 1))
                .collect::<Eval<Vec<_>>>()?;
            return Ok(Value::new(Data::List(items), record.origin));
        }
        if record.kinds != Kinds::STRUCT {
            return Err(incomplete(format!("non-concrete value {}", record.kinds.text()), span));
        }
        let mut map = Map::new();
        for arc in self.ordered_arcs(node) {
            if !arc.label.is_regular() {
                continue;
            }
            match self.node(arc.node).arc {
                ArcType::Member => {
                    let value = self.concrete_at(arc.node, span, depth + 1)?;
                    map.insert(&*arc.label.text(), value);
                }
                ArcType::Required => {
                    let message = format!("required field missing: {}", arc.label.text());
                    return Err(incomplete(message, span));
                }
                ArcType::Optional => {}
            }
        }
        Ok(Value::new(Data::Map(map), record.origin))
    }

    /// Checks a validator against a node.
    pub(crate) fn validate(&mut self, node: NodeId, validator: &Validator) -> Eval<()> {
        match &validator.kind {
            ValidatorKind::Predeclared(predeclared) => {
                let holds = self.matches_schemas(node, *predeclared, validator)?;
                if holds {
                    return Ok(());
                }
                let message = format!("invalid value (does not satisfy {})", validator.name());
                Err(failed(message, validator.span))
            }
            ValidatorKind::Function(function) => {
                if let Implementation::Engine(engine) = function.call {
                    return self.validate_engine(node, engine, validator);
                }
                let subject = self.concrete_at(node, validator.span, 0)?;
                if self.validator_holds(validator, &subject)? {
                    return Ok(());
                }
                let arguments: Vec<String> = validator
                    .arguments
                    .iter()
                    .map(|argument| self.describe(self.deref(*argument)))
                    .collect();
                let message = format!(
                    "invalid value {} (does not satisfy {}({}))",
                    brief(&subject),
                    validator.name(),
                    arguments.join(", ")
                );
                let span = self.node(node).origin.span;
                let error = bottom(ErrorCode::Eval, message, validator.span).at(span);
                Err(Stop::from(error.because(Reason::Bound)))
            }
        }
    }

    /// Whether a concrete subject satisfies a validator that is a pure function.
    pub(crate) fn validator_holds(&mut self, validator: &Validator, subject: &Value) -> Eval<bool> {
        let ValidatorKind::Function(function) = &validator.kind else {
            return Err(incomplete("validator needs the evaluator", validator.span));
        };
        let Implementation::Pure(call) = function.call else {
            return Err(incomplete("validator needs the evaluator", validator.span));
        };
        let mut values = vec![subject.clone()];
        for argument in validator.arguments.iter() {
            let value = self.concrete(*argument, validator.span)?;
            values.push(value);
        }
        if let Some((param, value)) =
            function.params.iter().zip(&values).find(|(param, value)| !param.accepts(value))
        {
            let message = format!(
                "cannot use {} (type {}) as {}",
                brief(value),
                value.kind_name(),
                param.kind_name()
            );
            return Err(failed(message, validator.span));
        }
        match call(&values) {
            Ok(value) => Ok(value.as_bool() == Some(true)),
            Err(error) if error.validation => Ok(false),
            Err(error) => {
                let name = function.qualified();
                let message = format!("error in call to {name}: {}", error.message);
                Err(failed(message, validator.span))
            }
        }
    }

    /// Whether a concrete value and a schema hold together.
    pub(crate) fn fits(&mut self, subject: &Value, schema: NodeId) -> Eval<bool> {
        let trial = self.trial_of(subject, schema)?;
        Ok(self.failure(trial).is_none() && self.concrete_at(trial, Span::NONE, 0).is_ok())
    }

    /// Whether a value contradicts a schema nowhere, though something may be missing.
    fn may_fit(&mut self, subject: &Value, schema: NodeId) -> Eval<bool> {
        let trial = self.trial_of(subject, schema)?;
        Ok(self.failure(trial).is_none())
    }

    /// The final node of a concrete value under a schema.
    fn trial_of(&mut self, subject: &Value, schema: NodeId) -> Eval<NodeId> {
        let subject = self.value_node(subject, NodeId::NONE);
        let trial = self.new_node(NodeId::NONE, None, ArcType::Member);
        for target in [subject, schema] {
            let conj = Conj { x: X::Node(target), env: EnvId::NONE, ci: Ci::ROOT };
            self.node_mut(trial).conjs.push(conj);
        }
        self.need(trial, State::Final)
    }

    fn matches_schemas(
        &mut self,
        node: NodeId,
        predeclared: Predeclared,
        validator: &Validator,
    ) -> Eval<bool> {
        let subject = self.concrete_at(node, validator.span, 0)?;
        let arguments = validator.arguments.clone();
        if predeclared == Predeclared::MatchIf {
            let [condition, yes, no] = *arguments else {
                return Err(failed("matchIf needs three arguments", validator.span));
            };
            let branch = if self.fits(&subject, condition)? { yes } else { no };
            return self.fits(&subject, branch);
        }
        let [count, schemas] = *arguments else {
            return Err(failed("matchN needs two arguments", validator.span));
        };
        let schemas = self.need(schemas, State::Resolved)?;
        let (mut matched, mut open) = (0_i64, 0_i64);
        for schema in self.items(schemas) {
            if self.fits(&subject, schema)? {
                matched += 1;
            } else if self.may_fit(&subject, schema)? {
                open += 1;
            }
        }
        let count = self.need(count, State::Resolved)?;
        if self.admits(count, &Atom::Number(Number::Int(matched))) {
            return Ok(true);
        }
        for possible in matched + 1..=matched + open {
            if self.admits(count, &Atom::Number(Number::Int(possible))) {
                let message = format!("{matched} schemas of {} match so far", validator.name());
                return Err(incomplete(message, validator.span));
            }
        }
        Ok(false)
    }
}

pub(crate) fn arity(name: &str, have: usize, want: usize, span: Span) -> Stop {
    let what = if have < want { "not enough" } else { "too many" };
    failed(format!("{what} arguments in call to {name} (have {have}, want {want})"), span)
}

/// A value in a few characters, for messages.
pub(crate) fn brief(value: &Value) -> String {
    match Atom::from_data(&value.data) {
        Some(atom) => atom.text(),
        None => match &value.data {
            Data::List(items) => {
                let items: Vec<String> = items.iter().take(8).map(brief).collect();
                format!("[{}]", items.join(","))
            }
            _ => "struct".to_owned(),
        },
    }
}

impl Validator {
    /// The kinds a subject may have.
    pub(crate) fn kinds(&self) -> Kinds {
        match &self.kind {
            ValidatorKind::Function(function) => {
                function.params.first().map_or(Kinds::ALL, |param| param_kinds(*param))
            }
            ValidatorKind::Predeclared(_) => Kinds::ALL,
        }
    }
}
