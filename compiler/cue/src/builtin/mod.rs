//! The standard packages of CUE as functions on concrete values.
//!
//! Invariant: tables are sorted by name and found by binary search; a function is pure, checks
//! its own arguments, and refuses a result past [`args::MAX_ITEMS`] items or
//! [`args::MAX_TEXT`] bytes before it allocates. Meaning: public documentation of the packages.

mod args;
mod base64;
mod bits;
mod crypto;
mod csv;
mod hex;
mod html;
mod json;
mod list;
mod math;
mod net;
mod openapi;
mod paths;
mod regexp;
mod strconv;
mod strings;
mod structs;
mod tabwriter;
mod template;
mod text;
mod time;
mod toml;
mod tool;
mod uuid;
mod yaml;

pub use args::{CallError, CallResult};
use platformc_value::Value;

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// Any concrete value.
    Any,
    /// Text.
    String,
    /// Bytes or text.
    Bytes,
    /// An integer.
    Int,
    /// An integer or a decimal.
    Number,
    /// A boolean.
    Bool,
    /// A list.
    List,
    /// A list of text.
    StringList,
    /// A list of numbers.
    NumberList,
    /// A struct.
    Struct,
    /// The name of an operating system, with what stands for a missing one.
    Os(Option<&'static str>),
    /// Anything, also what is not concrete: a schema.
    Schema,
}

impl Param {
    /// What the argument is called in messages: the kind a value must have.
    #[must_use]
    pub fn kind_name(self) -> &'static str {
        match self {
            Param::Any | Param::Schema => "_",
            Param::String | Param::Os(_) => "string",
            Param::Bytes => "(string|bytes)",
            Param::Int => "int",
            Param::Number => "number",
            Param::Bool => "bool",
            Param::List | Param::StringList | Param::NumberList => "list",
            Param::Struct => "struct",
        }
    }

    /// Whether a concrete value is of the kind; elements of lists are left to the function.
    #[must_use]
    pub fn accepts(self, value: &Value) -> bool {
        use platformc_value::Data;
        match self {
            Param::Any | Param::Schema => true,
            Param::String | Param::Os(_) => matches!(value.data, Data::String(_)),
            Param::Bytes => matches!(value.data, Data::String(_) | Data::Bytes(_)),
            Param::Int => matches!(&value.data, Data::Number(n) if n.is_int()),
            Param::Number => matches!(value.data, Data::Number(_)),
            Param::Bool => matches!(value.data, Data::Bool(_)),
            Param::List | Param::StringList | Param::NumberList => {
                matches!(value.data, Data::List(_))
            }
            Param::Struct => matches!(value.data, Data::Map(_)),
        }
    }
}

/// What a function gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultKind {
    /// Any value.
    Any,
    /// A boolean: the function is also a validator when its first argument is left out.
    Bool,
    /// Text.
    String,
    /// Bytes.
    Bytes,
    /// An integer.
    Int,
    /// An integer or a decimal.
    Number,
    /// A list.
    List,
    /// A struct.
    Struct,
}

/// A function of the evaluator itself: it needs comparators, schemas or values not yet concrete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineFunction {
    /// `list.Sort(list, comparer)`
    ListSort,
    /// `list.SortStable(list, comparer)`
    ListSortStable,
    /// `list.IsSorted(list, comparer)`
    ListIsSorted,
    /// `list.MatchN(list, count, schema)`
    ListMatchN,
    /// `struct.MinFields(struct, count)`
    StructMinFields,
    /// `struct.MaxFields(struct, count)`
    StructMaxFields,
    /// `json.Validate(text, schema)`
    JsonValidate,
    /// `yaml.Validate(text, schema)`
    YamlValidate,
    /// `yaml.ValidatePartial(text, schema)`
    YamlValidatePartial,
}

/// Who computes a function.
#[derive(Clone, Copy, Debug)]
pub enum Implementation {
    /// A function of concrete values.
    Pure(fn(&[Value]) -> CallResult),
    /// The evaluator.
    Engine(EngineFunction),
}

/// A function of a standard package.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The import path of its package.
    pub package: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its parameters in order.
    pub params: &'static [Param],
    /// What it gives back.
    pub result: ResultKind,
    /// Who computes it.
    pub call: Implementation,
}

impl Function {
    /// The number of arguments that a call must give: trailing ones may have a default.
    #[must_use]
    pub fn required(&self) -> usize {
        let optional =
            self.params.iter().rev().take_while(|param| matches!(param, Param::Os(Some(_))));
        self.params.len() - optional.count()
    }

