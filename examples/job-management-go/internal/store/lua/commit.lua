-- All of a change or nothing: 0 when the job is not as the caller loaded it any more.
-- KEYS job record seen outbox list expiries waiting intact
-- ARGV expected live jobId record ttlMs|0 graceMs messageId|'' pending|'' issuedAt seenMax listMax, then fields
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[1]) ~= tonumber(ARGV[2]) or redis.call('EXISTS', KEYS[8]) == 0 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl = tonumber(ARGV[5])
local tail = ttl + tonumber(ARGV[6])
redis.call('SET', KEYS[2], ARGV[4], 'PX', tail)
if ttl > 0 then
  redis.call('HSET', KEYS[1], unpack(ARGV, 12))
  redis.call('PEXPIRE', KEYS[1], ttl)
  redis.call('ZADD', KEYS[6], now + ttl, ARGV[3])
  redis.call('ZADD', KEYS[5], ARGV[9], ARGV[3])
  redis.call('ZREMRANGEBYRANK', KEYS[5], 0, -1 - tonumber(ARGV[11]))
  if redis.call('PTTL', KEYS[5]) < ttl then redis.call('PEXPIRE', KEYS[5], ttl) end
else
  redis.call('ZREM', KEYS[6], ARGV[3])
  redis.call('ZREM', KEYS[5], ARGV[3])
end
if ARGV[7] ~= '' then
  redis.call('ZADD', KEYS[3], now, ARGV[7])
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[10]))
end
redis.call('PEXPIRE', KEYS[3], tail)
if ARGV[8] ~= '' then
  redis.call('RPUSH', KEYS[4], ARGV[8])
  redis.call('ZADD', KEYS[7], 'NX', now, ARGV[3])
end
return 1
