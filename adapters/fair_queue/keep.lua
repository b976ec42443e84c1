-- ARGV: now, worker, its slots, then the tickets it works on. What Redis has lost is put back.
-- Returns what waits in each queue, the parked owners and the messages held.
call('ZADD', key('workers'), now + HOLD, ARGV[2])
call('HSET', key('slots'), ARGV[2], ARGV[3])
for i = 4, #ARGV do
  local given = cjson.decode(ARGV[i])
  local ticket = find(given.job_id)
  if not ticket then
    call('HSET', key('tickets'), given.job_id, ARGV[i])
    call('HSET', key('limits'), given.owner_id, given.concurrency)
    hold(given, now)
  elseif ticket.attempt == given.attempt then
    if is_running(ticket) then
      call('ZADD', key('running'), now + HOLD, given.job_id)
    elseif not call('ZSCORE', key('later'), given.job_id) then
      hold(ticket, leave(ticket))
    end
  end
  refresh(given.owner_id)
end
tick()
local answer = {}
for _, queue in ipairs(QUEUES) do
  answer[#answer + 1] = get('n:' .. queue)
end
answer[#answer + 1] = call('SCARD', key('parked'))
answer[#answer + 1] = call('ZCARD', key('running'))
return done(answer)
