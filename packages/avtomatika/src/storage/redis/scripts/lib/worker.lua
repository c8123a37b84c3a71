-- Workers. One whose record is gone is a tombstone: engines hear of it, and a day later it goes as well.
-- uses call, record

local workerNumbers = { seenAt = true, expiresAt = true, version = true }

local function readWorker(id)
  local worker = readHash(workerKey(id), workerNumbers)
  if worker then worker.id = id end
  return worker
end

local function putWorker(worker)
  local former = writeHash(workerKey(worker.id), worker)
  moveScore(workersKey(), worker.id, former.version, worker.version)
  moveScore(workerExpiryKey(), worker.id, former.expiresAt, worker.expiresAt)
end

local function removeWorker(id)
  call('UNLINK', workerKey(id))
  call('ZREM', workersKey(), id)
  call('ZREM', workerExpiryKey(), id)
end

local function showWorker(worker)
  return { id = worker.id, record = attach(worker.record), seenAt = worker.seenAt, version = worker.version }
end
