package connlimit

// reserve is how many descriptors are kept for everything other than connections
// of the public listener: the admin listener, watched files, look-ups.
const reserve = 128

// Affordable returns how many of n connections the process's limit on open files
// (RLIMIT_NOFILE) allows, after the reserve.
func Affordable(n int) int {
	limit, known := descriptors()
	if !known {
		return n
	}
	return min(n, max(limit-reserve, limit/2, 1))
}
