//! The grammar of the command line. Invariant: every option says what it takes and what happens
//! without it.

use std::path::PathBuf;

use clap::builder::TypedValueParser as _;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use platformc_driver::pins::Request;
use platformc_source::render::MessageFormat;

use crate::Environment;

/// Compiles typed platform configuration to Kubernetes manifests and Argo CD Applications
#[derive(Debug, Parser)]
#[command(name = "platformc", version, max_term_width = 100, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) folder: Option<PathBuf>,
    /// How to write what is found in the input
    #[arg(long, value_name = "FORMAT", global = true, default_value_t = MessageFormat::Text,
          value_parser = clap::builder::PossibleValuesParser::new(
              MessageFormat::ALL.map(MessageFormat::as_str))
              .map(|name| name.parse::<MessageFormat>().unwrap_or_default()))]
    pub(crate) message_format: MessageFormat,
    /// Write what is found in the input to this file
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) report: Option<PathBuf>,
    /// The folder of the workspace in its repository, put before the paths of what is found
    #[arg(
        long,
        value_name = "FOLDER",
        global = true,
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) path_prefix: String,
    /// Whether to colour what is written for people
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub(crate) color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Global {
    /// Whether to use colours.
    pub(crate) fn use_color(&self, environment: &Environment) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = (environment.variable)("NO_COLOR").is_some_and(|v| !v.is_empty());
                environment.terminal && !refused
            }
        }
    }

    /// The folder to work in.
    pub(crate) fn folder(&self, environment: &Environment) -> PathBuf {
        match &self.folder {
            Some(folder) => environment.folder.join(folder),
            None => environment.folder.clone(),
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a small workspace that builds as it is
    Init(InitArguments),
    /// Check a workspace without writing anything
    Check(CheckArguments),
    /// Check a workspace and write its output
    Build(BuildArguments),
    /// Pin components to the images that were built for them
    Pin(PinArguments),
    /// Show the configuration and who set it
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Write CUE in its usual form; YAML, JSON and TOML stay as they are
    Fmt(FmtArguments),
    /// Check before every commit
    #[command(subcommand)]
    Hook(HookCommand),
    /// Show what comes before what
    Graph(GraphArguments),
    /// Evaluate CUE, YAML, JSON or TOML files
    Eval(EvalArguments),
    /// Explain a diagnostic code such as model/unknown-field
    Explain(ExplainArguments),
    /// Look at definitions
    #[command(subcommand)]
    Def(DefCommand),
    /// Serve an editor over the Language Server Protocol
    Lsp(LspArguments),
    /// Write a completion script for a shell
    Completion(CompletionArguments),
}

/// `init`
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// An empty folder, or one that does not exist yet
    #[arg(default_value = ".")]
    pub(crate) directory: PathBuf,
}

/// Which environments, how many threads.
#[derive(Debug, Args)]
pub(crate) struct Scope {
    /// The environment, or `all`; else PROVISIONING_ENV, else the only one
    #[arg(long, value_name = "ENV")]
    pub(crate) env: Option<String>,
    /// Set a path of the configuration; the value is read as YAML, the later one wins
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    /// Refuse what depends on the user or the time: config.user.*, a clock that is not fixed
    #[arg(long)]
    pub(crate) locked: bool,
    /// Threads to use; as many as there are processors if not given
    #[arg(long, short, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) jobs: usize,
    /// Refuse (exit code 3) what is no error otherwise: a code such as pins/placeholder, its last
    /// part, or `warnings`
    #[arg(long, value_name = "NAME")]
    pub(crate) deny: Vec<String>,
}

/// `check`
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) scope: Scope,
}

/// `build`
#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// The folder to write to, relative to the workspace; `-` prints the Kubernetes objects instead
    #[arg(long, short, value_name = "DIR", default_value = "dist")]
    pub(crate) out_dir: PathBuf,
    /// With `-o -`: only what lies here in the output, such as kubernetes/CLUSTER/APP
    #[arg(long, value_name = "PATH")]
    pub(crate) only: Vec<String>,
    /// Write nothing; fail if the output is not what would be written
    #[arg(long)]
    pub(crate) verify: bool,
}

/// `fmt`
#[derive(Debug, Args)]
pub(crate) struct FmtArguments {
    /// Files and folders of the workspace; all of it if not given
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// Write nothing; list the files that would change, and fail if there are any
    #[arg(long)]
    pub(crate) check: bool,
}

/// `hook`
#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Write git's pre-commit hook for this workspace
    Install(HookInstallArguments),
    /// Remove the hook that `hook install` wrote
    Uninstall,
}

