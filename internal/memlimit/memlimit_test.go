package memlimit

import (
	"os"
	"runtime"
	"testing"
	"testing/fstest"
)

// Too high a limit would let the program be killed under load.
func TestRead(t *testing.T) {
	const meminfo = "MemTotal:        8000000 kB\nMemFree:         4000000 kB\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"no Linux", nil, 0},
		{"no cgroup", map[string]string{"proc/meminfo": meminfo}, 8000000 << 10},
		{"systemd's MemoryMax", map[string]string{
			"proc/meminfo":     meminfo,
			"proc/self/cgroup": "0::/system.slice/mailsetup.service\n",
			"sys/fs/cgroup/system.slice/mailsetup.service/memory.max": "268435456\n",
			"sys/fs/cgroup/system.slice/memory.max":                   "max\n",
		}, 256 << 20},
		{"a smaller one above it", map[string]string{
			"proc/meminfo":     meminfo,
			"proc/self/cgroup": "0::/system.slice/mailsetup.service\n",
			"sys/fs/cgroup/system.slice/mailsetup.service/memory.max": "268435456\n",
			"sys/fs/cgroup/system.slice/memory.max":                   "134217728\n",
		}, 128 << 20},
		{"a container", map[string]string{
			"proc/meminfo":             meminfo,
			"proc/self/cgroup":         "0::/\n",
			"sys/fs/cgroup/memory.max": "67108864\n",
		}, 64 << 20},
		{"a container, version 1, with the machine's path", map[string]string{
			"proc/meminfo":     meminfo,
			"proc/self/cgroup": "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/docker/abc\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "67108864\n",
		}, 64 << 20},
		{"version 1 without a limit", map[string]string{
			"proc/meminfo":     meminfo,
			"proc/self/cgroup": "4:memory:/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 8000000 << 10},
		{"nonsense", map[string]string{
			"proc/meminfo":             "MemTotal: much kB\n",
			"proc/self/cgroup":         "\n::\n0::/../../x\n",
			"sys/fs/cgroup/memory.max": "-1\n",
		}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := fstest.MapFS{}
			for name, content := range test.files {
				root[name] = &fstest.MapFile{Data: []byte(content)}
			}
			if got, known := Read(root); got != test.want || known != (test.want > 0) {
				t.Errorf("%d, known %t, want %d", got, known, test.want)
			}
		})
	}
}

// The real files have the expected form.
func TestReadHere(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux")
	}
	if limit, known := Read(os.DirFS("/")); !known || limit < 1<<20 {
		t.Errorf("%d bytes, known %t", limit, known)
	}
}
