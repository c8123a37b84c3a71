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

-- The jobs of one status, in pages.
local function openSource(status)
  local key = listKey(status, scope)
  local source = { key = key, rank = input.before and rankBelow(key, input.before) or 0, page = {}, at = 1 }
  return source
end

-- The next job of a source; nil at its end.
local function peek(source)
  if source.at > #source.page then
    source.page = call('ZREVRANGE', source.key, source.rank, source.rank + 31, 'WITHSCORES')
    source.rank = source.rank + 32
    source.at = 1
  end
  local id = source.page[source.at]
  return id and { id = id, createdAt = tonumber(source.page[source.at + 1]), source = source }
end

local function nextJob(sources)
  local best = nil
  for _, source in ipairs(sources) do
    local one = peek(source)
    if one and (not best or one.createdAt > best.createdAt
        or (one.createdAt == best.createdAt and isLower(best.id, one.id))) then
      best = one
    end
  end
  if best then best.source.at = best.source.at + 2 end
  return best
end

local function passes(job)
  if input.blueprint and job.blueprint ~= input.blueprint then return false end
  return not (input.withoutDiscarded and job.discarded)
end

local sources, jobs, last = {}, {}, nil
for _, status in ipairs(input.statuses) do sources[#sources + 1] = openSource(status) end
for looked = 1, input.budget do
  local one = nextJob(sources)
  if not one then
    last = nil
    break
  end
  last = { createdAt = one.createdAt, id = one.id }
  local job = readJob(one.id)
  if passes(job) then jobs[#jobs + 1] = showJob(job) end
  if #jobs == input.limit then break end
end
return answer({ jobs = jobs, last = last })
