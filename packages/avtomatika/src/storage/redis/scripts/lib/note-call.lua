-- Takes notice that an engine is there: claims and prolongations are what every engine calls again and again while it
-- lives. A silence of all engines that was longer than `silenceMs` becomes an outage, told to all of them.
-- uses call

local maxOutages = 20

local function noteCall(silenceMs)
  local last, packed = unpack(call('HMGET', metaKey(), 'lastCall', 'outages'))
  local outages = packed and cmsgpack.unpack(packed) or {}
  call('HSET', metaKey(), 'lastCall', now)
  last = tonumber(last or nil)
  if not last or now - last <= silenceMs then return outages end
  outages[#outages + 1] = { from = last, to = now }
  if #outages > maxOutages then table.remove(outages, 1) end
  call('HSET', metaKey(), 'outages', cmsgpack.pack(outages))
  return outages
end
