-- See Storage.purge. A job's rows go before its record, so that a call that was cut leaves nothing unreachable. Joins
-- that are being closed come first: the workers of their tasks are told while there still is a job.
-- It runs when memory is full as well: nothing that takes memory is written before what gives some.
-- uses closing, worker, counter

local dayMs = 86400000
local emptyLaneMs = 3600000

begin(false)
local left, jobs = input.limit - goOnClosing(input.limit), 0

-- What is left of a wait: whole keys, and tasks that nobody answered.
local function removeWait(jobId, wait)
  local join = readJoin(jobId, wait)
  for _, index in ipairs(indexesOf(jobId, wait, join and join.single, 0, left)) do
    dropTask(readTask(jobId, wait, tonumber(index)))
    left = left - 1
  end
  if left <= 0 then return end
  for _, range in ipairs(rangesOf(jobId, wait)) do removeRange(range) end
  call('UNLINK', itemsKey(jobId, wait), resultsKey(jobId, wait), rangesKey(jobId, wait))
  left = left - 1
end

-- The last wait first; how far a call came is written down.
local function removeRows(job)
  call('UNLINK', onceKey(job.id))
  for wait = job.lastJoin or 0, 1, -1 do
    removeWait(job.id, wait)
    if left <= 0 then return call('HSET', jobKey(job.id), 'lastJoin', wait) end
  end
end

for _, id in ipairs(upTo(expiryKey(), now, left)) do
  local job = readJob(id)
  removeRows(job)
  if left <= 0 then break end
  removeJob(job)
  left = left - 1
  jobs = jobs + 1
end

for _, key in ipairs(upTo(dedupExpiryKey(), now, left)) do
  call('HDEL', dedupKey(), key)
  call('ZREM', dedupExpiryKey(), key)
  left = left - 1
end

for _, entry in ipairs(upTo(counterExpiryKey(), now, left)) do
  removeCounter(entry)
  left = left - 1
end

for _, id in ipairs(upTo(workerExpiryKey(), now, left)) do
  local worker = readWorker(id)
  if worker.record then
    worker.record = nil
    worker.version, worker.expiresAt = nextOf('worker'), now + dayMs
    putWorker(worker)
    ring({ kind = 'workers', version = worker.version })
  else
    removeWorker(id)
  end
  left = left - 1
end

for _, id in ipairs(upTo(laneEmptyKey(), beyond(now - emptyLaneMs), left)) do
  -- One whose id doesn't say what it was stays.
  if not laneRow(id).body then
    call('UNLINK', laneKey(id))
    call('ZREM', lanesKey(), id)
    call('ZREM', laneEmptyKey(), id)
  end
end

for _, day in ipairs(call('ZRANGEBYSCORE', standingDaysKey(), '-inf', beyond(math.floor(now / dayMs) - 30))) do
  call('UNLINK', standingKey(day))
  call('ZREM', standingDaysKey(), day)
end

return answer({ removed = input.limit - left, jobs = jobs, more = left <= 0 })
