-- Takes the exclusive right to publish a job's updates, for a bounded time.
-- KEYS outbox right waiting · ARGV jobId token rightMs max · empty | held | claimed, then updates
if redis.call('LLEN', KEYS[1]) == 0 then
  redis.call('ZREM', KEYS[3], ARGV[1])
  return { 'empty' }
end
if not redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return { 'held' } end
return { 'claimed', unpack(redis.call('LRANGE', KEYS[1], 0, ARGV[4] - 1)) }
