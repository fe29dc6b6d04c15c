//! Which environments a run is for. Invariant: never a guess: a name, all, or the only one.

use platformc_model::{Environment, Manifest};
use platformc_source::{Diagnostic, codes, nearest};

/// What the user asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Selection {
    /// Nothing: the environment the workspace has, if it has one.
    #[default]
    Only,
    /// One environment by name, with where the name came from (`--env`, `PROVISIONING_ENV`).
    Named(String, &'static str),
    /// Every environment.
    All,
}

/// The environments selected, in the order of the manifest.
pub(crate) fn select<'m>(
    manifest: &'m Manifest,
    selection: &Selection,
    sink: &mut Vec<Diagnostic>,
) -> Vec<&'m Environment> {
    let names: Vec<&str> = manifest.environments.iter().map(|env| &*env.name.text).collect();
    match selection {
        Selection::All => manifest.environments.iter().collect(),
        Selection::Named(name, from) => match manifest.environment(name) {
            Some(environment) => vec![environment],
            None => {
                let message = format!("`{name}`, given by {from}, is not an environment");
                let mut diagnostic =
                    Diagnostic::new(codes::WORKSPACE_ENVIRONMENT, manifest.name.span(), message)
                        .primary_label("of this workspace");
                if let Some(best) = nearest(name, names.iter().copied()).first() {
                    diagnostic = diagnostic.note(format!("did you mean `{best}`?"));
                }
                sink.push(diagnostic.note(format!("its environments are {}", names.join(", "))));
                Vec::new()
            }
        },
        Selection::Only => match manifest.environments.as_slice() {
            [only] => vec![only],
            [] => Vec::new(),
            _ => {
                let message = "the workspace has several environments: which one?";
                sink.push(
                    Diagnostic::new(codes::WORKSPACE_ENVIRONMENT, manifest.name.span(), message)
                        .note(format!("say --env with one of {}, all", names.join(", ")))
                        .note("or set PROVISIONING_ENV"),
                );
                Vec::new()
            }
        },
    }
}
