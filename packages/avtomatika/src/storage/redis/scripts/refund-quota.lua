-- See Storage.refundQuota.
-- uses counter

begin(true)

-- True if the unit was given back, now or before.
local function refund(jobId)
  local row = readCharge(jobId)
  if not row or row.state == 'refused' then return false end
  if row.state == 'refunded' then return true end
  local counter = readQuota(row.owner, row.period)
  if counter then
    counter.used = counter.used - 1
    putQuota(counter)
  end
  row.state = 'refunded'
  putCharge(row)
  return true
end

local refunded = {}
for _, jobId in ipairs(input.jobIds) do
  if refund(jobId) then refunded[#refunded + 1] = jobId end
end
return answer({ refunded = refunded })
