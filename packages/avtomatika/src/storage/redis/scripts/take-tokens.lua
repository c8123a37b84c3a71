-- See Storage.takeTokens. The arithmetic is that of core/token-bucket.ts, where its reasons are. Who gets nothing writes
-- nothing: an empty bucket fills up without being touched.
-- uses counter

local slotsPerLife = 8
local rounding = 1e-9

begin(true)
local perSecond, burst = input.limit.perSecond, input.limit.burst

-- The bucket as it is now: portions that are over count as used at their end.
local function settle(former)
  local level, at, portions = former.level, former.at, {}
  local function drain(to)
    if to <= at then return end
    level = math.max(0, level - ((to - at) * perSecond) / 1000)
    at = to
  end
  for _, portion in ipairs(former.portions) do
    if portion['until'] > now then
      portions[#portions + 1] = portion
    else
      drain(portion['until'])
      level = level + portion.tokens
    end
  end
  drain(now)
  return { level = level, at = at, portions = portions }
end

local function lend(bucket, tokens)
  local slot = math.max(1, math.floor(input.lifeMs / slotsPerLife))
  local ends = math.ceil((bucket.at + input.lifeMs + 1) / slot) * slot
  local last = bucket.portions[#bucket.portions]
  if last and last['until'] >= ends then
    last.tokens = last.tokens + tokens
  else
    table.insert(bucket.portions, { ['until'] = ends, tokens = tokens })
  end
end

-- `missing`: what the room lacks for one token. The level drains, and then the first portion does, once it is over.
local function waitFor(missing, bucket)
  if missing <= rounding then return 0 end
  local first = bucket.portions[1]
  local drained = (missing * 1000) / perSecond
  if not first or missing <= bucket.level + rounding then return math.ceil(drained) end
  return math.ceil(math.max(drained, first['until'] - bucket.at + drained - (bucket.level * 1000) / perSecond))
end

local bucket = settle(readBucket(input.key) or { level = 0, at = now, portions = {} })
local lent = 0
for _, portion in ipairs(bucket.portions) do lent = lent + portion.tokens end
local room = burst - bucket.level - lent
local granted = math.min(input.want, math.max(0, math.floor(room + rounding)))
if granted > 0 then
  lend(bucket, granted)
  local last = bucket.portions[#bucket.portions]['until']
  putBucket(input.key, bucket, expiryOf(last + ((bucket.level + lent + granted) * 1000) / perSecond))
end
return answer({ granted = granted, waitMs = waitFor(1 - (room - granted), bucket) })
