-- What a visit keeps beside its record: values of `once`, and items of a fan-out before its commit.
-- uses call

-- The values of the last visit that stored one. Their names stand behind a `=`.
local function dropOnce(jobId, beforeVisit)
  local visit = tonumber(call('HGET', onceKey(jobId), 'visit') or nil)
  if visit and visit < beforeVisit then call('UNLINK', onceKey(jobId)) end
end

-- The first value stands.
local function putOnce(jobId, visit, name, value)
  if tonumber(call('HGET', onceKey(jobId), 'visit') or nil) ~= visit then
    call('UNLINK', onceKey(jobId))
    call('HSET', onceKey(jobId), 'visit', visit)
  end
  call('HSETNX', onceKey(jobId), '=' .. name, value)
  return call('HGET', onceKey(jobId), '=' .. name)
end

-- Items stand one after the other in the arguments, from `first` on.
local function putItems(jobId, wait, group, start, first, count)
  for from = 0, count - 1, 500 do
    local pairs = {}
    for at = from, math.min(from + 499, count - 1) do
      pairs[#pairs + 1] = group .. ':' .. (start + at)
      pairs[#pairs + 1] = ARGV[first + at]
    end
    call('HSET', itemsKey(jobId, wait), unpack(pairs))
  end
end
