-- See Storage.listJobs. The sorted sets of the statuses are merged, newest first. A filter that few jobs pass may
-- look at many: one call looks at `input.budget` of them and says where to go on.
-- uses job

begin(false)
local scope = input.owner and ('=' .. input.owner) or '*'

-- By bytes, as the server orders members: `<` goes by the server's locale.
local function isLower(one, other)
  for at = 1, math.min(#one, #other) do
    local a, b = one:byte(at), other:byte(at)
    if a ~= b then return a < b end
  end
  return #one < #other
end

-- The rank, from the newest, of the first member below (createdAt, id).
local function rankBelow(key, before)
  local low = call('ZCOUNT', key, beyond(before.createdAt), '+inf')
  local high = low + call('ZCOUNT', key, before.createdAt, before.createdAt)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local id = call('ZREVRANGE', key, middle, middle)[1]
    if isLower(id, before.id) then high = middle else low = middle + 1 end
  end
  return low
end

-- The jobs of one status, in pages; `id` and `createdAt` are those of the next one, nil at its end.
local function advance(source)
  if source.at > #source.page then
    source.page = call('ZREVRANGE', source.key, source.rank, source.rank + 31, 'WITHSCORES')
    source.rank = source.rank + 32
    source.at = 1
  end
  source.id, source.createdAt = source.page[source.at], tonumber(source.page[source.at + 1])
  source.at = source.at + 2
end

local function openSource(status)
  local key = listKey(status, scope)
  local source = { key = key, rank = input.before and rankBelow(key, input.before) or 0, page = {}, at = 1 }
  advance(source)
  return source
end

local function isNewer(one, other)
  if one.createdAt ~= other.createdAt then return one.createdAt > other.createdAt end
  return isLower(other.id, one.id)
end

local function nextSource(sources)
  local best = nil
  for _, source in ipairs(sources) do
    if source.id and (not best or isNewer(source, best)) then best = source end
  end
  return best
end

local function passes(id)
  if not input.blueprint and not input.withoutDiscarded then return true end
  local found = call('HMGET', jobKey(id), 'blueprint', 'discarded')
  if input.blueprint and found[1] ~= input.blueprint then return false end
  return not (input.withoutDiscarded and found[2])
end

local sources, jobs, last = {}, {}, nil
for _, status in ipairs(input.statuses) do sources[#sources + 1] = openSource(status) end
for looked = 1, input.budget do
  local source = nextSource(sources)
  last = source and { createdAt = source.createdAt, id = source.id }
  if not source then break end
  if passes(source.id) then jobs[#jobs + 1] = showJob(readJob(source.id)) end
  if #jobs == input.limit then break end
  advance(source)
end
return answer({ jobs = jobs, last = last })
