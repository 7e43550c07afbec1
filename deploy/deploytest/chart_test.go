package deploytest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const (
	chartFolder = "../helm/mailsetup"
	releaseName = "mail"
	namespace   = "mail-settings"
)

// release is what the chart renders from some values.
type release struct {
	deployment *apps.Deployment
	service    *core.Service
	configMap  *core.ConfigMap
	secret     *core.Secret
	claim      *core.PersistentVolumeClaim
	ingress    *networking.Ingress
	network    *networking.NetworkPolicy
	autoscaler *autoscaling.HorizontalPodAutoscaler
	disruption *policy.PodDisruptionBudget
}

func (r release) pod() core.PodSpec { return r.deployment.Spec.Template.Spec }

// valueSets returns the value sets that come with the chart, by file name, and the
// chart's defaults.
func valueSets(t *testing.T) map[string]chartutil.Values {
	t.Helper()
	files, err := filepath.Glob(chartFolder + "/ci/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d value sets, %v", len(files), err)
	}
	sets := map[string]chartutil.Values{"default": {}}
	for _, file := range files {
		values, err := chartutil.ReadValuesFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sets[strings.TrimSuffix(filepath.Base(file), ".yaml")] = values
	}
	return sets
}

func loadChart(t *testing.T) *chart.Chart {
	t.Helper()
	loaded, err := loader.LoadDir(chartFolder)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// render does what helm template does. The function lookup uses the cluster, which
// may be nil.
func render(t *testing.T, values map[string]any, cluster engine.ClientProvider) (map[string]string, error) {
	t.Helper()
	loaded := loadChart(t)
	all, err := chartutil.ToRenderValues(loaded, values, chartutil.ReleaseOptions{Name: releaseName, Namespace: namespace, IsInstall: true}, nil)
	if err != nil {
		return nil, err
	}
	if cluster != nil {
		return engine.RenderWithClientProvider(loaded, all, cluster)
	}
	return engine.Render(loaded, all)
}

func releaseOf(t *testing.T, values map[string]any) release {
	t.Helper()
	manifests, err := render(t, values, nil)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, manifests)
}

// decode reads manifests as the API server does with strict field validation: an
// unknown or repeated key is an error.
func decode(t *testing.T, manifests map[string]string) release {
	t.Helper()
	var r release
	for name, text := range manifests {
		if strings.TrimSpace(text) == "" || strings.HasSuffix(name, ".txt") {
			continue
		}
		var kind struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal([]byte(text), &kind); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		var object any
		switch kind.APIVersion + " " + kind.Kind {
		case "apps/v1 Deployment":
			r.deployment = new(apps.Deployment)
			object = r.deployment
		case "v1 Service":
			r.service = new(core.Service)
			object = r.service
		case "v1 ConfigMap":
			r.configMap = new(core.ConfigMap)
			object = r.configMap
		case "v1 Secret":
			r.secret = new(core.Secret)
			object = r.secret
		case "v1 PersistentVolumeClaim":
			r.claim = new(core.PersistentVolumeClaim)
			object = r.claim
		case "networking.k8s.io/v1 Ingress":
			r.ingress = new(networking.Ingress)
			object = r.ingress
		case "networking.k8s.io/v1 NetworkPolicy":
			r.network = new(networking.NetworkPolicy)
			object = r.network
		case "autoscaling/v2 HorizontalPodAutoscaler":
			r.autoscaler = new(autoscaling.HorizontalPodAutoscaler)
			object = r.autoscaler
		case "policy/v1 PodDisruptionBudget":
			r.disruption = new(policy.PodDisruptionBudget)
			object = r.disruption
		default:
			t.Fatalf("%s contains a %s %s", name, kind.APIVersion, kind.Kind)
		}
		if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
	}
	if r.deployment == nil || r.service == nil {
		t.Fatal("there is no Deployment or no Service")
	}
	return r
}

func TestChartLint(t *testing.T) {
	for name, values := range valueSets(t) {
		linted := lint.All(chartFolder, values, namespace, true)
		for _, message := range linted.Messages {
			if message.Severity >= support.WarningSev {
				t.Errorf("%s: %s", name, message)
			}
		}
	}
}

