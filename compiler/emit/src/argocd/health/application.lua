-- An Application is there once what it last asked for has been applied and is healthy.
local health = { status = "Progressing", message = "waiting for the first sync" }
local status = obj.status
if status == nil then
  return health
end
local operation = status.operationState or {}
if operation.phase == "Running" then
  health.message = operation.message or "a sync is running"
  return health
end
if operation.phase == "Failed" or operation.phase == "Error" then
  health.status = "Degraded"
  health.message = operation.message or "the last sync failed"
  return health
end
if status.sync == nil or (status.sync.status ~= "Synced" and operation.phase == nil) then
  return health
end
if status.health ~= nil and status.health.status ~= nil then
  health.status = status.health.status
  health.message = status.health.message or ""
end
return health
