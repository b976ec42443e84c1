-- KEYS: one per listen. ARGV: milliseconds to keep, the greatest size, then for each key what is added to it.
-- Returns all of each. The time runs from the first report, so that it outlives every ticket and is set once.
local found, keep, most = {}, ARGV[1], tonumber(ARGV[2])
for i, key in ipairs(KEYS) do
  local data = ARGV[i + 2]
  local length = redis.call('STRLEN', key)
  if length + #data <= most then
    redis.call('APPEND', key, data)
    if length == 0 then redis.call('PEXPIRE', key, keep) end
  end
  found[i] = redis.call('GET', key) or ''
end
return found
