-- See Storage.extendLeases.
-- uses wake, task, note-call

begin(true)
noteCall(input.silenceMs)
local lost, cancelled = {}, {}
for _, one in ipairs(input.jobs) do
  local job = readJob(one.jobId)
  if not job or job.leaseClaim ~= one.claim then
    lost[#lost + 1] = one.jobId
  else
    job.leaseUntil = now + input.ms
    putJob(job)
    wake(job.leaseUntil)
    if job.cancelId then cancelled[#cancelled + 1] = one.jobId end
  end
end
for _, one in ipairs(input.confirm) do
  local at = one.address
  local task = readTask(at.jobId, at.wait, at.index)
  if task and task.state == 'offered' and task.claim == one.claim and task.attempt == at.attempt then
    task.state = 'leased'
    task.unconfirmed = 0
    task.due = earliest(now + input.checkMs, task.deadline)
    putTask(task)
  end
end
-- Jobs that their engine gives back: the run doesn't count.
for _, one in ipairs(input.release) do
  local job = readJob(one.jobId)
  if job and job.leaseClaim == one.claim then
    job.runs = job.runs - 1
    makeReady(job)
  end
end
return answer({ lost = lost, cancelled = cancelled })
