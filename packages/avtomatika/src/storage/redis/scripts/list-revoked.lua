-- See Storage.listRevoked: a page, and where the next one begins.
-- uses task

begin(false)
local tasks = {}
local cursor, flat = unpack(call('HSCAN', revokedKey(), input.cursor, 'COUNT', input.limit))
for at = 1, #flat, 2 do
  tasks[#tasks + 1] = { worker = flat[at + 1], taskId = taskId(taskAt(flat[at])) }
end
return answer({ tasks = tasks, cursor = cursor })
