-- Everything that a shard holds, for audits: it reads all keys, so it isn't for a server that works.
-- uses join, counter

begin(false)

-- What the names of keys say behind the kind of the key.
local function namesOf(kind)
  local names = {}
  for _, key in ipairs(call('KEYS', tag:gsub('[{}]', '\\%0') .. kind .. ':*')) do
    names[#names + 1] = key:sub(#tag + #kind + 2)
  end
  return names
end

local function splitWait(name)
  local jobId, wait = name:match('^(.*):(%d+)$')
  return jobId, tonumber(wait)
end

local jobs, tasks, entries, joins, ranges, results = {}, {}, {}, {}, {}, {}
for _, id in ipairs(namesOf('job')) do jobs[#jobs + 1] = showJob(readJob(id)) end
for _, place in ipairs(namesOf('task')) do tasks[#tasks + 1] = showTask(taskAt(place)) end
for _, lane in ipairs(namesOf('queue')) do
  local members = call('ZRANGE', queueKey(lane), 0, -1, 'WITHSCORES')
  for at = 1, #members, 2 do
    local jobId, wait, ref = members[at]:match('^(.*):(%d+):([-%d]+)$')
    entries[#entries + 1] = {
      lane = lane, score = tonumber(members[at + 1]), jobId = jobId, wait = tonumber(wait), ref = tonumber(ref),
    }
  end
end
for _, id in ipairs(namesOf('parts')) do
  for _, field in ipairs(call('HKEYS', partsKey(id))) do
    local wait = field:match('^join:(%d+)$')
    if wait then joins[#joins + 1] = showJoin(readJoin(id, tonumber(wait))) end
  end
end
for _, name in ipairs(namesOf('ranges')) do
  for _, range in ipairs(rangesOf(splitWait(name))) do ranges[#ranges + 1] = range end
end
for _, name in ipairs(namesOf('results')) do
  local jobId, wait = splitWait(name)
  local flat = call('HGETALL', resultsKey(jobId, wait))
  for at = 1, #flat, 2 do
    results[#results + 1] = { jobId = jobId, wait = wait, index = tonumber(flat[at]), value = attach(flat[at + 1]) }
  end
end
local closings = {}
local flat = call('ZRANGE', closingKey(), 0, -1, 'WITHSCORES')
for at = 1, #flat, 2 do
  local jobId, wait = splitWait(flat[at])
  local from = tonumber(call('HGET', closingNextKey(), flat[at]))
  closings[#closings + 1] = { jobId = jobId, wait = wait, at = tonumber(flat[at + 1]), next = from }
end
local charges, quotas, buckets = {}, {}, {}
for _, jobId in ipairs(call('HKEYS', chargesKey())) do charges[#charges + 1] = readCharge(jobId) end
for _, field in ipairs(call('HKEYS', quotasKey())) do
  local period, owner = field:match('^(%S*) (.*)$')
  quotas[#quotas + 1] = readQuota(owner, period)
end
for _, key in ipairs(call('HKEYS', bucketsKey())) do
  local bucket, expiresAt = readBucket(key)
  buckets[#buckets + 1] = { key = key, bucket = bucket, expiresAt = expiresAt }
end
return answer({
  charges = charges, quotas = quotas, buckets = buckets,
  jobs = jobs, tasks = tasks, entries = entries, joins = joins, ranges = ranges, results = results,
  closings = closings,
})
