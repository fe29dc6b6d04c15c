//! `permute`: the assertions of a struct hold in every order of its fields.
//!
//! Invariant: the tree of the file is reordered and compiled again for each order; spans stay, so
//! nothing but the order changes. At most [`LIMIT`] orders are tried.

use platformc_cue::{Tree, TreeLabel};
use platformc_cue_syntax::ast::{Decl, DeclKind, ExprKind, File};

use crate::compare::{alike, brief};
use crate::directive::Directive;
use crate::locate::{Assertion, Place, Target, label, package, print_path};
use crate::run::{Context, Engine, Verdict, guarded};

/// How many orders of one struct are tried at most: those of six fields.
const LIMIT: usize = 720;

/// Fields to be permuted.
struct Group<'a> {
    /// The struct.
    path: Vec<TreeLabel>,
    /// The marked fields; all where empty.
    fields: Vec<TreeLabel>,
    /// The assertions that make up the group.
    assertions: Vec<&'a Assertion>,
}

/// The verdicts of all `permute` assertions of an archive.
pub fn verdicts(
    context: &Context<'_>,
    ready: &[(&Assertion, &Target)],
    files: &[(usize, File)],
    engine: &dyn Engine,
) -> Vec<Verdict> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (assertion, target) in ready {
        if assertion.directive.name != "permute" || !assertion.directive.is_active() {
            continue;
        }
        let (path, field) = match (target.place, target.path.split_last()) {
            (Place::Field, Some((last, parent))) => (parent.to_vec(), Some(last.clone())),
            _ => (target.path.clone(), None),
        };
        let at = groups
            .iter()
            .position(|group| group.path == path && group.fields.is_empty() == field.is_none());
        let at = at.unwrap_or_else(|| {
            groups.push(Group { path, fields: Vec::new(), assertions: Vec::new() });
            groups.len() - 1
        });
        groups[at].fields.extend(field);
        groups[at].assertions.push(assertion);
    }
    let mut verdicts = Vec::new();
    for group in &groups {
        let reason = run(context, group, ready, files, engine).err();
        for assertion in &group.assertions {
            let mut verdict = Verdict::failed(assertion, reason.clone().unwrap_or_default());
            verdict.passed = reason.is_none();
            verdicts.push(verdict);
        }
    }
    verdicts
}

fn run(
    context: &Context<'_>,
    group: &Group<'_>,
    ready: &[(&Assertion, &Target)],
    files: &[(usize, File)],
    engine: &dyn Engine,
) -> Result<(), String> {
    let found = files.iter().enumerate().find_map(|(which, (_, file))| {
        spot(file, &group.path, &group.fields).map(|spot| (which, spot))
    });
    let Some((which, spot)) = found else {
        if group.fields.len() == 1 {
            // The reference has one order only for a single marked field.
            return Ok(());
        }
        return Err("there are no two fields to permute".to_owned());
    };
    let below: Vec<_> = ready
        .iter()
        .filter(|(assertion, target)| {
            assertion.directive.name != "permute"
                && assertion.directive.is_active()
                && target.path.starts_with(&group.path)
        })
        .collect();
    let mut order: Vec<usize> = (0..spot.places.len()).collect();
    let mut count = 0;
    let mut first: Option<Tree> = None;
    loop {
        count += 1;
        if count > LIMIT {
            break;
        }
        let mut trees: Vec<File> = files.iter().map(|(_, file)| file.clone()).collect();
        reorder(&mut trees[which], &spot, &order);
        let trees: Vec<&File> = trees.iter().collect();
        let mut failed = None;
        engine.evaluate(context.archive, &trees, &mut |evaluation| {
            // Where nothing is asserted, the value must be that of the first order.
            if below.is_empty() {
                let tree = evaluation.tree(&group.path);
                match (&first, tree) {
                    (_, None) => failed = Some("there is no value".to_owned()),
                    (None, Some(tree)) => first = Some(tree),
                    (Some(first), Some(tree)) if alike(first, &tree) => {}
                    (Some(_), Some(tree)) => failed = Some(format!("got {}", brief(&tree))),
                }
            }
            for (assertion, target) in &below {
                let verdict = guarded(context, assertion, target, evaluation);
                if !verdict.passed && verdict.counts() {
                    failed =
                        Some(format!("{} {}: {}", verdict.label, verdict.path, verdict.reason));
                    return;
                }
            }
        });
        if let Some(failed) = failed {
            return Err(format!("in the order {order:?}: {failed}"));
        }
        if !next(&mut order) {
            break;
        }
    }
    let wanted = group.assertions.iter().find_map(|a| count_argument(&a.directive));
    match wanted {
        Some(wanted) if wanted != count && count <= LIMIT => {
            Err(format!("{count} orders, expected {wanted} for {}", print_path(&group.path)))
        }
        _ => Ok(()),
    }
}

