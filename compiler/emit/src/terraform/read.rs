//! Reading what a definition rendered, or a document holds, as the content of a stack.
//!
//! Invariant: the form is Terraform's JSON syntax with marks instead of templates; every key is
//! taken or reported. `output` has a `type` beside what Terraform knows, by which references to it
//! are checked.

mod blocks;
mod fields;

use platformc_source::Diagnostic;
use platformc_value::Value;

use super::Body;
pub(super) use blocks::parse_type;
use fields::Fields;

/// Reads the content of a stack.
pub fn body(value: Value, sink: &mut Vec<Diagnostic>) -> Body {
    let mut body = Body::default();
    let Some(mut fields) = Fields::open(value, "a stack", sink) else { return body };
    fields.comment();
    if let Some(settings) = fields.take("terraform") {
        blocks::terraform(settings.value, &mut body, fields.sink());
    }
    if let Some(found) = fields.take("required_providers") {
        blocks::required_providers(found.value, &mut body, fields.sink());
    }
    if let Some(found) = fields.take("provider") {
        blocks::providers(found.value, &mut body, fields.sink());
    }
    if let Some(found) = fields.take("variable") {
        blocks::variables(found.value, &mut body, fields.sink());
    }
    if let Some(found) = fields.take("locals") {
        blocks::locals(found.value, &mut body, fields.sink());
    }
    if let Some(found) = fields.take("resource") {
        body.resources = blocks::labelled(found.value, "resource", fields.sink());
    }
    if let Some(found) = fields.take("data") {
        body.data = blocks::labelled(found.value, "data", fields.sink());
    }
    if let Some(found) = fields.take("ephemeral") {
        body.ephemeral = blocks::labelled(found.value, "ephemeral", fields.sink());
    }
    if let Some(found) = fields.take("module") {
        blocks::modules(found.value, &mut body, fields.sink());
    }
    if let Some(found) = fields.take("output") {
        blocks::outputs(found.value, &mut body, fields.sink());
    }
    if let Some(found) = fields.take("moved") {
        blocks::moved(found.value, &mut body, fields.sink());
    }
    if let Some(found) = fields.take("removed") {
        blocks::removed(found.value, &mut body, fields.sink());
    }
    if let Some(found) = fields.take("import") {
        blocks::imports(found.value, &mut body, fields.sink());
    }
    if let Some(found) = fields.take("check") {
        blocks::checks(found.value, &mut body, fields.sink());
    }
    fields.finish();
    body
}
