-- An Application of KubeVela is there once its workflow has run and its components are healthy.
local health = { status = "Progressing", message = "waiting for the controller" }
local status = obj.status
if status == nil or status.status == nil then
  return health
end
local seen = status.observedGeneration
if seen ~= nil and obj.metadata.generation ~= nil and seen ~= obj.metadata.generation then
  return health
end
local phase = status.status
health.message = phase
if phase == "running" then
  health.status = "Healthy"
elseif phase == "workflowSuspending" then
  health.status = "Suspended"
elseif phase == "workflowFailed" or phase == "workflowTerminated" or phase == "unhealthy" then
  health.status = "Degraded"
end
return health
