//! Comprehensions: `for`, `if`, `let`, `try`.
//!
//! Invariant: the clauses are run to the end before anything they yield becomes part of a node, so
//! that one that has to wait leaves no trace.

use super::fail::failed;
use super::{Atom, Ci, Conj, EnvId, Eval, NodeId, State, Stop, Unit, Val, X};
use crate::ir::{ArcType, Clause, Comprehension, Expr};
use crate::kind::Kinds;
use crate::label::Label;

impl<'p> Unit<'p> {
    pub(crate) fn run_comprehension(
        &mut self,
        node: NodeId,
        comprehension: &'p Comprehension,
        env: EnvId,
        ci: Ci,
    ) -> Eval<()> {
        let mut yields = Vec::new();
        self.clauses(node, &comprehension.clauses, env, &mut yields)?;
        if yields.is_empty() {
            if let Some(fallback) = &comprehension.fallback {
                self.add_expr(node, fallback, env, ci);
            } else {
                // Nothing is embedded, but what embeds it is a struct unless something else says.
                self.node_mut(node).maybe_struct = true;
            }
            return Ok(());
        }
        for (index, env) in yields.into_iter().enumerate() {
            let order = self.place(ci.order, index);
            self.add_expr(node, &comprehension.body, env, Ci { order, ..ci });
        }
        Ok(())
    }

    /// The environments the clauses yield.
    pub(crate) fn clauses(
        &mut self,
        node: NodeId,
        clauses: &'p [Clause],
        env: EnvId,
        yields: &mut Vec<EnvId>,
    ) -> Eval<()> {
        self.step();
        let Some((clause, rest)) = clauses.split_first() else {
            yields.push(env);
            if yields.len() > super::builtins::MAX_ITEMS {
                let message = "comprehension yields too many values";
                let error = super::fail::bottom(
                    crate::ErrorCode::Eval,
                    message,
                    platformc_source::Span::NONE,
                );
                return Err(Stop::from(error.because(crate::Reason::Budget)));
            }
            return Ok(());
        };
        match clause {
            Clause::If(condition) => match self.operand(condition, env, node)? {
                Atom::Bool(true) => self.clauses(node, rest, env, yields),
                Atom::Bool(false) => Ok(()),
                other => {
                    let message = format!(
                        "cannot use {} (type {}) as type bool",
                        other.text(),
                        other.kind().text()
                    );
                    Err(failed(message, condition.span))
                }
            },
            Clause::Let(value) => {
                let binding = self.binding(value, env, node);
                let env = self.new_env(env, node, [NodeId::NONE, binding]);
                self.clauses(node, rest, env, yields)
            }
            Clause::Try(value) => {
                let env = match value {
                    Some(value) => match self.eval(value, env, node) {
                        Ok(Val::Node(target)) => {
                            let known = self.need(target, State::Resolved)?;
                            if self.node(known).errors.is_empty() {
                                self.new_env(env, node, [NodeId::NONE, target])
                            } else {
                                return Err(Stop::from(self.node(known).errors[0].clone()));
                            }
                        }
                        Ok(Val::Atom(atom)) => {
                            let binding = self.atom_node(atom, node);
                            self.new_env(env, node, [NodeId::NONE, binding])
                        }
                        Err(Stop::Error(error)) if error.code.is_incomplete() => return Ok(()),
                        Err(other) => return Err(other),
                    },
                    None => env,
                };
                self.clauses(node, rest, env, yields)
            }
            Clause::For { source } => {
                for (key, value) in self.pairs(source, env, node)? {
                    let key = self.atom_node(key, node);
                    let env = self.new_env(env, node, [key, value]);
                    self.clauses(node, rest, env, yields)?;
                    if self.exhausted {
                        break;
                    }
                }
                Ok(())
            }
        }
    }

    fn binding(&mut self, value: &'p Expr, env: EnvId, node: NodeId) -> NodeId {
        let binding = self.new_node(node, None, ArcType::Member);
        self.node_mut(binding).conjs.push(Conj { x: X::Expr(value), env, ci: Ci::ROOT });
        binding
    }

    /// Keys and values of a list or struct.
    fn pairs(&mut self, source: &'p Expr, env: EnvId, at: NodeId) -> Eval<Vec<(Atom, NodeId)>> {
        let node = match self.eval(source, env, at)? {
            Val::Node(node) => node,
            Val::Atom(atom) => {
                let kind = atom.kind().text();
                let message = format!(
                    "cannot range over {} (found {kind}, want list or struct)",
                    atom.text()
                );
                return Err(failed(message, source.span));
            }
        };
        let node = self.redirect(node, at);
        let node = self.known(node, source)?;
        let record = self.node(node);
        if record.scalar.is_some() || (record.kinds & (Kinds::LIST | Kinds::STRUCT)).is_empty() {
            let message = format!(
                "cannot range over {} (found {}, want list or struct)",
                self.source_text(source),
                record.kinds.text()
            );
            return Err(failed(message, source.span));
        }
        if record.kinds != Kinds::LIST && record.kinds != Kinds::STRUCT && record.arcs.is_empty() {
            let message = format!(
                "cannot range over {} (incomplete type {})",
                self.source_text(source),
                record.kinds.text()
            );
            return Err(super::fail::incomplete(message, source.span));
        }
        if self.node(node).is_list() || self.node(node).kinds == Kinds::LIST {
            let items = self.items(node);
            return Ok(items
                .into_iter()
                .enumerate()
                .map(|(index, node)| (Atom::Number(index.into()), node))
                .collect());
        }
        let arcs = self.ordered_arcs(node);
        Ok(arcs
            .into_iter()
            .filter(|arc| {
                matches!(arc.label, Label::Name(_))
                    && arc.label.is_regular()
                    && self.node(arc.node).arc == ArcType::Member
            })
            .map(|arc| (Atom::String(arc.label.shared()), arc.node))
            .collect())
    }
}
