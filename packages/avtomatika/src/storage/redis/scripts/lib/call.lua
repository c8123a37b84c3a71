-- One call: its input, its instant, what it answers and the bells it rings.
--
-- ARGV[1] is the input as MessagePack. What only the engine reads (a job's head, data, a task's params …) stands
-- in ARGV[2…] and is named by its place: it is stored and given back as it is. The reply has the same form.

local call = redis.call
local input = cmsgpack.unpack(ARGV[1])
local now = 0
local bells, bellBodies = {}, {}
local wakeAt = nil
local revoked = {}
local out = { '' }

-- The store's time, never earlier than one that was told by a call that wrote. The argument of tests goes before
-- the server's clock. A call that must work when memory is full doesn't write the mark.
local function begin(writesMark)
  now = input.now
  if not now then
    local time = call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  local mark = tonumber(call('HGET', metaKey(), 'clock') or 0)
  if now < mark then
    now = mark
  elseif writesMark and now > mark then
    call('HSET', metaKey(), 'clock', now)
  end
end

-- What stands at a place of the arguments.
local function body(place)
  return place and ARGV[place]
end

-- Adds a body to the reply; its place there.
local function attach(value)
  if not value then return nil end
  out[#out + 1] = value
  return #out - 1
end

local function ring(bell)
  bells[#bells + 1] = bell
end

-- Says that a worker has to stop with a task.
local function revoke(worker, taskId)
  revoked[worker] = revoked[worker] or {}
  table.insert(revoked[worker], taskId)
end

-- Says that somebody has to look at this shard at that time.
local function wake(at)
  if at and (not wakeAt or at < wakeAt) then wakeAt = at end
end

-- The next value of a counter: 1, 2, 3 …
local function nextOf(counter)
  return call('HINCRBY', metaKey(), counter, 1)
end

-- Rings the bells and makes the reply.
local function answer(result)
  for worker, taskIds in pairs(revoked) do ring({ kind = 'revoked', worker = worker, taskIds = taskIds }) end
  if wakeAt then ring({ kind = 'due', shard = input.shard, at = wakeAt }) end
  if #bells > 0 then
    call('SPUBLISH', input.channel, cmsgpack.pack(bells) .. table.concat(bellBodies))
  end
  result.now = now
  out[1] = cmsgpack.pack(result)
  return out
end
