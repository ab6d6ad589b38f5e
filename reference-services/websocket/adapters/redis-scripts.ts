/**
 * Each script is one atomic step. Keys of one thing share a hash tag; the indexes do not, so these
 * run on one Redis server (with replicas), not on a Redis Cluster.
 */

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * KEYS socket ofUser all outbox
 * ARGV socketId userId nodeId connectedAt ttlMs socketsMax member event
 */
export const REGISTER = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[6]) then return 0 end
redis.call('HSET', KEYS[1], 'socketId', ARGV[1], 'userId', ARGV[2], 'nodeId', ARGV[3],
  'connectedAt', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('ZADD', KEYS[2], now + ARGV[5], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('ZADD', KEYS[3], now + ARGV[5], ARGV[7])
redis.call('RPUSH', KEYS[4], ARGV[8])
return 1`;

/**
 * Writes the whole entry, because it may have expired or the server may have lost it; but not the
 * entry of a socket that was given up.
 * KEYS all · ARGV ttlMs, then by socket: socketId userId nodeId connectedAt member
 * → socketIds that were given up
 */
export const KEEP_ALIVE = `${NOW}
local ttl = tonumber(ARGV[1])
local lost = {}
for i = 2, #ARGV, 5 do
  local key = 'ws:socket:{' .. ARGV[i] .. '}'
  if redis.call('EXISTS', 'ws:gone:{' .. ARGV[i] .. '}') == 1 then
    lost[#lost + 1] = ARGV[i]
  else
    local ofUser = 'ws:user:{' .. ARGV[i + 1] .. '}:sockets'
    redis.call('HSET', key, 'socketId', ARGV[i], 'userId', ARGV[i + 1], 'nodeId', ARGV[i + 2],
      'connectedAt', ARGV[i + 3])
    redis.call('PEXPIRE', key, ttl)
    redis.call('ZADD', ofUser, now + ttl, ARGV[i])
    redis.call('PEXPIRE', ofUser, ttl)
    redis.call('ZADD', KEYS[1], now + ttl, ARGV[i + 4])
    redis.call('PEXPIRE', key .. ':subscriptions', ttl)
    for _, jobId in ipairs(redis.call('HKEYS', key .. ':subscriptions')) do
      if jobId ~= '*' then
        local ofJob = 'ws:job:{' .. jobId .. '}:sockets'
        redis.call('ZREMRANGEBYSCORE', ofJob, '-inf', now)
        redis.call('ZADD', ofJob, now + ttl, ARGV[i])
        redis.call('PEXPIRE', ofJob, ttl)
      end
    end
  end
end
return lost`;

/** Removes one socket's entries and no other's. Expects: socketId, member, event, tombstoneMs. */
const REMOVE_SOCKET = `
local function removeSocket(socketId, ofUser, member, event, tombstoneMs)
  local key = 'ws:socket:{' .. socketId .. '}'
  for _, jobId in ipairs(redis.call('HKEYS', key .. ':subscriptions')) do
    redis.call('ZREM', 'ws:job:{' .. jobId .. '}:sockets', socketId)
  end
  redis.call('DEL', key, key .. ':subscriptions')
  redis.call('ZREM', ofUser, socketId)
  redis.call('ZREM', KEYS[1], member)
  redis.call('RPUSH', KEYS[2], event)
  redis.call('SET', 'ws:gone:{' .. socketId .. '}', 1, 'PX', tombstoneMs)
end
`;

/**
 * A node repeats that a socket went until the first report is acknowledged: only the first counts.
 * KEYS all outbox ofUser · ARGV socketId member event tombstoneMs
 */
export const UNREGISTER = `${REMOVE_SOCKET}
if redis.call('EXISTS', 'ws:gone:{' .. ARGV[1] .. '}') == 1 then return 0 end
removeSocket(ARGV[1], KEYS[3], ARGV[2], ARGV[3], tonumber(ARGV[4]))
return 1`;

/** KEYS all · ARGV limit · → members without a heartbeat */
export const OVERDUE = `${NOW}
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[1]))`;

/**
 * Gives a socket up, unless its node sent a heartbeat again.
 * KEYS all outbox ofUser · ARGV socketId member event tombstoneMs
 */
export const REAP = `${NOW}${REMOVE_SOCKET}
local due = redis.call('ZSCORE', KEYS[1], ARGV[2])
if not due or tonumber(due) > now then return 0 end
removeSocket(ARGV[1], KEYS[3], ARGV[2], ARGV[3], tonumber(ARGV[4]))
return 1`;

/** KEYS subscriptions job ofJob · ARGV socketId userId jobId level ttlMs */
export const SUBSCRIBE = `${NOW}
local owner = redis.call('HGET', KEYS[2], 'userId')
if owner and owner ~= ARGV[2] then return 'foreign' end
redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('ZADD', KEYS[3], now + ARGV[5], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[5])
return owner and 'own' or 'unknown'`;

const HEAD = `
local function head(key)
  local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)
  return last[1] and last[1][1] or '0-0'
