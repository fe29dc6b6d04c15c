//! What Argo CD gets, and what it is spared.

use platformc_source::codes;

use super::*;

fn application_input() -> Application<'static> {
    Application {
        name: "shop-prod-eu",
        argocd_namespace: "argocd",
        project: "shop",
        repository: Repository {
            url: "https://git.example.com/shop/rendered.git",
            revision: "main",
            folder: "prod",
        },
        source: Source::Output,
        env: "prod",
        cluster: "eu",
        server: "https://eu.clusters.example.com:6443",
        app: "shop",
        namespace: "shop",
        wave: 0,
        cascade: false,
        origin: Origin::NONE,
    }
}

fn text(artifact: Option<Artifact>) -> (String, String) {
    let artifact = artifact.expect("an artifact");
    (artifact.path, String::from_utf8(artifact.bytes).expect("text"))
}

#[test]
fn an_application() {
    let mut sink = Vec::new();
    let (path, yaml) = text(application(&application_input(), &mut sink));
    assert_eq!((path.as_str(), sink.len()), ("argocd/apps/eu/shop.yaml", 0));
    insta::assert_snapshot!(yaml);
    let input = Application { wave: -10, cascade: true, ..application_input() };
    let (_, yaml) = text(application(&input, &mut sink));
    insta::assert_snapshot!(yaml);
}

#[test]
fn a_project_and_the_root() {
    let mut sink = Vec::new();
    let input = Project {
        name: "shop",
        argocd_namespace: "argocd",
        repositories: vec!["https://git.example.com/shop/rendered.git"],
        destinations: vec![("https://b:6443", "shop"), ("https://a:6443", "shop")],
        cluster_kinds: vec![("", "Namespace"), ("", "Namespace")],
        origin: Origin::NONE,
    };
    let (path, yaml) = text(project(&input, &mut sink));
    assert_eq!(path, "argocd/projects/shop.yaml");
    insta::assert_snapshot!(yaml);
    let input = Root {
        name: "prod",
        argocd_namespace: "argocd",
        project: "default",
        repository: Repository { folder: "", ..application_input().repository },
        env: "prod",
        origin: Origin::NONE,
    };
    let (path, yaml) = text(root(&input, &mut sink));
    assert_eq!((path.as_str(), sink.len()), ("argocd/root.yaml", 0));
    insta::assert_snapshot!(yaml);
}

#[test]
fn what_argocd_would_refuse_is_reported_at_once() {
    let mut sink = Vec::new();
    let bad = Application {
        name: "Shop",
        project: "",
        repository: Repository { url: "", revision: "a b", folder: "../x" },
        server: "eu.example.com",
        namespace: "a.b",
        ..application_input()
    };
    assert!(application(&bad, &mut sink).is_none());
    assert!(sink.iter().all(|d| d.code == codes::EMIT_ARGOCD && !d.notes.is_empty()));
    let messages: Vec<_> = sink.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "an Argo CD Application cannot have the name `Shop`",
            "an Argo CD Application cannot have the project ``",
            "an Argo CD Application cannot have the repository ``",
            "an Argo CD Application cannot have the revision `a b`",
            "an Argo CD Application cannot have the path `../x`",
            "an Argo CD Application cannot have the server `eu.example.com`",
            "an Argo CD Application cannot have the namespace `a.b`",
        ]
    );
}

#[test]
fn an_application_of_a_chart_or_a_folder() {
    let mut sink = Vec::new();
    let values = map([("replicas", Value::int(2))]);
    let chart = Source::Chart {
        repository: "https://charts.example.com",
        chart: "cache",
        version: "1.2.3",
        values: Some(&values),
    };
    let (_, yaml) =
        text(application(&Application { source: chart, ..application_input() }, &mut sink));
    insta::assert_snapshot!(yaml);
    let folder = Source::Folder {
        repository: "https://git.example.com/infra.git",
        revision: "v1",
        path: "overlays/prod",
        values: None,
    };
    let input = Application { source: folder, ..application_input() };
    let (_, yaml) = text(application(&input, &mut sink));
    assert!(yaml.contains("path: overlays/prod\n") && !yaml.contains("helm"), "{yaml}");
    assert!(sink.is_empty());
    let source = Source::Chart { repository: "", chart: "a b", version: "", values: None };
    assert!(application(&Application { source, ..application_input() }, &mut sink).is_none());
    assert_eq!(sink.len(), 3);
}

#[test]
fn checks_of_health_are_a_patch_of_settings() {
    let checks = [
        health_of("terraform.core.oam.dev", "Configuration"),
        health_of("apps", "Deployment"),
        Some(APPLICATION),
        Some(APPLICATION),
    ];
    let artifact = health(checks.into_iter().flatten(), "argocd", Origin::NONE);
    let (path, yaml) = text(artifact);
    assert_eq!(path, "argocd/settings/argocd-cm.yaml");
    insta::assert_snapshot!(yaml);
    assert_eq!(health([], "argocd", Origin::NONE), None);
}
