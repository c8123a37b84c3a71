-- What clients use up: charges of jobs to a monthly quota, the quotas' counters, buckets of tokens. A field each, and
-- one index of when they go.
-- uses call, record

local minuteMs = 60000

-- Rows that run out in one minute go together: an engine doesn't purge once for each of them.
local function expiryOf(at)
  return math.ceil(at / minuteMs) * minuteMs
end

local function readCharge(jobId)
  local packed = call('HGET', chargesKey(), jobId)
  if not packed then return nil end
  local owner, period, state, expiresAt = select(2, cmsgpack.unpack_limit(packed, 4))
  return { jobId = jobId, owner = owner, period = period, state = state, expiresAt = expiresAt }
end

local function putCharge(row)
  call('HSET', chargesKey(), row.jobId, cmsgpack.pack(row.owner, row.period, row.state, row.expiresAt))
  call('ZADD', counterExpiryKey(), row.expiresAt, 'c' .. row.jobId)
end

local function quotaField(owner, period)
  return period .. ' ' .. owner
end

local function readQuota(owner, period)
  local packed = call('HGET', quotasKey(), quotaField(owner, period))
  if not packed then return nil end
  local used, expiresAt = select(2, cmsgpack.unpack_limit(packed, 2))
  return { owner = owner, period = period, used = used, expiresAt = expiresAt }
end

local function putQuota(row)
  local field = quotaField(row.owner, row.period)
  call('HSET', quotasKey(), field, cmsgpack.pack(row.used, row.expiresAt))
  call('ZADD', counterExpiryKey(), row.expiresAt, 'q' .. field)
end

local function readBucket(key)
  local packed = call('HGET', bucketsKey(), key)
  if not packed then return nil end
  local bucket, expiresAt = select(2, cmsgpack.unpack_limit(packed, 2))
  return bucket, expiresAt
end

local function putBucket(key, bucket, expiresAt)
  call('HSET', bucketsKey(), key, cmsgpack.pack(bucket, expiresAt))
  call('ZADD', counterExpiryKey(), expiresAt, 'b' .. key)
end

-- Removes what an entry of the index names.
local function removeCounter(entry)
  local kind, field = entry:sub(1, 1), entry:sub(2)
  if kind == 'c' then call('HDEL', chargesKey(), field) end
  if kind == 'q' then call('HDEL', quotasKey(), field) end
  if kind == 'b' then call('HDEL', bucketsKey(), field) end
  call('ZREM', counterExpiryKey(), entry)
end
