//! A workspace with everything in it: infrastructures, tenants, Applications, workflows, layers.
//!
//! Invariant: what is written at half the size is part of what is written at the whole size, so
//! that times can be compared.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

/// How much of everything there is at the whole size.
const INFRASTRUCTURES: usize = 20;
const TEAMS: usize = 100;
const APPLICATIONS: usize = 2_000;
const WORKFLOWS: usize = 50;
/// Teams share a host by this many.
const TEAMS_OF_HOST: usize = 20;

/// Writes a workspace of `percent` of the whole size.
pub(crate) fn write(
    root: &Path,
    percent: usize,
    application: impl Fn(usize) -> String,
) -> io::Result<()> {
    let part = |whole: usize| (whole * percent / 100).max(1);
    let hosts = part(INFRASTRUCTURES);
    fs::create_dir_all(root)?;
    fs::write(root.join("platform.toml"), manifest(hosts))?;
    fs::write(root.join("config.defaults.toml"), DEFAULTS)?;
    fs::write(root.join("config.prod.toml"), "[log]\nlevel = \"warn\"\n")?;
    let file = |folder: String, name: String, text: String| -> io::Result<()> {
        fs::create_dir_all(root.join(&folder))?;
        fs::write(root.join(folder).join(name), text)
    };
    for at in 0..hosts {
        file("infrastructure".to_owned(), format!("i{at:02}.yaml"), infrastructure(at))?;
    }
    for host in 0..part(TEAMS).div_ceil(TEAMS_OF_HOST) {
        let teams = TEAMS_OF_HOST.min(part(TEAMS) - host * TEAMS_OF_HOST);
        file("tenants".to_owned(), format!("t{host:02}.yaml"), tenants(host, host % hosts, teams))?;
    }
    for at in 0..part(APPLICATIONS) {
        // Every fourth Application reads the configuration.
        let text = application(at);
        let text = match at % 4 {
            0 => {
                text.replace("imagePullPolicy: IfNotPresent", "imagePullPolicy: \"{{image.pull}}\"")
            }
            _ => text,
        };
        file(format!("apps/team-{:03}", at / 20), format!("app-{at:05}.yaml"), text)?;
    }
    for at in 0..part(WORKFLOWS) {
        file("workflows".to_owned(), format!("w{at:02}.yaml"), workflow(at))?;
    }
    Ok(())
}

const DEFAULTS: &str = r#"domain = "example.com"

[image]
pull = "IfNotPresent"

[log]
level = "info"
format = "json at {{log.level}}"

[versions]
argocd = "7.7.11"
ingress = "34.4.1"
"#;

fn manifest(hosts: usize) -> String {
    let mut text = String::from(
        "name = \"bench\"\n\n[environments.prod]\nclusters = [\"main\"]\nnamespace = \"bench\"\n\n\
         [clusters.main]\nserver = \"https://main.example.com:6443\"\nkubernetes = \"1.33\"\n\
         infrastructure = \"i00\"\n\n\
         [argocd]\nrepository = \"https://git.example.com/rendered.git\"\n\n\
         [terraform]\nengine = \"opentofu\"\nversion = \"1.10.6\"\n\
         orchestrator = [\"terragrunt\", \"atlantis\"]\n",
    );
    let _ = writeln!(text, "\n# {hosts} infrastructures");
    text
}

fn infrastructure(at: usize) -> String {
    format!(
        r#"apiVersion: platformc.dev/v1alpha1
kind: Infrastructure
metadata:
  name: i{at:02}
spec:
  provider: aws
  region: eu-central-1
  admin: {{username: ops}}
  backend: {{}}
  vpc: {{cidr: 10.{at}.0.0/16}}
  domain: {{domain: "i{at:02}.{{{{domain}}}}"}}
  kubernetes: {{version: "1.33"}}
  addons:
    ingress: {{version: "{{{{versions.ingress}}}}"}}
    argocd: {{version: "{{{{versions.argocd}}}}"}}
"#
    )
}

fn tenants(at: usize, host: usize, teams: usize) -> String {
    let mut text = format!(
        "apiVersion: platformc.dev/v1alpha1\nkind: Tenants\nmetadata:\n  name: t{at:02}\nspec:\n  \
         host: {{infrastructure: i{host:02}}}\n  vcluster: {{version: 0.30.0}}\n  teams:\n"
    );
    for team in 0..teams {
        let _ = writeln!(
            text,
            "    - name: team-{team:02}\n      quota: {{requests.cpu: \"{}\", pods: 50}}\n      \
             stack:\n        - name: web\n          helm: {{repository: \
             https://charts.example.com/stable, chart: nginx, version: 18.2.{team}}}",
            1 + team % 8
        );
    }
    text
}

fn workflow(at: usize) -> String {
    let mut text = format!(
        "apiVersion: platformc.dev/v1alpha1\nkind: Workflow\nmetadata:\n  name: w{at:02}\nspec:\n  \
         version: 1.0.0\n  parallel_limit: 5\n  rollback_enabled: true\n  operations:\n"
    );
    for step in 0..12 {
        let _ = writeln!(
            text,
            "    - id: step-{step:02}\n      type: {}\n      provider: aws\n      dependencies: [{}]",
            if step % 3 == 0 { "server_batch" } else { "taskserv_batch" },
            if step == 0 { String::new() } else { format!("step-{:02}", step / 2) }
        );
    }
    text
}
