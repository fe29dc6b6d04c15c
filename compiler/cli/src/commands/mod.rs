//! The commands, one a file.
//!
//! Invariant: a command returns its exit code, or a fault of the tool as a report; it never exits.

mod build;
mod check;
mod completion;
mod config;
mod def;
mod eval;
mod explain;
mod fmt;
mod graph;
mod hook;
mod init;
mod lsp;
mod pin;

use std::io::Write;
use std::path::{Path, PathBuf};

use miette::Report;
use platformc_driver::{Ambience, Options, Selection};
use platformc_host::{DiskSources, Surroundings};
use platformc_source::SourceMap;

use crate::args::{Arguments, Command, DefCommand, Global, LspArguments, Scope};
use crate::fault::Fault;
use crate::{Environment, VERSION};

/// What every command gets.
pub(crate) struct Context<'a> {
    pub(crate) global: &'a Global,
    pub(crate) environment: &'a Environment,
    pub(crate) out: &'a mut dyn Write,
    pub(crate) err: &'a mut dyn Write,
}

/// Runs the command.
pub(crate) fn run(
    arguments: Arguments,
    environment: &Environment,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Report> {
    let mut context = Context { global: &arguments.global, environment, out, err };
    match arguments.command {
        Command::Init(init) => init::run(&init, &mut context),
        Command::Check(check) => check::run(&check, context),
        Command::Build(build) => build::run(&build, context),
        Command::Fmt(fmt) => fmt::run(&fmt, context),
        Command::Hook(hook) => hook::run(&hook, &mut context),
        Command::Pin(pin) => pin::run(&pin, context),
        Command::Config(config) => config::run(&config, context),
        Command::Graph(graph) => graph::run(&graph, context),
        Command::Eval(eval) => eval::run(&eval, context),
        Command::Explain(explain) => explain::run(&explain, &mut context),
        Command::Def(DefCommand::Show(show)) => def::show(&show, context),
        Command::Def(DefCommand::Vet(vet)) => def::vet(&vet, context),
        Command::Lsp(LspArguments { stdio: _ }) => lsp::run(&mut context),
        Command::Completion(completion) => completion::run(&completion, &mut context),
    }
}

impl Context<'_> {
    /// The folder to work in.
    pub(crate) fn folder(&self) -> PathBuf {
        self.global.folder(self.environment)
    }

    /// Where texts are registered, with the paths that reports use.
    pub(crate) fn map(&self) -> SourceMap {
        SourceMap::below(&self.global.path_prefix)
    }

    /// The files of the workspace.
    pub(crate) fn sources(&self) -> Result<DiskSources, Report> {
        open(&self.folder())
    }

    /// What the driver is asked for.
    pub(crate) fn options(&self, scope: &Scope) -> Options {
        let environments = self.selection(scope.env.as_deref());
        Options {
            environments,
            jobs: scope.jobs,
            version: VERSION,
            set: scope.set.clone(),
            locked: scope.locked,
            ambience: self.ambience(),
        }
    }

    /// Where declared inputs come from.
    pub(crate) fn ambience(&self) -> Ambience {
        let variable = self.environment.variable.clone();
        Ambience::new(Surroundings::new(self.folder(), variable))
    }

    /// The environments that `--env`, or else PROVISIONING_ENV, asks for.
    pub(crate) fn selection(&self, env: Option<&str>) -> Selection {
        let named = |name: String, from| match name.as_str() {
            "all" => Selection::All,
            _ => Selection::Named(name, from),
        };
        let from_environment =
            || (self.environment.variable)("PROVISIONING_ENV").filter(|name| !name.is_empty());
        match env {
            Some(name) => named(name.to_owned(), "--env"),
            None => {
                from_environment().map_or(Selection::Only, |name| named(name, "PROVISIONING_ENV"))
            }
        }
    }
}

/// The files below a folder.
pub(crate) fn open(folder: &Path) -> Result<DiskSources, Report> {
    DiskSources::new(folder).map_err(|error| {
        let message = format!("cannot read the folder {}: {error}", folder.display());
        Report::new(Fault::new(message).help("-C DIR names the folder of the workspace"))
    })
}
