-- How a job is marked as cancelled.
-- uses wake, closing

-- Its tasks are withdrawn here and now, and only a step that knows of the mark can commit. A job that nobody runs
-- is handed to the call's lease or to whoever claims it, whatever its blueprint.
local function markCancelled(jobId, id)
  local job = readJob(jobId)
  if not job then return 'unknown' end
  if job.cancelId == id then return 'accepted' end
  if job.endedAt then return 'ended' end
  if job.cancelId then return 'accepted' end
  job.cancelId, job.cancelAt = id, now
  job.updatedAt = now
  if job.wait then closeJoin(jobId, job.wait, 'closed') end
  job.wait, job.due = nil, nil
  if job.leaseClaim then
    putJob(job)
    ring({ kind = 'cancelled', jobId = jobId, engine = job.leaseEngine })
    return 'accepted'
  end
  if job.ready then
    -- It changes queues: nobody needs to know its blueprint any more.
    job.ready = nil
  else
    job.status = 'running'
  end
  offerJob(job)
  return 'accepted'
end
