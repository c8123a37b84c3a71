-- See Storage.putWorkers.
-- uses worker

begin(true)
local version, conflicts = 0, {}

local function put(write)
  local known = readWorker(write.id) or { id = write.id, seenAt = 0, version = 0 }
  local record = body(write.record)
  if not record and not known.record then return end
  if record and write.base and write.base ~= known.version then
    conflicts[#conflicts + 1] = showWorker(known)
    return
  end
  if record then
    version = nextOf('worker')
    known.record, known.version = record, version
  end
  known.seenAt = math.max(write.seenAt, known.seenAt)
  known.expiresAt = write.expiresAt
  putWorker(known)
end

for _, write in ipairs(input.workers) do put(write) end
if version > 0 then ring({ kind = 'workers', version = version }) end
return answer({ version = version, conflicts = conflicts })
