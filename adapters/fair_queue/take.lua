-- ARGV: now, number of messages wanted. Hands messages over in fair order and writes each as a job of arq.
-- Returns the milliseconds until time alone may bring more ('' for never), then ticket, milliseconds waited, and so on.
local ARQ_MS = 60000

-- The first in line whose wait exceeds the patience of the queue the most.
local function most_overdue()
  local found, owner, most = nil, nil, 1
  for _, queue in ipairs(QUEUES) do
    local head = call('ZRANGE', key('heads', queue), 0, 0, 'WITHSCORES')
    local overdue = head[1] and (now - head[2]) / PATIENCE[queue] or 0
    if overdue > most then
      found, owner, most = queue, head[1], overdue
    end
  end
  return found, owner
end

local function by_share()
  local first
  for _, queue in ipairs(QUEUES) do
    local start = state['s:' .. queue]
    if start and (not first or start < state['s:' .. first]) then
      first = queue
    end
  end
  if not first then
    return nil
  end
  local first_seat = call('ZRANGE', key('ready', first), 0, 0, 'WITHSCORES')
  set('v', state['s:' .. first])
  set('v:' .. first, tonumber(first_seat[2]))
  call('ZREMRANGEBYSCORE', key('finish', first), '-inf', first_seat[2])
  return first, string.sub(first_seat[1], 17)
end

-- The virtual times stay where they are for an overdue message: it was not its turn.
local function whose_turn()
  if get('turns') + 1 >= OVERDUE_EVERY then
    local queue, owner = most_overdue()
    if queue then
      set('turns', 0)
      return queue, owner
    end
  end
  local queue, owner = by_share()
  if queue and get('turns') < OVERDUE_EVERY then
    add('turns', 1)
  end
  return queue, owner
end

local function charge(queue, owner, ticket)
  local start = tonumber(call('ZSCORE', key('ready', queue), call('HGET', key('turns', queue), owner)))
  call('ZADD', key('finish', queue), start + ticket.cost_seconds / ticket.weight, owner)
  set('f:' .. queue, state['s:' .. queue] + ticket.cost_seconds / SHARE[queue])
  set('s:' .. queue, nil)
  unseat(queue, owner)
end

local function give_to_arq(ticket)
  local job = { t = cjson.null, f = ticket.kind, a = { ticket.job_id, ticket.attempt }, k = {}, et = now }
  local id = string.format('%s:%d', ticket.job_id, ticket.attempt)
  call('SET', 'arq:job:' .. id, cjson.encode(job), 'PX', ARQ_MS)
end

tick()
local answer = { '' }
for _ = 1, tonumber(ARGV[2]) do
  local queue, owner = whose_turn()
  if not queue then
    break
  end
  local job = call('ZRANGE', key('wait', queue, owner), 0, 0)[1]
  local json = call('HGET', key('tickets'), job)
  local ticket = cjson.decode(json)
  charge(queue, owner, ticket)
  local stamp = leave(ticket)
  hold(ticket, stamp)
  refresh(owner)
  give_to_arq(ticket)
  answer[#answer + 1] = json
  answer[#answer + 1] = math.max(0, math.floor(now - stamp))
end
for _, name in ipairs({ 'later', 'running' }) do
  local first = call('ZRANGE', key(name), 0, 0, 'WITHSCORES')
  local left = first[2] and math.max(0, tonumber(first[2]) - now)
  if left and (answer[1] == '' or left < tonumber(answer[1])) then
    answer[1] = string.format('%.17g', left)
  end
end
return done(answer)
