-- Forgets updates that were published and gives those that came meanwhile; with none left the right
-- ends. KEYS outbox right waiting · ARGV jobId token rightMs max count · held | claimed, then updates
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return { 'held' } end
redis.call('LTRIM', KEYS[1], ARGV[5], -1)
local pending = redis.call('LRANGE', KEYS[1], 0, ARGV[4] - 1)
if #pending == 0 then
  redis.call('DEL', KEYS[2])
  redis.call('ZREM', KEYS[3], ARGV[1])
else
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
end
return { 'claimed', unpack(pending) }
