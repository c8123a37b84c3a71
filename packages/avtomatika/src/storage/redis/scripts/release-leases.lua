-- See Storage.releaseLeases.
-- uses closing

begin(true)
local keep, released = {}, {}
for _, id in ipairs(input.keep) do keep[id] = true end
for _, place in ipairs(call('SMEMBERS', heldKey(input.worker))) do
  local task = taskAt(place)
  local id = taskId(task)
  if not keep[id] then
    released[#released + 1] = id
    if joinState(task) == 'open' then giveBack(task) else withdraw(task) end
  end
end
return answer({ released = released })
