//! Layers, references and documents through the public API.

use std::sync::Arc;

use platformc_config::{
    Ambience, Ambient, Clock, Declared, Git, Inputs, Layer, LayerKind, Scope, expand, interpolate,
    merge, settings, trace,
};
use platformc_format::{json, toml, yaml};
use platformc_source::{Diagnostic, SourceMap, Span};
use platformc_value::{Data, Path, Value};
use proptest::prelude::*;

struct World;

impl Ambient for World {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/home/me".to_owned())
    }

    fn now(&self) -> Result<Clock, String> {
        Ok(Clock { seconds: 1_790_000_000, fixed: false })
    }

    fn git(&self) -> Option<Git> {
        Some(Git { branch: None, commit: Some("0123abcd".to_owned()) })
    }
}

fn inputs(locked: bool) -> Inputs {
    let env = ["HOME", "UNSET"].map(|name| (Arc::from(name), Span::NONE)).to_vec();
    Inputs::new(Ambience::new(World), Declared { env, now: true, git: true }, locked)
}

const KINDS: [LayerKind; 4] =
    [LayerKind::Environment, LayerKind::Infrastructure, LayerKind::User, LayerKind::Defaults];

fn layers(map: &SourceMap, texts: &[&str]) -> Vec<Layer> {
    let made = texts.iter().zip(KINDS).map(|(text, kind)| {
        let id = map.add(kind.as_str(), *text);
        let value = toml::read(id, text);
        assert!(value.diagnostics.is_empty(), "{text}: {:?}", value.diagnostics);
        Layer { kind, name: kind.as_str().into(), value: value.value }
    });
    made.collect()
}

/// The configuration as JSON and what was found.
fn resolved(texts: &[&str]) -> (String, Vec<Diagnostic>) {
    let map = SourceMap::new();
    let mut sink = Vec::new();
    let merged = merge(&layers(&map, texts), &mut sink);
    let inputs = inputs(false);
    let found = expand(Scope { merged: &merged, inputs: &inputs, map: &map }, &mut sink);
    (json::write(&found.value, false), sink)
}

fn clean(texts: &[&str]) -> String {
    let (text, found) = resolved(texts);
    assert!(found.is_empty(), "{found:?}");
    text
}

fn codes(texts: &[&str]) -> Vec<&'static str> {
    resolved(texts).1.iter().map(|found| found.code.id()).collect()
}

#[test]
fn references_keep_types_and_follow_overrides() {
    let defaults = "
        n = 3
        list = [1, \"{{n}}\"]
        copy = '{{list}}'
        table = '{{nested.deep}}'
        text = 'n={{n}} b={{flag}} {{list[1]}}'
        flag = true
        none = '{{env.UNSET ?? nothing.here ?? \"x\"}}'
        home = '{{env.HOME}}'
        when = '{{now.date}}T{{now.time}} {{now.year}}'
        [nested.deep]
        a = '{{n}}'
        'k.x/y' = 1
        [use]
        a = '{{table.a}}'
        b = '{{nested.deep.\"k.x/y\"}}'
    ";
    assert_eq!(
        clean(&["n = 4", "", "", defaults]),
        "{\"n\":4,\"list\":[1,4],\"copy\":[1,4],\"table\":{\"a\":4,\"k.x/y\":1},\
         \"text\":\"n=4 b=true 4\",\"flag\":true,\"none\":\"x\",\"home\":\"/home/me\",\
         \"when\":\"2026-09-21T14:13:20 2026\",\"nested\":{\"deep\":{\"a\":4,\"k.x/y\":1}},\
         \"use\":{\"a\":4,\"b\":1}}"
    );
}

#[test]
fn four_braces_mean_two() {
    assert_eq!(
        clean(&["", "", "", "a = '{{{{ .Values.x }}}} {{b}}'\nb = '{{{{a}}}}'\nc = '{{b}}'"]),
        "{\"a\":\"{{ .Values.x }} {{a}}\",\"b\":\"{{a}}\",\"c\":\"{{a}}\"}"
    );
}

#[test]
fn cycles_are_told_once_step_by_step() {
    let (_, found) = resolved(&["a = '{{b}}'", "b = '{{c.d}}'", "", "[c]\nd = 'x{{a}}'"]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].code.id(), "config/cycle");
    let mut words: Vec<&str> = vec![&found[0].primary.message];
    words.extend(found[0].labels.iter().map(|label| &*label.message));
    assert!(words[0].starts_with("1. ") && words.len() == 3, "{words:?}");
    for step in ["`a` needs `b`", "`b` needs `c.d`", "`c.d` needs `a`"] {
        assert!(words.iter().any(|word| word.ends_with(step)), "{words:?}");
    }
    assert_eq!(codes(&["a = '{{a}}'"]), ["config/cycle"]);
    // A table that holds a reference to itself.
    assert_eq!(codes(&["[t]\nx = '{{t}}'"]), ["config/cycle"]);
    assert_eq!(codes(&["[t]\nx = '{{t.y}}'\ny = 1"]), Vec::<&str>::new());
}

