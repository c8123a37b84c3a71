-- See Storage.putProgress: only from the holder of an open lease.
-- uses task

begin(true)
local stored = 0
for _, entry in ipairs(input.entries) do
  local at = entry.address
  local job, task = readJob(at.jobId), readTask(at.jobId, at.wait, at.index)
  local isOpen = task and (task.state == 'leased' or task.state == 'offered') and task.worker == entry.worker
  if job and isOpen and task.attempt == at.attempt and job.wait == at.wait then
    job.progressValue, job.progressMessage = entry.value, entry.message
    job.progressTask, job.progressAt = taskId(task), now
    putJob(job)
    stored = stored + 1
  end
end
return answer({ stored = stored })
