-- Every script of the queue begins with this: what is kept, and how the order comes about.
-- Start-time fair queuing (Goyal, Vin, Cheng 1996), twice: the queues share the workers by SHARE, and inside a queue
-- its owners share by their weight. A tag is service in seconds divided by a weight; times are milliseconds.
--
-- Set by the host: P (prefix of all keys), QUEUES, SHARE, PATIENCE, OVERDUE_EVERY, HOLD.
--
-- P:state              numbers: v and v:Q (virtual times), f:Q and s:Q (a queue's finish and start tag; s:Q is there
--                      while the queue has somebody who may be served), n:Q and seconds:Q (what waits), running_seconds,
--                      stamp, turn, turns (since an overdue message was preferred)
-- P:tickets            job id -> its ticket
-- P:wait:Q:OWNER       job id by stamp: the owner's messages in order of arrival
-- P:ready:Q            "turn:owner" by start tag: who may be served; who stands at the limit is not in it
-- P:turns:Q            owner -> the member of P:ready:Q
-- P:heads:Q            owner by the stamp of the first message, of the same owners
-- P:finish:Q           owner by finish tag, as long as it is ahead of v:Q
-- P:order:Q, P:tail:Q  job id by the start tag it will have if nothing changes, and each owner's next one
-- P:later              job id by the time from which it waits
-- P:running, P:held    job id by the time until which a worker holds it, and the stamp it had
-- P:busy, P:limits     owner -> messages held, and how many may be; P:parked: owners who wait at their limit
-- P:workers, P:slots   worker by the time until which it counts, and what it does at once
-- P:wake               a call for sleeping workers

local BATCH = 100
local TICK = 1 / 1024

local function call(...)
  return redis.call(...)
end

local function key(name, ...)
  return table.concat({ P, name, ... }, ':')
end

local now = tonumber(ARGV[1])
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local state, changed = {}, {}
do
  local flat = call('HGETALL', key('state'))
  for i = 1, #flat, 2 do
    state[flat[i]] = tonumber(flat[i + 1])
  end
end

local function get(name)
  return state[name] or 0
end

local function set(name, value)
  state[name] = value
  changed[name] = true
end

local function add(name, value)
  set(name, get(name) + value)
end

local function save()
  for name in pairs(changed) do
    if state[name] then
      call('HSET', key('state'), name, state[name])
    else
      call('HDEL', key('state'), name)
    end
  end
end

-- Arrivals have an order even within one millisecond.
local function fresh_stamp()
  set('stamp', math.max(now, get('stamp') + TICK))
  return state.stamp
end

local function find(job)
  local json = call('HGET', key('tickets'), job)
  return json and cjson.decode(json)
end

local function finish_of(queue, owner)
  return tonumber(call('ZSCORE', key('finish', queue), owner) or 0)
end

-- A queue that nobody could be served from saves nothing up meanwhile.
local function open_or_close(queue)
  if call('ZCARD', key('ready', queue)) == 0 then
    set('s:' .. queue, nil)
  elseif not state['s:' .. queue] then
    set('s:' .. queue, math.max(get('v'), get('f:' .. queue)))
  end
end

local function unseat(queue, owner)
  local member = call('HGET', key('turns', queue), owner)
  if member then
    call('HDEL', key('turns', queue), owner)
    call('ZREM', key('ready', queue), member)
    call('ZREM', key('heads', queue), owner)
  end
end

-- Nor does an owner. Among equal tags it is first come, first served.
local function seat(queue, owner, head_stamp)
  if call('HEXISTS', key('turns', queue), owner) == 0 then
    add('turn', 1)
    local member = string.format('%015d:%s', state.turn, owner)
    call('HSET', key('turns', queue), owner, member)
    call('ZADD', key('ready', queue), math.max(get('v:' .. queue), finish_of(queue, owner)), member)
  end
  call('ZADD', key('heads', queue), head_stamp, owner)
end

-- Seats or parks an owner after anything about them has changed.
local function refresh(owner)
  local busy = tonumber(call('HGET', key('busy'), owner) or 0)
  local limit = tonumber(call('HGET', key('limits'), owner) or 1)
  local waits = false
  for _, queue in ipairs(QUEUES) do
    local head = call('ZRANGE', key('wait', queue, owner), 0, 0, 'WITHSCORES')
    if head[1] and busy < limit then
      seat(queue, owner, head[2])
    else
      unseat(queue, owner)
    end
    waits = waits or head[1] ~= nil
    open_or_close(queue)
  end
  call((waits and busy >= limit) and 'SADD' or 'SREM', key('parked'), owner)
  if not waits and busy == 0 then
    call('HDEL', key('limits'), owner)
  end
end

