//go:build race

package provider_test

// memoryFactor: the race detector needs several times the memory.
const memoryFactor = 10