#[test]
fn faults_have_codes() {
    for (text, code) in [
        ("a = '{{b}}'", "config/unknown-path"),
        ("a = '{{b.c ?? d}}'", "config/unknown-path"),
        ("a = 1\nb = '{{a.x}}'", "config/unknown-path"),
        ("a = [1]\nb = '{{a[1]}}'", "config/unknown-path"),
        ("a = '{{now.dat}}'", "config/unknown-path"),
        ("a = '{{env}}'", "config/unknown-path"),
        ("a = '{{env.PATH ?? \"x\"}}'", "config/undeclared-input"),
        ("a = '{{env.UNSET}}'", "config/undefined-input"),
        ("a = '{{git.branch}}'", "config/undefined-input"),
        ("a = [1]\nb = 'x{{a}}'", "config/not-text"),
        ("a = '{{ x | y }}'", "config/reference-syntax"),
        ("a = '{{{x}}}'", "config/reference-syntax"),
    ] {
        assert_eq!(codes(&[text]), [code], "{text}");
    }
    assert!(codes(&["a = '${{ github.ref }}'"]).is_empty());
}

#[test]
fn types_stay_between_layers() {
    for (over, under, ok) in [
        ("a = 1", "a = 1.5", true),
        ("a = '1'", "a = 1", false),
        ("a = [1]", "a = 'x'", false),
        ("a = 1", "a = { b = 1 }", false),
        ("a = { b = 1 }", "a = 1", false),
        ("a = '{{b}}'", "a = 1\nb = 1", true),
        ("a = 1", "a = '{{b}}'\nb = 1", true),
        ("a = { c = 1 }", "a = '{{b}}'\nb = {}", false),
    ] {
        let expected: &[&str] = if ok { &[] } else { &["config/type-change"] };
        assert_eq!(codes(&[over, under]), expected, "{over} over {under}");
    }
}

#[test]
fn the_clock_is_refused_where_it_is_not_fixed() {
    let map = SourceMap::new();
    let mut sink = Vec::new();
    let merged = merge(&layers(&map, &["a = '{{now.year}}'"]), &mut sink);
    let inputs = inputs(true);
    let _ = expand(Scope { merged: &merged, inputs: &inputs, map: &map }, &mut sink);
    assert_eq!(sink.iter().map(|found| found.code.id()).collect::<Vec<_>>(), ["config/locked"]);
    assert!(inputs.reads().is_empty());
}

#[test]
fn what_is_read_is_recorded_without_its_value() {
    let map = SourceMap::new();
    let mut sink = Vec::new();
    let text = "a = '{{env.HOME}}{{git.commit}}{{now.year}}'\nb = '{{env.UNSET ?? 1}}'";
    let merged = merge(&layers(&map, &[text]), &mut sink);
    let inputs = inputs(false);
    let _ = expand(Scope { merged: &merged, inputs: &inputs, map: &map }, &mut sink);
    let reads = inputs.reads();
    let names: Vec<&str> = reads.iter().map(|read| &*read.name).collect();
    assert_eq!(names, ["env.HOME", "env.UNSET", "git.commit", "now"]);
    assert_eq!(reads[1].sha256, None);
    // `printf %s /home/me | sha256sum`
    let home = "1f19107742728ff867bbfbb138fdea3b7ab8ef4c487fa519ebc811980ff7b27d";
    let digest = reads[0].sha256.expect("it is set");
    assert_eq!(digest.map(|byte| format!("{byte:02x}")).concat(), home);
    assert!(!format!("{reads:?}").contains("/home/me"));
}

#[test]
fn what_doubles_and_what_leads_on_without_end_is_bounded() {
    let mut text = "a0 = 'xxxxxxxxxxxxxxxx'\n".to_owned();
    for n in 1..60 {
        text.push_str(&format!("a{n} = '{{{{a{}}}}}{{{{a{}}}}}'\n", n - 1, n - 1));
    }
    assert_eq!(codes(&[&text]), ["config/budget"]);
    let mut text = "[m0]\nx = 1\n".to_owned();
    for n in 1..60 {
        text.push_str(&format!("[m{n}]\na = '{{{{m{0}}}}}'\nb = '{{{{m{0}}}}}'\n", n - 1));
    }
    assert_eq!(codes(&[&text]), ["config/budget"]);
    // From the end, so that the chain is not resolved step by step before.
    let mut text = String::new();
    for n in (0..5000).rev() {
        text.push_str(&format!("a{n} = '{{{{a{}}}}}'\n", if n == 0 { 0 } else { n - 1 }));
    }
    let found = codes(&[&text]);
    assert!(found.contains(&"config/budget"), "{found:?}");
}

