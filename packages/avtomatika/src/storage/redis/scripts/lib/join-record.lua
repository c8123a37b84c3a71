-- Joins: the numbers of one are a packed field of its job's parts, its trace is another.
-- uses call

local function readJoin(jobId, wait)
  local packed = call('HGET', partsKey(jobId), 'join:' .. wait)
  if not packed then return nil end
  local single, total, need, allowed, ok, failed, state, graceMs = select(2, cmsgpack.unpack_limit(packed, 8))
  return {
    at = { jobId = jobId, wait = wait }, single = single, total = total, need = need, allowed = allowed, ok = ok,
    failed = failed, state = state, graceMs = graceMs,
  }
end

local function putJoin(join)
  local numbers = cmsgpack.pack(
    join.single, join.total, join.need, join.allowed, join.ok, join.failed, join.state, join.graceMs
  )
  call('HSET', partsKey(join.at.jobId), 'join:' .. join.at.wait, numbers)
end

local function traceOf(jobId, wait)
  return call('HGET', partsKey(jobId), 'trace:' .. wait)
end
