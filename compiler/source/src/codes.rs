//! The registry of diagnostic codes.
//!
//! Invariant: an id is `stage/slug`, never changes its meaning, and has a page under
//! `docs/diagnostics/<stage>/<slug>.md`. Codes stand in the order of their ids within a stage.

use crate::Severity;

/// What is fixed about a code.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeInfo {
    /// `stage/slug`.
    pub id: &'static str,
    /// One line that says what the code means.
    pub summary: &'static str,
    /// The severity unless the workspace says otherwise.
    pub severity: Severity,
}

/// A diagnostic code: a reference into the registry.
#[derive(Clone, Copy, Debug)]
pub struct Code(&'static CodeInfo);

impl Code {
    /// The registry's entry.
    #[must_use]
    pub fn info(self) -> &'static CodeInfo {
        self.0
    }

    /// `stage/slug`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// The code of an id.
    #[must_use]
    pub fn find(id: &str) -> Option<Code> {
        ALL.iter().copied().find(|code| code.id() == id)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Code) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Code) -> std::cmp::Ordering {
        self.id().cmp(other.id())
    }
}

macro_rules! codes {
    ($($name:ident $severity:ident $id:literal $summary:literal;)*) => {
        $(
            #[doc = $summary]
            pub const $name: Code = Code(&CodeInfo {
                id: $id,
                summary: $summary,
                severity: Severity::$severity,
            });
        )*

        /// Every code, in the order of the table.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

// One line a code: constant, default severity, id, summary.
codes! {
    // source: files as such
    SOURCE_IO Error "source/io" "a file or folder cannot be read";
    SOURCE_NOT_UTF8 Error "source/not-utf8" "a file is not UTF-8 text";
    SOURCE_NUL Error "source/nul" "a file contains a NUL byte";
    SOURCE_OUTSIDE Error "source/outside-workspace" "a path or link leads out of the workspace";
    SOURCE_TOO_LARGE Error "source/too-large" "a file is larger than the compiler reads";

    // yaml, json, toml: readers
    YAML_SYNTAX Error "yaml/syntax" "the text is not YAML";
    YAML_DUPLICATE_KEY Error "yaml/duplicate-key" "a mapping has a key twice";
    YAML_ALIAS Error "yaml/alias" "an alias names no anchor, or aliases expand without bound";
    YAML_DEPTH Error "yaml/too-deep" "collections nest deeper than the limit";
    YAML_KEY Error "yaml/key" "a mapping key is not a scalar";
    YAML_TAG Error "yaml/tag" "a tag is not known or does not fit its value";
    YAML_AMBIGUOUS Warning "yaml/ambiguous-scalar" "YAML 1.1 and 1.2 read a plain scalar differently";
    YAML_NOT_FINITE Error "yaml/not-finite" "a number is infinite or not a number";
    YAML_MERGE Error "yaml/merge" "a merge key has a value that is not a map";
    YAML_TEMPLATE Error "yaml/unquoted-template" "a template in braces is not quoted and is read as a map";
    JSON_SYNTAX Error "json/syntax" "the text is not JSON";
    JSON_DUPLICATE_KEY Error "json/duplicate-key" "an object has a key twice";
    JSON_DEPTH Error "json/too-deep" "collections nest deeper than the limit";
    TOML_SYNTAX Error "toml/syntax" "the text is not TOML";

    // cue: syntax and evaluation
    CUE_SYNTAX Error "cue/syntax" "the text is not CUE";
    CUE_REFERENCE Error "cue/reference-not-found" "a name is not declared in any scope around it";
    CUE_IMPORT Error "cue/import" "an imported package is not known";
    CUE_CONFLICT Error "cue/conflict" "two values of a field cannot hold together";
    CUE_NOT_ALLOWED Error "cue/field-not-allowed" "a closed struct does not allow a field";
    CUE_BOUND Error "cue/out-of-bound" "a value does not satisfy a bound or validator";
    CUE_INCOMPLETE Error "cue/incomplete" "a value that must be concrete is not";
    CUE_REQUIRED Error "cue/missing-required" "a required field is missing";
    CUE_DISJUNCTION Error "cue/no-alternative" "no alternative of a disjunction holds";
    CUE_CYCLE Error "cue/cycle" "a value depends on itself";
    CUE_STRUCTURAL_CYCLE Error "cue/structural-cycle" "a struct contains itself without end";
    CUE_USER Error "cue/user" "the configuration itself reports an error";
    CUE_BUDGET Error "cue/budget" "evaluation exceeds its budget of steps, depth or size";
    CUE_EVAL Error "cue/evaluation" "an expression cannot be evaluated";

    // nickel: syntax and evaluation
    NICKEL_BUDGET Error "nickel/budget" "an evaluation exceeds its bounds of steps, depth or size";
    NICKEL_CONTRACT Error "nickel/contract" "a value does not satisfy its contract";
    NICKEL_EVALUATION Error "nickel/evaluation" "an expression cannot be evaluated";
    NICKEL_IMPORT Error "nickel/import" "an imported file is missing, outside the workspace or in a cycle";
    NICKEL_MERGE_CONFLICT Error "nickel/merge-conflict" "two values of a field cannot be merged";
    NICKEL_MISSING_FIELD Error "nickel/missing-field" "a field that is declared or used has no value";
    NICKEL_NOT_DATA Error "nickel/not-data" "a value that is exported is a function or a contract";
    NICKEL_RECURSION Error "nickel/recursion" "a value depends on itself";
    NICKEL_SYNTAX Error "nickel/syntax" "the text is not Nickel";
    NICKEL_TYPE Error "nickel/type" "an expression has another type than its use demands";
    NICKEL_UNBOUND Error "nickel/unbound" "a name is not bound in any scope around it";

    // config: layers, references, schema
    CONFIG_BUDGET Error "config/budget" "references yield more than the limit, or nest too deep";
    CONFIG_CYCLE Error "config/cycle" "references lead back to where they start";
    CONFIG_DUPLICATE_LAYER Error "config/duplicate-layer" "two files are one layer of the configuration";
    CONFIG_INVALID Error "config/invalid-value" "a value does not hold against the schema";
    CONFIG_LOCKED Error "config/locked" "a locked run would depend on its user or on the time";
    CONFIG_LOOKS_LIKE_REFERENCE Warning "config/looks-like-reference" "a text looks like a reference and is left as it is written";
    CONFIG_MISSING Error "config/missing-value" "the schema requires a value that no layer sets";
    CONFIG_NOT_A_TABLE Error "config/not-a-table" "a layer is not a table of settings";
    CONFIG_NOT_TEXT Error "config/not-text" "a reference inside a text leads to something that is no text";
    CONFIG_REFERENCE Error "config/reference-syntax" "a layer holds braces that are no reference";
    CONFIG_RESERVED Error "config/reserved-name" "a layer sets a name that stands for the surroundings of a build";
    CONFIG_SET Error "config/set" "a path cannot be set, or the value it is set to cannot be read";
    CONFIG_TYPE_CHANGE Error "config/type-change" "two layers set one path to different types";
    CONFIG_UNDECLARED_INPUT Error "config/undeclared-input" "a reference reads something that platform.toml does not declare";
    CONFIG_UNDEFINED_INPUT Error "config/undefined-input" "a declared input has no value in these surroundings";
    CONFIG_UNKNOWN_FILE Warning "config/unknown-file" "a file is named like a layer and is none";
    CONFIG_UNKNOWN_KEY Error "config/unknown-key" "a layer sets a path that the schema does not declare";
    CONFIG_UNKNOWN_PATH Error "config/unknown-path" "a reference leads to nothing";
    CONFIG_USER_LAYER Note "config/user-layer" "the user's own layer changes the configuration";

    // workspace: platform.toml and what lies around it
    WORKSPACE_CLUSTER Error "workspace/cluster" "a cluster is not one of the workspace or environment";
    WORKSPACE_DUPLICATE Error "workspace/duplicate" "two documents have one name";
    WORKSPACE_ENVIRONMENT Error "workspace/environment" "an environment is not one of the workspace";
    WORKSPACE_MANIFEST Error "workspace/no-manifest" "the workspace has no platform.toml, or it lacks a part";
    WORKSPACE_OVERLAY Error "workspace/overlay" "an overlay file belongs to no document";
    WORKSPACE_VERSION Error "workspace/version" "the workspace requires another version of platformc";

    // model: typed documents
    MODEL_DUPLICATE_NAME Error "model/duplicate-name" "two parts of a document have one name";
    MODEL_INVALID_NAME Error "model/invalid-name" "a name has a form that names cannot have";
    MODEL_INVALID_VALUE Error "model/invalid-value" "a field's text has no meaning there";
    MODEL_MISSING_FIELD Error "model/missing-field" "a document lacks a field it must have";
    MODEL_NOT_SUPPORTED Error "model/not-supported" "a document asks for something that is not compiled yet";
    MODEL_OVERRIDE_MATCH Warning "model/override-match" "an override finds fewer components than in KubeVela";
    MODEL_POLICY_NO_EFFECT Warning "model/no-effect" "a policy or step has no effect on what Argo CD gets";
    MODEL_UNKNOWN_COMPONENT Error "model/unknown-component" "an override names a component that is not there";
    MODEL_UNKNOWN_FIELD Error "model/unknown-field" "a document has a field that its kind does not have";
    MODEL_UNKNOWN_KIND Error "model/unknown-kind" "a document is of a kind that is not compiled";
    MODEL_UNKNOWN_POLICY Error "model/unknown-policy" "a workflow step names a policy that is not there";
    MODEL_UNPINNED Error "model/unpinned" "something from elsewhere is named without an exact version";
    MODEL_WRONG_TYPE Error "model/wrong-type" "a field of a document has another type";

    // pins: images of components by environment
    PINS_CONFLICT Warning "pins/conflict" "a pin and an override set one image";
    PINS_IMAGE Error "pins/image" "a text is not a reference to an image";
    PINS_PLACEHOLDER Note "pins/placeholder" "a component runs a placeholder image";
    PINS_UNKNOWN Error "pins/unknown" "a pin is for something that is not there";

    // definition: X-Definitions and what uses them
    DEFINITION_ATTRIBUTE Error "definition/attribute" "an attribute of a definition is unknown or has another type";
    DEFINITION_CONFLICTING_TRAIT Warning "definition/conflicting-trait" "a trait says that it does not go with another one";
    DEFINITION_DUPLICATE Error "definition/duplicate" "two definitions of one kind have one name";
    DEFINITION_HEADER Error "definition/header" "the header of a definition is missing, doubled or not literal";
    DEFINITION_HELM Error "definition/helm-placeholder" "a definition still holds placeholders of a Helm chart";
    DEFINITION_INCOMPLETE Error "definition/incomplete" "a rendered object has a field without a concrete value";
    DEFINITION_INVALID_PROPERTY Error "definition/invalid-property" "a property does not hold against its definition";
    DEFINITION_JSON_PATCH Error "definition/json-patch" "an operation of a JSON patch cannot be applied";
    DEFINITION_MISSING_PROPERTY Error "definition/missing-property" "a property that the definition requires is missing";
    DEFINITION_NO_OUTPUT Error "definition/no-output" "a template makes nothing that its kind has to make";
    DEFINITION_NO_TEMPLATE Error "definition/no-template" "a definition has no template";
    DEFINITION_NOT_HERMETIC Error "definition/not-hermetic" "a template needs the network or a live cluster to render";
    DEFINITION_NOT_ONE_OF Error "definition/not-one-of" "a property is none of the values or forms the definition allows";
    DEFINITION_OLD_SYNTAX Warning "definition/old-syntax" "a template uses syntax that current CUE refuses";
    DEFINITION_OUT_OF_BOUNDS Error "definition/out-of-bounds" "a property lies outside the bounds of the definition";
    DEFINITION_PATCH_CONFLICT Error "definition/patch-conflict" "a trait's patch contradicts what it patches";
    DEFINITION_PATCH_TARGET Error "definition/patch-target" "a trait patches something that is not there";
    DEFINITION_TEMPLATE Error "definition/template" "a template fails to evaluate for these properties";
    DEFINITION_TRAIT_TARGET Warning "definition/trait-target" "a trait is not made for the workload of its component";
    DEFINITION_UNDECLARED_PARAMETER Error "definition/undeclared-parameter" "a template reads a parameter that it does not declare";
    DEFINITION_UNKNOWN_CONTEXT Error "definition/unknown-context" "a template reads a context field that does not exist";
    DEFINITION_UNKNOWN_PROPERTY Error "definition/unknown-property" "a property is not declared by its definition";
    DEFINITION_UNKNOWN_TYPE Error "definition/unknown-type" "a document uses a definition that does not exist";
    DEFINITION_UNUSED_PARAMETER Warning "definition/unused-parameter" "a template declares a parameter that it never reads";
    DEFINITION_USER_ERROR Error "definition/user-error" "a template reports an error for these properties";
    DEFINITION_WRONG_TYPE Error "definition/wrong-type" "a property has another type than its definition declares";

    // workflow: operations and what they use
    WORKFLOW_CONDITION Error "workflow/condition" "a condition of an operation cannot be understood";
    WORKFLOW_PROVIDER Error "workflow/provider" "an operation and its provider do not go together";
    WORKFLOW_REFERENCE Error "workflow/reference" "an operation takes a value that no operation gives, or that it cannot take";
    WORKFLOW_ROLLBACK Error "workflow/rollback" "an operation cannot be undone in the way that is asked for";
    WORKFLOW_TIMEOUT Warning "workflow/timeout" "a workflow that takes too long is stopped before it can undo anything";

    // graph: dependencies
    GRAPH_CYCLE Error "graph/cycle" "dependencies lead back to where they start";
    GRAPH_UNKNOWN_TARGET Error "graph/unknown-target" "a dependency names something that is not there";

    // schema: rendered objects against the schemas of their kinds
    SCHEMA_DUPLICATE_ITEM Error "schema/duplicate-item" "two items of a list have one key";
    SCHEMA_MISSING_FIELD Error "schema/missing-field" "an object lacks a field that its kind requires";
    SCHEMA_NOT_A_SCHEMA Error "schema/not-a-schema" "a document of the schemas folder defines no custom resource";
    SCHEMA_NOT_ONE_OF Error "schema/not-one-of" "a field of an object has none of the values its kind allows";
    SCHEMA_NOT_SERVED Error "schema/not-served" "the cluster's Kubernetes does not serve an object's apiVersion";
    SCHEMA_UNKNOWN_FIELD Error "schema/unknown-field" "an object has a field that its kind does not have";
    SCHEMA_UNKNOWN_KIND Error "schema/unknown-kind" "an API group has no kind of an object's name";
    SCHEMA_WRONG_TYPE Error "schema/wrong-type" "a field of an object has another type than its kind says";
    // terraform: stacks, their types and references
    TERRAFORM_BACKEND Error "terraform/backend" "a backend is unknown, lacks a setting, or is shared by two states";
    TERRAFORM_BLOCK Error "terraform/block" "a stack holds something that Terraform's syntax does not have";
    TERRAFORM_DUPLICATE Error "terraform/duplicate" "two things in Terraform have one name";
    TERRAFORM_EXPRESSION Error "terraform/expression" "an expression or a mark of one is not well formed";
    TERRAFORM_LITERAL Error "terraform/literal" "an expression stands where Terraform reads text literally";
    TERRAFORM_NAME Error "terraform/name" "a name is none that Terraform accepts";
    TERRAFORM_ORDER_LOST Error "terraform/order-lost" "an orchestrator cannot express a dependency between stacks";
    TERRAFORM_ROOT_FILE Warning "terraform/root-file" "a terragrunt.hcl lies at the root of the workspace";
    TERRAFORM_SOURCE Error "terraform/source" "a module or provider comes from a place that is not pinned or not there";
    TERRAFORM_TYPE Error "terraform/type" "a text is not a type of Terraform";
    TERRAFORM_TYPE_MISMATCH Error "terraform/type-mismatch" "a value does not fit the type that is wanted";
    TERRAFORM_UNDECLARED Error "terraform/undeclared" "an expression names something that the stack does not declare";
    TERRAFORM_UNKNOWN_OUTPUT Error "terraform/unknown-output" "a reference names a stack or an output that is not there";
    TERRAFORM_VERSION Error "terraform/version" "the engine's version lacks something that a stack uses";
    TERRAFORM_VERSION_FILE Warning "terraform/version-file" "a file is named like one with a version and no tool reads it";

    // infrastructure: providers, modules and what they take of each other
    INFRASTRUCTURE_COMPUTED Error "infrastructure/computed" "a module computes with a value that is known only once a stack is applied";
    INFRASTRUCTURE_PROVIDER Error "infrastructure/provider" "a provider is not known, or lacks what is asked of it";

    // emit: artifacts
    EMIT_ANNOTATION Error "emit/annotation" "an annotation has a form that Kubernetes refuses";
    EMIT_ARGO_WORKFLOWS Error "emit/argo-workflows" "Argo Workflows would not take an operation as it is made";
    EMIT_ARGOCD Error "emit/argocd" "an Argo CD object would not be accepted";
    EMIT_DUPLICATE Error "emit/duplicate-artifact" "two artifacts have one path";
    EMIT_LABEL Error "emit/label" "a label has a form that Kubernetes refuses";
    EMIT_NAME Error "emit/name" "an object has a name or namespace that Kubernetes refuses";
    EMIT_NOT_AN_OBJECT Error "emit/not-an-object" "what is rendered is no Kubernetes object";
    EMIT_ORDER_LOST Warning "emit/order-lost" "an engine cannot keep a dependency";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut ids: Vec<_> = ALL.iter().map(|code| code.id()).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for id in ids {
            let (stage, slug) = id.split_once('/').expect("stage/slug");
            let plain = |s: &str| {
                s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            };
            assert!(plain(stage) && plain(slug) && !stage.is_empty() && !slug.is_empty(), "{id}");
        }
    }
}
