//go:build race

package provider_test

// memoryFactor: the race detector takes several times the memory.
const memoryFactor = 10
