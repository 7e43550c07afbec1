// Package redisstore keeps values and locks in Redis 6.2 or newer, for several replicas of
// the program. A value that was stored is what every replica reads from then on; a
// lock has one holder at a time; and whoever lost a lock can store nothing in its name.
//
// All keys share the hash tag {mailsetup}, so that scripts also work on a cluster. A
// sorted set holds every name, because going through the whole key space for each
// list would burden a Redis that others use, too. Expiry is Redis's own, by its own
// clock, so that the clocks of the replicas do not matter.
package redisstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// timeout bounds each step with a server that does not answer: whoever waits for a
// handshake has three seconds, and a copy on the local disk is there to be used.
const timeout = time.Second

// A Store is a connection to one Redis. Its methods are safe for concurrent use.
type Store struct{ client *redis.Client }

// Open reads a URL such as redis://user:password@host:6379/0, or rediss:// for TLS. It
// does not connect: a program must be able to start while Redis is down.
func Open(url string) (*Store, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		// The library's error quotes the URL, and with it the password.
		return nil, errors.New("the URL of the Redis server cannot be read: write it as redis://[user:password@]host[:port][/database], or rediss:// for TLS")
	}
	// The library writes lines of its own to standard error while the server is down.
	// Everything that fails is returned as well, and said by whoever asked.
	logging.Disable()
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = timeout, timeout, timeout
	options.MaxRetries = 1
	options.ContextTimeoutEnabled = true
	// Neither is needed, and older servers answer both with an error.
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &Store{client: redis.NewClient(options)}, nil
}

// Close closes all connections.
func (s *Store) Close() error { return s.client.Close() }

const (
	index = "{mailsetup}:keys"
	fence = "{mailsetup}:fence"
)

func valueKey(key string) string { return "{mailsetup}:value:" + key }
func lockKey(lock string) string { return "{mailsetup}:lock:" + lock }

// Get returns a value and when it was stored; fs.ErrNotExist if there is none.
func (s *Store) Get(ctx context.Context, key string) ([]byte, time.Time, error) {
	fields, err := s.client.HMGet(ctx, valueKey(key), "value", "modified").Result()
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("redis: %w", err)
	}
	value, ok := fields[0].(string)
	if !ok {
		return nil, time.Time{}, fmt.Errorf("redis: %q: %w", key, fs.ErrNotExist)
	}
	var modified time.Time
	if text, ok := fields[1].(string); ok {
		if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
			modified = time.Unix(seconds, 0).UTC()
		}
	}
	return []byte(value), modified, nil
}

var putScript = redis.NewScript(`
if ARGV[3] ~= '0' and redis.call('GET', KEYS[3]) ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[2], 'modified', redis.call('TIME')[1])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return 1`)

// Put stores a value. If lock is not empty, it is stored only while the lock is held
// with this fencing token; false: it is not, and nothing was stored.
func (s *Store) Put(ctx context.Context, key string, value []byte, lock string, token int64) (bool, error) {
	if lock == "" {
		token = 0
	}
	stored, err := putScript.Run(ctx, s.client, []string{valueKey(key), index, lockKey(lock)}, key, value, token).Bool()
	if err != nil {
		return false, fmt.Errorf("redis: %w", err)
	}
	return stored, nil
}

// '0' is the character after '/', so [key/, key0) is everything below key.
var deleteScript = redis.NewScript(`
local keys = redis.call('ZRANGEBYLEX', KEYS[1], '[' .. ARGV[1] .. '/', '(' .. ARGV[1] .. '0')
keys[#keys + 1] = ARGV[1]
for _, key in ipairs(keys) do
	redis.call('DEL', ARGV[2] .. key)
	redis.call('ZREM', KEYS[1], key)
end
return #keys`)

// Delete removes a value and all below it, in one step. What does not exist is no error.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := deleteScript.Run(ctx, s.client, []string{index}, key, valueKey("")).Err(); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	return nil
}

// Keys returns the keys below prefix, or all if it is empty, in their order. limit 0
// is no limit.
func (s *Store) Keys(ctx context.Context, prefix string, limit int) ([]string, error) {
	args := redis.ZRangeArgs{Key: index, ByLex: true, Start: "-", Stop: "+"}
	if prefix != "" {
		args.Start, args.Stop = "["+prefix+"/", "("+prefix+"0"
	}
	if limit > 0 {
		args.Count = int64(limit)
	}
	keys, err := s.client.ZRangeArgs(ctx, args).Result()
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	return keys, nil
}
