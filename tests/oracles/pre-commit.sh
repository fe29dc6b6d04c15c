#!/bin/sh
# Has pre-commit install and run the hooks of this repository in a repository made for it: sound input
# passes, a fault is found, what is no input is not looked at, options reach the command, and a commit
# with a fault is refused.
#
# Usage: pre-commit.sh [system|rust]...; both if nothing is said. `rust` compiles the program as
# pre-commit does (several minutes) and says how long that took. The hooks are those of the last
# commit. Needs: git, pre-commit (PRE_COMMIT names another one), cargo.
# Exit status: 0 if all is as it should be, 1 if not, 2 if a tool is missing.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
pre_commit=${PRE_COMMIT:-pre-commit}
for tool in git cargo "$pre_commit"; do
    command -v "$tool" >/dev/null 2>&1 || { echo "pre-commit: skipped, there is no $tool" >&2; exit 2; }
done
[ $# -gt 0 ] || set -- system rust
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PRE_COMMIT_HOME="$work/cache" GIT_CONFIG_GLOBAL="$work/gitconfig"
printf '[user]\n\tname = oracle\n\temail = oracle@example.com\n[init]\n\tdefaultBranch = main\n' >"$GIT_CONFIG_GLOBAL"
rev=$(git -C "$root" rev-parse HEAD)
faults=0

fault() {
    faults=$((faults + 1))
    echo "pre-commit: $1" >&2
    sed 's/^/    /' "$work/out" >&2
}

# expect STATUS TEXT WHAT COMMAND...: the command ends so and says so.
expect() {
    wanted=$1 text=$2 what=$3
    shift 3
    status=0
    "$@" >"$work/out" 2>&1 || status=$?
    [ "$status" = "$wanted" ] || fault "$what: status $status, not $wanted"
    grep -qF -e "$text" "$work/out" || fault "$what: does not say \`$text\`"
}

(cd "$root" && cargo build -q -p platformc-cli)
binaries=$(cd "$root" && cargo metadata --format-version 1 --no-deps |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug
expect 0 "" "the manifest of the hooks" "$pre_commit" validate-manifest "$root/.pre-commit-hooks.yaml"

try() {
    hook=$1
    repo=$work/$hook
    "$binaries/platformc" init "$repo" 2>/dev/null
    cd "$repo"
    git init -q
    cat >.pre-commit-config.yaml <<CONFIG
repos:
  - repo: $root
    rev: $rev
    hooks:
      - id: $hook
CONFIG
    git add .
    expect 0 "Passed" "$hook, sound input" "$pre_commit" run "$hook" --all-files
    sed -i 's/image:/imgae:/' apps/hello.yaml
    git add .
    expect 1 "definition/unknown-property" "$hook, a fault" "$pre_commit" run "$hook"
    grep -qF 'did you mean `image`?' "$work/out" || fault "$hook, a fault: no way out is shown"
    [ "$(grep -c 'unknown-property' "$work/out")" = 1 ] || fault "$hook: has run more than once"
    git commit -qm "A fault" --no-verify
    echo "# Notes" >NOTES.md
    git add NOTES.md
    expect 0 "Skipped" "$hook, no input changed" "$pre_commit" run "$hook"
    expect 0 "pre-commit installed" "$hook, installing" "$pre_commit" install
    sed -i 's/imgae:/imaeg:/' apps/hello.yaml
    expect 1 "definition/unknown-property" "$hook, committing a fault" git commit -am "A fault"
    sed -i 's/imaeg:/image:/' apps/hello.yaml
    expect 0 "Passed" "$hook, committing sound input" git commit -am "Sound"
    mkdir platform
    git mv apps definitions platform.toml platform/
    printf '        args: [-C, platform, --env, nowhere]\n' >>.pre-commit-config.yaml
    git add .
    expect 1 '`nowhere`, given by --env' "$hook, options" "$pre_commit" run "$hook"
    sed -i 's/nowhere/prod/' .pre-commit-config.yaml
    git add .
    expect 0 "Passed" "$hook, a workspace in a folder" "$pre_commit" run "$hook"
}

for flavour; do
    case $flavour in
        system) PATH="$binaries:$PATH" try platformc-check ;;
        rust)
            start=$(date +%s)
            # Nothing that is built already helps a user.
            (unset CARGO_TARGET_DIR && try platformc-check-src && exit "$faults") || faults=$?
            echo "pre-commit: rust, with compiling: $(($(date +%s) - start)) s"
            ;;
        *) echo "pre-commit: $flavour is not a flavour" >&2; exit 2 ;;
    esac
done
echo "pre-commit: $*: $faults faults"
[ "$faults" = 0 ]
