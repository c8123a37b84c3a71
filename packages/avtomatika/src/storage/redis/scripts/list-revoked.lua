-- See Storage.listRevoked.
-- uses task

begin(false)
local tasks = {}
local flat = call('HGETALL', revokedKey())
for at = 1, #flat, 2 do
  tasks[#tasks + 1] = { worker = flat[at + 1], taskId = taskId(taskAt(flat[at])) }
end
return answer({ tasks = tasks })
