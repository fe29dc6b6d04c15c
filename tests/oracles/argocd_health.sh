#!/usr/bin/env bash
# Runs the checks of health that Argo CD is given, as it would: a script sees `obj` and returns a
# status. Needs a Lua interpreter (`lua`, `lua5.4` or `lua5.1`; Argo CD runs 5.1).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scripts=compiler/emit/src/argocd/health

lua=""
for name in lua5.1 lua lua5.4 lua5.3; do
  if command -v "$name" >/dev/null; then
    lua="$name"
    break
  fi
done
if [ -z "$lua" ]; then
  echo "skipped: no Lua interpreter" >&2
  exit 2
fi

count=0
failed=0
# check SCRIPT STATUS OBJECT
check() {
  count=$((count + 1))
  local found
  found="$("$lua" -e "
    obj = $3
    local chunk = assert(loadfile('$scripts/$1.lua'))
    local health = chunk()
    assert(type(health) == 'table', 'a table')
    assert(health.message == nil or type(health.message) == 'string', 'a message is text')
    io.write(health.status)
  " 2>&1)" || true
  if [ "$found" != "$2" ]; then
    echo "$1: $3 is $found, not $2" >&2
    failed=$((failed + 1))
  fi
}

check application Progressing '{}'
check application Progressing '{status = {}}'
check application Progressing '{status = {sync = {status = "OutOfSync"}, health = {status = "Healthy"}}}'
check application Progressing '{status = {sync = {status = "Synced"}, health = {status = "Progressing"}}}'
check application Healthy '{status = {sync = {status = "Synced"}, health = {status = "Healthy"}}}'
check application Healthy '{status = {sync = {status = "OutOfSync"}, operationState = {phase = "Succeeded"}, health = {status = "Healthy"}}}'
check application Progressing '{status = {sync = {status = "Synced"}, operationState = {phase = "Running"}, health = {status = "Healthy"}}}'
check application Degraded '{status = {sync = {status = "OutOfSync"}, operationState = {phase = "Failed", message = "no"}, health = {status = "Healthy"}}}'
check application Degraded '{status = {sync = {status = "Synced"}, health = {status = "Degraded", message = "x"}}}'

check configuration Progressing '{}'
check configuration Progressing '{status = {apply = {}}}'
check configuration Progressing '{status = {apply = {state = "ProvisioningAndChecking"}}}'
check configuration Healthy '{status = {apply = {state = "Available", message = "done"}}}'
for state in ApplyFailed ConfigurationSpecNotValid ProviderNotFound TerraformInitError InvalidRegion; do
  check configuration Degraded "{status = {apply = {state = \"$state\"}}}"
done

check oam_application Progressing '{metadata = {generation = 1}}'
check oam_application Progressing '{metadata = {generation = 1}, status = {status = "runningWorkflow"}}'
check oam_application Progressing '{metadata = {generation = 2}, status = {status = "running", observedGeneration = 1}}'
check oam_application Healthy '{metadata = {generation = 2}, status = {status = "running", observedGeneration = 2}}'
check oam_application Suspended '{metadata = {}, status = {status = "workflowSuspending"}}'
check oam_application Degraded '{metadata = {}, status = {status = "workflowFailed"}}'
check oam_application Degraded '{metadata = {}, status = {status = "unhealthy"}}'

check realm_import Progressing '{}'
check realm_import Progressing '{status = {conditions = {{type = "Started", status = "True"}}}}'
check realm_import Healthy '{status = {conditions = {{type = "Started", status = "False"}, {type = "Done", status = "True"}}}}'
check realm_import Degraded '{status = {conditions = {{type = "Done", status = "True"}, {type = "HasErrors", status = "True"}}}}'
check realm_import Progressing '{status = {conditions = {{type = "Done", status = "False"}, {type = "HasErrors", status = "False"}}}}'

echo "$count checks with $lua, $failed wrong"
[ "$failed" = 0 ]