// The chart refuses bad values, and the error says what to do.
func TestChartRefuses(t *testing.T) {
	acme := map[string]any{"mode": "acme", "acme": map[string]any{"email": "you@example.com"}}
	for name, c := range map[string]struct {
		values map[string]any
		want   string
	}{
		"a misspelt key":            {map[string]any{"replica": 2}, "replica"},
		"a flag of the chart's own": {map[string]any{"flags": map[string]any{"admin-listen": ":80"}}, "admin-listen"},
		"a flag without a value":    {map[string]any{"flags": map[string]any{"logo": ""}}, "logo"},
		"a file in a folder":        {map[string]any{"files": map[string]any{"../x.yaml": ""}}, "../x.yaml"},
		"ACME without an address":   {map[string]any{"tls": map[string]any{"mode": "acme"}}, "email"},
		"files without secrets":     {map[string]any{"tls": map[string]any{"mode": "files"}}, "secrets"},
		"signing without TLS":       {map[string]any{"tls": map[string]any{"signProfiles": true}}, "signProfiles"},
		"ACME without a public URL": {map[string]any{"tls": acme, "replicas": 1}, "publicURL"},
		"ACME, two replicas, one volume": {
			map[string]any{"tls": acme, "publicURL": "https://setup.example.com"}, "certStorage.shared"},
		"ACME, autoscaled, one volume": {
			map[string]any{"tls": acme, "replicas": 1, "autoscaling": map[string]any{"enabled": true}, "publicURL": "https://setup.example.com"}, "certStorage.shared"},
		"a shared storage that is nowhere": {
			map[string]any{"tls": acme, "certStorage": map[string]any{"shared": true}, "publicURL": "https://setup.example.com"}, "secret.certStorage"},
		"an external account that is nowhere": {
			map[string]any{"tls": map[string]any{"mode": "acme", "acme": map[string]any{"email": "you@example.com", "externalAccount": true}}, "replicas": 1, "publicURL": "https://setup.example.com"}, "secret.externalAccount"},
		"an external account without ACME": {
			map[string]any{"tls": map[string]any{"acme": map[string]any{"externalAccount": true}}, "secret": map[string]any{"existing": "keys"}}, "tls.mode acme"},
		"an ingress without hosts": {map[string]any{"ingress": map[string]any{"enabled": true}}, "ingress.domains"},
		"an ingress before TLS": {
			map[string]any{"ingress": map[string]any{"enabled": true, "hosts": []any{"setup.example.com"}}, "tls": acme, "replicas": 1, "publicURL": "https://setup.example.com"}, "tls.mode"},
	} {
		if _, err := render(t, c.values, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error about %s", name, err, c.want)
		}
	}
}

// Each flag of the program can either be given through flags or is set by the
// chart. None is missing, and the chart knows none that does not exist.
func TestChartFlags(t *testing.T) {
	known := flagsOf(t, "serve")
	for name, values := range valueSets(t) {
		for _, arg := range releaseOf(t, values).pod().Containers[0].Args[1:] {
			flag, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
			if !known[flag] {
				t.Errorf("%s: serve has no flag for %s", name, arg)
			}
		}
	}
	for flag := range known {
		if flag == "help" {
			continue
		}
		_, err := render(t, map[string]any{"flags": map[string]any{flag: "x"}}, nil)
		owned := slices.Contains([]string{
			"listen", "http-listen", "admin-listen", "providers", "public-url", "drain", "token-key", "log-format",
			"tls", "tls-cert", "tls-key", "acme-email", "acme-ca", "acme-eab", "cert-storage", "cert-key", "cert-cache",
			"sign-with-tls", "sign-cert", "sign-key",
		}, flag)
		if owned != (err != nil) {
			t.Errorf("flags.%s: %v; the chart sets it itself: %v", flag, err, owned)
		}
	}
	args := releaseOf(t, map[string]any{"flags": map[string]any{
		"max-connections": 1000000, "recognise-mx": true, "trusted-proxy": []any{"10.0.0.0/8", "fd00::/8"},
	}}).pod().Containers[0].Args
	for _, want := range []string{"--max-connections=1000000", "--recognise-mx=true", "--trusted-proxy=10.0.0.0/8", "--trusted-proxy=fd00::/8"} {
		if !slices.Contains(args, want) {
			t.Errorf("no %s in %s", want, fmt.Sprint(args))
		}
	}
}
