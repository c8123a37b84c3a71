-- How joins are closed, and what becomes of their tasks. Those beyond a call's share stand as they are until a claim
-- comes to them; whoever meets one before goes by `closedTask`.
-- uses join

-- So many tasks are taken back in the call that closes their joins, and by each claim of jobs.
local closes = input.closesAtOnce or 200

local function closingPlace(at)
  return at.jobId .. ':' .. at.wait
end

local function isOut(task)
  return task.state == 'offered' or task.state == 'leased' or task.state == 'revoked'
end

-- True for a task that its join's closing has still to come to.
local function isLeftOver(task, join)
  return join.state ~= 'open' and task.state ~= 'revoked' and task.state ~= 'withdrawn'
end

-- When the worker of a task that is left over has had its time to answer.
local function graceEnd(join)
  return tonumber(call('ZSCORE', closingKey(), closingPlace(join.at))) + join.graceMs
end

local function joinOf(task)
  return readJoin(task.at.jobId, task.at.wait)
end

local function closeTask(task, due)
  if not isOut(task) then return withdraw(task) end
  task.state = 'revoked'
  task.due = due
  putTask(task)
  revoke(task.worker, taskId(task))
end

-- Takes back one task of a closed join out of turn.
local function closeLeftOver(task, join)
  closeTask(task, graceEnd(join))
end

-- A task as it is once its join's closing has come to it, not stored so; nil where nothing is left of it.
local function closedTask(task, join)
  if not task or not isLeftOver(task, join) then return task end
  if isOut(task) then
    task.state, task.due = 'revoked', graceEnd(join)
  elseif task.past then
    task.state = 'withdrawn'
    task.worker, task.claim, task.due, task.deadline = nil, nil, nil, nil
  else
    return nil
  end
  task.rev = task.rev + 1
  return task
end

-- The next `limit` tasks of a join that was closed at `since`, from the index `from` on; what is left then is
-- remembered. Answers how many there were, and whether that was all.
local function takeBack(join, since, from, limit)
  local at = join.at
  local indexes = indexesOf(at.jobId, at.wait, join.single, from, limit + 1)
  local count = math.min(#indexes, limit)
  for i = 1, count do
    local task = readTask(at.jobId, at.wait, tonumber(indexes[i]))
    if isLeftOver(task, join) then closeTask(task, since + join.graceMs) end
  end
  local rest = indexes[limit + 1]
  if rest then
    call('ZADD', closingKey(), since, closingPlace(at))
    call('HSET', closingNextKey(), closingPlace(at), rest)
  end
  return count, not rest
end

-- Closes a join: what is queued goes, what is out is revoked and has the join's grace to answer.
local function closeJoin(jobId, wait, state)
  local join = readJoin(jobId, wait)
  if not join or join.state ~= 'open' then return end
  join.state = state
  putJoin(join)
  for _, range in ipairs(rangesOf(jobId, wait)) do
    pull(range.lane, range.score, rangeEntry(range))
    removeRange(range)
  end
  local count, isThrough = takeBack(join, now, 0, closes)
  closes = closes - count
  if not isThrough then wake(now) end
end

-- Takes back up to `limit` tasks of joins that were closed before, the oldest first; answers how many.
local function goOnClosing(limit)
  local left = limit
  while left > 0 do
    local place, since = firstOf(closingKey())
    if not place then break end
    local jobId, wait = place:match('^(.*):(%d+)$')
    local from = call('HGET', closingNextKey(), place)
    -- First what takes no memory: then a server whose memory is full allows the rest.
    call('ZREM', closingKey(), place)
    call('HDEL', closingNextKey(), place)
    local count = takeBack(readJoin(jobId, tonumber(wait)), since, from, left)
    -- One that has nothing left counts as well.
    left = left - math.max(1, count)
  end
  return limit - left
end

local function isClosing()
  return call('EXISTS', closingKey()) == 1
end

-- False for a task that was left over when its join was closed: nothing is to be done but to take it back.
local function isOpen(task)
  local join = joinOf(task)
  if not isLeftOver(task, join) then return true end
  closeLeftOver(task, join)
  return false
end

-- Queues attempts whose pause is over, at most 100 a call.
local function promoteDelayed()
  for _, place in ipairs(upTo(taskDelayedKey(), now, 100)) do
    local task = taskAt(place)
    if isOpen(task) and not isOverdue(task) then
      queueTask(task)
      setSingleStatus(task, 'waiting_for_worker')
    end
  end
end
