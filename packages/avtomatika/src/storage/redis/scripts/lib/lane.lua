-- Lanes, and what stands in them in its order.
-- uses call, record

local laneRows = {}

-- The lane of an id; nil for one that doesn't exist (any more).
local function laneRow(id)
  if laneRows[id] then return laneRows[id] end
  local found = call('HMGET', laneKey(id), 'type', 'version', 'body')
  if not found[1] then return nil end
  laneRows[id] = { id = id, type = found[1], version = tonumber(found[2]), body = found[3] }
  return laneRows[id]
end

-- The lane of a task. One that was empty for long is gone although a task of it is still out: its id says what it was.
local function findLane(id)
  return laneRow(id) or { id = id, type = cjson.decode(id)[1] }
end

-- What the reply says of a lane: an id that says everything needs no body.
local function showLane(row)
  return { id = row.id, body = attach(row.body) }
end

-- Makes sure that a lane exists before the first task goes in.
local function openLane(lane)
  local known = laneRow(lane.id)
  if known then return known end
  local row = { id = lane.id, type = lane.type, version = nextOf('lane'), body = lane.body }
  call('HSET', laneKey(row.id), 'type', row.type, 'version', row.version)
  if row.body then call('HSET', laneKey(row.id), 'body', row.body) end
  call('ZADD', lanesKey(), row.version, row.id)
  call('ZADD', laneEmptyKey(), now, row.id)
  laneRows[row.id] = row
  return row
end

local function headOf(row)
  local head = call('ZSCORE', headsKey(row.type), row.id)
  return head and tonumber(head)
end

-- Orders tasks: priority high to low, then the order of their creation. Exact in a double.
local function taskScore(priority)
  return (1000 - priority) * 2 ^ 42 + nextOf('sequence')
end

-- A task or a range of branches in its lane: `ref` is the task's index, or -1 - group.
local function entryOf(jobId, wait, ref)
  return jobId .. ':' .. wait .. ':' .. string.format('%010d', ref)
end

local function laneBell(row)
  local bell = { kind = 'lane', shard = input.shard, lane = row.id, version = row.version }
  if row.body then
    bellBodies[#bellBodies + 1] = row.body
    bell.body = #bellBodies
  end
  ring(bell)
end

-- Puts an entry in its lane; the first one rings.
local function push(lane, score, entry)
  local row = openLane(findLane(lane))
  call('ZADD', queueKey(lane), score, entry)
  local head = headOf(row)
  if not head then
    laneBell(row)
    call('ZREM', laneEmptyKey(), lane)
  end
  if not head or score < head then call('ZADD', headsKey(row.type), score, lane) end
end

-- Takes an entry out of its lane, wherever it stands; one that isn't there changes nothing.
local function pull(lane, score, entry)
  call('ZREM', queueKey(lane), entry)
  local row = laneRow(lane)
  local head = row and headOf(row)
  if not head or head < score then return end
  local _, first = firstOf(queueKey(lane))
  if first == head then return end
  moveScore(headsKey(row.type), lane, head, first)
  if not first then call('ZADD', laneEmptyKey(), now, lane) end
end
