package deploytest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// Debian has no Traefik, so this test does not start it. Its two files must match each
// other and the compose file; a key that is not named below is an error.
func TestTraefikFiles(t *testing.T) {
	project := copyForm(t, "traefik")
	var static struct {
		Global      struct{ CheckNewVersion bool }
		EntryPoints map[string]struct{ Address string }

		CertificatesResolvers map[string]struct {
			ACME struct {
				Email, Storage string
				TLSChallenge   *struct{}
			}
		}
		Providers struct {
			File struct {
				Directory string
				Watch     bool
			}
		}
	}
	var dynamic struct {
		HTTP struct {
			Routers map[string]struct {
				EntryPoints   []string
				Rule, Service string
				TLS           *struct{ CertResolver string }
			}
			Services map[string]struct {
				LoadBalancer struct{ Servers []struct{ URL string } }
			}
		}
	}
	for file, into := range map[string]any{"traefik.yaml": &static, "dynamic/mailsetup.yaml": &dynamic} {
		text, err := os.ReadFile(filepath.Join(project.WorkingDir, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(text, into); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}

	traefik, targets := project.Services["traefik"], map[string]string{} // mounts: what is there
	for _, v := range traefik.Volumes {
		targets[v.Target] = v.Type
	}
	if targets["/etc/traefik/traefik.yaml"] != "bind" || targets[static.Providers.File.Directory] != "bind" {
		t.Errorf("Traefik does not find its files in %v", targets)
	}
	published := map[string]bool{}
	for _, p := range traefik.Ports {
		published[fmt.Sprint(":", p.Target)] = true
	}
	for name, point := range static.EntryPoints {
		if !published[point.Address] {
			t.Errorf("the entry point %s, %s, is not published", name, point.Address)
		}
	}
	for name, resolver := range static.CertificatesResolvers {
		if targets[filepath.Dir(resolver.ACME.Storage)] != "volume" || resolver.ACME.TLSChallenge == nil || resolver.ACME.Email == "" {
			t.Errorf("the certificates of %s are lost with the container, or not obtained", name)
		}
	}

	secure := map[bool]int{}
	for name, router := range dynamic.HTTP.Routers {
		for _, host := range exampleNames {
			if !strings.Contains(router.Rule, "Host(`"+host+"`)") {
				t.Errorf("%s does not know %s", name, host)
			}
		}
		for _, point := range router.EntryPoints {
			if _, known := static.EntryPoints[point]; !known {
				t.Errorf("%s: unknown entry point %s", name, point)
			}
		}
		if router.TLS != nil {
			if _, known := static.CertificatesResolvers[router.TLS.CertResolver]; !known {
				t.Errorf("%s: no resolver for its certificates", name)
			}
		}
		if _, known := dynamic.HTTP.Services[router.Service]; !known {
			t.Errorf("%s has no service", name)
		}
		secure[router.TLS != nil]++
	}
	if secure[true] != 1 || secure[false] != 1 {
		t.Errorf("%d routers with TLS and %d without", secure[true], secure[false])
	}
	server := project.Services["mailsetup"]
	want := "http://" + net.JoinHostPort(addressIn(server, "inside"), "8080")
	if servers := dynamic.HTTP.Services["mailsetup"].LoadBalancer.Servers; len(servers) != 1 || servers[0].URL != want {
		t.Errorf("requests go to %v, mailsetup is at %s", servers, want)
	}
	if !slices.Contains(server.Command, "--trusted-proxy="+addressIn(traefik, "inside")) {
		t.Error("mailsetup does not trust Traefik")
	}
}
