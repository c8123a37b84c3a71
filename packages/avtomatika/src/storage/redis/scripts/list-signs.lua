-- See Storage.listSigns: in the order of their ends, `input.limit` a call beginning at `input.from`.
-- uses worker

begin(false)
local signs = {}
local ids = call('ZRANGEBYSCORE', workerExpiryKey(), '(' .. input.after, '+inf', 'LIMIT', input.from, input.limit)
for _, id in ipairs(ids) do
  local worker = readWorker(id)
  if worker.record then signs[#signs + 1] = { id = id, seenAt = worker.seenAt } end
end
return answer({ signs = signs, more = #ids == input.limit })
