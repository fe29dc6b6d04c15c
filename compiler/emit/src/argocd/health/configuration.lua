-- A Configuration is there once Terraform has applied it.
local health = { status = "Progressing", message = "waiting for the controller" }
local apply = obj.status ~= nil and obj.status.apply or nil
if apply == nil or apply.state == nil then
  return health
end
local state = apply.state
health.message = apply.message or state
if state == "Available" then
  health.status = "Healthy"
  return health
end
for _, part in ipairs({ "Fail", "Error", "Invalid", "NotValid", "NotFound" }) do
  if string.find(state, part, 1, true) then
    health.status = "Degraded"
  end
end
return health
