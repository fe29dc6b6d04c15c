//! The fields of the compiler's own documents.
//!
//! Invariant: that of the module above; the model decides what is valid.

use platformc_definition::DefinitionKind;
use platformc_model::Role;

use super::{Field, Kind, Names, TEXTS, may, must};

const VERSION: Field =
    must("apiVersion", Kind::OneOf(&["platformc.dev/v1alpha1"]), "The version of the document.");
const ENVIRONMENTS: Field = may(
    "environments",
    Kind::List(&Kind::Name(Names::Environment)),
    "The environments it is for; all if not given.",
);
const METADATA: Field = must(
    "metadata",
    Kind::Struct(&[
        must("name", Kind::Text, "Its name; stacks are named after it."),
        may("labels", TEXTS, "Its labels."),
        may("annotations", TEXTS, "Its annotations."),
    ]),
    "Name, labels and annotations.",
);

/// An Infrastructure.
pub(crate) static INFRASTRUCTURE: Kind = Kind::Struct(&[
    VERSION,
    must(
        "kind",
        Kind::OneOf(&["Infrastructure", "Tenants", "Workflow", "Application"]),
        "What the document is.",
    ),
    METADATA,
    must(
        "spec",
        Kind::Struct(&[
            must("provider", Kind::Name(Names::Provider), "The provider whose modules are used."),
            may("region", Kind::Name(Names::Region), "Where it is; a region of the provider."),
            ENVIRONMENTS,
            must(
                "admin",
                Kind::Struct(&[
                    must("username", Kind::Text, "The name to log in with."),
                    may("email", Kind::Text, "Where mail goes."),
                ]),
                "The one user with full privileges.",
            ),
            must("kubernetes", Kind::Part(Role::Kubernetes), "The Kubernetes cluster."),
            may("backend", Kind::Part(Role::Backend), "Storage of Terraform's state."),
            may("vpc", Kind::Part(Role::Vpc), "The private network."),
            may("domain", Kind::Part(Role::Domain), "The DNS zone."),
            may("addons", Kind::Part(Role::Addons), "What runs in the cluster from the start."),
            may("modules", Kind::List(&MODULE), "Modules beside those of the provider."),
            may(
                "applications",
                Kind::List(&EXTERNAL),
                "Applications from other repositories, delivered by Argo CD.",
            ),
            may("outputs", TEXTS, "What it gives to the outside: names and references."),
        ]),
        "What the infrastructure consists of.",
    ),
]);

static MODULE: Kind = Kind::Struct(&[
    must("name", Kind::Text, "Its name, the last part of its stack's name."),
    may("type", Kind::Type(DefinitionKind::Module), "A module definition."),
    may("source", Kind::Text, "A Terraform module: a folder of the workspace or an address."),
    may("version", Kind::Text, "The exact version of a module of a registry."),
    may("inputs", Kind::Properties(DefinitionKind::Module), "What it takes."),
    may("outputs", TEXTS, "Its outputs with Terraform's types, where it has a `source`."),
    may(
        "providers",
        Kind::Map(&Kind::Map(&Kind::Text)),
        "The Terraform providers it uses, where it has a `source`.",
    ),
    may("dependsOn", Kind::List(&Kind::Text), "Stacks or modules it comes after."),
]);

const HELM: &[Field] = &[
    must("repository", Kind::Text, "The repository of charts."),
    must("chart", Kind::Text, "The name of the chart."),
    must("version", Kind::Text, "Its exact version."),
    may("values", Kind::Map(&Kind::Text), "Values of the chart."),
];

static EXTERNAL: Kind = Kind::Struct(&[
    must("name", Kind::Text, "Its name."),
    may("namespace", Kind::Text, "The namespace it goes to; its name if not given."),
    may("project", Kind::Text, "Its Argo CD project, instead of the environment's."),
    may(
        "helm",
        Kind::Struct(&[
            must("repository", Kind::Text, "The repository of charts."),
            must("chart", Kind::Text, "The name of the chart."),
            must("version", Kind::Text, "Its exact version."),
            may(
                "releaseName",
                Kind::Text,
                "The name of the release; the application's if not given.",
            ),
            may("values", Kind::Map(&Kind::Text), "Values of the chart."),
        ]),
        "A Helm chart.",
    ),
    may(
        "kustomize",
        Kind::Struct(&[
            must("repository", Kind::Text, "The repository."),
            must("revision", Kind::Text, "The commit or the tag of a release."),
            may("path", Kind::Text, "The folder; the repository's root if not given."),
            may("options", Kind::Map(&Kind::Text), "What Argo CD tells Kustomize."),
        ]),
        "A folder that Kustomize builds.",
    ),
    may(
        "manifests",
        Kind::Struct(&[
            must("repository", Kind::Text, "The repository."),
            must("revision", Kind::Text, "The commit or the tag of a release."),
            may("path", Kind::Text, "The folder; the repository's root if not given."),
            may("recurse", Kind::Bool, "Whether folders inside it are read too."),
            may("include", Kind::Text, "The files to read, as a glob."),
            may("exclude", Kind::Text, "The files to leave out, as a glob."),
        ]),
        "A folder of manifests.",
    ),
    may("dependsOn", Kind::List(&Kind::Text), "Applications it comes after."),
]);

