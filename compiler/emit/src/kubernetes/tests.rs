//! Objects as they come out, and those that do not.

use platformc_source::{FileId, SourceMap, codes};

use super::*;

const CONTEXT: Context<'_> = Context { cluster: "eu", app: "Shop", namespace: "shop", wave: 0 };

/// Reads an object from YAML, writes it, and says what was found.
fn emit(text: &str) -> (Option<(Identity, Artifact)>, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let mut documents = yaml::read(FileId(0), text).drain_into(&mut sink);
    assert!(sink.is_empty(), "{sink:?}");
    let object = documents.remove(0).value;
    let found = resource(object, &CONTEXT, &mut sink);
    assert_eq!(found.is_some(), sink.is_empty(), "reported, or written");
    (found, sink)
}

fn good(text: &str) -> (String, String) {
    let (found, sink) = emit(text);
    let artifact = found.unwrap_or_else(|| panic!("{sink:?}")).1;
    (artifact.path, String::from_utf8(artifact.bytes).expect("text"))
}

#[test]
fn keys_are_ordered_and_lists_are_not() {
    let (path, yaml) = good(
        "spec: {b: 1, a: [z, a]}\nkind: Deployment\nmetadata: {labels: {b: x, a: w}, \
         namespace: shop, name: web}\napiVersion: apps/v1\n",
    );
    assert_eq!(path, "kubernetes/eu/%53hop/deployment.apps-web.yaml");
    insta::assert_snapshot!(yaml);
}

#[test]
fn what_holds_data_is_spared_and_says_so_itself() {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data";
    let (path, yaml) = good(&format!("{claim}}}"));
    assert_eq!(path, "kubernetes/eu/%53hop/persistentvolumeclaim-data.yaml");
    insta::assert_snapshot!(yaml);
    let own = "annotations: {argocd.argoproj.io/sync-options: Prune=confirm}";
    let (_, yaml) = good(&format!("{claim}, {own}}}"));
    assert!(yaml.contains("Prune=confirm") && !yaml.contains("Prune=false"), "{yaml}");
}

#[test]
fn waves_are_text() {
    let mut sink = Vec::new();
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: null}";
    let object = yaml::read(FileId(0), text).value.remove(0).value;
    let context = Context { wave: 20, ..CONTEXT };
    let (_, artifact) = resource(object, &context, &mut sink).expect("an object");
    let yaml = String::from_utf8(artifact.bytes).expect("text");
    assert!(yaml.contains("argocd.argoproj.io/sync-wave: \"20\""), "{yaml}");
}

#[test]
fn another_namespace_is_another_file() {
    let object = |namespace: &str| {
        let metadata = format!("{{name: system:Read, namespace: {namespace}}}");
        format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {metadata}")
    };
    let folder = "kubernetes/eu/%53hop/role.rbac.authorization.k8s.io-system%3a%52ead";
    assert_eq!(good(&object("shop")).0, format!("{folder}.yaml"));
    assert_eq!(good(&object("other")).0, format!("{folder}~other.yaml"));
}

#[test]
fn what_an_api_server_would_refuse_is_reported_where_it_stands() {
    let cases = [
        ("[1]", "emit/not-an-object", "[1]"),
        ("a: 1", "emit/not-an-object", ""),
        ("apiVersion: v1\nkind: 7\nmetadata: {name: a}", "emit/not-an-object", "7"),
        ("apiVersion: v1\nkind: Pod\nmetadata: [a]", "emit/not-an-object", "[a]"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: \"\"}", "emit/not-an-object", "\"\""),
        ("apiVersion: a/b/v1\nkind: Pod\nmetadata: {name: a}", "emit/not-an-object", "a/b/v1"),
        ("apiVersion: /v1\nkind: Pod\nmetadata: {name: a}", "emit/not-an-object", "/v1"),
        ("apiVersion: v1\nkind: a/b\nmetadata: {name: a}", "emit/not-an-object", "a/b"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: A}", "emit/name", "A"),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: 1a}", "emit/name", "1a"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b.c}", "emit/name", "b.c"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {v: 1.0}}", "emit/label", "1.0"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {v: a b}}", "emit/label", "a b"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {-v: a}}", "emit/label", "-v"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: [a]}", "emit/label", "[a]"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {a: true}}",
            "emit/annotation",
            "true",
        ),
        (
            "apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: {template: {metadata: {labels: {a: 1}}}}",
            "emit/label",
            "1",
        ),
    ];
    for (text, code, marked) in cases {
        let (_, sink) = emit(text);
        let map = SourceMap::new();
        map.add("a.yaml", text);
        let found: Vec<_> = sink.iter().map(|d| (d.code.id(), map.text(d.primary.span))).collect();
        assert!(found.iter().all(|(id, _)| *id == code), "{text}: {found:?}");
        assert!(found.iter().any(|(_, t)| marked.is_empty() || t == marked), "{text}: {found:?}");
    }
}

#[test]
fn a_label_that_should_be_text_gets_quotes() {
    let (_, sink) = emit("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {v: 1.0}}");
    assert_eq!(sink[0].code, codes::EMIT_LABEL);
    assert_eq!(sink[0].fixes[0].edits[0].text, "\"1.0\"");
}

#[test]
fn annotations_have_a_limit() {
    let long = "x".repeat(300_000);
    let (_, sink) = emit(&format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, annotations: {{a: {long}}}}}"
    ));
    assert_eq!(sink[0].code, codes::EMIT_ANNOTATION);
}
