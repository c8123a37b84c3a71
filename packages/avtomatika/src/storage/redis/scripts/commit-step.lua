-- See Storage.commitStep.
-- uses cancel, once

local commit = input.commit

local function openJoin(job, join)
  local made = {
    single = join.single and true or nil, total = join.total, need = join.need, allowed = join.allowed, ok = 0,
    failed = 0, state = 'open', graceMs = join.graceMs, at = { jobId = job.id, wait = join.wait },
  }
  job.lastJoin = join.wait
  putJoin(made)
  call('HSET', partsKey(job.id), 'trace:' .. join.wait, body(join.trace))
  local function laneFor(lane)
    return openLane({ id = lane.id, type = lane.type, body = body(lane.body) })
  end
  if join.single then
    local lane = laneFor(join.single.lane)
    queueTask(newTask(job.id, join.wait, body(join.single.item), lane.id, taskScore(join.single.priority), now))
  end
  for at, group in ipairs(join.groups) do
    local number = at - 1
    if group.items then putItems(job.id, join.wait, number, 0, group.items, group.count) end
    -- The score before that of the range is its branches' own, once they are out of it.
    taskScore(group.priority)
    local score = taskScore(group.priority)
    local timeout = group.dispatchTimeoutMs and now + group.dispatchTimeoutMs
    local due = earliest(timeout, group.resultDue)
    local lane = laneFor(group.lane)
    local range = {
      jobId = job.id, wait = join.wait, group = number, lane = lane.id, score = score, next = 0, last = group.count,
      due = due, queuedAt = now,
    }
    putRange(range)
    push(lane.id, score, rangeEntry(range))
    wake(due)
  end
end

local function writeJob(job)
  local parts = { 'head', body(commit.head) }
  if commit.data then parts[3], parts[4] = 'data', body(commit.data) end
  if commit.initial then parts[#parts + 1], parts[#parts + 2] = 'initial', body(commit.initial) end
  call('HSET', partsKey(job.id), unpack(parts))
  if job.eventKind then call('HDEL', partsKey(job.id), 'event') end
  job.version = job.version + 1
  job.writer = commit.id
  job.status, job.state = commit.status, commit.state
  job.discarded = commit.discarded and '1' or nil
  job.updatedAt = now
  job.endedAt = commit.endedAt
  job.eventKind = nil
  job.wait, job.due = commit.wait, commit.due
  if commit.resetProgress then
    job.progressValue, job.progressMessage, job.progressTask, job.progressAt = nil, nil, nil, nil
  end
  dropOnce(job.id, commit.visit)
  job.runs = commit.next == 'keep' and 1 or 0
  if commit.next == 'ready' then return makeReady(job) end
  if commit.next ~= 'keep' then clearLease(job) end
  putJob(job)
  wake(job.due)
  if commit.endedAt and job.watched then ring({ kind = 'ended', jobId = job.id }) end
end

local function tellParent(notify)
  local parent, event = readJob(notify.jobId), notify.event
  if not parent or parent.wait ~= event.wait or parent.cancelId then return end
  event.body = body(event.body)
  wakeJob(parent, event)
end

begin(true)
local job = readJob(commit.jobId)
if not job then return answer({ outcome = 'lost' }) end
if job.writer == commit.id then
  return answer({ outcome = 'committed', job = showJob(job), leased = grantedBefore() })
end
if job.leaseClaim ~= commit.claim or job.version ~= commit.version then return answer({ outcome = 'lost' }) end
if job.cancelId and not commit.cancelSeen then return answer({ outcome = 'superseded', job = showJob(job) }) end

if commit.join then openJoin(job, commit.join) end
writeJob(job)
for _, child in ipairs(commit.children) do
  if not readJob(child.id) then insertJob(child) end
end
for _, id in ipairs(commit.cancelJobs) do markCancelled(id, commit.id) end
if commit.notify then tellParent(commit.notify) end
return answer({ outcome = 'committed', job = showJob(readJob(commit.jobId)), leased = granted })
