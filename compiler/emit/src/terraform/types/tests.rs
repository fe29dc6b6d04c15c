//! Types read, printed, compared.

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Type {
    Type::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"))
}

#[test]
fn types_are_read() {
    for (text, printed) in [
        (" string ", "string"),
        ("list", "list(any)"),
        ("map( list(number) )", "map(list(number))"),
        ("tuple([string, bool,])", "tuple([string, bool])"),
        (
            "map(object({a=string,b=optional(number,3)}))",
            "map(object({a = string, b = optional(number, 3)}))",
        ),
        (
            "object({\n  z = optional(list(string), [\"a\", \"$${b}\"])\n  \"a b\" : bool\n})",
            "object({\"a b\" = bool, z = optional(list(string), [\"a\", \"$${b}\"])})",
        ),
        ("object({})", "object({})"),
        (
            "object({o = optional(object({x = number}), {x = -1.5})})",
            "object({o = optional(object({x = number}), {x = -1.5})})",
        ),
    ] {
        assert_eq!(read(text).to_string(), printed);
    }
}

#[test]
fn what_is_no_type_is_explained() {
    let cases = [
        "",
        "int",
        "strng",
        "list(",
        "list(string",
        "object",
        "object({a})",
        "object({a = string b = bool})",
        "object({a = string, a = bool})",
        "optional(string)",
        "object({a = optional(number, \"x\")})",
        "object({a = optional(string, \"${b}\")})",
        "string)",
        "tuple(string)",
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|text| format!("{text:?}: {}", Type::parse(text).expect_err("no type")))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
    assert!(Type::parse(&"list(".repeat(100_000)).is_err());
    assert!(Type::parse(&"list(".repeat(60)).is_err());
    let deep = format!("{}any{}", "list(".repeat(64), ")".repeat(64));
    assert_eq!(read(&deep).to_string(), deep);
}

#[test]
fn how_types_fit() {
    let pairs = [
        ("string", "any"),
        ("any", "string"),
        ("number", "string"),
        ("string", "number"),
        ("list(string)", "list(string)"),
        ("set(number)", "list(string)"),
        ("list(string)", "set(string)"),
        ("tuple([string, number])", "list(string)"),
        ("list(string)", "tuple([string])"),
        ("tuple([string])", "tuple([string, string])"),
        ("object({a = string, b = number})", "object({a = string})"),
        ("object({a = string})", "object({a = string, b = optional(number)})"),
        ("object({a = string})", "object({a = string, b = number})"),
        ("object({a = string, b = string})", "map(string)"),
        ("map(string)", "object({a = string})"),
        ("map(object({id = string}))", "map(object({id = number}))"),
        ("list(string)", "map(string)"),
        ("list(any)", "list(string)"),
    ];
    let said: Vec<String> =
        pairs.iter().map(|(a, b)| format!("{a} -> {b}: {:?}", fits(&read(a), &read(b)))).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn mocks_are_of_their_type() {
    for text in [
        "any",
        "map(list(number))",
        "tuple([string, bool])",
        "object({a = optional(number, 3), b = set(string)})",
    ] {
        let ty = read(text);
        assert_eq!(value(&mock(&ty), &ty), Ok(()), "{text}");
    }
}

fn literals(ty: &Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::bool).boxed(),
        Type::Number => any::<i64>().prop_map(Value::int).boxed(),
        Type::String => "(?s).{0,12}|[$%{}\"\\\\]{1,6}".prop_map(Value::string).boxed(),
        Type::List(of) => {
            proptest::collection::vec(literals(of), 0..3).prop_map(Value::list).boxed()
        }
        _ => Just(Value::null()).boxed(),
    }
}

fn types() -> impl Strategy<Value = Type> {
    let leaf =
        prop_oneof![Just(Type::Any), Just(Type::String), Just(Type::Number), Just(Type::Bool)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let attribute = inner.clone().prop_flat_map(|ty| {
            let required = Attribute { ty: ty.clone(), optional: false, default: None };
            let optional = Attribute { ty: ty.clone(), optional: true, default: None };
            let with = literals(&ty).prop_map(move |default| Attribute {
                ty: ty.clone(),
                optional: true,
                default: Some(default),
            });
            prop_oneof![Just(required), Just(optional), with]
        });
        let name = "[a-z_][a-z0-9_-]{0,6}|(?s).{0,6}".prop_map(Arc::<str>::from);
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            proptest::collection::vec(inner, 0..4).prop_map(Type::Tuple),
            proptest::collection::btree_map(name, attribute, 0..4).prop_map(Type::Object),
        ]
    })
}

proptest! {
    #[test]
    fn a_type_reads_back(ty in types()) {
        let printed = ty.to_string();
        prop_assert_eq!(Type::parse(&printed), Ok(ty), "{}", printed);
    }

    #[test]
    fn a_type_fits_itself(ty in types()) {
        let fit = fits(&ty, &ty);
        prop_assert!(matches!(fit, Fit::Exact | Fit::Unknown), "{:?}", fit);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(?s).{0,40}|[a-z(){}\\[\\],= \"$%\\\\\n]{0,40}") {
        if let Ok(ty) = Type::parse(&text) {
            prop_assert_eq!(Type::parse(&ty.to_string()), Ok(ty));
        }
    }
}
