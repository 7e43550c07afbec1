package redisstore

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// The token is a number that never comes twice, and it is what the lock holds. So a
// replica that slept while its lock ran out and went to another is told apart from
// the new holder (Martin Kleppmann, "How to do distributed locking", 2016).
var acquireScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], token, 'PX', ARGV[1])
return token`)

// Acquire takes a lock for as long as lease and returns its fencing token; 0: somebody
// else holds it.
func (s *Store) Acquire(ctx context.Context, lock string, lease time.Duration) (int64, error) {
	token, err := acquireScript.Run(ctx, s.client, []string{lockKey(lock), fence}, lease.Milliseconds()).Int64()
	if err != nil {
		return 0, fmt.Errorf("redis: %w", err)
	}
	return token, nil
}

var extendScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

// Extend holds a lock for another lease; false: it was lost.
func (s *Store) Extend(ctx context.Context, lock string, token int64, lease time.Duration) (bool, error) {
	held, err := extendScript.Run(ctx, s.client, []string{lockKey(lock)}, token, lease.Milliseconds()).Bool()
	if err != nil {
		return false, fmt.Errorf("redis: %w", err)
	}
	return held, nil
}

var releaseScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`)

// Release gives a lock back. One that was lost already stays with its new holder.
func (s *Store) Release(ctx context.Context, lock string, token int64) error {
	if err := releaseScript.Run(ctx, s.client, []string{lockKey(lock)}, token).Err(); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	return nil
}
