-- Tasks outside of their ranges, and their indexes.
-- uses job, lane

local taskNumbers = {
  format = true, attempt = true, score = true, rev = true, due = true, unconfirmed = true, deadline = true,
  queuedAt = true, leasedAt = true, timeout = true, dispatchTimeout = true, resultDue = true,
}

-- Where a task stands: its key and its member in the indexes.
local function addressOf(jobId, wait, index)
  return { jobId = jobId, wait = wait, index = index, place = jobId .. ':' .. wait .. ':' .. index }
end

local function taskId(task)
  local at = task.at
  return at.jobId .. '_' .. at.wait .. '_' .. at.index .. '_' .. task.attempt
end

local function readTask(jobId, wait, index)
  local at = addressOf(jobId, wait, index)
  local task = readHash(taskKey(at.place), taskNumbers)
  if task then task.at = at end
  return task
end

-- The task that an index names.
local function taskAt(place)
  local jobId, wait, index = place:match('^(.*):(%d+):(%d+)$')
  return readTask(jobId, tonumber(wait), tonumber(index))
end

-- A task's item is one of its job's parts: bytes that only the engine reads, so that the record stays small.
local function itemField(at)
  return 'item:' .. at.wait .. ':' .. at.index
end

local function showTask(task)
  local item = task.item or call('HGET', partsKey(task.at.jobId), itemField(task.at))
  local shown = showRecord(task, { item = item, past = task.past })
  -- The item says them as well.
  shown.timeout, shown.dispatchTimeout, shown.resultDue = nil, nil, nil
  shown.jobId, shown.wait, shown.index = task.at.jobId, task.at.wait, task.at.index
  return shown
end

local function holderOf(task)
  return task.state ~= 'queued' and task.worker or nil
end

local function dueOf(task, delayed)
  if (task.state == 'delayed') == delayed then return task.due end
end

-- Keeps every index true; an empty record is one that isn't there.
local function indexTask(task, was, is)
  local at, place = task.at, task.at.place
  moveScore(taskDueKey(), place, dueOf(was, false), dueOf(is, false))
  moveScore(taskDelayedKey(), place, dueOf(was, true), dueOf(is, true))
  if was.claim ~= is.claim then
    if was.claim then call('ZREM', taskClaimKey(was.claim), place) end
    if is.claim then append(taskClaimKey(is.claim), place) end
  end
  local held, holds = holderOf(was), holderOf(is)
  if held ~= holds then
    if held then call('SREM', heldKey(held), place) end
    if holds then call('SADD', heldKey(holds), place) end
  end
  local wasRevoked, isRevoked = was.state == 'revoked', is.state == 'revoked'
  if wasRevoked and not isRevoked then call('HDEL', revokedKey(), place) end
  if isRevoked and not wasRevoked then call('HSET', revokedKey(), place, is.worker) end
  if not was.state then call('HSET', partsKey(at.jobId), itemField(at), task.item) end
  if not is.state then
    call('HDEL', partsKey(at.jobId), itemField(at))
    call('ZREM', taskOfKey(at.jobId, at.wait), at.index)
  end
end

-- Writes a changed task: every change counts.
local function putTask(task)
  task.rev = task.rev + 1
  indexTask(task, writeHash(taskKey(task.at.place), task), task)
  wake(task.due)
end

local function dropTask(task)
  indexTask(task, task.stored, {})
  call('UNLINK', taskKey(task.at.place))
end

-- A task's first attempt, not queued yet and not stored. What the store needs of an item stands before its body.
local function newTask(jobId, wait, item, lane, score, queuedAt)
  local index, timeout, dispatchTimeout, resultDue = select(2, cmsgpack.unpack_limit(item, 4))
  return {
    at = addressOf(jobId, wait, index), format = 1, attempt = 1, lane = lane, score = score, state = 'queued',
    rev = 0, unconfirmed = 0, queuedAt = queuedAt, timeout = timeout, dispatchTimeout = dispatchTimeout,
    resultDue = resultDue, item = item,
  }
end

local function queueEntry(task)
  return entryOf(task.at.jobId, task.at.wait, task.at.index)
end

-- Queues an attempt in its lane, at the place the task has had from the beginning.
local function queueTask(task)
  task.state = 'queued'
  task.claim, task.deadline = nil, nil
  task.queuedAt = now
  task.due = earliest(task.dispatchTimeout and now + task.dispatchTimeout, task.resultDue)
  putTask(task)
  push(task.lane, task.score, queueEntry(task))
end

-- No attempt may follow: the result timeout is over, and an engine has to say so.
local function isOverdue(task)
  return task.resultDue ~= nil and task.resultDue <= now
end

-- A lease of a worker ended: if it had been told that it is full, somebody should ask again for it.
local function freed(worker)
  if call('SREM', fullKey(), worker) == 1 then ring({ kind = 'freed', worker = worker }) end
end

-- A task leaves its lane, or the worker who held it.
local function leave(task)
  if task.state == 'queued' then
    pull(task.lane, task.score, queueEntry(task))
  elseif task.worker and task.state ~= 'delayed' then
    freed(task.worker)
  end
end

-- Ends a task of a closed join. What its attempts were answered stays: their results may be sent again.
local function withdraw(task)
  leave(task)
  if not task.past then return dropTask(task) end
  task.state = 'withdrawn'
  task.worker, task.claim, task.due, task.deadline = nil, nil, nil, nil
  putTask(task)
end

-- The same attempt again, at its old place; its last holder's result still counts until another has it.
local function giveBack(task)
  local held = task.worker
  task.unconfirmed = task.unconfirmed + 1
  queueTask(task)
  if held then freed(held) end
end
