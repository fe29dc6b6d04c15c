//! Writes a workspace of N Applications: `generate N DIR`; or one with everything in it, whole or a
//! part: `generate platform DIR [PERCENT]`.
//!
//! Each is about 50 lines of YAML: a webservice with a probe, environment variables and two or
//! three traits. Application `i` is the same whatever N, so that runs can be compared.
#![allow(clippy::disallowed_methods, reason = "a program that writes files")]

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

#[path = "platform.rs"]
mod platform;

const MANIFEST: &str = r#"name = "bench"

[environments.prod]
clusters = ["main"]
namespace = "bench"

[clusters.main]
server = "https://main.example.com:6443"
kubernetes = "1.33"

[argocd]
repository = "https://git.example.com/rendered.git"
"#;

/// A small generator of numbers that look random; the same on every machine.
struct Mix(u64);

impl Mix {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below.max(1)
    }
}

fn application(index: usize) -> Result<String, std::fmt::Error> {
    let mut mix = Mix(index as u64);
    let port = 8000 + mix.next(1000);
    let mut text = String::new();
    writeln!(text, "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:")?;
    writeln!(text, "  name: app-{index:05}\nspec:\n  components:\n    - name: web-{index:05}")?;
    writeln!(text, "      type: webservice\n      properties:")?;
    let (major, minor, patch) = (mix.next(9), mix.next(20), mix.next(30));
    writeln!(
        text,
        "        image: registry.example.com/team-{}/app:{major}.{minor}.{patch}",
        mix.next(40)
    )?;
    writeln!(text, "        imagePullPolicy: IfNotPresent")?;
    writeln!(
        text,
        "        cpu: {}m\n        memory: {}Mi",
        50 * (1 + mix.next(20)),
        64 * (1 + mix.next(16))
    )?;
    writeln!(
        text,
        "        ports:\n          - port: {port}\n            name: http\n            protocol: TCP"
    )?;
    writeln!(text, "        env:")?;
    for name in ["LOG_LEVEL", "REGION", "CACHE_URL", "FEATURES"] {
        writeln!(text, "          - name: {name}\n            value: value-{}", mix.next(1000))?;
    }
    writeln!(text, "          - name: TOKEN\n            valueFrom:\n              secretKeyRef:")?;
    writeln!(text, "                name: app-{index:05}\n                key: token")?;
    writeln!(
        text,
        "        readinessProbe:\n          httpGet:\n            path: /ready\n            port: {port}"
    )?;
    writeln!(text, "          periodSeconds: {}", 5 + mix.next(20))?;
    writeln!(
        text,
        "      traits:\n        - type: scaler\n          properties:\n            replicas: {}",
        1 + mix.next(8)
    )?;
    writeln!(
        text,
        "        - type: gateway\n          properties:\n            domain: app-{index:05}.example.com"
    )?;
    writeln!(text, "            class: nginx\n            http:\n              \"/\": {port}")?;
    if index.is_multiple_of(2) {
        writeln!(
            text,
            "        - type: labels\n          properties:\n            example.com/team: team-{}",
            mix.next(40)
        )?;
        writeln!(text, "            example.com/tier: tier-{}", mix.next(3))?;
    }
    Ok(text)
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (count, folder) = (arguments.next(), arguments.next());
    if let (Some("platform"), Some(folder)) = (count.as_deref(), &folder) {
        let percent = arguments.next().and_then(|percent| percent.parse().ok()).unwrap_or(100);
        let application = |index| application(index).unwrap_or_default();
        return platform::write(Path::new(folder), percent, application);
    }
    let count = count.and_then(|count| count.parse::<usize>().ok());
    let (Some(count), Some(folder)) = (count, folder) else {
        return Err(io::Error::other("usage: generate N DIR, or generate platform DIR [PERCENT]"));
    };
    let root = Path::new(&folder);
    fs::create_dir_all(root.join("apps"))?;
    fs::write(root.join("platform.toml"), MANIFEST)?;
    for index in 0..count {
        // A hundred to a folder, as teams have it.
        let team = root.join(format!("apps/team-{:03}", index / 100));
        fs::create_dir_all(&team)?;
        let text = application(index).map_err(io::Error::other)?;
        fs::write(team.join(format!("app-{index:05}.yaml")), text)?;
    }
    Ok(())
}
