-- See Storage.listSigns: in the order of their ends, `input.limit` a call beginning at `input.from`.
-- uses call

begin(false)
local signs = {}
local ids = call('ZRANGEBYSCORE', workerExpiryKey(), '(' .. input.after, '+inf', 'LIMIT', input.from, input.limit)
for _, id in ipairs(ids) do
  local key = workerKey(id)
  -- The record itself may be large, and isn't needed.
  if call('HEXISTS', key, 'record') == 1 then
    signs[#signs + 1] = { id = id, seenAt = tonumber(call('HGET', key, 'seenAt')) }
  end
end
return answer({ signs = signs, more = #ids == input.limit })
