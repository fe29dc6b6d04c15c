//! Package `struct`: its functions look at structs that are not concrete yet.

use super::{PackageInfo, functions};

/// `struct`: constraints on the number of fields.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "struct",
    constants: &[],
    functions: functions! { "struct";
        MaxFields(Struct, Int) -> Bool = Engine(EngineFunction::StructMaxFields);
        MinFields(Struct, Int) -> Bool = Engine(EngineFunction::StructMinFields);
    },
};