/// A document as a reader gives it, through [`interpolate`], as JSON.
fn document(config: &str, text: &str) -> (String, bool, Vec<Diagnostic>) {
    let map = SourceMap::new();
    let mut sink = Vec::new();
    let config = merge(&layers(&map, &[config]), &mut sink);
    let id = map.add("doc.yaml", text);
    let read = yaml::read(id, text);
    assert!(read.diagnostics.is_empty(), "{text}: {:?}", read.diagnostics);
    let value = read.value.into_iter().next().map_or_else(Value::null, |found| found.value);
    let (value, changed) = interpolate(value, &config, &inputs(false), &map, &mut sink);
    (json::write(&value, false), changed, sink)
}

const CONFIG: &str = "region = 'eu'\nreplicas = 3\n[paths]\nbase = '/srv'\n";

#[test]
fn documents_take_what_is_ours() {
    let (text, changed, found) = document(
        CONFIG,
        "a: '{{paths.base}}/x {{ replicas }}'\nb: '{{replicas}}'\nc: ['{{paths}}']\n\
         d: '{{{{region}}}} {{{{ other }}}}'\n",
    );
    assert_eq!(found, []);
    assert!(changed);
    assert_eq!(
        text,
        "{\"a\":\"/srv/x 3\",\"b\":3,\"c\":[{\"base\":\"/srv\"}],\
         \"d\":\"{{region}} {{{{ other }}}}\"}"
    );
}

#[test]
fn templates_of_other_tools_stay_as_they_are() {
    for text in include_str!("templates.txt").split("\n---\n") {
        let map = SourceMap::new();
        let mut sink = Vec::new();
        let config = merge(&layers(&map, &[CONFIG]), &mut sink);
        let (value, changed) =
            interpolate(Value::string(text), &config, &inputs(false), &map, &mut sink);
        assert_eq!(value.as_str(), Some(text));
        assert!(!changed, "{text}");
        assert_eq!(sink, [], "{text}");
    }
}

#[test]
fn misspelt_roots_are_warned_of() {
    let (text, changed, found) = document(CONFIG, "a: '{{pahts.base}} {{region | upper}}'\n");
    assert!(!changed);
    assert_eq!(text, "{\"a\":\"{{pahts.base}} {{region | upper}}\"}");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|found| found.code.id() == "config/looks-like-reference"));
    assert_eq!(found[0].fixes[0].edits[0].text, "{{paths.base}}");
    assert_eq!((found[0].primary.span.start, found[0].primary.span.end), (4, 18));
    let (_, _, found) = document(CONFIG, "a: 'x {{paths.bsae}} {{paths.base}}'\n");
    assert_eq!(found[0].code.id(), "config/unknown-path");
    assert_eq!((found[0].primary.span.start, found[0].primary.span.end), (6, 20));
}

#[test]
fn settings_are_read_as_yaml() {
    let map = SourceMap::new();
    let mut sink = Vec::new();
    let arguments =
        ["a.b=1", "a.b=2", "t='1'", "l=[x, {z: 1}]", "r={{a.b}}", "w=x=y", "data-dir.\"x.y\"=null"]
            .map(str::to_owned);
    let found = merge(&settings(&arguments, &map, &mut sink), &mut sink);
    assert_eq!(sink, []);
    assert_eq!(
        json::write(&found, false),
        "{\"a\":{\"b\":2},\"t\":\"1\",\"l\":[\"x\",{\"z\":1}],\"r\":\"{{a.b}}\",\
         \"w\":\"x=y\",\"data-dir\":{\"x.y\":null}}"
    );
    for bad in ["a", "=1", "a..b=1", "a[0]=1", "a=", "a=x: y", "a=[", "a b=1"] {
        let mut sink = Vec::new();
        let _ = settings(&[bad.to_owned()], &map, &mut sink);
        assert!(!sink.is_empty(), "{bad}");
        assert!(sink.iter().all(|found| !found.primary.span.is_none()), "{bad}: {sink:?}");
    }
}

#[test]
fn traces_name_winners_losers_and_references() {
    let map = SourceMap::new();
    let mut sink = Vec::new();
    let all = layers(&map, &["a = '{{b.c}}'", "a = 'x'", "", "a = 'y'\nb.c = '{{env.HOME}}'"]);
    let merged = merge(&all, &mut sink);
    let inputs = inputs(false);
    let scope = Scope { merged: &merged, inputs: &inputs, map: &map };
    let value = expand(scope, &mut sink).value;
    let found = trace(&all, scope, &value, &Path::root().field("a"));
    assert_eq!(found.value.as_ref().and_then(Value::as_str), Some("/home/me"));
    let names: Vec<&str> = found.settings.iter().map(|setting| setting.kind.as_str()).collect();
    assert_eq!(names, ["environment", "infrastructure", "defaults"]);
    let steps: Vec<String> =
        found.steps.iter().map(|step| format!("{} {}", step.depth, step.path)).collect();
    assert_eq!(steps, ["0 b.c", "1 env.HOME"]);
}

