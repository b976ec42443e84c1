-- KEYS: one per name. ARGV: for each key its pause in milliseconds. What has expired needs nothing back.
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    redis.call('SET', key, string.format('%.0f', tonumber(redis.call('GET', key)) - tonumber(ARGV[i])), 'KEEPTTL')
  end
end
return 0
