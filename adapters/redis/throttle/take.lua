-- KEYS: one per name. ARGV: now, then for each key its burst and its pause, all times in milliseconds.
-- Returns 0 when every name has an attempt left, which is then counted under each; else the time to wait.
local now, wait, after = tonumber(ARGV[1]), 0, {}
for i, key in ipairs(KEYS) do
  local burst, every = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  after[i] = math.max(tonumber(redis.call('GET', key) or 0), now) + every
  wait = math.max(wait, after[i] - now - burst * every)
end
if wait > 0 then return math.ceil(wait) end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', after[i]), 'PX', math.max(1, math.ceil(after[i] - now)))
end
return 0
