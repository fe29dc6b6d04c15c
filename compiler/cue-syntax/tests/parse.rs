//! Text to trees and diagnostics, by the cases under `cases/parse`.

mod common;

use std::fmt::Write;

use common::{dump_file, run_cases};
use platformc_cue_syntax::parse;
use platformc_source::FileId;

#[test]
fn cases() {
    run_cases("parse", |case| {
        let text = case.input.strip_suffix('\n').unwrap_or(&case.input);
        let outcome = parse(FileId(0), text);
        let mut out = dump_file(&outcome.value, true);
        for found in &outcome.diagnostics {
            let span = found.primary.span;
            let place = &text[span.start as usize..span.end as usize];
            let _ =
                writeln!(out, "error {}..{} {place:?}: {}", span.start, span.end, found.message);
            for label in &found.labels {
                let _ = writeln!(
                    out,
                    "  at {}..{}: {}",
                    label.span.start, label.span.end, label.message
                );
            }
            for note in &found.notes {
                let _ = writeln!(out, "  note: {note}");
            }
            for fix in &found.fixes {
                let edits: Vec<String> = fix
                    .edits
                    .iter()
                    .map(|edit| format!("{}..{} {:?}", edit.span.start, edit.span.end, edit.text))
                    .collect();
                let _ = writeln!(out, "  fix: {} ({})", fix.title, edits.join(", "));
            }
        }
        out
    });
}
