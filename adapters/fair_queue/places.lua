-- ARGV: now, a ticket that is not put or '', job ids. Returns where the ticket would stand and where the jobs stand if
-- nobody else comes: each '' or "position seconds".
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
local function wait_at_limit(ticket, before)
  local busy = tonumber(call('HGET', key('busy'), ticket.owner_id) or 0)
  local limit = tonumber(call('HGET', key('limits'), ticket.owner_id) or ticket.concurrency)
  return math.max(0, before + busy + 1 - limit) * ticket.cost_seconds / limit
end

-- `rank` messages of the queue are before it, `own` of them its owner's.
local function place(ticket, rank, own)
  local queue = ticket.queue
  local before = rank * get('seconds:' .. queue) / math.max(1, get('n:' .. queue))
  local count, seconds = served_elsewhere(queue, start_of(queue) + before / SHARE[queue])
  local wait = 0
  if rank + count + call('ZCARD', key('running')) >= slots then
    wait = (before + seconds + get('running_seconds') / 2) / slots
  end
  wait = math.max(wait, wait_at_limit(ticket, own))
  return string.format('%d %.17g', rank + count, wait)
end

local function place_of(job)
  local ticket = find(job)
  local rank = ticket and call('ZRANK', key('order', ticket.queue), job)
  if not rank then
    return ''
  end
  return place(ticket, rank, call('ZRANK', key('wait', ticket.queue, ticket.owner_id), job))
end

local function place_if_put(ticket)
  local queue, owner = ticket.queue, ticket.owner_id
  local tail = tonumber(call('HGET', key('tail', queue), owner) or 0)
  local tag = math.max(get('v:' .. queue), finish_of(queue, owner), tail)
  local rank = call('ZCOUNT', key('order', queue), '-inf', string.format('%.17g', tag))
  return place(ticket, rank, call('ZCARD', key('wait', queue, owner)))
end

local answer = { ARGV[2] ~= '' and place_if_put(cjson.decode(ARGV[2])) or '' }
for i = 3, #ARGV do
  answer[#answer + 1] = place_of(ARGV[i])
end
return done(answer)
