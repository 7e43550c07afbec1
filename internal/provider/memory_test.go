package provider_test

import (
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
)

// costly are texts that make yaml.v3 or the loader take much memory for their
// size: beginning, repeated part (# counts up), end.
var costly = map[string][3]string{
	"list":              {"[", "a,", "a]"},
	"mapping":           {"{", "a,", "a}"},
	"wide mapping":      {"{", "#,", "a}"},
	"nulls":             {"", "-\n", ""},
	"pairs in a list":   {"[", "a: b,", "a]"},
	"keys":              {"", "? a\n", ""},
	"comments of lines": {"domains:\n", " - a #\n", ""},
	"comments of items": {"domains: [", "a, #\n", "a]"},
	"escapes":           {"domains: \"", "\\L", "\"\n"},
	"domains":           {"domains:\n", "  d#.example.com: icloud\n", ""},
	"short domains":     {"domains:\n", " #.io: icloud\n", ""},
	"logins":            {"domains:\n", "  d#.test: {provider: icloud, logins: {jane@d#.test: jane@icloud.com}}\n", ""},
	"one login":         {"domains:\n", "  d#.test: {provider: icloud, login: jane@icloud.com}\n", ""},
	"unknown providers": {"domains:\n", "  d#.example.com: iclod\n", ""},
	"wrong domains":     {"domains:\n", "  #: x\n", ""},
	"empty providers":   {"providers:\n", " a#:\n", ""},
	"wrong providers":   {"providers:\n", " a#: b\n", ""},
}

// costlyText fills a text up to the size.
func costlyText(shape string, size int) []byte {
	s := costly[shape]
	var b strings.Builder
	b.Grow(size)
	b.WriteString(s[0])
	for i := 0; ; i++ {
		// Needlessly long names would make the text cheaper.
		unit := s[1]
		if unit != "#\n\n" && !strings.HasSuffix(unit, "#\n") && !strings.HasSuffix(unit, "#\n\n") {
			unit = strings.ReplaceAll(unit, "#", strconv.FormatInt(int64(i), 36))
		}
		if b.Len()+len(unit)+len(s[2]) > size {
			break
		}
		b.WriteString(unit)
	}
	b.WriteString(s[2])
	return []byte(b.String())
}

const (
	memoryShape = "TEST_MEMORY_SHAPE"
	memorySize  = "TEST_MEMORY_SIZE"
)

// TestMemoryOfLoading: no file takes more than 256 MB on top of the previous
// table, at start or at a reload. Each shape is as large as allowed; its memory
// is measured in a separate process.
func TestMemoryOfLoading(t *testing.T) {
	if os.Getenv(memoryShape) != "" {
		measureLoading(t)
		return
	}
	if _, err := os.Stat("/proc/self/clear_refs"); err != nil {
		t.Skip("the peak of a process's memory is measured with Linux's /proc")
	}
	// The costliest ones always; the others only where there is time, in CI.
	shapes := []string{"mapping", "short domains", "unknown providers", "comments of items"}
	if os.Getenv("MAILSETUP_E2E") == "require" {
		shapes = slices.Sorted(maps.Keys(costly))
	}
	for _, shape := range shapes {
		t.Run(shape, func(t *testing.T) {
			size := largestSize(shape)
			cmd := exec.Command(os.Args[0], "-test.run=^TestMemoryOfLoading$", "-test.v")
			cmd.Env = append(os.Environ(), memoryShape+"="+shape, memorySize+"="+strconv.Itoa(size))
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var above int
			_, after, _ := strings.Cut(string(out), "ABOVE ")
			if _, err := fmt.Sscan(after, &above); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			t.Logf("%d bytes take %d MB", size, above)
			if limit := 256 * memoryFactor; above > limit {
				t.Errorf("%d bytes take %d MB above the table before, want %d at most", size, above, limit)
			}
		})
	}
}

// largestSize finds, to a hundredth, the largest text of a shape that is
// accepted.
func largestSize(shape string) int {
	const sample = 64 << 10
	size := min(provider.MaxSource, int(float64(provider.MaxCost)/float64(provider.EstimateCost(costlyText(shape, sample)))*sample))
	for provider.EstimateCost(costlyText(shape, size)) > provider.MaxCost {
		size -= size / 100
	}
	return size
}

func measureLoading(t *testing.T) {
	size, err := strconv.Atoi(os.Getenv(memorySize))
	if err != nil {
		t.Fatal(err)
	}
	text := costlyText(os.Getenv(memoryShape), size)
	builtin := providertest.BuiltinSource(t)
	before, err := provider.Load(provider.LoadConfig{
		Builtin: builtin,
		Tables:  []provider.Source{{Name: "before.yaml", Data: costlyText("domains", 1<<20)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // the peak begins here
		t.Skip(err)
	}
	used := processMemory(t, "VmRSS:")
	_, _ = provider.Load(provider.LoadConfig{Builtin: builtin, Tables: []provider.Source{{Name: "own.yaml", Data: text}}})
	fmt.Println("ABOVE", processMemory(t, "VmHWM:")-used)
	if before.HostedCount() == 0 {
		t.Error("no previous table")
	}
}

// processMemory returns a line of /proc/self/status in MB.
func processMemory(t *testing.T, key string) int {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	var kilobytes int
	_, after, _ := strings.Cut(string(data), key)
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		t.Fatal(err)
	}
	return kilobytes * 1024 / 1_000_000
}
