-- Marks a new store as one, and says what a known one is: its format, and how many shards it has.
-- uses call

begin(true)
call('HSETNX', metaKey(), 'format', input.format)
call('HSETNX', metaKey(), 'shards', input.shards)
local found = call('HMGET', metaKey(), 'format', 'shards')
return answer({ format = tonumber(found[1]), shards = tonumber(found[2]) })
