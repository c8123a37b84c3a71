-- See Storage.releaseLeases: a page of what the worker holds, and where the next one begins.
-- uses closing

begin(true)
local keep, released = {}, {}
for _, id in ipairs(input.keep) do keep[id] = true end
local cursor, places = unpack(call('SSCAN', heldKey(input.worker), input.cursor, 'COUNT', input.limit))
for _, place in ipairs(places) do
  local task = taskAt(place)
  local id = taskId(task)
  if not keep[id] then
    released[#released + 1] = id
    if joinOf(task).state == 'open' then giveBack(task) else withdraw(task) end
  end
end
return answer({ released = released, cursor = cursor })
