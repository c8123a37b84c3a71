-- Which job an idempotency key led to: one field per key, and when it goes.
-- uses call, record

local function readDedup(key)
  local packed = call('HGET', dedupKey(), key)
  if not packed then return nil end
  local jobId, fingerprint, expiresAt = select(2, cmsgpack.unpack_limit(packed, 3))
  return { jobId = jobId, fingerprint = fingerprint, expiresAt = expiresAt }
end

-- What an idempotency key stands for; nil for nothing (any more).
local function judgeKey(one)
  local known = readDedup(one.key)
  if not known or known.expiresAt <= now then return nil end
  local same = known.fingerprint == one.fingerprint
  return { outcome = same and 'existing' or 'conflict', jobId = known.jobId }
end

local function putDedup(key, jobId, fingerprint, expiresAt)
  call('HSET', dedupKey(), key, cmsgpack.pack(jobId, fingerprint, expiresAt))
  call('ZADD', dedupExpiryKey(), expiresAt, key)
end
