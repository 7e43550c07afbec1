package deploytest

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
)

// Every compose file must follow these rules.
func TestComposeRules(t *testing.T) {
	for _, form := range composeForms(t) {
		t.Run(form, func(t *testing.T) {
			if form == "replicas" && os.Geteuid() != 0 {
				t.Skip("make-secrets gives files to other users, which only root can do")
			}
			project := copyForm(t, form)
			servers := 0
			for name, service := range project.Services {
				checkComposeConfinement(t, service)
				checkComposeMounts(t, project, service)
				image, tag, _ := strings.Cut(service.Image, ":")
				if image == "mailsetup" {
					servers++
					checkComposeServer(t, project, service)
				} else if tag == "" || tag == "latest" {
					t.Errorf("%s: the image %s changes over time", name, service.Image)
				}
			}
			if want := map[string]int{"replicas": 2}[form]; servers != max(want, 1) {
				t.Errorf("%d servers", servers)
			}
			checkComposePorts(t, project)
		})
	}
}

func checkComposeConfinement(t *testing.T, s types.ServiceConfig) {
	t.Helper()
	if !s.ReadOnly {
		t.Errorf("%s: the root file system can be written", s.Name)
	}
	if s.Privileged || s.NetworkMode != "" || s.Pid != "" || s.Ipc != "" || s.UserNSMode != "" || len(s.Devices) > 0 || s.UseAPISocket {
		t.Errorf("%s shares a part of the machine", s.Name)
	}
	// Caddy's program in its image has this file capability, and cannot be executed
	// without it (https://github.com/caddyserver/caddy-docker).
	var rights []string
	if s.Name == "caddy" {
		rights = []string{"NET_BIND_SERVICE"}
	}
	if !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.CapAdd, rights) {
		t.Errorf("%s: capabilities %v without %v", s.Name, s.CapAdd, s.CapDrop)
	}
	if !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) {
		t.Errorf("%s: security_opt is %v", s.Name, s.SecurityOpt)
	}
	if s.MemLimit == 0 || s.Restart != "unless-stopped" {
		t.Errorf("%s: memory limit %d, restart %q", s.Name, s.MemLimit, s.Restart)
	}
	// Everybody with access to Docker can read arguments and environments.
	for _, text := range slices.Concat(s.Entrypoint, s.Command, slices.Collect(values(s.Environment))) {
		if strings.Contains(text, "://:") || strings.Contains(text, "--requirepass") {
			t.Errorf("%s: a password is in %q", s.Name, text)
		}
	}
	if len(s.EnvFiles) > 0 {
		t.Errorf("%s: secrets come as files, not as variables", s.Name)
	}
}

func values(m types.MappingWithEquals) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if v != nil && !yield(*v) {
				return
			}
		}
	}
}

// checkComposeMounts: everything that is mounted exists, and is a folder if it may change
// while the server runs.
func checkComposeMounts(t *testing.T, project *types.Project, s types.ServiceConfig) {
	t.Helper()
	for _, v := range s.Volumes {
		switch v.Type {
		case types.VolumeTypeVolume:
			if _, declared := project.Volumes[v.Source]; !declared || v.ReadOnly {
				t.Errorf("%s: the volume %q is undeclared or read-only", s.Name, v.Source)
			}
		case types.VolumeTypeBind:
			inside, err := filepath.Rel(project.WorkingDir, v.Source)
			if err != nil || !filepath.IsLocal(inside) || !v.ReadOnly {
				t.Errorf("%s: %s is not in this folder, or can be written", s.Name, v.Source)
			}
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		default:
			t.Errorf("%s: %s is of the kind %s", s.Name, v.Target, v.Type)
		}
	}
	for _, use := range s.Secrets {
		secret := project.Secrets[use.Source]
		info, err := os.Stat(secret.File)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
		} else if info.Mode().Perm()&0o007 != 0 {
			t.Errorf("%s: everybody can read %s", s.Name, secret.File)
		}
	}
}