/// `hook install`
#[derive(Debug, Args)]
pub(crate) struct HookInstallArguments {
    /// Options of `platformc check`; `--env all` if not given
    #[arg(last = true, value_name = "OPTION")]
    pub(crate) check: Vec<String>,
}

/// `pin`
#[derive(Debug, Args)]
pub(crate) struct PinArguments {
    /// The components with their images
    #[arg(required = true, value_name = "APP/COMPONENT=IMAGE", value_parser = request)]
    pub(crate) pins: Vec<Request>,
    /// The environment, or `all`; else PROVISIONING_ENV, else the only one
    #[arg(long, value_name = "ENV")]
    pub(crate) env: Option<String>,
}

/// Reads `APP/COMPONENT=IMAGE`.
fn request(text: &str) -> Result<Request, String> {
    let parts = text.split_once('=').and_then(|(name, image)| Some((name.split_once('/')?, image)));
    match parts {
        Some(((app, component), image)) if !app.is_empty() && !component.is_empty() => {
            Ok(Request {
                app: app.to_owned(),
                component: component.to_owned(),
                image: image.to_owned(),
            })
        }
        _ => Err("write APP/COMPONENT=IMAGE, such as shop/web=r.example.com/web:v1".to_owned()),
    }
}

/// `config`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the configuration of an environment, of all with `--env all`
    Show(ConfigShowArguments),
    /// Print one value
    Get(ConfigGetArguments),
    /// Tell who set a value, who lost, and which references led to it
    Trace(ConfigGetArguments),
}

/// `config show`
#[derive(Debug, Args)]
pub(crate) struct ConfigShowArguments {
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// The form of the result; text names the layer of each value
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ConfigFormat,
}

/// `config get` and `config trace`
#[derive(Debug, Args)]
pub(crate) struct ConfigGetArguments {
    /// The path, such as paths.base, ports[0] or labels."a.b/c"
    pub(crate) path: String,
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// The form of the result; a scalar is plain text
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ConfigFormat,
}

/// Forms of configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfigFormat {
    /// For people
    Text,
    /// JSON
    Json,
    /// YAML
    Yaml,
}

/// `graph`
#[derive(Debug, Args)]
pub(crate) struct GraphArguments {
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// The form of the result
    #[arg(long, value_name = "FORM", default_value = "dot")]
    pub(crate) format: GraphFormat,
    /// The finest kind of node; everything in JSON, components and steps else
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<GraphLevel>,
    /// Only this node, what it depends on and what depends on it: APP, APP/COMPONENT, stack:NAME
    #[arg(long, value_name = "NODE")]
    pub(crate) focus: Option<String>,
}

/// Forms of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Graphviz
    Dot,
    /// A Mermaid flowchart
    Mermaid,
    /// For programs
    Json,
}

/// Levels of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphLevel {
    /// Stacks, clusters, Applications, workflows
    Application,
    /// Components and steps as well
    Component,
    /// Everything
    Resource,
}

/// `eval`
#[derive(Debug, Args)]
pub(crate) struct EvalArguments {
    /// The files; several CUE files are one package
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Evaluate this CUE expression in the scope of the files
    #[arg(long, short, value_name = "EXPR")]
    pub(crate) expression: Option<String>,
    /// The form of the result
    #[arg(long, value_name = "FORM", default_value = "json")]
    pub(crate) out: EvalForm,
}

/// Forms of an evaluated value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvalForm {
    /// JSON
    Json,
    /// YAML
    Yaml,
    /// CUE, with what is not concrete kept
    Cue,
}

/// `explain`
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The code; every code is listed if not given
    pub(crate) code: Option<String>,
}

/// `def`
#[derive(Debug, Subcommand)]
pub(crate) enum DefCommand {
    /// Show the parameters of a definition
    Show(ShowArguments),
    /// Check definition files
    Vet(VetArguments),
}

/// `def show`
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// The definition's name; every definition is listed if not given
    pub(crate) name: Option<String>,
    /// The form of the result
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) format: ShowForm,
}

/// Forms of a shown definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowForm {
    /// For people
    Text,
    /// JSON Schema of the parameters
    JsonSchema,
    /// A reference page
    Markdown,
}

/// `def vet`
#[derive(Debug, Args)]
pub(crate) struct VetArguments {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// `lsp`
#[derive(Debug, Args)]
pub(crate) struct LspArguments {
    /// Talk over standard input and output, which is the only way there is
    #[arg(long)]
    pub(crate) stdio: bool,
}

/// `completion`
#[derive(Debug, Args)]
pub(crate) struct CompletionArguments {
    /// The shell
    pub(crate) shell: Shell,
}
