//! Paths of values, by the cases under `cases/path`.

mod common;

use common::run_cases;
use platformc_cue_syntax::{parse_path, print_path};
use platformc_source::FileId;
use proptest::prelude::*;

#[test]
fn cases() {
    run_cases("path", |case| {
        let mut out = String::new();
        for line in case.input.lines() {
            out.push_str(&match parse_path(FileId(0), line) {
                Ok(steps) => {
                    format!("{:?}\n", steps.iter().map(|step| &step.kind).collect::<Vec<_>>())
                }
                Err(faults) => faults
                    .iter()
                    .map(|found| {
                        let span = found.primary.span;
                        format!("error {}..{}: {}\n", span.start, span.end, found.message)
                    })
                    .collect(),
            });
        }
        out
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_path_or_an_error(text in "\\PC{0,20}") {
        if let Err(faults) = parse_path(FileId(0), &text) {
            prop_assert!(!faults.is_empty());
            for found in faults {
                let span = found.primary.span;
                prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
            }
        }
    }

    #[test]
    fn paths_print_and_read_back(text in "[a-c#_]{1,3}(\\.[a-c_]{1,3}|\\[[0-9]{1,3}\\]|\\.\"[a-c \\-\u{e9}]{0,3}\"){0,5}") {
        if let Ok(steps) = parse_path(FileId(0), &text) {
            let again = parse_path(FileId(0), &print_path(&steps)).expect("a path");
            prop_assert!(steps.iter().map(|step| &step.kind).eq(again.iter().map(|step| &step.kind)));
        }
    }
}
