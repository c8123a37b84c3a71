-- How jobs become ready and are leased. `input.lease` is the caller's wish.
-- uses job

local granted = {}

-- The wish, if one more job of this queue may be leased under it.
local function mayGrant(queue)
  local wish = input.lease
  if not wish or #granted >= wish.limit then return false end
  if queue == anyEngine then return true end
  for _, blueprint in ipairs(wish.blueprints) do
    if blueprint == queue then return true end
  end
  return false
end

-- What an earlier, equal call leased: the answer of a repeat.
local function grantedBefore()
  local before = {}
  if not input.lease then return before end
  for _, id in ipairs(call('ZRANGE', claimKey(input.lease.claim), 0, -1)) do
    before[#before + 1] = showWhole(readJob(id))
  end
  return before
end

local function isEmptyQueue(queue)
  return call('EXISTS', readyKey(queue)) == 0
end

-- Gives a job's lease to the caller and counts the run.
local function grant(job)
  local wish = input.lease
  job.ready = nil
  job.leaseEngine, job.leaseClaim, job.leaseUntil = wish.engine, wish.claim, now + wish.ms
  job.runs = job.runs + 1
  if job.status == 'pending' and not job.cancelId then job.status = 'running' end
  putJob(job)
  wake(job.leaseUntil)
  return showWhole(job)
end

-- Puts a job in its ready queue: work that was begun before new work, then priority, then age.
local function makeReady(job)
  local queue = readyQueue(job)
  if isEmptyQueue(queue) then ring({ kind = 'ready', shard = input.shard, blueprint = queue }) end
  local begun = job.version > 1 or job.runs > 0
  job.ready = ((begun and 0 or 2048) + 1000 - job.priority) * 2 ^ 40 + nextOf('sequence')
  clearLease(job)
  putJob(job)
end

-- Leases a job that can go on, unless others of its queue wait already; otherwise puts it in its queue.
local function offerJob(job)
  local queue = readyQueue(job)
  if mayGrant(queue) and isEmptyQueue(queue) then
    granted[#granted + 1] = grant(job)
  else
    makeReady(job)
  end
end

local ends = { finished = true, failed = true, cancelled = true, quarantined = true }

-- Closes a job's wait with a message: the job is leased under the call's wish, or ready for whoever claims it.
local function wakeJob(job, event)
  call('HSET', partsKey(job.id), 'event', event.body)
  job.wait, job.due = nil, nil
  job.eventKind = event.kind
  job.closedBy = event.id
  job.updatedAt = now
  if not ends[job.status] then job.status = 'running' end
  offerJob(job)
end

-- Writes a new job and leases it or makes it ready.
local function insertJob(new)
  local job = {
    id = new.id, blueprint = new.blueprint, owner = new.owner, parentId = new.parentId, createdAt = now,
    updatedAt = now, priority = new.priority, status = 'pending', state = new.state, version = 1, runs = 0,
    watched = new.watched and '1' or nil,
  }
  call('HSET', partsKey(job.id), 'head', body(input.freshHead), 'initial', body(new.initial))
  offerJob(job)
end
