//! What is offered, by place. Invariant: a case is a text with its place marked in it.

use proptest::prelude::*;

use super::{Item, completion};
use crate::testing::ask;

const HEAD: &str =
    "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:\n  name: a\nspec:\n";

fn items(path: &str, marked: &str) -> Vec<Item> {
    ask(path, marked, completion)
}

/// The labels offered in the `spec` of an Application.
fn labels(spec: &str) -> Vec<String> {
    let offered = items("apps/a.yaml", &format!("{HEAD}{spec}"));
    offered.into_iter().map(|item| item.label).collect()
}

/// The text after choosing a label.
fn chosen(spec: &str, label: &str) -> String {
    let marked = format!("{HEAD}{spec}");
    let offered = items("apps/a.yaml", &marked);
    let item = offered.iter().find(|item| item.label == label);
    let item = item.unwrap_or_else(|| panic!("{label} is not offered: {offered:#?}"));
    let mut text = marked.replacen('‸', "", 1);
    text.replace_range(item.span.clone(), &item.insert);
    text[HEAD.len()..].to_owned()
}

const GIZMO: &str = "  components:\n    - name: one\n      type: gizmo\n";

#[test]
fn properties_that_must_be_there_come_first_and_those_that_are_there_do_not_come() {
    let offered = labels(&format!("{GIZMO}      properties:\n        ‸\n"));
    assert_eq!(offered, ["image", "speed", "on", "ports", "tuning", "labels"]);
    let offered = labels(&format!("{GIZMO}      properties:\n        im‸\n        on: true\n"));
    assert_eq!(offered, ["image", "speed", "ports", "tuning", "labels"]);
    // Below what is there, and inside of it.
    let offered = labels(&format!("{GIZMO}      properties:\n        image: x\n        ‸\n"));
    assert!(!offered.contains(&"image".to_owned()) && offered.contains(&"speed".to_owned()));
    let offered = labels(&format!("{GIZMO}      properties:\n        tuning:\n          ‸\n"));
    assert_eq!(offered, ["depth", "width"]);
    let offered = labels(&format!("{GIZMO}      properties:\n        ports:\n          - ‸\n"));
    assert_eq!(offered, ["port", "name"]);
    let offered = labels(&format!(
        "{GIZMO}      properties:\n        ports:\n          - port: 1\n            ‸\n"
    ));
    assert_eq!(offered, ["name"]);
    let offered = labels(&format!("{GIZMO}      properties: {{image: x, ‸}}\n"));
    assert!(offered.contains(&"speed".to_owned()) && !offered.contains(&"image".to_owned()));
}

#[test]
fn what_is_chosen_is_written_as_it_has_to_be() {
    let properties = |rest: &str| format!("{GIZMO}      properties:\n        {rest}");
    assert_eq!(chosen(&properties("im‸\n"), "image"), properties("image: \n"));
    assert_eq!(chosen(&properties("im‸: x\n"), "image"), properties("image: x\n"));
    assert_eq!(chosen(&properties("‸\n"), "ports"), properties("ports:\n          - \n"));
    assert_eq!(chosen(&properties("tu‸\n"), "tuning"), properties("tuning:\n          \n"));
    assert_eq!(chosen(&properties("speed: ‸\n"), "fast"), properties("speed: fast\n"));
    assert_eq!(chosen(&properties("speed:‸\n"), "fast"), properties("speed: fast\n"));
    assert_eq!(chosen(&properties("speed: \"f‸\"\n"), "fast"), properties("speed: \"fast\"\n"));
    assert_eq!(chosen(&properties("on: t‸\n"), "true"), properties("on: true\n"));
    let flow = |rest: &str| format!("{GIZMO}      properties: {{{rest}}}\n");
    assert_eq!(chosen(&flow("tu‸"), "tuning"), flow("tuning: "));
    assert_eq!(chosen("  ‸\n", "components"), "  components:\n    - \n");
}

#[test]
fn values_are_those_of_the_definition() {
    let value = |rest: &str| labels(&format!("{GIZMO}      properties:\n        {rest}\n"));
    assert_eq!(value("speed: ‸"), ["slow", "fast"]);
    assert_eq!(value("on: ‸"), ["true", "false"]);
    assert_eq!(value("image: ‸"), [""; 0]);
    assert_eq!(value("tuning: {depth: ‸}"), ["3"]);
}

