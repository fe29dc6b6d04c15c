//! Functions of the standard packages that need the evaluator: comparators and schemas.

use platformc_source::Span;
use platformc_value::Value;

use super::fail::{failed, incomplete};
use super::node::Validator;
use super::{Atom, Ci, Conj, EnvId, Eval, NodeId, State, Unit, Val, X};
use crate::builtin::{self, EngineFunction};
use crate::ir::{ArcType, Expr};
use crate::label::Label;

impl<'p> Unit<'p> {
    pub(crate) fn call_engine(
        &mut self,
        function: EngineFunction,
        arguments: &'p [Expr],
        expr: &'p Expr,
        env: EnvId,
        at: NodeId,
    ) -> Eval<Val> {
        let mut nodes = Vec::with_capacity(arguments.len());
        for argument in arguments {
            nodes.push(match self.eval(argument, env, at)? {
                Val::Node(node) => node,
                Val::Atom(atom) => self.atom_node(atom, at),
            });
        }
        let (Some(subject), Some(first)) = (nodes.first().copied(), arguments.first()) else {
            return Err(failed("a function without arguments", expr.span));
        };
        match function {
            EngineFunction::ListSort | EngineFunction::ListSortStable => {
                let subject = self.known(subject, first)?;
                let items = self.items(subject);
                let sorted = self.sort(items, nodes[1], expr.span)?;
                Ok(Val::Node(self.list_of(&sorted, at)))
            }
            EngineFunction::ListIsSorted => {
                let subject = self.known(subject, first)?;
                let items = self.items(subject);
                for pair in items.windows(2) {
                    if self.less(pair[1], pair[0], nodes[1], expr.span)? {
                        return Ok(Val::Atom(Atom::Bool(false)));
                    }
                }
                Ok(Val::Atom(Atom::Bool(true)))
            }
            _ => {
                let subject = self.known(subject, first)?;
                let subject = self.need(subject, State::Final)?;
                let holds = self.engine_holds(subject, function, &nodes[1..], expr.span)?;
                Ok(Val::Atom(Atom::Bool(holds)))
            }
        }
    }

    pub(crate) fn validate_engine(
        &mut self,
        node: NodeId,
        function: EngineFunction,
        validator: &Validator,
    ) -> Eval<()> {
        let arguments = validator.arguments.clone();
        if self.engine_holds(node, function, &arguments, validator.span)? {
            return Ok(());
        }
        let message = format!("invalid value (does not satisfy {})", validator.name());
        Err(failed(message, validator.span))
    }

    fn engine_holds(
        &mut self,
        subject: NodeId,
        function: EngineFunction,
        arguments: &[NodeId],
        span: Span,
    ) -> Eval<bool> {
        match function {
            EngineFunction::StructMinFields | EngineFunction::StructMaxFields => {
                let count = self
                    .node(subject)
                    .arcs
                    .iter()
                    .filter(|arc| {
                        arc.label.is_regular() && self.node(arc.node).arc == ArcType::Member
                    })
                    .count();
                let limit = self.integer(arguments[0], span)?;
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                if function == EngineFunction::StructMinFields {
                    if count < limit && !self.closed_here(subject) {
                        return Err(incomplete(
                            format!("struct has {count} fields of at least {limit}"),
                            span,
                        ));
                    }
                    Ok(count >= limit)
                } else {
                    Ok(count <= limit)
                }
            }
            EngineFunction::ListMatchN => {
                let mut matched = 0_i64;
                for item in self.items(subject) {
                    let value = self.concrete(item, span)?;
                    if self.fits(&value, arguments[1])? {
                        matched += 1;
                    }
                }
                let count = self.need(arguments[0], State::Resolved)?;
                Ok(self.admits(count, &Atom::Number(matched.into())))
            }
            EngineFunction::JsonValidate => {
                self.text_fits(subject, "encoding/json", "Unmarshal", arguments, span)
            }
            EngineFunction::YamlValidate | EngineFunction::YamlValidatePartial => {
                self.text_fits(subject, "encoding/yaml", "Unmarshal", arguments, span)
            }
            EngineFunction::ListSort
            | EngineFunction::ListSortStable
            | EngineFunction::ListIsSorted => Err(failed("not a validator", span)),
        }
    }

    fn text_fits(
        &mut self,
        subject: NodeId,
        package: &str,
        decode: &str,
        arguments: &[NodeId],
        span: Span,
    ) -> Eval<bool> {
        let text = self.concrete(subject, span)?;
        let decoded: Option<Value> =
            builtin::function(package, decode).and_then(|function| match function.call {
                builtin::Implementation::Pure(call) => call(&[text]).ok(),
                builtin::Implementation::Engine(_) => None,
            });
        match decoded {
            Some(value) => self.fits(&value, arguments[0]),
            None => Ok(false),
        }
    }

    fn integer(&mut self, node: NodeId, span: Span) -> Eval<i64> {
        let value = self.concrete(node, span)?;
        value
            .as_number()
            .and_then(platformc_value::Number::to_i64)
            .ok_or_else(|| failed("expected an integer", span))
    }

    /// Stable merge sort by a comparator struct `{x, y, less}`.
    fn sort(&mut self, items: Vec<NodeId>, comparator: NodeId, span: Span) -> Eval<Vec<NodeId>> {
        if items.len() < 2 {
            return Ok(items);
        }
        let right = items[items.len() / 2..].to_vec();
        let left = items[..items.len() / 2].to_vec();
        let left = self.sort(left, comparator, span)?;
        let right = self.sort(right, comparator, span)?;
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut i, mut j) = (0, 0);
        while i < left.len() && j < right.len() {
            if self.less(right[j], left[i], comparator, span)? {
                merged.push(right[j]);
                j += 1;
            } else {
                merged.push(left[i]);
                i += 1;
            }
        }
        merged.extend_from_slice(&left[i..]);
        merged.extend_from_slice(&right[j..]);
        Ok(merged)
    }

    fn less(&mut self, x: NodeId, y: NodeId, comparator: NodeId, span: Span) -> Eval<bool> {
        let fields = vec![(Label::regular("x"), x), (Label::regular("y"), y)];
        let operands = self.struct_of(fields, NodeId::NONE);
        let trial = self.new_node(NodeId::NONE, None, ArcType::Member);
        for target in [comparator, operands] {
            let conj = Conj { x: X::Node(target), env: EnvId::NONE, ci: Ci::ROOT };
            self.node_mut(trial).conjs.push(conj);
        }
        let trial = self.need(trial, State::Resolved)?;
        if let Some(error) = self.node(trial).errors.first() {
            return Err(super::Stop::from(error.clone()));
        }
        let Some(less) = self.find_arc(trial, Label::regular("less")) else {
            return Err(failed("comparator has no field less", span));
        };
        match self.concrete(less, span)?.as_bool() {
            Some(less) => Ok(less),
            None => Err(failed("field less of the comparator is not a bool", span)),
        }
    }
}
