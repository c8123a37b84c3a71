-- Records are hashes: a field that is null isn't there. What was read stands in `stored`, and only what differs
-- from it is written. What a key says of its record stands in `id` or `at`, and isn't written; nor is a task's `item`,
-- which stands elsewhere.

local unwritten = { stored = true, id = true, at = true, item = true }

local function readHash(key, numbers)
  local flat = call('HGETALL', key)
  if #flat == 0 then return nil end
  local record, stored = {}, {}
  for at = 1, #flat, 2 do
    local field, value = flat[at], flat[at + 1]
    if numbers[field] then value = tonumber(value) end
    record[field], stored[field] = value, value
  end
  record.stored = stored
  return record
end

-- `stored` becomes what is stored now; the former one is returned, for the indexes.
local function writeHash(key, record)
  local former, stored = record.stored or {}, {}
  local set, gone = {}, {}
  for field, value in pairs(record) do
    if not unwritten[field] then
      stored[field] = value
      if former[field] ~= value then
        set[#set + 1] = field
        set[#set + 1] = value
      end
    end
  end
  for field in pairs(former) do
    if record[field] == nil then gone[#gone + 1] = field end
  end
  if #set > 0 then call('HSET', key, unpack(set)) end
  if #gone > 0 then call('HDEL', key, unpack(gone)) end
  record.stored = stored
  return former
end

-- Moves a member of a sorted set to its new score; nil is out of it.
local function moveScore(key, member, was, is)
  if was == is then return end
  if is then call('ZADD', key, is, member) else call('ZREM', key, member) end
end

-- The first member of a sorted set with its score.
local function firstOf(key)
  local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if first[1] then return first[1], tonumber(first[2]) end
end

-- Members whose score is at most `score`, lowest first.
local function upTo(key, score, limit)
  if limit <= 0 then return {} end
  return call('ZRANGEBYSCORE', key, '-inf', score, 'LIMIT', 0, limit)
end

-- A bound that leaves the score itself out.
local function beyond(score)
  return string.format('(%.17g', score)
end

-- Adds a member at the end of a sorted set that keeps the order of its additions.
local function append(key, member)
  local last = call('ZRANGE', key, -1, -1, 'WITHSCORES')
  call('ZADD', key, last[2] and last[2] + 1 or 0, member)
end

-- The lower of two times, nil being never.
local function earliest(a, b)
  if not a or not b then return a or b end
  return math.min(a, b)
end
