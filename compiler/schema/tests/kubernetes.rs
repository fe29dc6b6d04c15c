//! The schemas of Kubernetes as shipped, and what they find.

use platformc_format::yaml;
use platformc_schema::{Catalog, Known, check};
use platformc_source::SourceMap;

fn kubernetes() -> Catalog {
    Catalog::read(include_str!("../../../schemas/kubernetes.txt")).expect("a catalog")
}

#[test]
fn every_type_can_be_read() {
    assert_eq!(kubernetes().first_fault(), None);
}

#[test]
fn what_is_no_catalog_says_why() {
    let fault = |text: &'static str| Catalog::read(text).expect_err("no catalog").to_string();
    insta::assert_debug_snapshot!([
        fault(""),
        fault("kubernetes 1.x 1.30\n"),
        fault("resources\nobjects many\n"),
        fault("resources\nobjects 1\nexample.com/v1 Widget\n"),
        fault("resources\nobjects 1\nexample.com/v1 Widget 0\ntypes 2\n{}\n"),
    ]);
}

#[test]
fn faults_are_found_where_they_are() {
    let catalog = kubernetes();
    let map = SourceMap::new();
    let text = include_str!("objects.yaml");
    let file = map.add("objects.yaml", text);
    let mut shown = String::new();
    for document in yaml::read(file, text).value {
        let mut sink = Vec::new();
        let known = check(&document.value, 33, &[&catalog], &mut sink);
        let name = document.value.get("metadata").and_then(|found| found.get("name"));
        let name = name.and_then(|name| name.as_str()).unwrap_or("");
        let known = if known == Known::Unknown { " (no schema)" } else { "" };
        shown.push_str(&format!("{name}{known}\n"));
        for found in sink {
            let at = map.get(found.primary.span.file).expect("a file");
            let line = at.line_column(found.primary.span.start).line;
            shown.push_str(&format!("  {line}: {}: {}", found.code.id(), found.message));
            for more in [found.primary.message].into_iter().chain(found.notes) {
                if !more.is_empty() {
                    shown.push_str(&format!(" ({more})"));
                }
            }
            shown.push('\n');
        }
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn versions_tell_apart_what_clusters_serve() {
    let catalog = kubernetes();
    let text = "apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\n";
    let value = yaml::read(SourceMap::new().add("x", text), text).value.remove(0).value;
    let count = |minor| {
        let mut sink = Vec::new();
        check(&value, minor, &[&catalog], &mut sink);
        sink.len()
    };
    assert_eq!((count(25), count(26)), (0, 1));
}
