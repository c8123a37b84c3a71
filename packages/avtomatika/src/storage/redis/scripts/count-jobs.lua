-- See Storage.countJobs.
-- uses call

begin(false)
local scope = input.owner and ('=' .. input.owner) or '*'
local counts = {}
for _, status in ipairs(input.statuses) do counts[status] = call('ZCARD', listKey(status, scope)) end
return answer({ counts = counts, ready = tonumber(call('HGET', readyCountKey(), scope) or 0) })