end
`;

/** KEYS subscriptions userLog · ARGV level ttlMs · → end of the user's log */
export const SUBSCRIBE_ALL = `${HEAD}
redis.call('HSET', KEYS[1], '*', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return head(KEYS[2])`;

/** ARGV userId ... · → ends of their logs */
export const USER_HEADS = `${HEAD}
local heads = {}
for i, userId in ipairs(ARGV) do heads[i] = head('ws:user:{' .. userId .. '}:log') end
return heads`;

/** KEYS subscriptions ofJob · ARGV socketId field */
export const UNSUBSCRIBE = `
redis.call('HDEL', KEYS[1], ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1`;

/**
 * Adds updates, all in one step. The explicit id makes order and uniqueness the log's own. A hint
 * goes to each other node that holds a socket of the user; the calling node gets its own back.
 * An update that is put back is sent to no node: it goes to the job's log only, also while the rest
 * of the log is missing.
 * KEYS intact
 * ARGV ttlMs logMax userTtlMs userLogMax isRestored nodeId, then by update: jobId userId orderId
 * sequence entry
 * → 'lost', or for each its outcome, and a hint's previousId and id where this node has a socket
 */
export const APPEND = `${NOW}${HEAD}
local isRestored = ARGV[5] == '1'
if not isRestored and redis.call('EXISTS', KEYS[1]) == 0 then return 'lost' end

local function give(ofUser, previous, id, entry)
  local given = {}
  for _, socketId in ipairs(redis.call('ZRANGEBYSCORE', ofUser, now, '+inf')) do
    local node = redis.call('HGET', 'ws:socket:{' .. socketId .. '}', 'nodeId')
    if node and not given[node] then
      given[node] = true
      if node ~= ARGV[6] then
        redis.call('PUBLISH', 'ws:node:' .. node, '{"previousId":"' .. previous .. '","id":"' ..
          id .. '","entry":' .. entry .. '}')
      end
    end
  end
  return given[ARGV[6]]
end

local function add(jobId, userId, orderId, sequence, entry)
  local job = 'ws:job:{' .. jobId .. '}'
  local known = redis.call('HMGET', job, 'userId', 'sequence')
  if known[1] and known[1] ~= userId then return { 'foreign' } end
  if tonumber(sequence) <= tonumber(known[2] or 0) then return { 'duplicate' } end
  redis.call('XADD', job .. ':log', 'MAXLEN', ARGV[2], sequence .. '-0', 'entry', entry)
  redis.call('HSET', job, 'userId', userId, 'orderId', orderId, 'sequence', sequence)
  redis.call('PEXPIRE', job, ARGV[1])
  redis.call('PEXPIRE', job .. ':log', ARGV[1])
  if isRestored then return { 'appended' } end
  local user = 'ws:user:{' .. userId .. '}'
  local previous = head(user .. ':log')
  local id = redis.call('XADD', user .. ':log', 'MAXLEN', ARGV[4], '*', 'entry', entry)
  redis.call('PEXPIRE', user .. ':log', ARGV[3])
  if give(user .. ':sockets', previous, id, entry) then return { 'appended', previous, id } end
  return { 'appended' }
end

local outcomes = {}
for i = 7, #ARGV, 5 do
  outcomes[#outcomes + 1] = add(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
end
return outcomes`;

/** ARGV jobId ... · → userId and sequence of each */
export const HEADS = `
local heads = {}
for i, jobId in ipairs(ARGV) do
  local found = redis.call('HMGET', 'ws:job:{' .. jobId .. '}', 'userId', 'sequence')
  heads[i] = found[1] and found or {}
end
return heads`;

/** KEYS outbox right · ARGV token rightTtlMs max · → events, or nothing */
export const CLAIM = `
if redis.call('LLEN', KEYS[1]) == 0 then return {} end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {} end
return redis.call('LRANGE', KEYS[1], 0, tonumber(ARGV[3]) - 1)`;

/** KEYS outbox right · ARGV token rightTtlMs max count · → events */
export const SETTLE = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {} end
redis.call('LTRIM', KEYS[1], ARGV[4], -1)
local events = redis.call('LRANGE', KEYS[1], 0, tonumber(ARGV[3]) - 1)
if #events == 0 then redis.call('DEL', KEYS[2]) else redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
return events`;

/** KEYS right · ARGV token */
export const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;
