//! Values and trees from outside as conjuncts.

use platformc_source::Origin;
use platformc_value::{Data, Value};

use super::fail::bottom;
use super::node::{DisjunctionSource, Scope, ScopeKind};
use super::{Atom, Ci, Conj, EnvId, NodeId, Pattern, Unit, X};
use crate::builtin;
use crate::ir::ArcType;
use crate::kind::Kinds;
use crate::label::Label;
use crate::tree::{ArcKind, ErrorCode, Tree, TreeKind, TreeLabel};

/// The label of a tree's field.
pub(crate) fn tree_label(label: &TreeLabel) -> Label {
    match label {
        TreeLabel::Regular(name) => Label::regular(name),
        TreeLabel::Definition(name) => Label::identifier(name, ""),
        TreeLabel::Hidden(name, package) | TreeLabel::HiddenDefinition(name, package) => {
            Label::identifier(name, package)
        }
    }
}

impl<'p> Unit<'p> {
    /// Adds a concrete value. A map is an open struct, a list a closed one.
    pub(crate) fn add_value(&mut self, node: NodeId, value: &'p Value, ci: Ci) {
        self.mark(node, ci);
        match &value.data {
            Data::List(items) => {
                self.restrict(node, Kinds::LIST, value.origin.span);
                self.set_origin(node, value.origin);
                self.node_mut(node).rare_mut().list.get_or_insert_default();
                let items: Vec<Conj<'p>> = items
                    .iter()
                    .map(|item| Conj { x: X::Value(item), env: EnvId::NONE, ci: ci.below() })
                    .collect();
                self.add_items(node, &items, None, value.origin.span);
            }
            Data::Map(map) => {
                self.restrict(node, Kinds::STRUCT, value.origin.span);
                self.set_origin(node, value.origin);
                let record = self.node_mut(node);
                record.maybe_struct = true;
                if !record.scopes.contains(&ci.scope) {
                    record.scopes.push(ci.scope);
                }
                for (index, entry) in map.iter().enumerate() {
                    self.order = self.place(ci.order, index);
                    let conj = Conj { x: X::Value(&entry.value), env: EnvId::NONE, ci: ci.below() };
                    let label = Label::regular(&entry.key);
                    self.insert(node, label, ArcType::Member, conj, None);
                }
            }
            data => {
                if let Some(atom) = Atom::from_data(data) {
                    self.add_atom(node, atom, value.origin);
                    // What an author wrote says more than a template's equal literal.
                    self.node_mut(node).origin = value.origin;
                }
            }
        }
    }

    fn set_origin(&mut self, node: NodeId, origin: Origin) {
        self.node_mut(node).origin = origin;
    }

