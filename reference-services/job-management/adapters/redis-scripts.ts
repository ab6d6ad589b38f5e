/**
 * Each script is one atomic step. Keys of one job share a hash tag; the indexes do not, so these
 * run on one Redis server (with replicas), not on a Redis Cluster.
 *
 * `revision` is the record's, and it is kept in the tail: that outlives the job.
 */

/**
 * KEYS job tail seen intact · ARGV messageId ...
 * → job's fields, its TTL, tail's fields, those that were seen, intact
 */
export const LOAD = `
local seen = {}
for _, id in ipairs(ARGV) do
  if redis.call('ZSCORE', KEYS[3], id) then seen[#seen + 1] = id end
end
return {
  redis.call('HGETALL', KEYS[1]), redis.call('PTTL', KEYS[1]),
  redis.call('HGETALL', KEYS[2]), seen, redis.call('EXISTS', KEYS[4])
}`;

/** Whether the job is as the caller loaded it. KEYS 1 job, 2 tail · ARGV 1 revision, 2 live. */
const AGREES = `
local revision = redis.call('HGET', KEYS[2], 'revision') or ''
if revision ~= ARGV[1] or redis.call('EXISTS', KEYS[1]) ~= tonumber(ARGV[2]) then return 0 end
`;

/**
 * KEYS job tail seen outbox list expiries waiting intact right
 * ARGV revision live jobId ttlMs|0 tailTtlMs token|'' rightTtlMs issuedAt seenMax listMax
 * pendingMax ids updates (how many follow), then ids of messages, updates, names and values of
 * fields
 * → 0, or 'done', 'held', or 'claimed' and the pending updates
 */
export const COMMIT = `${AGREES}
if redis.call('EXISTS', KEYS[8]) == 0 then return 0 end
local ids = 13 + tonumber(ARGV[12])
local updates = ids + tonumber(ARGV[13])
for i = 14, ids do
  if redis.call('ZSCORE', KEYS[3], ARGV[i]) then return 0 end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl = tonumber(ARGV[4])
local tailTtl = tonumber(ARGV[5])
redis.call('HSET', KEYS[2], unpack(ARGV, updates + 1))
redis.call('PEXPIRE', KEYS[2], tailTtl)
if ttl > 0 then
  redis.call('HSET', KEYS[1], unpack(ARGV, updates + 1))
  redis.call('PEXPIRE', KEYS[1], ttl)
  redis.call('ZADD', KEYS[6], now + ttl, ARGV[3])
  redis.call('ZADD', KEYS[5], ARGV[8], ARGV[3])
  redis.call('ZREMRANGEBYRANK', KEYS[5], 0, -1 - tonumber(ARGV[10]))
  if redis.call('PTTL', KEYS[5]) < ttl then redis.call('PEXPIRE', KEYS[5], ttl) end
else
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[6], ARGV[3])
  redis.call('ZREM', KEYS[5], ARGV[3])
end
for i = 14, ids do redis.call('ZADD', KEYS[3], now, ARGV[i]) end
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[9]))
redis.call('PEXPIRE', KEYS[3], tailTtl)
for i = ids + 1, updates do redis.call('RPUSH', KEYS[4], ARGV[i]) end
if updates > ids then redis.call('ZADD', KEYS[7], 'NX', now, ARGV[3]) end
if ARGV[6] == '' then return { 'done' } end
if not redis.call('SET', KEYS[9], ARGV[6], 'NX', 'PX', ARGV[7]) then return { 'held' } end
return { 'claimed', redis.call('LRANGE', KEYS[4], 0, tonumber(ARGV[11]) - 1) }`;

/**
 * KEYS job tail seen list expiries
 * ARGV jobId ttlMs|0 tailTtlMs issuedAt fields seen ... (fields: how many names and values follow)
 */
export const RESTORE = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl = tonumber(ARGV[2])
local last = 5 + tonumber(ARGV[5])
redis.call('HSET', KEYS[2], unpack(ARGV, 6, last))
redis.call('PEXPIRE', KEYS[2], ARGV[3])
if ttl > 0 then
  redis.call('HSET', KEYS[1], unpack(ARGV, 6, last))
  redis.call('PEXPIRE', KEYS[1], ttl)
  redis.call('ZADD', KEYS[5], now + ttl, ARGV[1])
  redis.call('ZADD', KEYS[4], ARGV[4], ARGV[1])
  if redis.call('PTTL', KEYS[4]) < ttl then redis.call('PEXPIRE', KEYS[4], ttl) end
end
for i = last + 1, #ARGV do redis.call('ZADD', KEYS[3], now, ARGV[i]) end
redis.call('PEXPIRE', KEYS[3], ARGV[3])
return 1`;

/** KEYS job tail seen list expiries · ARGV revision live jobId */
export const REMOVE = `${AGREES}
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('ZREM', KEYS[4], ARGV[3])
redis.call('ZREM', KEYS[5], ARGV[3])
return 1`;

/**
 * Newest first; drops from the list those that are gone.
 * KEYS list · ARGV limit afterScore|+inf afterJob scannedMax · → [fields, ttl] ...
 */
export const LIST = `
local entries = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], '-inf', 'WITHSCORES',
  'LIMIT', 0, tonumber(ARGV[4]))
local found = {}
for i = 1, #entries, 2 do
  if #found >= tonumber(ARGV[1]) then break end
  local jobId = entries[i]
  if not (entries[i + 1] == ARGV[2] and jobId >= ARGV[3]) then
    local key = 'job:{' .. jobId .. '}'
    local fields = redis.call('HGETALL', key)
    if #fields == 0 then
      redis.call('ZREM', KEYS[1], jobId)
    else
      found[#found + 1] = { fields, redis.call('PTTL', key) }
    end
  end
end
return found`;

/**
 * Those that should have expired, and a window over all that goes on from call to call: a key may
 * go before its time. KEYS expiries · ARGV offset window · → next offset, jobIds
 */
export const VANISHED = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local offset = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local gone = {}
local seen = {}
local function look(jobIds)
  for _, jobId in ipairs(jobIds) do
    local key = 'job:{' .. jobId .. '}'
    if not seen[jobId] and redis.call('EXISTS', key) == 0 then
      if redis.call('EXISTS', key .. ':tail') == 1 then
        gone[#gone + 1] = jobId
      else
        redis.call('ZREM', KEYS[1], jobId)
      end
    end
    seen[jobId] = true
  end
end
look(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, window))
local part = redis.call('ZRANGE', KEYS[1], offset, offset + window - 1)
look(part)
return { #part < window and 0 or offset + window - #gone, gone }`;

/** KEYS outbox right waiting · ARGV jobId token rightTtlMs max · → state, pending ... */
export const CLAIM = `
if redis.call('LLEN', KEYS[1]) == 0 then
  redis.call('ZREM', KEYS[3], ARGV[1])
  return { 'empty' }
end
if not redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return { 'held' } end
return { 'claimed', redis.call('LRANGE', KEYS[1], 0, tonumber(ARGV[4]) - 1) }`;

/**
 * KEYS outbox right waiting · ARGV jobId token rightTtlMs max count
 * → pending, or nil when the right was lost
 */
export const SETTLE = `
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return nil end
redis.call('LTRIM', KEYS[1], ARGV[5], -1)
local pending = redis.call('LRANGE', KEYS[1], 0, tonumber(ARGV[4]) - 1)
if #pending == 0 then
  redis.call('DEL', KEYS[2])
  redis.call('ZREM', KEYS[3], ARGV[1])
else
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
end
return pending`;

/** KEYS right · ARGV token */
export const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;
