//go:build !race

package provider_test

const memoryFactor = 1
