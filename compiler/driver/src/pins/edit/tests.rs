//! The editor on texts that people write, and on any text of that form.

use proptest::prelude::*;

use super::*;

#[test]
fn a_new_file_holds_sorted_lines() {
    let pins = [("web", "r.io/web:1"), ("api", "r.io/api:2"), ("a.b", "x")];
    assert_eq!(edit("", &pins), "\"a.b\" = \"x\"\napi = \"r.io/api:2\"\nweb = \"r.io/web:1\"\n");
}

#[test]
fn only_the_image_changes() {
    let text = "# For CI.\n\n# the api\napi   =  'r.io/api:1'   # since May\n\nweb = \"w\"\n# end";
    let found = edit(text, &[("api", "r.io/api:2")]);
    assert_eq!(found, text.replace("'r.io/api:1'", "\"r.io/api:2\""));
    assert_eq!(edit(text, &[("api", "r.io/api:1")]), text, "nothing to change");
}

#[test]
fn comments_go_with_their_line() {
    let text = "# head\n\n# about web\nweb = \"w\"\n# about api\napi = \"a\"\n";
    let found = edit(text, &[("db", "d")]);
    let wanted = "# head\n\n# about api\napi = \"a\"\ndb = \"d\"\n# about web\nweb = \"w\"\n";
    assert_eq!(found, wanted);
}

#[test]
fn files_end_and_begin_as_they_did() {
    assert_eq!(edit("a = \"1\"", &[("b", "2")]), "a = \"1\"\nb = \"2\"\n");
    assert_eq!(edit("# no line break", &[("b", "2")]), "# no line break\nb = \"2\"\n");
    assert_eq!(edit("b = \"2\"\r\n", &[("a", "1")]), "a = \"1\"\r\nb = \"2\"\r\n");
    assert_eq!(edit("\u{feff}b = \"2\"\n", &[("a", "1")]), "\u{feff}a = \"1\"\nb = \"2\"\n");
    let several_lines = "b = \"\"\"\\\n  r.io/b\"\"\"\n";
    assert_eq!(edit(several_lines, &[("a", "1")]), format!("a = \"1\"\n{several_lines}"));
}

/// The lines that hold no pin.
fn other_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.contains('=')).collect();
    lines.sort_unstable();
    lines
}

fn pinned(text: &str) -> Vec<(String, String)> {
    let outcome = toml::read(FileId::NONE, text);
    assert!(outcome.diagnostics.is_empty(), "{text:?}: {:?}", outcome.diagnostics);
    let entries = outcome.value.as_map().expect("a table").clone();
    let text = |value: &platformc_value::Value| value.as_str().expect("text").to_owned();
    entries.iter().map(|entry| (entry.key.to_string(), text(&entry.value))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn sorted_idempotent_and_nothing_else_lost(
        lines in proptest::collection::btree_map("[a-z][a-z0-9.-]{0,6}", ("[a-z:/]{1,8}", 0..6_u8), 0..8),
        order in any::<u64>(),
        windows in any::<bool>(),
        cut in any::<bool>(),
        new in proptest::collection::btree_map("[a-z][a-z0-9.-]{0,6}", "[a-z:/]{1,8}", 1..5),
    ) {
        let mut lines: Vec<_> = lines.into_iter().collect();
        if !lines.is_empty() {
            let by = usize::try_from(order % lines.len() as u64).expect("small");
            lines.rotate_left(by);
        }
        let mut text = String::new();
        for (at, (component, (image, form))) in lines.iter().enumerate() {
            let key = key(component);
            let line = match form {
                0 => format!("# note {at}\n{key} = \"{image}\"\n"),
                1 => format!("\n{key} = '{image}' # why {at}\n"),
                2 => format!("# paragraph {at}\n\n  {key}=\"{image}\"  \n"),
                _ => format!("{key} = \"{image}\"\n"),
            };
            text.push_str(&line);
        }
        if windows { text = text.replace('\n', "\r\n"); }
        if cut { text = text.trim_end_matches(['\n', '\r']).to_owned(); }

        let pins: Vec<(&str, &str)> = new.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let once = edit(&text, &pins);
        prop_assert_eq!(edit(&once, &pins), once.clone());
        let found = pinned(&once);
        prop_assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0), "{:?}", once);
        let mut wanted: std::collections::BTreeMap<String, String> =
            lines.iter().map(|(name, (image, _))| (name.clone(), image.clone())).collect();
        wanted.extend(new.clone());
        prop_assert_eq!(found, wanted.into_iter().collect::<Vec<_>>());
        prop_assert_eq!(other_lines(&once), other_lines(&text));
        for at in 0..lines.len() {
            let why = format!("# why {at}");
            prop_assert_eq!(once.contains(&why), text.contains(&why));
        }
    }
}
