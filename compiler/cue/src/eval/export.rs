//! From evaluated nodes to trees and concrete values.

use std::sync::Arc;

use platformc_source::{Origin, Span};
use platformc_value::{BoundOp, Data, Map, Value};

use super::fail::bottom;
use super::{Arc as Field, Atom, Mode, NodeId, Unit};
use crate::ir::ArcType;
use crate::kind::Kinds;
use crate::label::{Label, LabelKind};
use crate::tree::{
    ArcKind, Bottom, ErrorCode, Reason, Tree, TreeAlternative, TreeField, TreeKind, TreeLabel,
    TreeList, TreeStruct,
};

fn label(label: Label) -> TreeLabel {
    match label {
        Label::Index(index) => TreeLabel::Regular(Arc::from(index.to_string())),
        Label::Name(name) => match name.kind {
            LabelKind::Regular => TreeLabel::Regular(name.shared.clone()),
            LabelKind::Definition => TreeLabel::Definition(name.shared.clone()),
            LabelKind::Hidden => TreeLabel::Hidden(name.shared.clone(), Arc::from(name.package)),
            LabelKind::HiddenDefinition => {
                TreeLabel::HiddenDefinition(name.shared.clone(), Arc::from(name.package))
            }
        },
    }
}

fn atom_kind(atom: &Atom) -> TreeKind {
    match atom {
        Atom::Null => TreeKind::Null,
        Atom::Bool(b) => TreeKind::Bool(*b),
        Atom::Number(n) => TreeKind::Number(n.clone()),
        Atom::String(text) => TreeKind::String(text.clone()),
        Atom::Bytes(bytes) => TreeKind::Bytes(bytes.clone()),
    }
}

impl<'p> Unit<'p> {
    /// The evaluated tree of a node: parts that are not concrete are kept.
    pub fn tree(&mut self, node: NodeId) -> Tree {
        let node = self.finish(node);
        self.prepare(node, 0);
        self.tree_at(node, 0)
    }

    fn tree_at(&self, node: NodeId, depth: u32) -> Tree {
        let node = self.deref(node);
        let record = self.node(node);
        let origin = record.origin;
        if let Some(error) = record.errors.first() {
            let mut error = error.clone();
            error.causes.extend(record.errors.iter().skip(1).cloned());
            return Tree::new(TreeKind::Bottom(Box::new(error)), origin);
        }
        if depth > self.options.depth {
            let error =
                bottom(ErrorCode::Eval, "nested too deep", Span::NONE).because(Reason::Budget);
            return Tree::new(TreeKind::Bottom(Box::new(error)), origin);
        }
        if !record.alternatives().is_empty() {
            let marked =
                record.alternatives().iter().any(|alternative| alternative.mode == Mode::Default);
            let alternatives = record
                .alternatives()
                .iter()
                .map(|alternative| TreeAlternative {
                    value: self.tree_at(alternative.node, depth + 1),
                    default: marked && alternative.mode == Mode::Default,
                })
                .collect();
            return Tree::new(TreeKind::Disjunction(alternatives), origin);
        }
        let incomplete = record.rare.as_ref().and_then(|rare| rare.incomplete.first());
        let plain = self.plain(node, depth);
        let structural = matches!(plain, TreeKind::Struct(_))
            && (!record.arcs.is_empty() || record.maybe_struct);
        if let Some(error) = incomplete
            && !structural
        {
            return Tree::new(TreeKind::Bottom(Box::new(error.clone())), origin);
        }
        Tree::new(plain, origin)
    }

