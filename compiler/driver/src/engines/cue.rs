//! CUE documents. Invariant: a document is concrete, or every reason why it is not is a located
//! diagnostic.

use platformc_cue::{Bottom, CompileOptions, ErrorCode, Options, Package, Reason, Unit};
use platformc_cue_syntax::ast::{DeclKind, LabelKind};
use platformc_cue_syntax::parse;
use platformc_source::{Code, Diagnostic, FileId, Outcome, Severity, Span, codes, nearest};
use platformc_value::Value;

/// So many faults of one evaluation are reported; the rest is counted.
const MOST_FAULTS: usize = 50;

/// The field through which a document reads the configuration.
pub(crate) const CONFIG: &str = "config";

/// A CUE file that stands alone, compiled.
#[derive(Debug)]
pub(crate) struct Document {
    file: FileId,
    package: Package,
    configured: bool,
}

impl Document {
    /// Parses and compiles a file. `None` where it cannot be evaluated.
    pub(crate) fn new(file: FileId, text: &str) -> Outcome<Option<Document>> {
        let mut sink = Vec::new();
        let tree = parse(file, text).drain_into(&mut sink);
        if is_broken(&sink) {
            return Outcome::new(None, sink);
        }
        let declares = tree.decls.iter().any(|decl| match &decl.kind {
            DeclKind::Field(field) => match &field.label.kind {
                LabelKind::Ident(name) => &**name == CONFIG,
                _ => false,
            },
            _ => false,
        });
        let compile = |inputs: &[&str]| {
            let options = CompileOptions { inputs, ..CompileOptions::default() };
            Package::compile(&[&tree], &[], options)
        };
        let mut compiled = compile(&[]);
        // A file that names nothing `config` is the same in every environment.
        let mut configured = declares;
        if !declares && compiled.has_errors() && text.contains(CONFIG) {
            let with = compile(&[CONFIG]);
            configured = with.diagnostics.len() < compiled.diagnostics.len();
            compiled = with;
        }
        let package = compiled.drain_into(&mut sink);
        if is_broken(&sink) {
            return Outcome::new(None, sink);
        }
        Outcome::new(Some(Document { file, package, configured }), sink)
    }

    /// Whether its value depends on the configuration.
    pub(crate) fn is_configured(&self) -> bool {
        self.configured
    }

    /// Its concrete value, with `config` unified with the configuration and then left out.
    pub(crate) fn value(&self, config: &Value) -> Outcome<Option<Value>> {
        let mut sink = Vec::new();
        let mut unit = Unit::new(&self.package, Options::default());
        if self.configured {
            unit.inject(CONFIG, config);
        }
        let root = unit.root();
        let value = match unit.value(root) {
            Ok(mut value) => {
                if let Some(map) = value.as_map_mut().filter(|_| self.configured) {
                    map.remove(CONFIG);
                }
                Some(value)
            }
            Err(faults) => {
                report(&faults, Span::new(self.file, 0, 0), &mut sink);
                None
            }
        };
        Outcome::new(value, sink)
    }
}

/// The concrete value of a CUE file in which `config` means nothing.
pub(crate) fn plain_value(file: FileId, text: &str) -> Outcome<Option<Value>> {
    let mut sink = Vec::new();
    let tree = parse(file, text).drain_into(&mut sink);
    if is_broken(&sink) {
        return Outcome::new(None, sink);
    }
    let package = Package::compile(&[&tree], &[], CompileOptions::default()).drain_into(&mut sink);
    if is_broken(&sink) {
        return Outcome::new(None, sink);
    }
    let mut unit = Unit::new(&package, Options::default());
    let root = unit.root();
    let value = unit.value(root).map_err(|faults| {
        report(&faults, Span::new(file, 0, 0), &mut sink);
    });
    Outcome::new(value.ok(), sink)
}