#[test]
fn names_are_those_of_the_document_and_the_workspace() {
    let types = labels("  components:\n    - name: one\n      type: giz‸\n");
    assert!(types.contains(&"gizmo".to_owned()) && types.contains(&"webservice".to_owned()));
    let traits = labels(&format!("{GIZMO}      traits:\n        - type: ‸\n"));
    assert!(traits.contains(&"gateway".to_owned()) && !traits.contains(&"gizmo".to_owned()));
    let two = format!("{GIZMO}    - name: two\n      type: gizmo\n");
    assert_eq!(labels(&format!("{two}      dependsOn:\n        - ‸\n")), ["one"]);
    assert_eq!(labels(&format!("{two}      dependsOn: [o‸]\n")), ["one"]);
    let topology = "  policies:\n    - name: p\n      type: topology\n      properties:\n";
    assert_eq!(labels(&format!("{topology}        clusters: [eu, ‸]\n")), ["lab", "eu", "us"]);
    let deploy = format!(
        "{topology}        clusters: [eu]\n  workflow:\n    steps:\n      - type: deploy\n        name: d\n        properties:\n          policies: [\"‸\"]\n"
    );
    assert_eq!(labels(&deploy), ["p"]);
}

#[test]
fn fields_of_documents_are_offered_also_at_their_start() {
    let labels = |path: &str, marked: &str| -> Vec<String> {
        items(path, marked).into_iter().map(|item| item.label).collect()
    };
    assert_eq!(labels("apps/new.yaml", "‸"), ["apiVersion", "kind", "metadata", "spec"]);
    let versions = labels("apps/new.yaml", "apiVersion: ‸");
    assert_eq!(versions, ["core.oam.dev/v1beta1", "platformc.dev/v1alpha1"]);
    assert!(labels("apps/new.yaml", "kind: A‸").contains(&"Application".to_owned()));
    assert_eq!(
        labels("apps/new.yaml", &format!("{HEAD}  ‸")),
        ["components", "policies", "workflow"]
    );
    let component = labels("apps/new.yaml", &format!("{HEAD}  components:\n  - ‸"));
    assert_eq!(&component[..3], ["name", "type", "properties"]);
    // An overlay knows the components of what it overlays, and by their names their types.
    assert_eq!(labels("apps/base.prod.yaml", "components:\n  - name: ‸\n"), ["first", "second"]);
    assert_eq!(labels("apps/base.prod.yaml", "‸"), ["components", "selector"]);
    // The manifest.
    let clusters = labels("platform.toml", "[environments.x]\nclusters = [\"‸\"]\n");
    assert_eq!(clusters, ["lab", "eu", "us"]);
    assert!(labels("platform.toml", "[environments.x]\nna‸\n").contains(&"namespace".to_owned()));
}

#[test]
fn cue_documents_are_completed_as_well() {
    let labels = |marked: &str| -> Vec<String> {
        items("apps/a.cue", marked).into_iter().map(|item| item.label).collect()
    };
    let head =
        "apiVersion: \"core.oam.dev/v1beta1\"\nkind: \"Application\"\nmetadata: name: \"a\"\n";
    let component = |rest: &str| {
        format!("{head}spec: components: [{{\n\tname: \"one\"\n\ttype: \"gizmo\"\n\t{rest}\n}}]\n")
    };
    assert_eq!(
        labels(&component("properties: {\n\t\t‸\n\t}")),
        ["image", "speed", "on", "ports", "tuning", "labels"]
    );
    assert_eq!(labels(&component("properties: speed: \"‸\"")), ["slow", "fast"]);
    let types = labels(&format!("{head}spec: components: [{{name: \"one\", type: \"‸\"}}]\n"));
    assert!(types.contains(&"gizmo".to_owned()));
}

#[test]
fn nothing_is_offered_where_nothing_fits() {
    assert_eq!(labels("  # components‸\n"), [""; 0]);
    assert_eq!(labels("  components:\n    - name: ‸\n"), [""; 0]);
    assert_eq!(
        labels("  components:\n    - type: nobody\n      properties:\n        ‸\n"),
        [""; 0]
    );
    assert!(items("README.md", "‸").is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_at_any_place(cut in 0usize..400, noise in "[-{}\\[\\]:, \n\"|#a]{0,12}") {
        let text = format!("{HEAD}{GIZMO}      properties:\n        tuning: {{depth: 3}}\n");
        let cut = cut.min(text.len());
        let marked = format!("{}{noise}‸{}", &text[..cut], &text[cut..]);
        for path in ["apps/a.yaml", "apps/a.cue", "platform.toml"] {
            for item in items(path, &marked) {
                prop_assert!(marked.replace('‸', "").get(item.span.clone()).is_some());
            }
        }
    }
}
