-- See Storage.claimTasks.
-- uses closing

-- So many tasks that closed joins left in their lanes are passed in one call; the rest stays for the next.
local mostPassed = 100

begin(true)
promoteDelayed()

local function countHeld()
  return call('SCARD', heldKey(input.worker))
end

-- Takes the first entry out of a lane; nil for a task that a closed join left there.
local function take(lane)
  local entry = firstOf(queueKey(lane))
  local jobId, wait, ref = entry:match('^(.*):(%d+):([-%d]+)$')
  wait, ref = tonumber(wait), tonumber(ref)
  if ref < 0 then return drawBranch(readRange(jobId, wait, -1 - ref)) end
  local task = readTask(jobId, wait, ref)
  local join = joinOf(task)
  if join.state ~= 'open' then
    closeLeftOver(task, join)
    return nil
  end
  pull(lane, task.score, entry)
  return task
end

local function offer(task)
  task.state = 'offered'
  task.worker, task.claim = input.worker, input.claim
  task.leasedAt = now
  task.deadline = earliest(now + task.timeout, task.resultDue)
  task.due = earliest(now + input.offerMs, task.deadline)
  putTask(task)
  return task
end

-- The named lanes that have tasks, the one whose head is first in front. Others cost nothing, however many there are.
local function filledLanes()
  local byType, filled = {}, {}
  for _, id in ipairs(input.lanes) do
    local row = laneRow(id)
    if row then
      byType[row.type] = byType[row.type] or {}
      table.insert(byType[row.type], id)
    end
  end
  for type, ids in pairs(byType) do
    for from = 1, #ids, 1000 do
      local heads = call('ZMSCORE', headsKey(type), unpack(ids, from, math.min(from + 999, #ids)))
      for at, head in ipairs(heads) do
        if head then filled[#filled + 1] = { id = ids[from + at - 1], head = tonumber(head) } end
      end
    end
  end
  table.sort(filled, function(one, other) return one.head < other.head end)
  return filled
end

-- The lane in front was taken from: it goes to where its new head belongs, or out.
local function sink(filled)
  local lane = filled[1]
  lane.head = headOf(laneRow(lane.id))
  if not lane.head then return table.remove(filled, 1) end
  local at = 1
  while filled[at + 1] and filled[at + 1].head < lane.head do
    filled[at] = filled[at + 1]
    at = at + 1
  end
  filled[at] = lane
end

local function handOut(filled)
  local tasks = {}
  local room = math.min(input.limit, input.capacity - countHeld())
  local passed = 0
  while #tasks < room and filled[1] and passed <= mostPassed do
    local task = take(filled[1].id)
    if task then tasks[#tasks + 1] = offer(task) else passed = passed + 1 end
    sink(filled)
  end
  return tasks
end

-- What was cancelled since isn't handed out by a repeat.
local function handedOutBefore()
  local tasks = {}
  for _, place in ipairs(call('ZRANGE', taskClaimKey(input.claim), 0, -1)) do
    local task = taskAt(place)
    if joinOf(task).state == 'open' then tasks[#tasks + 1] = task end
  end
  return tasks
end

local filled = filledLanes()
local tasks = handedOutBefore()
if #tasks == 0 then tasks = handOut(filled) end
local open = countHeld()
local isFull = open >= input.capacity
if isFull then call('SADD', fullKey(), input.worker) end

local shown, left, lanes, isFilled = {}, {}, {}, {}
for _, task in ipairs(tasks) do
  shown[#shown + 1] = {
    task = showTask(task),
    type = findLane(task.lane).type,
    trace = attach(traceOf(task.at.jobId, task.at.wait)),
  }
end
for _, lane in ipairs(filled) do isFilled[lane.id] = true end
for _, id in ipairs(input.lanes) do
  if isFilled[id] then left[#left + 1] = id end
end
for _, id in ipairs(call('ZRANGEBYSCORE', lanesKey(), '(' .. input.lanesSeen, '+inf')) do
  lanes[#lanes + 1] = showLane(laneRow(id))
end
return answer({
  tasks = shown, left = left, full = isFull, open = open, lanes = lanes,
  lanesVersion = tonumber(call('HGET', metaKey(), 'lane') or 0),
})
