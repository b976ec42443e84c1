-- KEYS: one set per place wanted. ARGV: milliseconds to keep, then for each key who wants the place and how many there
-- are. Returns 1 for each that has a place, now or from before.
local admitted = {}
for i, key in ipairs(KEYS) do
  local who, most = ARGV[2 * i], tonumber(ARGV[2 * i + 1])
  if redis.call('SISMEMBER', key, who) == 1 then
    admitted[i] = 1
  elseif redis.call('SCARD', key) < most then
    redis.call('SADD', key, who)
    redis.call('PEXPIRE', key, ARGV[1])
    admitted[i] = 1
  else
    admitted[i] = 0
  end
end
return admitted
