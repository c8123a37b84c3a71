-- See Storage.claimJobs.
-- uses wake, closing, note-call

local dueJobsPerCall = 100
-- After an outage engines that were only cut off have so long to prolong the leases that ran out in it.
local returnMs = 5000

begin(true)
local outages = noteCall(input.silenceMs)

-- Until when a lease that ran out in an outage is left to its engine.
local function returnEnd(leaseUntil)
  for _, outage in ipairs(outages) do
    if outage.from < leaseUntil and leaseUntil <= outage.to then return outage.to + returnMs end
  end
end

-- A lease that ran out makes the job ready again, the lost run counted; a timer closes its wait.
local function wakeDueJob(job)
  if job.leaseUntil then
    local till = returnEnd(job.leaseUntil)
    if not till then return makeReady(job) end
    job.leaseUntil = till
    putJob(job)
    return wake(till)
  end
  local event = { id = 'due:' .. job.id .. ':' .. job.wait, wait = job.wait, kind = 'due' }
  event.body = cmsgpack.pack({ id = event.id, wait = event.wait, kind = event.kind })
  wakeJob(job, event)
end

-- The first ready job over the queues that the caller may serve.
local function firstReady()
  local best, bestReady = nil, nil
  local function look(queue)
    local id, ready = firstOf(readyKey(queue))
    if id and (not bestReady or ready < bestReady) then best, bestReady = id, ready end
  end
  look(anyEngine)
  for _, blueprint in ipairs(input.lease.blueprints) do look(blueprint) end
  return best
end

local function claimReady()
  local claimed = {}
  while #claimed < input.lease.limit do
    local first = firstReady()
    if not first then break end
    claimed[#claimed + 1] = grant(readJob(first))
  end
  return claimed
end

-- Tasks whose time is over, out of the way of other engines for `takeMs`: the caller judges them and settles.
-- If it dies they come again.
local function takeDueTasks(limit)
  local due, taken = {}, {}
  local function add(task)
    if #due < limit then due[#due + 1] = task end
  end
  for _, place in ipairs(upTo(taskDelayedKey(), now, limit)) do
    local task = taskAt(place)
    if isOverdue(task) then add(task) end
  end
  for _, place in ipairs(upTo(taskDueKey(), now, limit)) do add(taskAt(place)) end
  for _, task in ipairs(due) do
    if isOpen(task) then taken[#taken + 1] = task end
  end
  for _, place in ipairs(upTo(rangeDueKey(), now, limit)) do
    local jobId, wait, group = place:match('^(.*):(%d+):(%d+)$')
    local range = readRange(jobId, tonumber(wait), tonumber(group))
    while #taken < limit and range.next < range.last do taken[#taken + 1] = drawBranch(range) end
  end
  local shown = {}
  for _, task in ipairs(taken) do
    task.due = now + input.takeMs
    putTask(task)
    shown[#shown + 1] = showDetails(task, readJoin(task.at.jobId, task.at.wait), readJob(task.at.jobId))
  end
  return shown
end

local function nextOfAll(keys)
  local soonest = nil
  for _, key in ipairs(keys) do
    local _, at = firstOf(key)
    soonest = earliest(soonest, at)
  end
  return soonest
end

-- What a timer wakes is nobody's yet: only the claim itself leases.
local wish = input.lease
input.lease = nil
local due = upTo(wakeKey(), now, dueJobsPerCall)
for _, id in ipairs(due) do wakeDueJob(readJob(id)) end
input.lease = wish
promoteDelayed()
local jobs = grantedBefore()
if #jobs == 0 then jobs = claimReady() end
local tasks = takeDueTasks(input.dueLimit)
-- What else was done leaves less room, but some in any case.
goOnClosing(math.max(1, math.ceil(closes / 10), closes - #due - #jobs - #tasks))
local expiry = nextOfAll({ expiryKey(), dedupExpiryKey(), workerExpiryKey(), counterExpiryKey() })
local nextDue = nextOfAll({ wakeKey(), taskDueKey(), taskDelayedKey(), rangeDueKey() })
return answer({
  jobs = jobs,
  tasks = tasks,
  left = firstReady() ~= nil,
  moreDue = #due == dueJobsPerCall or #tasks >= input.dueLimit or isClosing(),
  nextDue = earliest(nextDue, expiry),
  purgeDue = expiry ~= nil and expiry <= now,
  outages = outages,
})
