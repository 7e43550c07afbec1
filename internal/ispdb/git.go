package ispdb

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"mailsetup/internal/provider"
)

var commitID = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// ParseCommit reads the id of a commit, or the beginning of one.
func ParseCommit(s string) (string, error) {
	if !commitID.MatchString(s) {
		return "", errors.New("invalid commit id: write 7 or more digits and letters a to f, as git log prints it")
	}
	return s, nil
}

// headCommit returns the commit of a checkout; "" if it is not a checkout, or not one
// with a simple layout (https://git-scm.com/docs/gitrepository-layout).
func headCommit(root *os.Root) string {
	ref, symbolic := strings.CutPrefix(smallFile(root, ".git/HEAD"), "ref: ")
	if symbolic {
		if !strings.HasPrefix(ref, "refs/") || filepath.Clean(ref) != filepath.FromSlash(ref) {
			return ""
		}
		name := ref
		if ref = smallFile(root, ".git/"+name); ref == "" {
			ref = packedRef(smallFile(root, ".git/packed-refs"), name)
		}
	}
	id, err := ParseCommit(ref)
	if err != nil {
		return ""
	}
	return id
}

func packedRef(packed, name string) string {
	for line := range strings.Lines(packed) {
		if id, ref, ok := strings.Cut(strings.TrimSpace(line), " "); ok && ref == name {
			return id
		}
	}
	return ""
}

// smallFile returns the content of a file, without space around it; "" if it is missing
// or too large.
func smallFile(root *os.Root, name string) string {
	name = filepath.FromSlash(name)
	if info, err := root.Stat(name); err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
		return ""
	}
	data, why := readFile(func() (io.ReadCloser, error) { return root.Open(name) })
	if why != NoReason {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// historyTimeout limits reading the history, which takes a fraction of a second.
const historyTimeout = 20 * time.Second

// lastChanges returns the day on which each file in a folder of a checkout was last
// changed, by its path. It needs git and the history; without them it returns nothing,
// which is not an error. In a shallow checkout the oldest commit seems to have changed
// every file, so the days would be wrong.
func lastChanges(ctx context.Context, dir, within string) map[string]provider.Date {
	if _, err := os.Lstat(filepath.Join(dir, ".git", "shallow")); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, historyTimeout)
	defer cancel()
	// A partial checkout would fetch missing objects, so no protocol is allowed. No
	// program from the checkout's own configuration is run.
	git := exec.CommandContext(ctx, "git", "-C", dir, "--no-pager", "-c", "protocol.allow=never", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false",
		"log", "--name-only", "--no-renames", "--no-ext-diff", "--format=%x09%cs", "HEAD", "--", within)
	git.Env = append(os.Environ(), "GIT_NO_LAZY_FETCH=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	out, err := git.StdoutPipe()
	if err != nil || git.Start() != nil {
		return nil
	}
	changes := readHistory(io.LimitReader(out, maxTotal))
	_ = out.Close() // so that git ends if there is more
	if git.Wait() != nil {
		return nil
	}
	return changes
}

// readHistory reads days, each after a tab and before the names of the files that were
// changed, the newest first. Git quotes names that have a tab.
func readHistory(r io.Reader) map[string]provider.Date {
	changes := make(map[string]provider.Date)
	var day provider.Date
	for lines := bufio.NewScanner(r); lines.Scan(); {
		name := lines.Text()
		if text, isDay := strings.CutPrefix(name, "\t"); isDay {
			day, _ = provider.ParseDate(text)
		} else if _, known := changes[name]; !known {
			changes[name] = day
		}
	}
	return changes
}