    fn plain(&self, node: NodeId, depth: u32) -> TreeKind {
        let record = self.node(node);
        let fields = record.arcs.iter().any(|arc| matches!(arc.label, Label::Name(_)));
        let value = if let Some(atom) = &record.scalar {
            Some(atom_kind(atom))
        } else if record.is_list() {
            Some(self.list_kind(node, depth))
        } else if record.kinds == Kinds::STRUCT
            || (record.maybe_struct && record.kinds == Kinds::ALL)
        {
            None
        } else {
            Some(self.constraint_kind(node))
        };
        match value {
            Some(kind) if !fields => kind,
            Some(kind) => {
                let mut tree = self.struct_tree(node, depth);
                tree.embedded = Some(Box::new(Tree::new(kind, record.origin)));
                TreeKind::Struct(Box::new(tree))
            }
            None => {
                let tree = self.struct_tree(node, depth);
                // A struct that satisfies its validators is the struct; what is left to satisfy
                // shows only where nothing else is known.
                let validators = self.constraints(node, Kinds::STRUCT);
                if validators.is_empty() || record.maybe_struct {
                    return TreeKind::Struct(Box::new(tree));
                }
                conjunction(validators)
            }
        }
    }

    fn list_kind(&self, node: NodeId, depth: u32) -> TreeKind {
        let record = self.node(node);
        let state = record.rare.as_ref().and_then(|rare| rare.list.clone()).unwrap_or_default();
        let items =
            self.items(node).into_iter().map(|item| self.tree_at(item, depth + 1)).collect();
        let rest = state.length.is_none().then(|| {
            let constraint = state.rests.iter().find_map(|(_, tail)| *tail);
            match (constraint, self.list_tails.get(&node)) {
                (Some(_), Some(tail)) => self.tree_at(*tail, depth + 1),
                _ => Tree::new(TreeKind::Top, Origin::NONE),
            }
        });
        let list = TreeKind::List(Box::new(TreeList { items, rest }));
        // A list whose items are known has satisfied its validators.
        let validators = self.constraints(node, Kinds::LIST);
        if validators.is_empty() || state.length.is_some() {
            return list;
        }
        let mut all = vec![Tree::new(list, record.origin)];
        all.extend(validators);
        conjunction(all)
    }

    /// Types, bounds and validators.
    fn constraint_kind(&self, node: NodeId) -> TreeKind {
        let record = self.node(node);
        let bounds = record.rare.as_ref().map_or(&[][..], |rare| &rare.bounds);
        let mut implied = Kinds::ALL;
        for bound in bounds {
            implied &= super::bounds::bound_kinds(bound.op, &bound.operand);
        }
        if let Some(rare) = &record.rare {
            for validator in &rare.validators {
                implied &= validator.kinds();
            }
        }
        let mut all = Vec::new();
        if record.kinds != implied {
            let names = record.kinds.type_names();
            let types: Vec<Tree> = names
                .into_iter()
                .map(|name| Tree::new(TreeKind::Type(name), record.origin))
                .collect();
            let only_not_null = record.kinds.0 == Kinds::ALL.0 & !Kinds::NULL.0;
            if !only_not_null && record.kinds != Kinds::ALL {
                if types.len() == 1 {
                    all.extend(types);
                } else {
                    let alternatives = types
                        .into_iter()
                        .map(|value| TreeAlternative { value, default: false })
                        .collect();
                    all.push(Tree::new(TreeKind::Disjunction(alternatives), record.origin));
                }
            }
        }
        all.extend(self.constraints(node, Kinds::ALL));
        conjunction(all)
    }

    fn constraints(&self, node: NodeId, kinds: Kinds) -> Vec<Tree> {
        let record = self.node(node);
        let Some(rare) = &record.rare else { return Vec::new() };
        let mut all = Vec::new();
        for bound in &rare.bounds {
            // A list or struct is never null: that bound says nothing about it.
            if kinds != Kinds::ALL && bound.op == BoundOp::NotEqual {
                continue;
            }
            let origin = Origin::authored(bound.span);
            let operand = Tree::new(atom_kind(&bound.operand), origin);
            all.push(Tree::new(TreeKind::Bound(bound.op, Box::new(operand)), origin));
        }
        for validator in &rare.validators {
            let origin = Origin::authored(validator.span);
            let arguments =
                validator.arguments.iter().map(|argument| self.tree_at(*argument, 1)).collect();
            let name = Arc::from(validator.name());
            let tree = Tree::new(TreeKind::Validator { name, arguments }, origin);
            let text = crate::print::tree_text(&tree);
            if !all.iter().any(|known| crate::print::tree_text(known) == text) {
                all.push(tree);
            }
        }
        all
    }

