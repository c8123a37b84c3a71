-- See Storage.cancelJob.
-- uses cancel

begin(true)
local outcome = markCancelled(input.jobId, input.id)
local job = readJob(input.jobId)
local again = job and input.lease and job.leaseClaim == input.lease.claim
local mine = granted[1] or (again and showWhole(job)) or nil
return answer({ outcome = outcome, leased = mine, running = not mine and job ~= nil and job.leaseClaim ~= nil })
