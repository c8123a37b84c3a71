-- See Storage.findCreated: a key that stands for nothing is left out.
-- uses dedup

begin(false)
local results = {}
for at, one in ipairs(input.keys) do
  local known = judgeKey(one)
  if known then results[#results + 1] = { at = at - 1, created = known } end
end
return answer({ results = results })
