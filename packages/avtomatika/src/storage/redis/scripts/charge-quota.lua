-- See Storage.chargeQuota.
-- uses counter

local repeatMs = 600000
local lateMs = 3600000

begin(true)
local owner, period = input.owner, input.period
local known, isRepeat = {}, true
for _, jobId in ipairs(input.jobIds) do
  known[jobId] = readCharge(jobId)
  isRepeat = isRepeat and known[jobId] ~= nil
end
if not isRepeat and (now < period.from or now >= period.to) then
  return answer({ outcome = 'other_period', charged = {} })
end

local counter = readQuota(owner, period.id)
  or { owner = owner, period = period.id, used = 0, expiresAt = expiryOf(period.to + lateMs) }
local usedBefore = counter.used

-- True if the job has a unit, now or from before.
local function charge(jobId)
  if known[jobId] then return known[jobId].state ~= 'refused' end
  local state = counter.used < input.limit and 'charged' or 'refused'
  known[jobId] = {
    jobId = jobId, owner = owner, period = period.id, state = state, expiresAt = expiryOf(now + repeatMs),
  }
  putCharge(known[jobId])
  if state == 'charged' then counter.used = counter.used + 1 end
  return state == 'charged'
end

local charged = {}
for _, jobId in ipairs(input.jobIds) do
  if charge(jobId) then charged[#charged + 1] = jobId end
end
if counter.used > usedBefore then putQuota(counter) end
return answer({ outcome = 'charged', charged = charged })