// checkComposeServer checks a mailsetup service.
func checkComposeServer(t *testing.T, project *types.Project, s types.ServiceConfig) {
	t.Helper()
	if s.PullPolicy != types.PullPolicyNever {
		t.Errorf("%s: a stranger's image of this name would be downloaded", s.Name)
	}
	if s.HealthCheck == nil || !slices.Equal(s.HealthCheck.Test, []string{"CMD", "/mailsetup", "healthcheck"}) {
		t.Errorf("%s: the health check is %v", s.Name, s.HealthCheck)
	}
	// One second of drain, and at most 16 more until the end (docs/running.md).
	if s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) < 17*time.Second {
		t.Errorf("%s: it would be killed before it has ended", s.Name)
	}
	known := flagsOf(t, "serve")
	for _, arg := range s.Command[1:] {
		flag, value, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		if !known[flag] {
			t.Errorf("%s: serve has no flag for %s", s.Name, arg)
		}
		if flag == "trusted-proxy" && !slices.ContainsFunc(project.ServiceNames(), func(other string) bool {
			return other != s.Name && addressIn(project.Services[other], "inside") == value
		}) {
			t.Errorf("%s: no proxy has the address %s", s.Name, value)
		}
	}
	for _, v := range s.Volumes {
		if info, err := os.Stat(v.Source); v.Target == "/etc/mailsetup" && err == nil && !info.IsDir() {
			t.Errorf("%s: the table is mounted as a file, so changes would not be noticed", s.Name)
		}
	}
	checkTables(t, filepath.Join(project.WorkingDir, "tables"))
}

func addressIn(s types.ServiceConfig, network string) string {
	if n := s.Networks[network]; n != nil {
		return n.Ipv4Address
	}
	return ""
}

// checkComposePorts: one service is public, on 443 and 80, and never an admin listener. If
// other containers can reach the admin listener, their network must be internal.
func checkComposePorts(t *testing.T, project *types.Project) {
	t.Helper()
	open := map[string]string{}
	for name, service := range project.Services {
		for _, p := range service.Ports {
			if other, taken := open[p.Published]; taken {
				t.Errorf("%s and %s both have the port %s", other, name, p.Published)
			}
			open[p.Published] = name
			if p.Target == 8081 {
				t.Errorf("%s: the admin listener is published", name)
			}
		}
		if slices.Contains(service.Command, "--admin-listen=:8081") {
			for network := range service.Networks {
				if !project.Networks[network].Internal {
					t.Errorf("%s: the admin listener can be reached from %s", name, network)
				}
			}
		}
		for network, n := range service.Networks {
			if n == nil || n.Ipv4Address == "" {
				continue
			}
			subnet := netip.MustParsePrefix(project.Networks[network].Ipam.Config[0].Subnet)
			if address := netip.MustParseAddr(n.Ipv4Address); !subnet.Contains(address) || address == subnet.Addr().Next() {
				t.Errorf("%s: %s is not a free address in %s", name, address, subnet)
			}
		}
	}
	if len(open) != 2 || open["443"] == "" || open["443"] != open["80"] {
		t.Errorf("published ports: %v", open)
	}
}

// Keys and passwords are created once: with new ones, stored data would be unreadable.
func TestComposeSecrets(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("make-secrets gives files to other users, which only root can do")
	}
	folder := filepath.Dir(copyForm(t, "replicas").Secrets["token-key"].File)
	before, err := os.ReadFile(filepath.Join(folder, "storage.key"))
	if err != nil || len(before) != 32 {
		t.Fatalf("the storage key has %d bytes, %v", len(before), err)
	}
	if out, err := exec.Command(filepath.Join(folder, "../make-secrets")).CombinedOutput(); err == nil {
		t.Errorf("a second run creates new ones: %s", out)
	}
	if after, err := os.ReadFile(filepath.Join(folder, "storage.key")); err != nil || string(after) != string(before) {
		t.Errorf("a second run changed the storage key, %v", err)
	}
}

func makeSecrets(t *testing.T, folder string) {
	t.Helper()
	if out, err := exec.Command(filepath.Join(folder, "make-secrets")).CombinedOutput(); err != nil {
		t.Fatalf("make-secrets: %v\n%s", err, out)
	}
}
