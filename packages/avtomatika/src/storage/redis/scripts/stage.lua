-- See Storage.stage.
-- uses job, once

begin(true)
local job = readJob(input.jobId)
if not job or job.leaseClaim ~= input.claim then return answer({ outcome = 'lost' }) end
local items, once = input.items, input.once
if items then
  job.lastJoin = math.max(job.lastJoin or 0, items.wait)
  putJob(job)
  putItems(input.jobId, items.wait, items.group, items.start, items.first, items.count)
end
if not once then return answer({ outcome = 'ok' }) end
return answer({ outcome = 'ok', value = attach(putOnce(input.jobId, once.visit, once.name, body(once.value))) })
