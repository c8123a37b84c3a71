-- See Storage.readResults. A join that fired early has results here and there: one call looks at `input.budget`
-- places and says where to go on.
-- uses join-record

begin(false)
local join = readJoin(input.jobId, input.wait)
local total = join and join.total or 0
local results, at = {}, input.from
local stop = math.min(total, input.from + input.budget)
while at < stop and #results < input.limit do
  local indexes = {}
  for index = at, math.min(at + math.min(input.limit - #results, 500), stop) - 1 do indexes[#indexes + 1] = index end
  local found = call('HMGET', resultsKey(input.jobId, input.wait), unpack(indexes))
  for i, value in ipairs(indexes) do
    if found[i] then results[#results + 1] = { index = value, value = attach(found[i]) } end
  end
  at = at + #indexes
end
return answer({ results = results, next = at < total and at or nil })
