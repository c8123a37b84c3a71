-- See Storage.deliver.
-- uses wake

begin(true)
local job = readJob(input.jobId)
if not job then return answer({ outcome = 'unknown' }) end
local event = input.event
if job.closedBy == event.id then
  local mine = input.lease and job.leaseClaim == input.lease.claim
  return answer({ outcome = 'accepted', leased = mine and showWhole(job) or nil })
end
if job.wait ~= event.wait or job.cancelId then
  return answer({ outcome = job.endedAt and 'ended' or 'closed' })
end
event.body = body(event.body)
wakeJob(job, event)
return answer({ outcome = 'accepted', leased = granted[1] })