    fn struct_tree(&self, node: NodeId, depth: u32) -> TreeStruct {
        let record = self.node(node);
        let mut tree = TreeStruct { closed: self.closed_here(node), ..TreeStruct::default() };
        for arc in self.ordered_arcs(node) {
            if matches!(arc.label, Label::Index(_)) {
                continue;
            }
            if self.node(arc.node).arc == ArcType::Optional
                && arc.label.is_regular()
                && !self.admits_optional(node, arc.node)
            {
                continue;
            }
            tree.fields.push(self.field_tree(arc, depth));
        }
        if let Some(rare) = &record.rare {
            tree.ellipsis = !rare.ellipses.is_empty();
            for (pattern, value) in &rare.pattern_nodes {
                let pattern = self.tree_at(*pattern, depth + 1);
                let value = self.tree_at(*value, depth + 1);
                tree.patterns.push((pattern, value));
            }
        }
        tree
    }

    fn field_tree(&self, arc: Field, depth: u32) -> TreeField {
        let record = self.node(arc.node);
        let mut field = TreeField {
            label: label(arc.label),
            arc: match record.arc {
                ArcType::Member => ArcKind::Member,
                ArcType::Required => ArcKind::Required,
                ArcType::Optional => ArcKind::Optional,
            },
            value: self.tree_at(arc.node, depth + 1),
            docs: Vec::new(),
            attributes: Vec::new(),
            label_span: self.field_span(arc.node),
        };
        if let Some(tree) = record.rare.as_ref().and_then(|rare| rare.tree_field) {
            field.docs.extend(tree.docs.iter().cloned());
            field.attributes.extend(tree.attributes.iter().cloned());
        }
        for info in &record.declarations {
            for doc in &info.docs {
                if !field.docs.contains(doc) {
                    field.docs.push(doc.clone());
                }
            }
            for attribute in &info.attributes {
                if !field.attributes.contains(attribute) {
                    field.attributes.push(attribute.clone());
                }
            }
        }
        field
    }

    /// The concrete, final value of a node: defaults chosen, hidden fields, definitions and
    /// optional fields left out.
    ///
    /// # Errors
    /// Everything that is wrong or not concrete below the node.
    pub fn value(&mut self, node: NodeId) -> Result<Value, Vec<Bottom>> {
        let node = self.finish(node);
        let mut errors = Vec::new();
        let value = self.value_at(node, &mut errors, 0);
        match value {
            Some(value) if errors.is_empty() => Ok(value),
            _ => Err(errors),
        }
    }