local function enter(ticket, stamp)
  local queue, owner = ticket.queue, ticket.owner_id
  local tail = tonumber(call('HGET', key('tail', queue), owner) or 0)
  tail = math.max(get('v:' .. queue), finish_of(queue, owner), tail)
  call('ZADD', key('wait', queue, owner), stamp, ticket.job_id)
  call('ZADD', key('order', queue), tail, ticket.job_id)
  call('HSET', key('tail', queue), owner, tail + ticket.cost_seconds / ticket.weight)
  call('HSET', key('limits'), owner, ticket.concurrency)
  add('n:' .. queue, 1)
  add('seconds:' .. queue, ticket.cost_seconds)
end

-- When a queue is empty its past is forgotten, and when all are, theirs among each other.
local function forget(queue)
  set('seconds:' .. queue, nil)
  set('v:' .. queue, nil)
  call('DEL', key('finish', queue), key('tail', queue))
  for _, other in ipairs(QUEUES) do
    if get('n:' .. other) > 0 then
      return
    end
  end
  set('v', nil)
  for _, other in ipairs(QUEUES) do
    set('f:' .. other, nil)
  end
end

-- Returns the stamp that the message had.
local function leave(ticket)
  local queue, owner = ticket.queue, ticket.owner_id
  local line = key('wait', queue, owner)
  local stamp = tonumber(call('ZSCORE', line, ticket.job_id))
  call('ZREM', line, ticket.job_id)
  call('ZREM', key('order', queue), ticket.job_id)
  if call('EXISTS', line) == 0 then
    call('HDEL', key('tail', queue), owner)
    unseat(queue, owner)
  end
  add('n:' .. queue, -1)
  add('seconds:' .. queue, -ticket.cost_seconds)
  if get('n:' .. queue) == 0 then
    forget(queue)
  end
  return stamp
end

local function hold(ticket, stamp)
  call('ZADD', key('running'), now + HOLD, ticket.job_id)
  call('HSET', key('held'), ticket.job_id, stamp)
  call('HINCRBY', key('busy'), ticket.owner_id, 1)
  add('running_seconds', ticket.cost_seconds)
end

local function let_go(ticket)
  local stamp = tonumber(call('HGET', key('held'), ticket.job_id))
  call('ZREM', key('running'), ticket.job_id)
  call('HDEL', key('held'), ticket.job_id)
  if call('HINCRBY', key('busy'), ticket.owner_id, -1) <= 0 then
    call('HDEL', key('busy'), ticket.owner_id)
  end
  add('running_seconds', -ticket.cost_seconds)
  if call('EXISTS', key('running')) == 0 then
    set('running_seconds', nil)
  end
  return stamp
end

-- A message that comes back from a worker was not served, so its owner does not pay for it.
local function refund(ticket)
  local queue, owner = ticket.queue, ticket.owner_id
  local finish = tonumber(call('ZSCORE', key('finish', queue), owner))
  if finish then
    call('ZADD', key('finish', queue), finish - ticket.cost_seconds / ticket.weight, owner)
  end
  unseat(queue, owner)
end

local function is_running(ticket)
  return call('ZSCORE', key('running'), ticket.job_id) ~= false
end

-- Takes a message out wherever it is; returns its stamp if it has one.
local function remove(ticket)
  local stamp
  if is_running(ticket) then
    stamp = let_go(ticket)
  elseif call('ZREM', key('later'), ticket.job_id) == 0 then
    stamp = leave(ticket)
  end
  call('HDEL', key('tickets'), ticket.job_id)
  refresh(ticket.owner_id)
  return stamp
end

-- What the passing of time does: messages of silent workers wait again, delayed ones begin to wait.
local function tick()
  for _, job in ipairs(call('ZRANGEBYSCORE', key('running'), '-inf', now, 'LIMIT', 0, BATCH)) do
    local ticket = find(job)
    if ticket then
      refund(ticket)
      enter(ticket, let_go(ticket))
      refresh(ticket.owner_id)
    else
      call('ZREM', key('running'), job)
    end
  end
  local due = call('ZRANGEBYSCORE', key('later'), '-inf', now, 'WITHSCORES', 'LIMIT', 0, BATCH)
  for i = 1, #due, 2 do
    local ticket = find(due[i])
    call('ZREM', key('later'), due[i])
    if ticket then
      enter(ticket, due[i + 1])
      refresh(ticket.owner_id)
    end
  end
end

local function living_slots()
  for _, worker in ipairs(call('ZRANGEBYSCORE', key('workers'), '-inf', now)) do
    call('ZREM', key('workers'), worker)
    call('HDEL', key('slots'), worker)
  end
  local sum = 0
  for _, slots in ipairs(call('HVALS', key('slots'))) do
    sum = sum + slots
  end
  return sum
end

local function somebody_may_be_served()
  for _, queue in ipairs(QUEUES) do
    if state['s:' .. queue] then
      return true
    end
  end
  return false
end

-- A call lies there as long as there is work that can be taken, so a worker that hears it calls the next one.
local function ring()
  if not somebody_may_be_served() then
    call('DEL', key('wake'))
  elseif call('EXISTS', key('wake')) == 0 then
    call('LPUSH', key('wake'), 1)
  end
end

local function done(answer)
  ring()
  save()
  return answer
end
