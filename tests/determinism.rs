//! The same files give the same bytes and the same words, in whatever order folders are listed
//! and however many threads work.
#![allow(clippy::disallowed_methods, reason = "a test reads the example")]

use std::sync::Arc;

use platformc_driver::{Options, Selection, compile};
use platformc_source::render::{MessageFormat, RenderOptions, render};
use platformc_source::{Entry, MemorySources, ReadError, SourceMap, Sources};
use platformc_tests::{files_below, repository};

/// Lists folders in another order than sorted.
struct Shuffled {
    inner: MemorySources,
    turn: usize,
}

impl Sources for Shuffled {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        self.inner.read(path)
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>, ReadError> {
        let mut entries = self.inner.list(folder)?;
        if self.turn % 2 == 1 {
            entries.reverse();
        }
        let count = entries.len().max(1);
        entries.rotate_left(self.turn % count);
        Ok(entries)
    }
}

fn example() -> MemorySources {
    let root = repository().join("examples/shop");
    let mut sources = MemorySources::new();
    for path in files_below(&root, "").expect("the example") {
        let name = path.strip_prefix(&root).expect("below").to_string_lossy().replace('\\', "/");
        if !name.starts_with("dist/") {
            sources.insert(name, std::fs::read(&path).expect("readable"));
        }
    }
    sources
}

/// Everything a build says and writes, as one text.
fn outcome(sources: &dyn Sources, jobs: usize) -> String {
    let map = SourceMap::new();
    let options =
        Options { environments: Selection::All, jobs, version: "0.1.0", ..Options::default() };
    let outcome = compile(sources, &map, &options);
    let mut text = String::new();
    for format in MessageFormat::ALL {
        text.push_str(&render(format, &outcome.diagnostics, &map, &RenderOptions::default()));
    }
    for output in outcome.value.outputs {
        for (path, bytes) in output.files {
            let bytes = String::from_utf8_lossy(&bytes);
            text.push_str(&format!("{}/{path}\n{bytes}\n", output.environment));
        }
    }
    text
}

fn always_the_same(sources: &MemorySources) -> String {
    let reference = outcome(sources, 1);
    for turn in 0..6 {
        let shuffled = Shuffled { inner: sources.clone(), turn };
        for jobs in [1, 2, 8] {
            let found = outcome(&shuffled, jobs);
            let difference = platformc_tests::difference(&reference, &found);
            assert!(difference.is_empty(), "turn {turn}, {jobs} threads: {difference}");
        }
    }
    reference
}

#[test]
fn a_good_workspace_builds_to_the_same_bytes() {
    let text = always_the_same(&example());
    assert!(text.contains("prod/argocd/apps/eu/storefront.yaml"), "{text}");
}

#[test]
fn a_broken_workspace_is_reported_in_the_same_words() {
    let mut sources = example();
    for (index, fault) in
        ["replicsa: 1", "image: 3", "ports: [{port: high}]", "image: [", "cpu: {}"]
            .iter()
            .enumerate()
    {
        let text = format!(
            "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:\n  name: broken\n\
             spec:\n  components:\n    - name: a{index}\n      type: webservice\n      \
             dependsOn: [a{index}, nowhere]\n      properties:\n        {fault}\n"
        );
        sources.insert(format!("apps/team-{index}/broken.yaml"), text);
    }
    sources.insert(
        "definitions/worse.cue",
        "worse: {type: \"component\"}\ntemplate: {output: {a: b}}\n",
    );
    let text = always_the_same(&sources);
    assert!(text.contains("graph/unknown-target"), "{text}");
    assert!(text.contains("definition/unknown-property"), "{text}");
}

#[test]
fn the_place_of_the_workspace_does_not_show() {
    let text = outcome(&example(), 2);
    let root = repository();
    assert!(!text.contains(&*root.to_string_lossy()));
}