/// Tables of tables of numbers and texts: no value changes its type between two of them, as keys
/// say what they hold.
fn tables() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        ("n[a-c]", (0..5_i64).prop_map(Value::int)),
        ("s[a-c]", "[a-c]{0,3}".prop_map(Value::string)),
        (
            "l[a-c]",
            prop::collection::vec((0..5_i64).prop_map(Value::int), 0..3).prop_map(Value::list)
        ),
    ];
    let map_of = |entries: Vec<(String, Value)>| {
        let mut map = platformc_value::Map::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        Value::map(map)
    };
    let flat = prop::collection::vec(leaf.clone(), 0..5).prop_map(map_of);
    flat.prop_recursive(3, 24, 4, move |inner| {
        let entry = prop_oneof![leaf.clone(), ("m[a-c]", inner)];
        prop::collection::vec(entry, 0..5).prop_map(map_of)
    })
}

fn layer(kind: LayerKind, value: &Value) -> Layer {
    Layer { kind, name: kind.as_str().into(), value: value.clone() }
}

fn merged(layers: &[Layer]) -> Value {
    let mut sink = Vec::new();
    let value = merge(layers, &mut sink);
    assert_eq!(sink, []);
    value
}

proptest! {
    #[test]
    fn merging_is_associative(a in tables(), b in tables(), c in tables()) {
        use LayerKind::{Defaults, Environment, User};
        let (a, b, c) = (layer(Environment, &a), layer(User, &b), layer(Defaults, &c));
        let whole = merged(&[a.clone(), b.clone(), c.clone()]);
        let above = layer(Environment, &merged(&[a.clone(), b.clone()]));
        let below = layer(User, &merged(&[b, c.clone()]));
        prop_assert_eq!(&merged(&[above, c]), &whole);
        prop_assert_eq!(&merged(&[a, below]), &whole);
    }

    #[test]
    fn a_layer_over_itself_changes_nothing_and_the_highest_wins(a in tables(), b in tables()) {
        use LayerKind::{Defaults, Environment};
        let (high, low) = (layer(Environment, &a), layer(Defaults, &b));
        prop_assert_eq!(&merged(&[high.clone(), high.clone()]), &a);
        let both = merged(&[high, low]);
        // Whatever the higher one sets that is no table stands.
        let mut open = vec![(Path::root(), &a)];
        while let Some((path, value)) = open.pop() {
            match &value.data {
                Data::Map(map) => {
                    open.extend(map.iter().map(|e| (path.field(e.key.clone()), &e.value)));
                }
                _ => prop_assert_eq!(both.lookup(&path), Some(value)),
            }
        }
    }

    #[test]
    fn without_our_references_every_byte_stays(text in r#"[a-z .|"$%#{}/\\-]{0,12}(\{\{[ -]{0,2}[a-z.$"|-]{0,8}[ -]{0,2}\}\}[a-z {}]{0,4}){0,3}"#) {
        // The names of this configuration cannot be made of these letters.
        let config = "REGION = 'eu'\nXYZ = 1\n";
        let map = SourceMap::new();
        let mut sink = Vec::new();
        let config = merge(&layers(&map, &[config]), &mut sink);
        let (value, changed) =
            interpolate(Value::string(&*text), &config, &inputs(false), &map, &mut sink);
        let ours = ["env.", "git.", "now."].iter().any(|root| text.contains(root));
        if !ours {
            prop_assert_eq!(value.as_str(), Some(&*text));
            prop_assert!(!changed);
            prop_assert!(sink.iter().all(|found| found.code.id() == "config/looks-like-reference"));
        }
    }

    #[test]
    fn any_texts_are_resolved_and_the_same_way_twice(
        a in r#"[ab{}. ?"|]{0,14}"#, b in r"(x|\{\{[ab](\.[ab])?\}\}){0,3}", c in r"\{\{[abc]\}\}"
    ) {
        let map = SourceMap::new();
        let mut top = platformc_value::Map::new();
        for (key, text) in [("a", &a), ("b", &b), ("c", &c)] {
            top.insert(key, Value::string(&**text));
        }
        let all = [layer(LayerKind::Defaults, &Value::map(top))];
        let run = || {
            let mut sink = Vec::new();
            let merged = merge(&all, &mut sink);
            let inputs = inputs(false);
            let found = expand(Scope { merged: &merged, inputs: &inputs, map: &map }, &mut sink);
            (json::write(&found.value, false), sink)
        };
        let (text, found) = run();
        prop_assert_eq!(run(), (text, found));
    }
}
