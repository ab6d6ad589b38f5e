-- Puts a job back, unless it is there.
-- KEYS job record seen list expiries · ARGV jobId record ttlMs|0 graceMs issuedAt fieldCount, then fields, then seen
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl = tonumber(ARGV[3])
local tail = ttl + tonumber(ARGV[4])
local last = 6 + tonumber(ARGV[6])
redis.call('SET', KEYS[2], ARGV[2], 'PX', tail)
if ttl > 0 then
  redis.call('HSET', KEYS[1], unpack(ARGV, 7, last))
  redis.call('PEXPIRE', KEYS[1], ttl)
  redis.call('ZADD', KEYS[5], now + ttl, ARGV[1])
  redis.call('ZADD', KEYS[4], ARGV[5], ARGV[1])
  if redis.call('PTTL', KEYS[4]) < ttl then redis.call('PEXPIRE', KEYS[4], ttl) end
end
for i = last + 1, #ARGV do redis.call('ZADD', KEYS[3], now, ARGV[i]) end
redis.call('PEXPIRE', KEYS[3], tail)
return 1
