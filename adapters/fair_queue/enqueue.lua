-- ARGV: now, ticket, delay in milliseconds. An attempt is kept once; a newer one takes the place of an older one.
tick()
local ticket, delay = cjson.decode(ARGV[2]), tonumber(ARGV[3])
local old = find(ticket.job_id)
if not old or old.attempt < ticket.attempt then
  if old and is_running(old) then
    refund(old)
  end
  local stamp = old and remove(old)
  call('HSET', key('tickets'), ticket.job_id, ARGV[2])
  if delay > 0 then
    call('ZADD', key('later'), now + delay, ticket.job_id)
  else
    enter(ticket, stamp or fresh_stamp())
  end
  refresh(ticket.owner_id)
elseif old.attempt == ticket.attempt then
  local due = tonumber(call('ZSCORE', key('later'), ticket.job_id) or now)
  if due > now + delay then
    call('ZADD', key('later'), now + delay, ticket.job_id)
    tick()
  end
end
return done(nil)
