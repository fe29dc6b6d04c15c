//! A Terraform component as the object that KubeVela's Terraform controller reads.
//!
//! Invariant: what the schematic says of the module stands, whatever the properties say; every
//! property that does not steer the controller is a variable of the module. The module's own
//! variables are not known here, so properties are not checked against them.

use platformc_source::{Diagnostic, codes};
use platformc_value::{Data, Map, Value};

use crate::{Context, Definition, Terraform, Use};

const API_VERSION: &str = "terraform.core.oam.dev/v1beta2";

/// Properties that are fields of the Configuration's `spec`: they steer the controller.
pub const CONFIGURATION_FIELDS: [&str; 15] = [
    "JobEnv",
    "backend",
    "customRegion",
    "deleteResource",
    "forceDelete",
    "gitCredentialsSecretReference",
    "gitRef",
    "hcl",
    "inlineCredentials",
    "path",
    "providerRef",
    "remote",
    "terraformCredentialsHelperConfigMapReference",
    "terraformCredentialsSecretReference",
    "writeConnectionSecretToRef",
];

/// Those of them that are no variables of the module.
const NO_VARIABLES: [&str; 5] = [
    "customRegion",
    "forceDelete",
    "gitCredentialsSecretReference",
    "providerRef",
    "writeConnectionSecretToRef",
];

/// What the schematic gives where the properties do not.
const GIVEN: [&str; 3] =
    ["gitCredentialsSecretReference", "providerRef", "writeConnectionSecretToRef"];

/// The `Configuration` of a component; its name and namespace are added with every object's.
pub(crate) fn configuration(
    definition: &Definition,
    terraform: &Terraform,
    used: Use<'_>,
    context: &Context,
    sink: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let origin = definition.origin;
    let mut spec = Map::new();
    let mut variables = Map::new();
    for entry in used.properties.and_then(Value::as_map).into_iter().flatten() {
        if CONFIGURATION_FIELDS.contains(&&*entry.key) && !entry.value.is_null() {
            spec.insert(entry.key.clone(), entry.value.clone());
        }
        if !NO_VARIABLES.contains(&&*entry.key) {
            // A map holds a key once; the place of the key stays.
            variables.push_unique(entry.clone());
        }
    }
    for name in GIVEN {
        let given = terraform.schematic.get(name).filter(|value| !value.is_null());
        if let (None, Some(value)) = (spec.get(name), given) {
            spec.insert(name, value.clone());
        }
    }
    if let Some(secret) = spec.get_mut("writeConnectionSecretToRef").and_then(Value::as_map_mut)
        && secret.get("namespace").and_then(Value::as_str).is_none_or(str::is_empty)
    {
        secret.insert("namespace", Value::string(&*context.namespace));
    }
    let module = |text: &crate::Text| {
        Value::new(Data::String(text.text.clone()), platformc_source::Origin::authored(text.span))
    };
    match &*terraform.language.text {
        "hcl" => {
            spec.insert("hcl", module(&terraform.configuration));
        }
        "remote" => {
            spec.insert("remote", module(&terraform.configuration));
            if let Some(path) = &terraform.path {
                spec.insert("path", module(path));
            }
        }
        other => {
            let name = &definition.name.text;
            let message = format!("`{name}` is Terraform of type `{other}`, which no engine runs");
            sink.push(
                Diagnostic::new(codes::DEFINITION_ATTRIBUTE, terraform.language.span, message)
                    .label(used.span, "used here")
                    .note(
                        "write the module in HCL with `type: hcl`, or name it with `type: remote`",
                    ),
            );
            return None;
        }
    }
    spec.insert("variable", Value::new(Data::Map(variables), origin));
    let mut object = Map::with_capacity(4);
    object.insert("apiVersion", Value::string(API_VERSION));
    object.insert("kind", Value::string("Configuration"));
    let mut metadata = Map::new();
    if !definition.annotations.is_empty() {
        let mut annotations = Map::with_capacity(definition.annotations.len());
        for (name, text) in &definition.annotations {
            annotations.insert(name.clone(), Value::string(&**text));
        }
        metadata.insert("annotations", Value::new(Data::Map(annotations), origin));
    }
    object.insert("metadata", Value::new(Data::Map(metadata), origin));
    object.insert("spec", Value::new(Data::Map(spec), origin));
    Some(Value::new(Data::Map(object), origin))
}
