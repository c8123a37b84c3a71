-- See Storage.getTask.
-- uses closing

begin(false)
local at = input.address
local job, join = readJob(at.jobId), readJoin(at.jobId, at.wait)
if not job or not join or at.index >= join.total then return answer({}) end
local task = closedTask(readTask(at.jobId, at.wait, at.index), join)
return answer({ found = showDetails(task, join, job, call('HGET', resultsKey(at.jobId, at.wait), at.index)) })