/// Tenants.
pub(crate) static TENANTS: Kind = Kind::Struct(&[
    VERSION,
    must(
        "kind",
        Kind::OneOf(&["Tenants", "Infrastructure", "Workflow", "Application"]),
        "What the document is.",
    ),
    METADATA,
    must(
        "spec",
        Kind::Struct(&[
            must(
                "host",
                Kind::Struct(&[
                    may("infrastructure", Kind::Text, "The Infrastructure whose cluster it is."),
                    may("cluster", Kind::Name(Names::Cluster), "A cluster of the workspace."),
                    may("kubeconfig", Kind::Text, "The path of the cluster's kubeconfig."),
                    may("context", Kind::Text, "The context in it."),
                ]),
                "The cluster that the virtual clusters run in.",
            ),
            ENVIRONMENTS,
            may("vcluster", Kind::Part(Role::Tenants), "What the virtual clusters are like."),
            must("teams", Kind::List(&TEAM), "The teams."),
        ]),
        "The teams and their host.",
    ),
]);

static TEAM: Kind = Kind::Struct(&[
    must("name", Kind::Text, "Its name; its virtual cluster is named after it."),
    may("environment", Kind::Text, "What its resources are labelled with."),
    may("quota", Kind::Map(&Kind::Text), "The limits of its virtual cluster."),
    may("stack", Kind::List(&TEAM_PART), "What it has in its virtual cluster."),
]);

static TEAM_PART: Kind = Kind::Struct(&[
    must("name", Kind::Text, "Its name, unique in the team."),
    may("helm", Kind::Struct(HELM), "A Helm chart."),
    may("type", Kind::Type(DefinitionKind::Module), "A module definition."),
    may("inputs", Kind::Properties(DefinitionKind::Module), "What the module takes."),
]);

/// A Workflow of operations.
pub(crate) static WORKFLOW_DOCUMENT: Kind = Kind::Struct(&[
    VERSION,
    must(
        "kind",
        Kind::OneOf(&["Workflow", "Infrastructure", "Tenants", "Application"]),
        "What the document is.",
    ),
    must(
        "metadata",
        Kind::Struct(&[
            must("name", Kind::Text, "Its name."),
            may("namespace", Kind::Text, "The namespace it runs in."),
            may("labels", TEXTS, "Its labels."),
            may("annotations", TEXTS, "Its annotations."),
        ]),
        "Name, namespace, labels and annotations.",
    ),
    must(
        "spec",
        Kind::Struct(&[
            must("operations", Kind::List(&OPERATION), "Its operations in order."),
            may("version", Kind::Text, "The version its author gives it."),
            ENVIRONMENTS,
            may("parallel_limit", Kind::Text, "How many operations may run at once."),
            may(
                "rollback_enabled",
                Kind::Bool,
                "Whether what had succeeded is undone when something fails.",
            ),
            may("retries", RETRIES, "How often a failed operation is tried again."),
            may("timeout", Kind::Text, "How long the whole workflow may take, such as `2h`."),
            may(
                "schedule",
                Kind::Struct(&[
                    must("cron", Kind::Text, "The times, in cron syntax."),
                    may("timezone", Kind::Text, "The IANA time zone, such as `Europe/Helsinki`."),
                    may(
                        "concurrency",
                        Kind::OneOf(&["Forbid", "Allow", "Replace"]),
                        "What happens when the last run still goes on.",
                    ),
                    may("suspended", Kind::Bool, "Whether nothing is started for now."),
                ]),
                "When it runs by itself.",
            ),
            may(
                "checkpoints",
                Kind::Struct(&[may(
                    "max_age",
                    Kind::Text,
                    "How long what was done counts as done.",
                )]),
                "Whether a run goes on where another one stopped.",
            ),
            may("report", Kind::Struct(USE), "The operation that is told how a run ended."),
        ]),
        "The operations, and how they run.",
    ),
]);

const RETRIES: Kind = Kind::Struct(&[
    must("limit", Kind::Text, "How many times."),
    may("delay", Kind::Text, "How long it waits before the first one, such as `10s`."),
    may("factor", Kind::Text, "By what the delay grows."),
    may("max_duration", Kind::Text, "No new try after so long."),
]);

/// A use of an operation beside the graph.
const USE: &[Field] = &[
    must("type", Kind::Type(DefinitionKind::Operation), "The operation it uses."),
    may("provider", Kind::Name(Names::OperationProvider), "The provider that carries it out."),
    may("parameters", Kind::Properties(DefinitionKind::Operation), "What the operation asks for."),
];

const OTHERS: Kind = Kind::List(&Kind::Name(Names::Operation));

static OPERATION: Kind = Kind::Struct(&[
    must("id", Kind::Text, "Its id, unique in the workflow."),
    must("type", Kind::Type(DefinitionKind::Operation), "The operation it uses."),
    may("provider", Kind::Name(Names::OperationProvider), "The provider that carries it out."),
    may("parameters", Kind::Properties(DefinitionKind::Operation), "What the operation asks for."),
    may("dependencies", OTHERS, "Operations that must have succeeded before."),
    may("soft_dependencies", OTHERS, "Operations that must have ended before."),
    may("retries", RETRIES, "How often it is tried again."),
    may("timeout", Kind::Text, "How long one try may take, such as `30m`."),
    may("parallel", Kind::Bool, "Whether it may run beside others that say `parallel: false`."),
    may("condition", Kind::Text, "When it runs at all."),
    may("rollback", Kind::Struct(USE), "How it is undone; `false` for not at all."),
]);
