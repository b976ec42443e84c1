-- ARGV: now, job id. A message that a worker holds stays; the worker is told another way.
tick()
local ticket = find(ARGV[2])
if ticket and not is_running(ticket) then
  remove(ticket)
end
return done(nil)
