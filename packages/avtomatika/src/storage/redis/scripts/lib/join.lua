-- Fan-outs: joins, and the ranges of branches that were not handed out yet.
-- uses join-record, task

local function showJoin(join)
  local shown = showRecord(join, { trace = traceOf(join.at.jobId, join.at.wait) })
  shown.jobId, shown.wait = join.at.jobId, join.at.wait
  return shown
end

-- The first tasks of a wait, from the index `from` on, that are out of their ranges. A single task needs no set.
local function indexesOf(jobId, wait, single, from, limit)
  if single then return call('EXISTS', taskKey(addressOf(jobId, wait, 0).place)) == 1 and { 0 } or {} end
  return call('ZRANGEBYSCORE', taskOfKey(jobId, wait), from, '+inf', 'LIMIT', 0, limit)
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
  call('ZADD', taskOfKey(range.jobId, range.wait), task.at.index, task.at.index)
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

local function showDetails(task, join, job, result)
  return {
    task = task and showTask(task),
    result = attach(result),
    lane = task and showLane(findLane(task.lane)),
    join = showJoin(join),
    job = { status = job.status, cancelled = job.cancelId ~= nil, ended = job.endedAt ~= nil },
  }
end