/// Whether anything found so far is an error.
pub(crate) fn is_broken(sink: &[Diagnostic]) -> bool {
    sink.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Turns what an evaluation says into diagnostics; `whole` is where those without a place go.
pub(crate) fn report(faults: &[Bottom], whole: Span, sink: &mut Vec<Diagnostic>) {
    // What is only not known yet is often so because of what is wrong.
    let wrong = faults.iter().any(|fault| !fault.code.is_incomplete());
    let telling = faults.iter().filter(|fault| !wrong || !fault.code.is_incomplete());
    let mut found: Vec<Diagnostic> = Vec::new();
    for fault in telling {
        let next = diagnostic(fault, whole);
        // One mistake shows at every path that leads through it.
        let same =
            |other: &Diagnostic| other.code == next.code && other.primary.span == next.primary.span;
        if !found.iter().any(same) {
            found.push(next);
        }
        if found.len() > 4 * MOST_FAULTS {
            break;
        }
    }
    let count = found.len();
    sink.extend(found.into_iter().take(MOST_FAULTS));
    if let Some(more) = count.checked_sub(MOST_FAULTS).filter(|more| *more > 0)
        && let Some(last) = sink.last_mut()
    {
        last.notes.push(format!("{more} more faults are not shown"));
    }
}

fn code(fault: &Bottom) -> Code {
    match (&fault.reason, fault.code) {
        (Reason::Budget, _) => codes::CUE_BUDGET,
        (_, ErrorCode::User) => codes::CUE_USER,
        (_, ErrorCode::StructuralCycle) => codes::CUE_STRUCTURAL_CYCLE,
        (Reason::Conflict, _) => codes::CUE_CONFLICT,
        (Reason::NotAllowed { .. }, _) => codes::CUE_NOT_ALLOWED,
        (Reason::Bound, _) => codes::CUE_BOUND,
        (Reason::Required(_), _) => codes::CUE_REQUIRED,
        (Reason::Disjunction, _) => codes::CUE_DISJUNCTION,
        (Reason::NotFound(_), _) => codes::CUE_REFERENCE,
        (Reason::Other, ErrorCode::Cycle) => codes::CUE_CYCLE,
        (Reason::Other, ErrorCode::Incomplete) => codes::CUE_INCOMPLETE,
        (Reason::Other, ErrorCode::Eval) => codes::CUE_EVAL,
    }
}

fn diagnostic(fault: &Bottom, whole: Span) -> Diagnostic {
    let message = match fault.path.as_str() {
        "" => fault.message.clone(),
        path => format!("{path}: {}", fault.message),
    };
    let mut spans = fault.spans.iter().copied().filter(|span| !span.is_none());
    let primary = spans.next().unwrap_or(whole);
    let mut found = Diagnostic::new(code(fault), primary, message);
    let mut seen = vec![primary];
    for span in spans {
        if !seen.contains(&span) && seen.len() < 8 {
            seen.push(span);
            found = found.label(span, "has a part in it");
        }
    }
    if let Reason::NotAllowed { field, allowed } = &fault.reason {
        let near = nearest(field, allowed.iter().map(|name| &**name));
        if let Some(best) = near.first() {
            found = found.note(format!("did you mean `{best}`?"));
        } else if !allowed.is_empty() && allowed.len() <= 20 {
            let names: Vec<&str> = allowed.iter().map(|name| &**name).collect();
            found = found.note(format!("it allows {}", names.join(", ")));
        }
    }
    if let Some(expression) = &fault.expression {
        found = found.note(format!("not known yet: {expression}"));
    }
    for cause in fault.causes.iter().take(8) {
        let place = if cause.path.is_empty() { String::new() } else { format!("{}: ", cause.path) };
        found = found.note(format!("{place}{}", cause.message));
        for span in cause.spans.iter().copied().filter(|span| !span.is_none()).take(1) {
            if !seen.contains(&span) && seen.len() < 8 {
                seen.push(span);
                found = found.label(span, cause.message.clone());
            }
        }
    }
    found
}
