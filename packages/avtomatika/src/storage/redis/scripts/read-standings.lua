-- See Storage.readStandings: whole days from `input.day` on, until there are `input.budget` counters.
-- uses call

begin(false)
local day = input.day or math.floor(now / 86400000) - 29
local days = call('ZRANGEBYSCORE', standingDaysKey(), day, '+inf')
local sums, order, counters = {}, {}, 0
local nextDay = nil
for _, one in ipairs(days) do
  if counters >= input.budget then
    nextDay = tonumber(one)
    break
  end
  local flat = call('HGETALL', standingKey(one))
  counters = counters + #flat / 2
  for at = 1, #flat, 2 do
    local kind, worker = flat[at]:sub(1, 1), flat[at]:sub(2)
    local sum = sums[worker]
    if not sum then
      sum = { worker = worker, a = 0, s = 0 }
      sums[worker], order[#order + 1] = sum, sum
    end
    sum[kind] = sum[kind] + tonumber(flat[at + 1])
  end
end
local standings = {}
for at, sum in ipairs(order) do
  standings[at] = { worker = sum.worker, attempts = sum.a, successes = sum.s }
end
return answer({ standings = standings, nextDay = nextDay })
