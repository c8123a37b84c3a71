-- Jobs and their indexes. A job's head, data, initial data and event are its parts: bytes that only the engine
-- reads, beside the record so that it stays small. `lastJoin` is the last of its waits that may have rows.
-- uses call, record

local jobNumbers = {
  createdAt = true, updatedAt = true, endedAt = true, priority = true, version = true, leaseUntil = true, runs = true,
  ready = true, wait = true, due = true, lastJoin = true, cancelAt = true, progressValue = true, progressAt = true,
}
local anyEngine = '*'

local function readJob(id)
  local job = readHash(jobKey(id), jobNumbers)
  if job then job.id = id end
  return job
end

-- The queue that a ready job stands in: that of its blueprint, or everybody's when no handler is needed.
local function readyQueue(job)
  if job.cancelId or job.eventKind == 'discard' then return anyEngine end
  return job.blueprint
end

-- When an engine has to look at a job again: its lease or its wait runs out.
local function wakeOf(job)
  if job.leaseUntil then return job.leaseUntil end
  if not job.endedAt then return job.due end
end

-- When an ended job may go.
local function expiryOf(job)
  if job.endedAt and not job.leaseUntil and not job.ready then return job.due end
end

local function countReady(scope, change)
  if call('HINCRBY', readyCountKey(), scope, change) == 0 then call('HDEL', readyCountKey(), scope) end
end

local function moveReady(id, owner, was, is)
  if was.ready == is.ready and (not was.ready or readyQueue(was) == readyQueue(is)) then return end
  if was.ready then call('ZREM', readyKey(readyQueue(was)), id) end
  if is.ready then call('ZADD', readyKey(readyQueue(is)), is.ready, id) end
  local change = (is.ready and 1 or 0) - (was.ready and 1 or 0)
  if change ~= 0 then
    countReady('*', change)
    countReady('=' .. owner, change)
  end
end

local function moveLists(id, owner, createdAt, was, is)
  if was == is then return end
  for _, scope in ipairs({ '*', '=' .. owner }) do
    if was then call('ZREM', listKey(was, scope), id) end
    if is then call('ZADD', listKey(is, scope), createdAt, id) end
  end
end

-- Keeps every index true; an empty record is one that isn't there.
local function indexJob(id, was, is)
  local owner, createdAt = is.owner or was.owner, is.createdAt or was.createdAt
  moveScore(wakeKey(), id, wakeOf(was), wakeOf(is))
  moveScore(expiryKey(), id, expiryOf(was), expiryOf(is))
  moveReady(id, owner, was, is)
  moveLists(id, owner, createdAt, was.status, is.status)
  if was.leaseClaim ~= is.leaseClaim then
    if was.leaseClaim then call('ZREM', claimKey(was.leaseClaim), id) end
    if is.leaseClaim then append(claimKey(is.leaseClaim), id) end
  end
end

local function putJob(job)
  local former = writeHash(jobKey(job.id), job)
  indexJob(job.id, former, job)
end

local function removeJob(job)
  indexJob(job.id, job.stored, {})
  call('UNLINK', jobKey(job.id), partsKey(job.id))
end

local function clearLease(job)
  job.leaseEngine, job.leaseClaim, job.leaseUntil = nil, nil, nil
end

-- What the reply says of a record: its fields, and where its bodies stand.
local function showRecord(record, bodies)
  local shown = {}
  for field, value in pairs(record) do
    if field ~= 'stored' and field ~= 'at' then shown[field] = value end
  end
  for field, value in pairs(bodies) do shown[field] = attach(value) end
  return shown
end

local function showJob(job)
  local parts = call('HMGET', partsKey(job.id), 'head', 'event')
  return showRecord(job, { head = parts[1], event = parts[2] })
end

-- A job with its parts.
local function showWhole(job)
  local parts = call('HMGET', partsKey(job.id), 'head', 'event', 'data', 'initial')
  return {
    job = showRecord(job, { head = parts[1], event = parts[2] }),
    data = attach(parts[3]),
    initial = attach(parts[4]),
  }
end
