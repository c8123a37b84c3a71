-- The bells of all lanes that have tasks, for an engine that may have missed them.
-- uses lane

begin(false)
for _, id in ipairs(call('ZRANGE', lanesKey(), 0, -1)) do
  local row = laneRow(id)
  if headOf(row) then laneBell(row) end
end
local rung = attach(cmsgpack.pack(bells) .. table.concat(bellBodies))
bells = {}
return answer({ bells = rung })
