//! Reading definitions in any of their forms into one model.
//!
//! Invariant: a definition that has faults is still returned with what could be understood, and
//! every fault is located in the file its author edits.

pub(crate) mod attributes;
mod crd;
mod cue;
mod embedded;
mod fields;
mod hermetic;
mod literal;

use std::sync::Arc;

use platformc_cue_syntax::ast;
use platformc_source::{Diagnostic, FileId, Outcome, Span};

use crate::{Definition, DefinitionKind, Template, open, upgrade};

pub(crate) use cue::{HEADER, kind_of};
pub(crate) use literal::{label_name, literal_value};

/// Reads a CUE file that holds one definition: imports, one header field, `template`.
#[must_use]
pub fn load_cue(file: FileId, text: &str) -> Outcome<Option<Definition>> {
    cue::load(file, text)
}

/// Reads a YAML file of custom resources (`ComponentDefinition` and so on). Documents of other
/// kinds are left out without a word.
#[must_use]
pub fn load_yaml(file: FileId, text: &str) -> Outcome<Vec<Definition>> {
    crd::load(file, text)
}

/// Reads a definition file by the ending of its path: `.cue`, or `.yaml` and `.yml`. Other files
/// hold no definitions.
#[must_use]
pub fn load(path: &str, file: FileId, text: &str) -> Outcome<Vec<Definition>> {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("cue") => load_cue(file, text).map(|definition| definition.into_iter().collect()),
        Some("yaml" | "yml") => load_yaml(file, text),
        _ => Outcome::default(),
    }
}

/// Whether a CUE file has the form of a definition: a top-level `template` beside another field
/// that has `type`. Other CUE files of a folder (documents, shared packages) are none of ours.
#[must_use]
pub fn is_definition(file: &ast::File) -> bool {
    cue::is_definition(file)
}

/// Whether a template renders without a network and a cluster. What keeps it from that is reported
/// when it is loaded.
pub(crate) fn is_hermetic(kind: DefinitionKind, file: &ast::File) -> bool {
    let mut sink = Vec::new();
    hermetic::check(kind, file, &mut sink);
    sink.is_empty()
}

/// Makes the template of a definition ready: markers moved to the field they mean, old syntax
/// rewritten, everything that cannot render offline reported.
fn prepare(
    kind: DefinitionKind,
    mut file: ast::File,
    span: Span,
    import_at: Span,
    sink: &mut Vec<Diagnostic>,
) -> Template {
    upgrade::upgrade(&mut file, import_at, sink);
    open::open(&mut file);
    hermetic::check(kind, &file, sink);
    Template { file: Arc::new(file), span }
}
