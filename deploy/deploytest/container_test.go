package deploytest

import (
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// An image describes a service's image, according to its Dockerfile. No image can be
// downloaded here, so Debian's program replaces the one in it.
type image struct {
	tool, debian string   // empty: our own program, alone in its image
	environment  []string // ENV
	user         string   // USER
	entrypoint   []string // ENTRYPOINT
	command      []string // CMD
	owners       map[string]int
}

// images are keyed by name. Owners lists the folders of the image that do not belong to
// root: a new volume gets the same owner.
var images = map[string]image{
	"mailsetup": {
		environment: []string{"XDG_STATE_HOME=/var/lib"}, user: "65532:65532",
		entrypoint: []string{"/mailsetup"}, owners: map[string]int{"/var/lib/mailsetup": 65532},
	},
	"caddy": {
		tool: "caddy", debian: "caddy", environment: []string{"XDG_CONFIG_HOME=/config", "XDG_DATA_HOME=/data"},
		command: []string{"caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"},
	},
	"nginx":   {tool: "nginx", debian: "nginx-light", command: []string{"nginx", "-g", "daemon off;"}},
	"haproxy": {tool: "haproxy", debian: "haproxy", user: "99:99", command: []string{"haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"}},
	"redis":   {tool: "redis-server", debian: "redis-server", command: []string{"redis-server"}, owners: map[string]int{"/data": 999}},
}

func imageOf(s types.ServiceConfig) image {
	name, _, _ := strings.Cut(s.Image, ":")
	return images[name]
}

// writeBundle writes what runc needs to run a service: its root, and its configuration.
func (d *docker) writeBundle(t *testing.T, folder string, s types.ServiceConfig) {
	t.Helper()
	root := filepath.Join(folder, "rootfs")
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	var gateway netip.Addr
	for network := range d.places[s.Name] {
		gateway = d.bridges[network].Addr()
	}
	files := map[string]string{
		"etc/resolv.conf": "nameserver " + gateway.String() + "\n", "etc/hosts": "127.0.0.1 localhost\n",
		"etc/passwd": "root:x:0:0:root:/:/bin/sh\n", "etc/group": "root:x:0:\n",
		"etc/ssl/certs/ca-certificates.crt": d.net.bundle,
	}
	for name, content := range files {
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	i := imageOf(s)
	mounts := systemMounts()
	if i.tool == "" {
		if err := os.Link(binary, filepath.Join(root, "mailsetup")); err != nil {
			t.Fatal(err)
		}
	} else {
		mounts = append(mounts, debian(t, root)...)
	}
	mounts = append(mounts, d.mounts(t, s, i)...)

	text, err := json.Marshal(specs.Spec{
		Version: "1.0.2", Hostname: s.Name,
		Root:    &specs.Root{Path: "rootfs", Readonly: s.ReadOnly},
		Process: processOf(t, s, i),
		Mounts:  mounts,
		Linux: &specs.Linux{
			CgroupsPath: "/mailsetup-deploytest/" + s.Name,
			Resources:   &specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: new(int64(s.MemLimit))}},
			Namespaces: []specs.LinuxNamespace{
				{Type: specs.PIDNamespace}, {Type: specs.IPCNamespace}, {Type: specs.UTSNamespace}, {Type: specs.MountNamespace},
				{Type: specs.NetworkNamespace, Path: "/run/netns/" + s.Name},
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "config.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// processOf returns the process of a container. Like Docker, it gives an ordinary user no
// capabilities, and none that are inherited.
func processOf(t *testing.T, s types.ServiceConfig, i image) *specs.Process {
	t.Helper()
	args := slices.Concat(i.entrypoint, i.command)
	if len(s.Entrypoint) > 0 {
		args = slices.Clone(s.Entrypoint)
		args = append(args, s.Command...)
	} else if len(s.Command) > 0 {
		args = slices.Concat(i.entrypoint, s.Command)
	}
	var rights []string
	for _, name := range s.CapAdd {
		rights = append(rights, "CAP_"+name)
	}
	p := &specs.Process{
		Cwd: "/", Args: args, Env: append([]string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, i.environment...),
		NoNewPrivileges: slices.Contains(s.SecurityOpt, "no-new-privileges:true"),
		Capabilities:    &specs.LinuxCapabilities{Bounding: rights, Permitted: rights, Effective: rights},
	}
	for name, value := range s.Environment {
		if value != nil {
			p.Env = append(p.Env, name+"="+*value)
		}
	}
	user := i.user
	if s.User != "" {
		user = s.User
	}
	if user != "" {
		uid, gid, _ := strings.Cut(user, ":")
		p.User = specs.User{UID: number(t, uid), GID: number(t, gid)}
	}
	return p
}

func number(t *testing.T, text string) uint32 {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.Fatalf("users and groups are given by number, not as %q", text)
	}
	return uint32(n)
}

// systemMounts are the mounts that every container has.
func systemMounts() []specs.Mount {
	return []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc"},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		{Destination: "/dev/shm", Type: "tmpfs", Source: "shm", Options: []string{"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
		{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev", "ro"}},
		{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup", Options: []string{"nosuid", "noexec", "nodev", "relatime", "ro"}},
	}
}

// debian makes a root file system from this machine's programs. /usr/local is separate,
// because files are mounted there.
func debian(t *testing.T, root string) (mounts []specs.Mount) {
	t.Helper()
	for _, name := range []string{"bin", "sbin", "lib", "lib64"} {
		if _, err := os.Stat("/usr/" + name); err != nil {
			continue
		}
		mounts = append(mounts, bind("/usr/"+name, "/usr/"+name, true))
		if err := os.Symlink("usr/"+name, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	return append(mounts, bind("/etc/ld.so.cache", "/etc/ld.so.cache", true))
}

// mounts returns the mounts in the compose file.
func (d *docker) mounts(t *testing.T, s types.ServiceConfig, i image) (mounts []specs.Mount) {
	t.Helper()
	for _, v := range s.Volumes {
		source := v.Source
		if v.Type == types.VolumeTypeVolume {
			source = filepath.Join(d.folder, "volumes", v.Source)
			if err := os.MkdirAll(source, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(source, i.owners[v.Target], i.owners[v.Target]); err != nil {
				t.Fatal(err)
			}
		}
		mounts = append(mounts, bind(source, v.Target, v.ReadOnly))
	}
	for _, target := range s.Tmpfs {
		mounts = append(mounts, specs.Mount{Destination: target, Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "noexec", "nodev", "mode=1777"}})
	}
	for _, secret := range s.Secrets {
		target := secret.Target
		if target == "" {
			target = "/run/secrets/" + secret.Source
		}
		mounts = append(mounts, bind(d.project.Secrets[secret.Source].File, target, true))
	}
	return mounts
}

func bind(source, target string, readOnly bool) specs.Mount {
	m := specs.Mount{Destination: target, Type: "bind", Source: source, Options: []string{"rbind"}}
	if readOnly {
		m.Options = append(m.Options, "ro")
	}
	return m
}
