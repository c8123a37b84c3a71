-- See Storage.settleTasks.
-- uses wake, closing

local day

-- A task's attempts whose results were applied: { attempt, answer, worker }.
local function pastOf(packed)
  return packed and cmsgpack.unpack(packed) or {}
end

local function readResult(jobId, wait, index)
  local packed = call('HGET', resultsKey(jobId, wait), index)
  if not packed then return nil end
  local attempt, worker, past = select(2, cmsgpack.unpack_limit(packed, 3))
  return { attempt = attempt, worker = worker, past = past or {} }
end

local function heldByAnother(worker, task, result)
  if worker == '*' then return false end
  if task then return isOut(task) and task.worker ~= worker end
  return result ~= nil and result.worker ~= nil and result.worker ~= worker
end

-- Its holder, or the last one while the attempt is queued again.
local function mayEnd(worker, task)
  if isOut(task) then return true end
  return task.state == 'queued' and task.worker ~= nil and (worker == '*' or task.worker == worker)
end

-- What was cancelled can't be ended, retried or handed out again.
local function mayJudge(verdict, join)
  return join.state == 'open' or verdict.kind == 'drop' or verdict.kind == 'extend'
end

local function pastAnswer(past, attempt, worker)
  for _, one in ipairs(past) do
    if one[1] == attempt and (worker == '*' or one[3] == worker) then return one[2] end
  end
end

local function ignored(reason)
  return { outcome = 'ignored', reason = reason }
end

local function applied(verdictAnswer, join)
  return { outcome = 'applied', answer = verdictAnswer, single = join.single ~= nil }
end

-- Holds a settlement against the open attempt; nil if it stands, with what it may change, else what it is answered,
-- and the lease that its worker has answered now. The order of the reasons is part of the wire protocol: not_found,
-- mismatch, cancelled, late, stale; before them, a result that was applied gets its old answer.
local function judge(settlement)
  local at, worker, verdict = settlement.address, settlement.worker, settlement.verdict
  local job, join = readJob(at.jobId), readJoin(at.jobId, at.wait)
  if not job or not join or at.index >= join.total then return ignored('not_found') end
  local stored = readTask(at.jobId, at.wait, at.index)
  local task = closedTask(stored, join)
  -- An open task has no result yet.
  local result = not stored and readResult(at.jobId, at.wait, at.index) or nil
  -- A withdrawn task leaves nothing: any attempt of it may have been the last.
  local current = task and task.attempt or result and result.attempt
    or (join.state == 'open' and 1 or math.max(at.attempt, 1))
  if at.attempt > current or at.attempt < 1 then return ignored('not_found') end

  local open = { task = task, job = job, join = join }
  if not worker then
    if task and task.rev == settlement.rev and mayJudge(verdict, join) then return nil, open end
    return ignored('stale')
  end
  local past = task and pastOf(task.past) or result and result.past or {}
  local former = pastAnswer(past, at.attempt, worker)
  if former then return applied(former, join) end
  local isCurrent = at.attempt == current
  if isCurrent and heldByAnother(worker, task, result) then return ignored('mismatch') end
  if isCurrent and not result and join.state ~= 'open' then
    local revoked = task and task.state == 'revoked' and { task = task } or nil
    if settlement.cancelled then return applied('cancelled', join), revoked end
    return ignored('cancelled'), revoked
  end
  if isCurrent and task and mayEnd(worker, task) then return nil, open end
  return ignored(job.endedAt and job.status ~= 'cancelled' and 'late' or 'stale')
end

local function addStanding(worker, successes)
  call('ZADD', standingDaysKey(), day, day)
  call('HINCRBY', standingKey(day), 'a' .. worker, 1)
  call('HINCRBY', standingKey(day), 's' .. worker, successes)
end

-- Counts the attempt for its worker's standing; a worker's own result is remembered for its repeats.
local function endAttempt(settlement, task, worker)
  local verdict = settlement.verdict
  if worker and verdict.standing then addStanding(worker, verdict.standing) end
  if not settlement.worker then return task.past end
  local past = pastOf(task.past)
  past[#past + 1] = { task.attempt, verdict.answer, worker }
  return cmsgpack.pack(past)
end

local function delay(task, past, at)
  leave(task)
  task.state = 'delayed'
  task.attempt = task.attempt + 1
  task.past = past
  task.worker, task.claim, task.deadline = nil, nil, nil
  task.unconfirmed = 0
  task.due = earliest(at, task.resultDue)
  putTask(task)
  setSingleStatus(task, 'awaiting_retry')
end

-- How an open join is decided by its counts; nil while it isn't.
local function decide(join)
  if join.ok >= join.need then return 'success' end
  if join.failed > join.allowed then return 'failure' end
  if join.ok + join.failed == join.total then return 'success' end
end

-- One message, whatever the number of branches. The end of the task is spliced in as it is; its worker stands
-- beside it.
local function joinEvent(join, verdict, worker, success)
  local pack = cmsgpack.pack
  local event = { id = 'join:' .. join.at.jobId .. ':' .. join.at.wait, kind = join.single and 'task' or 'join' }
  local head = pack('id') .. pack(event.id) .. pack('wait') .. pack(join.at.wait) .. pack('kind') .. pack(event.kind)
  local named = pack('worker') .. pack(worker)
  if join.single then
    event.body = '\133' .. head .. named .. pack('end') .. body(verdict.done)
  else
    event.body = '\134' .. head .. named .. pack('success') .. pack(success) .. pack('decisive') .. body(verdict.done)
  end
  return event
end

local function endTask(open, verdict, past, worker)
  local task, job, join = open.task, open.job, open.join
  local at = task.at
  leave(task)
  dropTask(task)
  -- The attempts and the end are spliced in as they are.
  local result = cmsgpack.pack(task.attempt, worker) .. (past or cmsgpack.pack(nil)) .. body(verdict.done)
  call('HSET', resultsKey(at.jobId, at.wait), at.index, result)
  if verdict.ok then join.ok = join.ok + 1 else join.failed = join.failed + 1 end
  putJoin(join)
  local decided = decide(join)
  if not decided then return end
  closeJoin(at.jobId, at.wait, 'fired')
  wakeJob(job, joinEvent(join, verdict, worker, decided == 'success'))
end

local function settle(settlement)
  local refused, open = judge(settlement)
  if refused then
    if open then withdraw(open.task) end
    return refused
  end
  local task, verdict = open.task, settlement.verdict
  if verdict.kind == 'extend' then
    task.due = verdict.due
    putTask(task)
  elseif verdict.kind == 'return' then
    -- A repeat finds it queued already: pushed twice, it would be handed out twice.
    if task.state ~= 'queued' then giveBack(task) end
  elseif verdict.kind == 'drop' then
    withdraw(task)
  else
    local worker = settlement.worker
    if not worker or worker == '*' then worker = task.worker end
    local past = endAttempt(settlement, task, worker)
    if verdict.kind == 'retry' then delay(task, past, verdict.at) else endTask(open, verdict, past, worker) end
  end
  return applied(verdict.answer or 'success', open.join)
end

begin(true)
day = math.floor(now / 86400000)
local before = grantedBefore()
local results = {}
for at, settlement in ipairs(input.settlements) do results[at] = settle(settlement) end
for _, one in ipairs(granted) do before[#before + 1] = one end
return answer({ results = results, leased = before })
