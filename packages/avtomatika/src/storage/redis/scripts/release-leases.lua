-- See Storage.releaseLeases.
-- uses task

begin(true)
local keep, released = {}, {}
for _, id in ipairs(input.keep) do keep[id] = true end
for _, place in ipairs(call('SMEMBERS', heldKey(input.worker))) do
  local task = taskAt(place)
  local id = taskId(task)
  if not keep[id] then
    released[#released + 1] = id
    if task.state == 'revoked' then withdraw(task) else giveBack(task) end
  end
end
return answer({ released = released })