    /// Adds an evaluated tree.
    pub(crate) fn add_tree(&mut self, node: NodeId, tree: &'p Tree, ci: Ci) {
        self.step();
        self.mark(node, ci);
        let span = tree.origin.span;
        match &tree.kind {
            TreeKind::Bottom(error) => {
                let mut error = (**error).clone();
                error.path = String::new();
                self.report(node, error);
            }
            TreeKind::Top => self.node_mut(node).rare_mut().tops.push(ci.scope),
            TreeKind::Null => self.add_atom(node, Atom::Null, tree.origin),
            TreeKind::Bool(b) => self.add_atom(node, Atom::Bool(*b), tree.origin),
            TreeKind::Number(n) => self.add_atom(node, Atom::Number(n.clone()), tree.origin),
            TreeKind::String(s) => self.add_atom(node, Atom::String(s.clone()), tree.origin),
            TreeKind::Bytes(b) => self.add_atom(node, Atom::Bytes(b.clone()), tree.origin),
            TreeKind::Type(name) => {
                let kinds = match *name {
                    "null" => Kinds::NULL,
                    "bool" => Kinds::BOOL,
                    "int" => Kinds::INT,
                    "float" => Kinds::FLOAT,
                    "number" => Kinds::NUMBER,
                    "string" => Kinds::STRING,
                    "bytes" => Kinds::BYTES,
                    "list" => Kinds::LIST,
                    "struct" => Kinds::STRUCT,
                    _ => Kinds::ALL,
                };
                self.restrict(node, kinds, span);
            }
            TreeKind::Bound(op, operand) => {
                if let Some(atom) = tree_atom(operand) {
                    self.add_bound(node, *op, atom, span);
                }
            }
            TreeKind::Conjunction(operands) => {
                for operand in operands {
                    self.add_tree(node, operand, ci);
                }
            }
            TreeKind::Disjunction(alternatives) => {
                self.add_disjunction(node, DisjunctionSource::Tree(alternatives), EnvId::NONE, ci);
            }
            TreeKind::Validator { name, arguments } => {
                self.add_tree_validator(node, name, arguments, tree);
            }
            TreeKind::List(list) => {
                self.restrict(node, Kinds::LIST, span);
                self.set_origin(node, tree.origin);
                self.node_mut(node).rare_mut().list.get_or_insert_default();
                let conj =
                    |item: &'p Tree| Conj { x: X::Tree(item), env: EnvId::NONE, ci: ci.below() };
                let items: Vec<Conj<'p>> = list.items.iter().map(conj).collect();
                let rest = list.rest.as_ref().map(|rest| match rest.kind {
                    TreeKind::Top => None,
                    _ => Some(conj(rest)),
                });
                self.add_items(node, &items, rest, span);
            }
            TreeKind::Struct(fields) => {
                if let Some(embedded) = &fields.embedded {
                    self.add_tree(node, embedded, ci);
                } else {
                    self.restrict(node, Kinds::STRUCT, span);
                    self.node_mut(node).maybe_struct = true;
                }
                self.set_origin(node, tree.origin);
                let scope = if fields.closed {
                    self.new_scope(Scope {
                        parent: ci.scope,
                        kind: ScopeKind::Close,
                        embedded: ci.embed,
                        node: self.canonical(node),
                    })
                } else {
                    ci.scope
                };
                let inner = Ci { scope, ..ci.below() };
                if !self.node(node).scopes.contains(&scope) {
                    self.node_mut(node).scopes.push(scope);
                }
                for (pattern, value) in &fields.patterns {
                    let matcher = self.new_node(node, None, ArcType::Member);
                    let conj = Conj { x: X::Tree(pattern), env: EnvId::NONE, ci: Ci::ROOT };
                    self.node_mut(matcher).conjs.push(conj);
                    let any = matches!(pattern.kind, TreeKind::Type("string"));
                    let pattern = Pattern {
                        matcher: (!any).then_some(matcher),
                        value: X::Tree(value),
                        env: EnvId::NONE,
                        scoped: false,
                        ci: inner,
                    };
                    self.install_pattern(node, pattern);
                }
                for (index, field) in fields.fields.iter().enumerate() {
                    self.order = self.place(ci.order, index);
                    let arc = match field.arc {
                        ArcKind::Member => ArcType::Member,
                        ArcKind::Required => ArcType::Required,
                        ArcKind::Optional => ArcType::Optional,
                    };
                    let conj = Conj { x: X::Tree(&field.value), env: EnvId::NONE, ci: inner };
                    let child = self.insert(node, tree_label(&field.label), arc, conj, None);
                    let rare = self.node_mut(child).rare_mut();
                    if rare.tree_field.is_none() {
                        rare.tree_field = Some(field);
                    }
                }
                if fields.ellipsis {
                    self.open(node, scope);
                }
            }
        }
    }

    fn add_tree_validator(
        &mut self,
        node: NodeId,
        name: &str,
        arguments: &'p [Tree],
        tree: &'p Tree,
    ) {
        let found = name.rsplit_once('.').and_then(|(package, function)| {
            builtin::packages()
                .find(|known| known.path == package || known.path.ends_with(&format!("/{package}")))
                .and_then(|package| package.function(function))
        });
        let Some(function) = found else {
            let message = format!("validator {name} cannot be applied to a patch");
            self.report(node, bottom(ErrorCode::Eval, message, tree.origin.span));
            return;
        };
        let arguments = arguments
            .iter()
            .map(|argument| {
                let child = self.new_node(NodeId::NONE, None, ArcType::Member);
                let conj = Conj { x: X::Tree(argument), env: EnvId::NONE, ci: Ci::ROOT };
                self.node_mut(child).conjs.push(conj);
                child
            })
            .collect();
        let validator = super::node::Validator {
            kind: super::node::ValidatorKind::Function(function),
            arguments,
            span: tree.origin.span,
        };
        self.node_mut(node).rare_mut().validators.push(validator);
    }
}

fn tree_atom(tree: &Tree) -> Option<Atom> {
    Some(match &tree.kind {
        TreeKind::Null => Atom::Null,
        TreeKind::Bool(b) => Atom::Bool(*b),
        TreeKind::Number(n) => Atom::Number(n.clone()),
        TreeKind::String(text) => Atom::String(text.clone()),
        TreeKind::Bytes(bytes) => Atom::Bytes(bytes.clone()),
        _ => return None,
    })
}
