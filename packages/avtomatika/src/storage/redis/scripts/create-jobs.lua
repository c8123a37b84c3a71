-- See Storage.createJobs.
-- uses wake, dedup

begin(true)
local before = grantedBefore()
local results = {}

local function create(job, dedup)
  local known = dedup and judgeKey(dedup)
  if known and known.jobId ~= job.id then return known end
  if not readJob(job.id) then
    insertJob(job)
    if dedup then putDedup(dedup.key, job.id, dedup.fingerprint, now + dedup.ttlMs) end
  end
  return { outcome = 'created', jobId = job.id }
end

for _, one in ipairs(input.jobs) do results[#results + 1] = create(one.job, one.dedup) end
for _, one in ipairs(granted) do before[#before + 1] = one end
return answer({ results = results, leased = before })
