-- Fan-outs: joins, and the ranges of branches that were not handed out yet.
-- uses join-record, task

local function showJoin(join)
  local shown = showRecord(join, { trace = traceOf(join.at.jobId, join.at.wait) })
  shown.jobId, shown.wait = join.at.jobId, join.at.wait
  return shown
end

-- Where the tasks of a wait stand that are out of their ranges. A single task needs no set.
local function placesOf(jobId, wait, join)
  if join and join.single then return { addressOf(jobId, wait, 0).place } end
  return call('SMEMBERS', taskOfKey(jobId, wait))
end

local function rangePlace(range)
  return range.jobId .. ':' .. range.wait .. ':' .. range.group
end

local function rangeEntry(range)
  return entryOf(range.jobId, range.wait, -1 - range.group)
end

local function rangeFrom(jobId, wait, group, packed)
  local lane, score, next, last, due, queuedAt = select(2, cmsgpack.unpack_limit(packed, 6))
  return {
    jobId = jobId, wait = wait, group = group, lane = lane, score = score, next = next, last = last, due = due,
    queuedAt = queuedAt,
  }
end

local function readRange(jobId, wait, group)
  local packed = call('HGET', rangesKey(jobId, wait), group)
  return packed and rangeFrom(jobId, wait, group, packed)
end

local function putRange(range)
  local packed = cmsgpack.pack(range.lane, range.score, range.next, range.last, range.due, range.queuedAt)
  if call('HSET', rangesKey(range.jobId, range.wait), range.group, packed) == 1 and range.due then
    call('ZADD', rangeDueKey(), range.due, rangePlace(range))
  end
end

local function removeRange(range)
  call('HDEL', rangesKey(range.jobId, range.wait), range.group)
  if range.due then call('ZREM', rangeDueKey(), rangePlace(range)) end
end

-- In the order of their groups.
local function rangesOf(jobId, wait)
  local flat, ranges = call('HGETALL', rangesKey(jobId, wait)), {}
  for at = 1, #flat, 2 do
    ranges[#ranges + 1] = rangeFrom(jobId, wait, tonumber(flat[at]), flat[at + 1])
  end
  table.sort(ranges, function(one, other) return one.group < other.group end)
  return ranges
end

-- Takes the next branch out of its range, as a task of its own that stands in no lane. One that comes back stands
-- before the rest of its range.
local function drawBranch(range)
  local place = range.group .. ':' .. range.next
  local item = call('HGET', itemsKey(range.jobId, range.wait), place)
  call('HDEL', itemsKey(range.jobId, range.wait), place)
  local task = newTask(range.jobId, range.wait, item, range.lane, range.score - 1, range.queuedAt)
  call('SADD', taskOfKey(range.jobId, range.wait), task.at.place)
  range.next = range.next + 1
  if range.next < range.last then
    putRange(range)
  else
    removeRange(range)
    pull(range.lane, range.score, rangeEntry(range))
  end
  return task
end

-- A single task's state is its job's status.
local function setSingleStatus(task, status)
  local job = readJob(task.at.jobId)
  local join = job.wait == task.at.wait and readJoin(job.id, job.wait)
  if not join or not join.single then return end
  job.status = status
  job.updatedAt = now
  putJob(job)
end

-- Queues attempts whose pause is over, at most 100 a call.
local function promoteDelayed()
  for _, place in ipairs(upTo(taskDelayedKey(), now, 100)) do
    local task = taskAt(place)
    if not isOverdue(task) then
      queueTask(task)
      setSingleStatus(task, 'waiting_for_worker')
    end
  end
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
  local told = {}
  for _, place in ipairs(placesOf(jobId, wait, join)) do
    local task = taskAt(place)
    if task and (task.state == 'queued' or task.state == 'delayed') then
      withdraw(task)
    elseif task and task.state ~= 'withdrawn' then
      task.state = 'revoked'
      task.due = now + join.graceMs
      putTask(task)
      told[task.worker] = told[task.worker] or {}
      table.insert(told[task.worker], taskId(task))
    end
  end
  for worker, taskIds in pairs(told) do ring({ kind = 'revoked', worker = worker, taskIds = taskIds }) end
end

local function showDetails(task, join, job, result)
  return {
    task = task and showTask(task),
    result = attach(result),
    lane = task and showLane(findLane(task.lane)),
    join = showJoin(join),
    job = { status = job.status, cancelled = job.cancelId ~= nil, ended = job.endedAt ~= nil },
  }
end
