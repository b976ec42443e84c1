-- ARGV: now, job ids. Returns for each '' or "position milliseconds": where it stands if nobody else comes.
tick()

local slots = math.max(1, living_slots())

local function start_of(queue)
  return state['s:' .. queue] or math.max(get('v'), get('f:' .. queue))
end

-- What the other queues get until the virtual time reaches `tag`.
local function served_elsewhere(mine, tag)
  local count, seconds = 0, 0
  for _, queue in ipairs(QUEUES) do
    local waiting = get('seconds:' .. queue)
    if queue ~= mine and get('n:' .. queue) > 0 then
      local share = math.min(waiting, math.max(0, (tag - start_of(queue)) * SHARE[queue]))
      count = count + math.floor(get('n:' .. queue) * share / waiting)
      seconds = seconds + share
    end
  end
  return count, seconds
end

-- An owner's messages also wait for those of the same owner.
local function wait_at_limit(ticket)
  local before = call('ZRANK', key('wait', ticket.queue, ticket.owner_id), ticket.job_id)
  local busy = tonumber(call('HGET', key('busy'), ticket.owner_id) or 0)
  local limit = tonumber(call('HGET', key('limits'), ticket.owner_id))
  return math.max(0, before + busy + 1 - limit) * ticket.cost_seconds / limit
end

local function place(job)
  local ticket = find(job)
  local rank = ticket and call('ZRANK', key('order', ticket.queue), job)
  if not rank then
    return ''
  end
  local queue = ticket.queue
  local before = rank * get('seconds:' .. queue) / get('n:' .. queue)
  local count, seconds = served_elsewhere(queue, start_of(queue) + before / SHARE[queue])
  local wait = 0
  if rank + count + call('ZCARD', key('running')) >= slots then
    wait = (before + seconds + get('running_seconds') / 2) / slots
  end
  wait = math.max(wait, wait_at_limit(ticket))
  return string.format('%d %.17g', rank + count, wait)
end

local answer = {}
for i = 2, #ARGV do
  answer[#answer + 1] = place(ARGV[i])
end
return done(answer)
