package deploytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	core "k8s.io/api/core/v1"

	"mailsetup/internal/certs/certstest"
)

// TestChartRuns starts the program with the arguments, the environment and the files that
// the chart gives it, and sends it the kubelet's probes.
func TestChartRuns(t *testing.T) {
	for name, domains := range map[string]int{
		"default": 0, "ingress": 1, "own-tls": 1, "own-tls-alone": 1, "many-domains": 3, "signed": 2,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values := valueSets(t)[name]
			if values == nil {
				t.Fatal("unknown value set")
			}
			if name == "own-tls" { // its Redis is not available here
				values["secret"] = map[string]any{"certStorage": certstest.StartRedis(t).URL}
			}
			r := releaseOf(t, values)
			container := r.pod().Containers[0]
			root := t.TempDir()
			mount(t, root, r)

			args := make([]string, 0, len(container.Args))
			for _, arg := range container.Args {
				flag, value, _ := strings.Cut(arg, "=")
				switch {
				case strings.HasPrefix(value, "/"):
					arg = flag + "=" + filepath.Join(root, value)
				case flag == "--listen": // ACME wants to know the port
					arg = flag + "=127.0.0.1:" + strconv.Itoa(certstest.FreePort(t))
				case strings.HasSuffix(flag, "listen"):
					arg = flag + "=127.0.0.1:0"
				case flag == "--drain":
					arg = flag + "=0s"
				}
				args = append(args, arg)
			}
			var environment []string
			for _, v := range container.Env {
				environment = append(environment, v.Name+"="+string(r.secret.Data[v.ValueFrom.SecretKeyRef.Key]))
			}
			if name == "own-tls" || name == "own-tls-alone" { // no authority is contacted
				environment = append(environment, "MAILSETUP_ACME_CA=https://127.0.0.1:1/directory")
				args = without(args, "--acme-ca")
			}

			checkTables(t, filepath.Join(root, "/etc/mailsetup/tables"))
			server := start(t, environment, binary, args...)
			at := server.serving(t)
			for _, probe := range []*core.Probe{container.LivenessProbe, container.ReadinessProbe} {
				status, body, err := get(t.Context(), http.DefaultClient, "http://"+at.Admin+probe.HTTPGet.Path)
				if err != nil || status != http.StatusOK {
					t.Errorf("%s: %d %s %v", probe.HTTPGet.Path, status, body, err)
				}
				var ready struct {
					HostedDomains *int `json:"hosted_domains"`
				}
				if err := json.Unmarshal([]byte(body), &ready); err != nil {
					t.Error(err)
				}
				if ready.HostedDomains != nil && *ready.HostedDomains != domains {
					t.Errorf("%d domains are hosted, want %d", *ready.HostedDomains, domains)
				}
			}
			if strings.Contains(server.log(), "unknown environment variable") {
				t.Errorf("the environment contains a variable that is not a flag:\n%s", server.log())
			}
		})
	}
}

// checkTables runs the command that people run before they change a table.
func checkTables(t *testing.T, folder string) {
	t.Helper()
	if out, err := exec.Command(binary, "check", "--providers", folder).CombinedOutput(); err != nil {
		t.Errorf("check: %v\n%s", err, out)
	}
}

func without(args []string, flag string) []string {
	var rest []string
	for _, arg := range args {
		if !strings.HasPrefix(arg, flag+"=") {
			rest = append(rest, arg)
		}
	}
	return rest
}

// mount writes the volumes below root as the kubelet does: files are links into a folder
// with a timestamp in its name, to which the link ..data points.
func mount(t *testing.T, root string, r release) {
	t.Helper()
	volumes := map[string]core.Volume{}
	for _, v := range r.pod().Volumes {
		volumes[v.Name] = v
	}
	for _, m := range r.pod().Containers[0].VolumeMounts {
		folder := filepath.Join(root, m.MountPath)
		files, mode := map[string]string{}, os.FileMode(0o644)
		switch v := volumes[m.Name]; {
		case v.ConfigMap != nil && r.configMap != nil:
			files = r.configMap.Data
		case v.ConfigMap != nil:
			files = map[string]string{"own.yaml": "domains:\n  example.com: icloud\n  example.org: icloud\n"}
		case v.Secret != nil && len(v.Secret.Items) > 0:
			mode = os.FileMode(*v.Secret.DefaultMode)
			for _, item := range v.Secret.Items {
				files[item.Path] = strings.Repeat("k", 32)
				if r.secret != nil {
					files[item.Path] = string(r.secret.Data[item.Key])
				}
			}
		case v.Secret != nil:
			mode = os.FileMode(*v.Secret.DefaultMode)
			files["tls.crt"], files["tls.key"] = certificate(t, "setup.example.com")
		}
		if err := os.MkdirAll(filepath.Join(folder, "..2026_01_31"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("..2026_01_31", filepath.Join(folder, "..data")); err != nil {
			t.Fatal(err)
		}
		for name, content := range files {
			file := filepath.Join(folder, "..2026_01_31", name)
			if err := os.WriteFile(file, []byte(content), mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join("..data", name), filepath.Join(folder, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// certificate makes a self-signed certificate, as PEM.
func certificate(t *testing.T, names ...string) (chain, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, bytes []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
	}
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", secret)
}
