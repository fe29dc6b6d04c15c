//! The graph of a build in a form to look at.
//!
//! Invariant: what is shown is what the build ordered its output by; nothing is computed anew.

use platformc_graph::{View, dot, json, mermaid};
use platformc_source::{SourceMap, nearest};

pub use platformc_graph::Level;

use crate::{Build, Output};

/// The form in which a graph is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GraphForm {
    /// Graphviz's DOT.
    Dot,
    /// A Mermaid flowchart.
    Mermaid,
    /// JSON, for programs.
    Json,
}

/// What to show.
#[derive(Clone, Copy, Debug)]
pub struct GraphOptions<'a> {
    /// The form.
    pub form: GraphForm,
    /// The finest kind of node; where not given all for programs, components and steps for people.
    pub level: Option<Level>,
    /// Only this node, what is before it and what is behind it.
    pub focus: Option<&'a str>,
}

/// The graph of every environment of a build.
///
/// # Errors
/// The names nearest to the node to focus on, where no environment has that node.
pub fn show(
    build: &Build,
    options: &GraphOptions<'_>,
    map: &SourceMap,
) -> Result<String, Vec<String>> {
    let level = options.level.unwrap_or(match options.form {
        GraphForm::Json => Level::Resource,
        GraphForm::Dot | GraphForm::Mermaid => Level::Component,
    });
    let mut views: Vec<View<'_>> = Vec::with_capacity(build.outputs.len());
    for Output { environment, graph, .. } in &build.outputs {
        views.push(View::new(environment, graph, level, map));
    }
    if let Some(focus) = options.focus {
        let known: Vec<String> = views.iter().flat_map(View::names).collect();
        // Every view is cut, also after one that has the node.
        let found = views.iter_mut().filter_map(|view| view.focus(focus).then_some(())).count();
        if found == 0 {
            let near = nearest(focus, known.iter().map(String::as_str));
            return Err(near.into_iter().map(str::to_owned).collect());
        }
    }
    Ok(match options.form {
        GraphForm::Dot => dot(&views),
        GraphForm::Mermaid => mermaid(&views),
        GraphForm::Json => json(&views),
    })
}
