package redisstore

import (
	"context"
	"time"

	"github.com/gomodule/redigo/redis"
)

// The token is a unique number, stored in the lock. So a replica that was paused
// while its lock expired and went to another is distinguished from the new holder
// (Martin Kleppmann, "How to do distributed locking", 2016).
var acquireScript = redis.NewScript(2, `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], token, 'PX', ARGV[1])
return token`)

// Acquire takes a lock for the time of lease and returns its fencing token; 0:
// somebody else holds it.
func (s *Store) Acquire(ctx context.Context, lock string, lease time.Duration) (int64, error) {
	return s.run(ctx, acquireScript, lockKey(lock), fence, lease.Milliseconds())
}

var extendScript = redis.NewScript(1, `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

// Extend holds a lock for another lease; false: it was lost.
func (s *Store) Extend(ctx context.Context, lock string, token int64, lease time.Duration) (bool, error) {
	held, err := s.run(ctx, extendScript, lockKey(lock), token, lease.Milliseconds())
	return held == 1, err
}

var releaseScript = redis.NewScript(1, `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`)

// Release releases a lock. One that was already lost stays with its new holder.
func (s *Store) Release(ctx context.Context, lock string, token int64) error {
	_, err := s.run(ctx, releaseScript, lockKey(lock), token)
	return err
}
