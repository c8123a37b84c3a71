-- See Storage.getJob.
-- uses wake, join

local job = readJob(input.jobId)
local watches = job and input.watch and not job.watched and not ends[job.status]
begin(watches)
if not job then return answer({}) end
if watches then
  job.watched = '1'
  putJob(job)
end
local join = job.wait and readJoin(job.id, job.wait)
local task = join and join.single and readTask(job.id, job.wait, 0)

local lanes, seen = {}, {}
local function addLane(id)
  if seen[id] then return end
  seen[id] = true
  lanes[#lanes + 1] = showLane(findLane(id))
end
if task then addLane(task.lane) end
for at, range in ipairs(join and rangesOf(job.id, job.wait) or {}) do
  if at <= 10 then addLane(range.lane) end
end

local found = showWhole(job)
found.join = join and showJoin(join) or nil
found.task = task and showTask(task) or nil
found.lanes = lanes
return answer({ found = found })