    fn value_at(&self, node: NodeId, errors: &mut Vec<Bottom>, depth: u32) -> Option<Value> {
        let node = self.deref(node);
        let node = self.default_of(node).unwrap_or(node);
        let record = self.node(node);
        if !record.errors.is_empty() {
            errors.extend(record.errors.iter().cloned());
            return None;
        }
        if let Some(rare) = &record.rare
            && !rare.incomplete.is_empty()
        {
            errors.extend(rare.incomplete.iter().cloned());
            return None;
        }
        // A validator that waits waits for ever once the value is exported.
        if let Some(rare) = &record.rare {
            errors.extend(rare.pending.iter().cloned());
        }
        let fail = |errors: &mut Vec<Bottom>, message: String| {
            let mut error = bottom(ErrorCode::Incomplete, message, record.origin.span);
            error.path = self.path(node);
            errors.push(error);
        };
        if let Some(atom) = &record.scalar {
            self.hidden_errors(node, errors, depth);
            return Some(Value::new(atom.to_data(), record.origin));
        }
        if depth > self.options.depth {
            fail(errors, "nested too deep".to_owned());
            return None;
        }
        if !record.alternatives().is_empty() {
            let text = crate::print::tree_text(&self.tree_at(node, depth));
            fail(errors, format!("incomplete value {text}"));
            return None;
        }
        if record.is_list() {
            let mut items = Vec::new();
            for item in self.items(node) {
                if let Some(item) = self.value_at(item, errors, depth + 1) {
                    items.push(item);
                }
            }
            return Some(Value::new(Data::List(items), record.origin));
        }
        if record.kinds != Kinds::STRUCT && !(record.maybe_struct && record.kinds == Kinds::ALL) {
            let text = crate::print::tree_text(&self.tree_at(node, depth));
            fail(errors, format!("incomplete value {text}"));
            return None;
        }
        let mut map = Map::with_capacity(record.arcs.len());
        for arc in self.ordered_arcs(node) {
            let child = self.node(arc.node);
            match child.arc {
                ArcType::Optional => {}
                ArcType::Required => {
                    if arc.label.is_regular() {
                        let name: Arc<str> = arc.label.shared();
                        let span = self.field_span(arc.node);
                        let mut error = bottom(
                            ErrorCode::Incomplete,
                            "field is required but not present",
                            span,
                        )
                        .because(Reason::Required(name));
                        error.path = self.path(arc.node);
                        errors.push(error);
                    }
                }
                ArcType::Member if arc.label.is_regular() => {
                    if let Some(value) = self.value_at(arc.node, errors, depth + 1) {
                        let key_origin = Origin::new(self.field_span(arc.node), value.origin.role);
                        map.push_unique(platformc_value::Entry {
                            key: arc.label.shared(),
                            key_origin,
                            value,
                        });
                    }
                }
                ArcType::Member => self.collect_errors(arc.node, errors, depth + 1),
            }
        }
        Some(Value::new(Data::Map(map), record.origin))
    }

    /// Errors of hidden fields and definitions beside a scalar.
    fn hidden_errors(&self, node: NodeId, errors: &mut Vec<Bottom>, depth: u32) {
        for arc in &self.node(node).arcs {
            if self.node(arc.node).arc == ArcType::Member {
                self.collect_errors(arc.node, errors, depth + 1);
            }
        }
    }

    /// Whether a definition or `close()` closes a node; a list is closed if its length is fixed.
    pub fn is_closed(&mut self, node: NodeId) -> bool {
        let node = self.finish(node);
        if self.node(node).is_list() {
            return self
                .node(node)
                .rare
                .as_ref()
                .and_then(|rare| rare.list.as_ref())
                .is_some_and(|list| list.length.is_some());
        }
        self.declared_closed(node)
    }

    /// Whether a node would accept a field.
    pub fn allows(&mut self, node: NodeId, label: &TreeLabel) -> bool {
        let node = self.finish(node);
        let node = self.default_of(node).unwrap_or(node);
        match label {
            TreeLabel::Regular(name) => {
                if self.node(node).is_list() {
                    let length = self
                        .node(node)
                        .rare
                        .as_ref()
                        .and_then(|rare| rare.list.as_ref())
                        .and_then(|list| list.length);
                    return match (name.parse::<u32>(), length) {
                        (Ok(index), Some(length)) => index < length,
                        (Ok(_), None) => true,
                        (Err(_), _) => false,
                    };
                }
                self.allows_label(node, Label::regular(name))
            }
            _ => true,
        }
    }

    /// The kinds a node may have: `int`, `(int|string)`.
    pub fn kind(&mut self, node: NodeId) -> Vec<&'static str> {
        let node = self.finish(node);
        let record = self.node(node);
        if record.alternatives().is_empty() {
            return record.kinds.type_names();
        }
        let kinds = record.alternatives().iter().fold(Kinds::NONE, |kinds, alternative| {
            kinds | self.node(self.deref(alternative.node)).kinds
        });
        kinds.type_names()
    }
}

fn conjunction(mut all: Vec<Tree>) -> TreeKind {
    match all.len() {
        0 => TreeKind::Top,
        1 => all.pop().map_or(TreeKind::Top, |only| only.kind),
        _ => TreeKind::Conjunction(all),
    }
}
