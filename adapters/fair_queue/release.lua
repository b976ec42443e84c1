-- ARGV: now, job id, attempt, '1' if the message shall wait again. Ends what a worker held, and arq's traces of it.
tick()
local id = ARGV[2] .. ':' .. ARGV[3]
call('DEL', 'arq:job:' .. id, 'arq:retry:' .. id)
local ticket = find(ARGV[2])
if ticket and ticket.attempt == tonumber(ARGV[3]) and is_running(ticket) then
  if ARGV[4] == '1' then
    refund(ticket)
    enter(ticket, let_go(ticket))
    refresh(ticket.owner_id)
  else
    remove(ticket)
  end
end
return done(nil)
