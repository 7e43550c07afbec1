package connlimit

// reserve is how many descriptors are kept for everything that is no connection of
// the public listener: the admin listener, files that are watched, look-ups.
const reserve = 128

// Affordable returns how many of n connections the process's limit on open files
// (RLIMIT_NOFILE) allows, so that the reserve is left.
func Affordable(n int) int {
	limit, known := descriptors()
	if !known {
		return n
	}
	return min(n, max(limit-reserve, limit/2, 1))
}
