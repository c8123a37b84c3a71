-- Which job an idempotency key led to: one field per key, and when it goes.
-- uses call, record

local function readDedup(key)
  local packed = call('HGET', dedupKey(), key)
  if not packed then return nil end
  local jobId, fingerprint, expiresAt = select(2, cmsgpack.unpack_limit(packed, 3))
  return { jobId = jobId, fingerprint = fingerprint, expiresAt = expiresAt }
end

local function putDedup(key, jobId, fingerprint, expiresAt)
  call('HSET', dedupKey(), key, cmsgpack.pack(jobId, fingerprint, expiresAt))
  call('ZADD', dedupExpiryKey(), expiresAt, key)
end
