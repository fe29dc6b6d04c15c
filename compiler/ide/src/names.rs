//! Names that a document may refer to, and where they are declared.
//!
//! Invariant: names are those of the text that is open; an overlay knows those of what it overlays.

use std::ops::Range;

use platformc_driver::session::Snapshot;
use platformc_model::Provider;

use crate::definition::Target;
use crate::schema::Names;
use crate::tree::{NodeId, Tree};
use crate::{Question, Syntax, target};

/// A name with what it is and where it is declared.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    /// A few words on it.
    pub(crate) detail: String,
    pub(crate) target: Option<Target>,
}

/// The names of a sort that may stand in a document.
pub(crate) fn names(
    sort: Names,
    question: &Question<'_>,
    tree: &Tree,
    document: NodeId,
) -> Vec<Name> {
    match sort {
        Names::Cluster => clusters(question.snapshot),
        Names::Environment => environments(question.snapshot),
        Names::Provider => providers(question.snapshot, |found| !found.roles.is_empty()),
        Names::OperationProvider => {
            providers(question.snapshot, |found| !found.operations.is_empty())
        }
        Names::Region => regions(question.snapshot, tree, document),
        Names::Component | Names::Policy | Names::Step | Names::Output | Names::Operation => {
            let mut names = declared(sort, question.path, question.text, tree, document);
            if names.is_empty()
                && let Some((path, text)) = overlaid(question)
                && let Some(syntax) = Syntax::of(&path)
            {
                let tree = syntax.tree(&text);
                for document in tree.documents() {
                    names.extend(declared(sort, &path, &text, &tree, *document));
                }
            }
            names
        }
    }
}

/// The file that `NAME.ENV.yaml` overlays, with its text.
fn overlaid(question: &Question<'_>) -> Option<(String, String)> {
    let (stem, _) = question.path.rsplit_once('.')?;
    let (base, environment) = stem.rsplit_once('.')?;
    question.snapshot.manifest.as_ref()?.environment(environment)?;
    ["yaml", "yml", "cue", "json"].iter().find_map(|extension| {
        let path = format!("{base}.{extension}");
        (question.read)(&path).map(|text| (path, text))
    })
}

/// The items of a list in a document.
fn items(tree: &Tree, document: NodeId, path: &[&str]) -> Vec<NodeId> {
    tree.get(document, path).map_or_else(Vec::new, |list| tree.node(list).children.clone())
}

fn declared(sort: Names, path: &str, text: &str, tree: &Tree, document: NodeId) -> Vec<Name> {
    let components = || items(tree, document, &["spec", "components"]);
    let steps = || {
        let outer = items(tree, document, &["spec", "workflow", "steps"]);
        let inner = outer.iter().flat_map(|step| items(tree, *step, &["subSteps"]));
        let inner: Vec<NodeId> = inner.collect();
        [outer, inner].concat()
    };
    let holders = match sort {
        Names::Component => components(),
        Names::Policy => items(tree, document, &["spec", "policies"]),
        Names::Step => steps(),
        Names::Output => {
            let givers = [components(), steps()].concat();
            givers.iter().flat_map(|giver| items(tree, *giver, &["outputs"])).collect()
        }
        Names::Operation => items(tree, document, &["spec", "operations"]),
        Names::Cluster
        | Names::Environment
        | Names::Provider
        | Names::OperationProvider
        | Names::Region => Vec::new(),
    };
    let key = if sort == Names::Operation { "id" } else { "name" };
    let place = |span: Range<usize>| Target { path: path.to_owned(), text: text.into(), span };
    let named = holders.into_iter().filter_map(|holder| {
        let name = tree.child(holder, key)?;
        let found = tree.text(name)?;
        Some(Name {
            text: found.to_owned(),
            detail: tree.text_of(holder, "type").unwrap_or("").to_owned(),
            target: Some(place(tree.node(name).span.clone())),
        })
    });
    named.collect()
}

fn clusters(snapshot: &Snapshot) -> Vec<Name> {
    let clusters = snapshot.manifest.iter().flat_map(|manifest| &manifest.clusters);
    clusters
        .map(|cluster| Name {
            text: cluster.name.text.to_string(),
            detail: format!("Kubernetes {}, {}", cluster.kubernetes, cluster.server),
            target: target(snapshot, cluster.name.span()),
        })
        .collect()
}

fn providers(snapshot: &Snapshot, offers: impl Fn(&Provider) -> bool) -> Vec<Name> {
    // Modules for every provider are those of one that is none.
    let found = snapshot.providers.values().filter(|found| &*found.name.text != "common");
    let found = found.filter(|found| offers(found));
    found
        .map(|found| Name {
            text: found.name.text.to_string(),
            detail: found.description.as_ref().map_or_else(String::new, ToString::to_string),
            target: target(snapshot, found.name.span()),
        })
        .collect()
}

/// The regions of the provider that a document names.
fn regions(snapshot: &Snapshot, tree: &Tree, document: NodeId) -> Vec<Name> {
    let written = tree.get(document, &["spec", "provider"]).and_then(|node| tree.text(node));
    let provider = written.and_then(|name| snapshot.providers.get(name));
    let regions = provider.iter().flat_map(|found| &found.regions);
    regions
        .map(|region| Name {
            text: region.text.to_string(),
            detail: String::new(),
            target: target(snapshot, region.span()),
        })
        .collect()
}

fn environments(snapshot: &Snapshot) -> Vec<Name> {
    let environments = snapshot.manifest.iter().flat_map(|manifest| &manifest.environments);
    environments
        .map(|environment| {
            let clusters: Vec<&str> = environment.clusters.iter().map(|name| &**name).collect();
            Name {
                text: environment.name.text.to_string(),
                detail: format!("clusters {}", clusters.join(", ")),
                target: target(snapshot, environment.name.span()),
            }
        })
        .collect()
}

/// The name of a list of names separated by commas that an offset into the text lies in.
pub(crate) fn part(text: &str, offset: usize) -> &str {
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind(',').map_or(0, |comma| comma + 1);
    let rest = text.get(start..).unwrap_or("");
    rest.split(',').next().unwrap_or("").trim()
}
