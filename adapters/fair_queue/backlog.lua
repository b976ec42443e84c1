-- ARGV: now. Returns the slots of the living workers, then what waits in each queue in messages and in seconds.
tick()
local answer = { living_slots() }
for _, queue in ipairs(QUEUES) do
  answer[#answer + 1] = get('n:' .. queue)
  answer[#answer + 1] = string.format('%.17g', get('seconds:' .. queue))
end
return done(answer)
