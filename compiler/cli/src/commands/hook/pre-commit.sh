#!/bin/sh
# Written by `platformc hook install`; `platformc hook uninstall` removes it.
# Checks the workspace as it is about to be committed: what is not staged plays no part.
set -eu
folder=FOLDER

if ! command -v platformc >/dev/null 2>&1; then
    echo 'pre-commit: platformc is not on the PATH (--no-verify commits without a check)' >&2
    exit 1
fi
# Another branch may have no workspace here, and most commits leave it as it is.
git cat-file -e ":./$folder/platform.toml" 2>/dev/null || exit 0
if git rev-parse --quiet --verify HEAD >/dev/null; then
    git diff --cached --quiet -- "$folder" && exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
git ls-files -z -- "$folder" | git checkout-index -q -z --stdin --prefix="$work/"
# So that what the build is told of the repository is still true.
printf 'gitdir: %s\n' "$(git rev-parse --absolute-git-dir)" >"$work/.git"
platformc check -C "$work/$folder" OPTIONS
