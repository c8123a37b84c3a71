-- See Storage.readOnce.
-- uses call

begin(false)
local values = {}
if tonumber(call('HGET', onceKey(input.jobId), 'visit') or nil) == input.visit then
  local flat = call('HGETALL', onceKey(input.jobId))
  for at = 1, #flat, 2 do
    if flat[at] ~= 'visit' then values[#values + 1] = { name = flat[at]:sub(2), value = attach(flat[at + 1]) } end
  end
end
return answer({ values = values })