fn count_argument(directive: &Directive) -> Option<usize> {
    directive.named("count")?.parse().ok()
}

/// Where a struct literal stands, as the index of a declaration at each level, and which of its
/// declarations are to be permuted.
#[derive(Debug, PartialEq, Eq)]
struct Spot {
    steps: Vec<usize>,
    places: Vec<usize>,
}

/// The first literal at a path that has at least two fields to permute. A path may be written
/// several times: `a: x: {…}` and `a: y: {…}` both write `a`.
fn spot(file: &File, path: &[TreeLabel], fields: &[TreeLabel]) -> Option<Spot> {
    let package = package(file);
    let mut spots = vec![(Vec::new(), file.decls.as_slice())];
    for step in path {
        let mut below = Vec::new();
        for (steps, decls) in spots {
            for (at, decl) in decls.iter().enumerate() {
                let DeclKind::Field(field) = &decl.kind else { continue };
                let name = label(&field.label.kind, package);
                if let ExprKind::Struct(body) = &field.value.kind
                    && name.as_ref() == Some(step)
                {
                    let steps: Vec<usize> = steps.iter().copied().chain([at]).collect();
                    below.push((steps, body.decls.as_slice()));
                }
            }
        }
        spots = below;
    }
    let marked = |decl: &Decl| match &decl.kind {
        DeclKind::Field(field) => {
            let name = label(&field.label.kind, package);
            fields.is_empty() || name.is_some_and(|name| fields.contains(&name))
        }
        _ => false,
    };
    // A struct with one field only is meant to have its embeddings permuted with it.
    let any = |decl: &Decl| {
        fields.is_empty()
            && matches!(
                decl.kind,
                DeclKind::Field(_) | DeclKind::Embed(_) | DeclKind::Comprehension(_)
            )
    };
    let pick = |accept: &dyn Fn(&Decl) -> bool| {
        spots.iter().find_map(|(steps, decls)| {
            let places: Vec<usize> = (0..decls.len()).filter(|at| accept(&decls[*at])).collect();
            (places.len() > 1).then(|| Spot { steps: steps.clone(), places })
        })
    };
    pick(&marked).or_else(|| pick(&any))
}

fn decls_at<'f>(file: &'f mut File, steps: &[usize]) -> Option<&'f mut Vec<Decl>> {
    let mut decls = &mut file.decls;
    for step in steps {
        let DeclKind::Field(field) = &mut decls.get_mut(*step)?.kind else { return None };
        let ExprKind::Struct(body) = &mut field.value.kind else { return None };
        decls = &mut body.decls;
    }
    Some(decls)
}

fn reorder(file: &mut File, spot: &Spot, order: &[usize]) {
    let Some(decls) = decls_at(file, &spot.steps) else { return };
    let places = &spot.places;
    let originals: Vec<Decl> = places.iter().map(|at| decls[*at].clone()).collect();
    for (at, from) in places.iter().zip(order) {
        decls[*at] = originals[*from].clone();
    }
}

/// The next order in lexicographic sequence; `false` after the last.
fn next(order: &mut [usize]) -> bool {
    let Some(pivot) = order.windows(2).rposition(|pair| pair[0] < pair[1]) else { return false };
    let Some(above) = order.iter().rposition(|item| *item > order[pivot]) else { return false };
    order.swap(pivot, above);
    order[pivot + 1..].reverse();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_comes_once() {
        let mut order = vec![0, 1, 2, 3];
        let mut seen = std::collections::BTreeSet::from([order.clone()]);
        while next(&mut order) {
            assert!(seen.insert(order.clone()));
        }
        assert_eq!(seen.len(), 24);
    }

    #[test]
    fn reorders_fields_and_leaves_the_rest() {
        let text = "s: x: {}, s: y: {a: 1, @x(), b: 2, for x in [] {}, c: 3}";
        let mut file = platformc_cue_syntax::parse(platformc_source::FileId(0), text).value;
        let path = ["s", "y"].map(|name| TreeLabel::Regular(name.into()));
        let spot = spot(&file, &path, &[]).unwrap();
        assert_eq!(spot, Spot { steps: vec![1, 0], places: vec![0, 2, 4] });
        reorder(&mut file, &spot, &[2, 0, 1]);
        let names: Vec<_> = decls_at(&mut file, &spot.steps)
            .unwrap()
            .iter()
            .map(|decl| &text[decl.span.start as usize..decl.span.end as usize])
            .collect();
        assert_eq!(names, ["c: 3", "@x()", "a: 1", "for x in [] {}", "b: 2"]);
    }
}