    /// Whether a call with so many arguments is a constraint on a subject, which then stands
    /// before them.
    #[must_use]
    pub fn is_validator(&self, arguments: usize) -> bool {
        self.result == ResultKind::Bool && arguments + 1 == self.required()
    }

    /// The name behind the path of its package, as messages have it.
    #[must_use]
    pub fn qualified(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }
}

/// Two functions are one if they have the same name.
impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.package == other.package && self.name == other.name
    }
}

impl Eq for Function {}

/// A constant of a standard package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// A number literal.
    Number(&'static str),
    /// Text.
    String(&'static str),
    /// The source text of a CUE expression that refers to nothing outside itself.
    Source(&'static str),
}

/// A standard package.
#[derive(Clone, Copy, Debug)]
pub struct PackageInfo {
    /// The import path.
    pub path: &'static str,
    /// Its functions by name.
    pub functions: &'static [Function],
    /// Its constants by name.
    pub constants: &'static [(&'static str, Constant)],
}

impl PackageInfo {
    /// A function by name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&'static Function> {
        let functions = self.functions;
        let at = functions.binary_search_by(|function| function.name.cmp(name)).ok()?;
        functions.get(at)
    }

    /// A constant by name.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<&'static Constant> {
        let constants = self.constants;
        let at = constants.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        constants.get(at).map(|(_, constant)| constant)
    }

    /// The names of functions, then of constants.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let functions = self.functions.iter().map(|function| function.name);
        functions.chain(self.constants.iter().map(|(name, _)| *name))
    }
}

/// Declares the table of a package: `NAME (params) -> Result = function`, sorted by name.
macro_rules! functions {
    ($package:literal; $($name:ident($($param:expr),* $(,)?) -> $result:ident = $call:expr;)*) => {
        &[$($crate::builtin::Function {
            package: $package,
            name: stringify!($name),
            params: &[$({
                #[allow(unused_imports, reason = "not every table uses a parameter")]
                use $crate::builtin::Param::*;
                $param
            }),*],
            result: $crate::builtin::ResultKind::$result,
            call: {
                #[allow(unused_imports, reason = "most tables hold one of the two")]
                use $crate::builtin::{EngineFunction, Implementation::{Engine, Pure}};
                $call
            },
        }),*]
    };
}
use functions;

/// All packages by path.
static PACKAGES: &[&PackageInfo] = &[
    &crypto::ED25519,
    &crypto::HMAC,
    &crypto::MD5,
    &crypto::SHA1,
    &crypto::SHA256,
    &crypto::SHA512,
    &base64::PACKAGE,
    &csv::PACKAGE,
    &hex::PACKAGE,
    &json::PACKAGE,
    &openapi::PACKAGE,
    &toml::PACKAGE,
    &yaml::PACKAGE,
    &html::PACKAGE,
    &list::PACKAGE,
    &math::PACKAGE,
    &bits::PACKAGE,
    &net::PACKAGE,
    &paths::PACKAGE,
    &regexp::PACKAGE,
    &strconv::PACKAGE,
    &strings::PACKAGE,
    &structs::PACKAGE,
    &tabwriter::PACKAGE,
    &template::PACKAGE,
    &time::PACKAGE,
    &tool::TOOL,
    &tool::CLI,
    &tool::EXEC,
    &tool::FILE,
    &tool::HTTP,
    &tool::OS,
    &uuid::PACKAGE,
];

/// The package of an import path.
#[must_use]
pub fn package(path: &str) -> Option<&'static PackageInfo> {
    let at = PACKAGES.binary_search_by(|package| package.path.cmp(path)).ok()?;
    PACKAGES.get(at).copied()
}

/// A function of a package.
#[must_use]
pub fn function(path: &str, name: &str) -> Option<&'static Function> {
    package(path)?.function(name)
}

/// All packages in the order of their paths.
pub fn packages() -> impl Iterator<Item = &'static PackageInfo> {
    PACKAGES.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(PACKAGES.windows(2).all(|pair| pair[0].path < pair[1].path));
        for package in packages() {
            let functions = package.functions;
            assert!(functions.windows(2).all(|pair| pair[0].name < pair[1].name), "{package:?}");
            assert!(package.constants.windows(2).all(|pair| pair[0].0 < pair[1].0), "{package:?}");
            assert!(functions.iter().all(|function| function.package == package.path));
        }
    }

    #[test]
    fn sources_are_expressions() {
        let constants = packages().flat_map(|package| package.constants);
        for (name, constant) in constants {
            if let Constant::Source(text) = constant {
                let none = platformc_source::FileId::NONE;
                let parsed = platformc_cue_syntax::parse_expr(none, text);
                assert!(parsed.diagnostics.is_empty(), "{name}: {:?}", parsed.diagnostics);
            }
        }
    }
}
