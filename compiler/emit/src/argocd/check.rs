//! What Argo CD would refuse, said before anybody asks it.
//!
//! Invariant: every refusal is a diagnostic with what is allowed instead.

use platformc_source::{Diagnostic, Origin, codes};

use super::{Application, Repository, Source};
use crate::name::Rule;

/// What Argo CD's schema and its API server say without being asked.
pub(super) struct Check<'a> {
    subject: &'static str,
    origin: Origin,
    sink: &'a mut Vec<Diagnostic>,
    good: bool,
}

impl<'a> Check<'a> {
    /// Nothing is known to be wrong yet.
    pub(super) fn new(
        subject: &'static str,
        origin: Origin,
        sink: &'a mut Vec<Diagnostic>,
    ) -> Check<'a> {
        Check { subject, origin, sink, good: true }
    }

    /// Whether nothing was refused.
    pub(super) fn good(&self) -> bool {
        self.good
    }

    fn refuse(&mut self, message: &str, note: &str) {
        let message = format!("an Argo CD {} cannot have {message}", self.subject);
        let diagnostic = Diagnostic::new(codes::EMIT_ARGOCD, self.origin.span, message);
        self.sink.push(diagnostic.note(note));
        self.good = false;
    }

    pub(super) fn name(&mut self, what: &str, name: &str, rule: Rule) {
        if !rule.admits(name) {
            self.refuse(&format!("the {what} `{name}`"), &format!("allowed: {}", rule.words()));
        }
    }

    pub(super) fn object(&mut self, name: &str, namespace: &str, project: &str) {
        self.name("name", name, Rule::Subdomain);
        self.name("namespace", namespace, Rule::Label);
        self.name("project", project, Rule::Subdomain);
    }

    pub(super) fn source(&mut self, input: &Application<'_>) {
        match input.source {
            Source::Output => self.repository(&input.repository),
            Source::Chart { repository, chart, version, .. } => {
                self.address(repository);
                self.revision(version);
                if chart.is_empty() || chart.contains(char::is_whitespace) {
                    self.refuse(&format!("the chart `{chart}`"), "name a chart of the repository");
                }
            }
            Source::Folder { repository, revision, path, .. } => {
                self.repository(&Repository { url: repository, revision, folder: path });
            }
        }
    }

    pub(super) fn repository(&mut self, repository: &Repository<'_>) {
        let Repository { url, revision, folder } = repository;
        self.address(url);
        self.revision(revision);
        let folder = folder.trim_end_matches('/');
        if !folder.is_empty() && !platformc_source::is_relative(folder) {
            let note = "the folder is relative to the repository, without `.` and `..`";
            self.refuse(&format!("the path `{folder}`"), note);
        }
    }

    fn address(&mut self, url: &str) {
        if url.is_empty() || url.contains(char::is_whitespace) {
            let note = "for example https://git.example.com/platform.git";
            self.refuse(&format!("the repository `{url}`"), note);
        }
    }

    fn revision(&mut self, revision: &str) {
        if revision.is_empty() || revision.contains(char::is_whitespace) {
            self.refuse(&format!("the revision `{revision}`"), "name a branch, tag or commit");
        }
    }

    pub(super) fn server(&mut self, server: &str) {
        let host = server.strip_prefix("https://").or_else(|| server.strip_prefix("http://"));
        let good = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
        if !good || server.contains(char::is_whitespace) {
            let note = "the address of an API server is a URL: https://host:6443";
            self.refuse(&format!("the server `{server}`"), note);
        }
    }
}
