//! Package `encoding/openapi`, whose one function is refused: schemas are exported by a command.

use platformc_value::Value;

use super::args::{CallResult, fail};
use super::{PackageInfo, functions};

/// `encoding/openapi`: schemas as OpenAPI documents.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "encoding/openapi",
    constants: &[],
    functions: functions! { "encoding/openapi";
        MarshalSchema(Schema, Schema) -> String = Pure(refuse);
    },
};

fn refuse(_: &[Value]) -> CallResult {
    fail!("encoding/openapi.MarshalSchema is not supported; export the schema instead")
}
