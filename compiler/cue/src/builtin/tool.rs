//! Packages `tool/…`: the shapes of tasks. Nothing here runs a task; files that describe them
//! can be evaluated all the same.

use super::{Constant, PackageInfo};

/// `tool`: commands and their tasks.
pub(super) static TOOL: PackageInfo = PackageInfo {
    path: "tool",
    functions: &[],
    constants: &[
        ("Command", Constant::Source("{$usage?: string, $short?: string, $long?: string, ...}")),
        ("Name", Constant::Source(r##"=~#"^\PL([-](\PL|\PN))*$"#"##)),
        ("Task", Constant::Source(r#"{$id: =~"[.]", $after?: _, ...}"#)),
        ("Tasks", Constant::Source(r"{...}")),
    ],
};

/// `tool/cli`: the terminal.
pub(super) static CLI: PackageInfo = PackageInfo {
    path: "tool/cli",
    functions: &[],
    constants: &[
        (
            "Ask",
            Constant::Source(r#"{$id: "tool/cli.Ask", prompt: string, response: string | bool}"#),
        ),
        ("Print", Constant::Source(r#"{$id: *"tool/cli.Print" | "print", text: string}"#)),
    ],
};

/// `tool/exec`: other programs.
pub(super) static EXEC: PackageInfo = PackageInfo {
    path: "tool/exec",
    functions: &[],
    constants: &[(
        "Run",
        Constant::Source(concat!(
            r#"{$id: *"tool/exec.Run" | "exec", cmd: string | [string, ...string], dir?: string, "#,
            r#"env: *{[string]: string} | [...=~"="], stdin: *null | string | bytes, "#,
            "stdout: *null | string | bytes, stderr: *null | string | bytes, ",
            "success: bool, mustSucceed: *true | bool}",
        )),
    )],
};

/// `tool/file`: files and folders.
pub(super) static FILE: PackageInfo = PackageInfo {
    path: "tool/file",
    functions: &[],
    constants: &[
        (
            "Append",
            Constant::Source(concat!(
                r#"{$id: "tool/file.Append", filename: !="", permissions: *0o666 | int, "#,
                "contents: bytes | string}",
            )),
        ),
        (
            "Create",
            Constant::Source(concat!(
                r#"{$id: "tool/file.Create", filename: !="", permissions: *0o666 | int, "#,
                "contents: bytes | string}",
            )),
        ),
        ("Glob", Constant::Source(r#"{$id: "tool/file.Glob", glob: !="", files: [...string]}"#)),
        (
            "Mkdir",
            Constant::Source(concat!(
                r#"{$id: "tool/file.Mkdir", path: string, createParents: *false | bool, "#,
                "permissions: *0o777 | int}",
            )),
        ),
        (
            "MkdirAll",
            Constant::Source(concat!(
                r#"{$id: "tool/file.Mkdir", path: string, createParents: true, "#,
                "permissions: *0o777 | int}",
            )),
        ),
        (
            "MkdirTemp",
            Constant::Source(concat!(
                r#"{$id: "tool/file.MkdirTemp", dir: *"" | string, pattern: *"" | string, "#,
                "path: string}",
            )),
        ),
        (
            "Read",
            Constant::Source(
                r#"{$id: "tool/file.Read", filename: !="", contents: *bytes | string}"#,
            ),
        ),
        (
            "RemoveAll",
            Constant::Source(r#"{$id: "tool/file.RemoveAll", path: string, success: bool}"#),
        ),
        (
            "Symlink",
            Constant::Source(r#"{$id: "tool/file.Symlink", filename: !="", target: !=""}"#),
        ),
    ],
};

/// A request of one method (any, if it is a type) and its response.
macro_rules! request {
    ($method:literal) => {
        Constant::Source(concat!(
            r#"{$id: *"tool/http.Do" | "http", method: "#,
            $method,
            ", url: string, followRedirects: *true | bool, ",
            "tls: {verify: *true | bool, caCert?: bytes | string}, ",
            "request: {body?: bytes | string, header: [string]: string | [...string], ",
            "trailer: [string]: string | [...string]}, ",
            "response: {status: string, statusCode: int, body: *bytes | string, ",
            "header: [string]: string | [...string], trailer: [string]: string | [...string]}}",
        ))
    };
}

/// `tool/http`: requests, and answers to them.
pub(super) static HTTP: PackageInfo = PackageInfo {
    path: "tool/http",
    functions: &[],
    constants: &[
        ("Delete", request!("\"DELETE\"")),
        ("Do", request!("string")),
        ("Get", request!("\"GET\"")),
        ("Post", request!("\"POST\"")),
        ("Put", request!("\"PUT\"")),
        (
            "Serve",
            Constant::Source(concat!(
                r#"{$id: "tool/http.Serve", listenAddr!: string, "#,
                r#"routing: {path: *"/" | =~"^/", method?: string}, "#,
                "request: {method: string, url: string, body: *bytes | string, value?: _, ",
                "pathValues: [string]: string, form: [string]: [string, ...string], ",
                "header: [string]: [string, ...string], trailer: [string]: [string, ...string]}, ",
                "response: {statusCode?: int, body?: *bytes | string, ",
                "header?: [string]: string | [string, ...string], ",
                "trailer?: [string]: string | [string, ...string]}}",
            )),
        ),
    ],
};

/// `tool/os`: the environment.
pub(super) static OS: PackageInfo = PackageInfo {
    path: "tool/os",
    functions: &[],
    constants: &[
        ("Clearenv", Constant::Source(r#"{$id: "tool/os.Clearenv"}"#)),
        (
            "Environ",
            Constant::Source(concat!(
                r#"{$id: "tool/os.Environ", "#,
                r#"{[!="" & !~"^[$]"]: bool | number | *string | null}}"#,
            )),
        ),
        (
            "Getenv",
            Constant::Source(concat!(
                r#"{$id: "tool/os.Getenv", "#,
                r#"{[!="" & !~"^[$]"]: bool | number | *string | null}}"#,
            )),
        ),
        ("Name", Constant::Source(r#"!="" & !~"^[$]""#)),
        (
            "Setenv",
            Constant::Source(concat!(
                r#"{$id: "tool/os.Setenv", "#,
                r#"{[!="" & !~"^[$]"]: bool | number | *string | null}}"#,
            )),
        ),
        ("Value", Constant::Source("bool | number | *string | null")),
    ],
};
