-- See Storage.listWorkers: in the order of their versions, `input.limit` a call.
-- uses worker

begin(false)
local workers = {}
for _, id in ipairs(call('ZRANGEBYSCORE', workersKey(), '(' .. input.since, '+inf', 'LIMIT', 0, input.limit)) do
  workers[#workers + 1] = showWorker(readWorker(id))
end
return answer({ workers = workers })
