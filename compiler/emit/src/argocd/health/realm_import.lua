-- A KeycloakRealmImport is there once its job has imported the realm.
local health = { status = "Progressing", message = "waiting for the operator" }
local conditions = obj.status ~= nil and obj.status.conditions or {}
for _, condition in ipairs(conditions) do
  local holds = condition.status == "True" or condition.status == true
  if holds and condition.type == "HasErrors" then
    return { status = "Degraded", message = condition.message or "the import failed" }
  end
  if holds and condition.type == "Done" then
    health = { status = "Healthy", message = condition.message or "" }
  end
end
return health
