package deploytest

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/fake"
)

// Every value set must follow these rules.
func TestChartRules(t *testing.T) {
	for name, values := range valueSets(t) {
		t.Run(name, func(t *testing.T) {
			r := releaseOf(t, values)
			checkConfinement(t, r)
			checkSelectors(t, r)
			checkPorts(t, r)
			checkProbes(t, r)
			checkVolumes(t, r)
			checkScale(t, r)
		})
	}
}

// checkConfinement: the restricted Pod Security Standard, and no more
// (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
func checkConfinement(t *testing.T, r release) {
	t.Helper()
	pod := r.pod()
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken || pod.ServiceAccountName != "" {
		t.Error("the pod gets a token")
	}
	// MAILSETUP_PORT and MAILSETUP_SERVICE_HOST would look like flags.
	if pod.EnableServiceLinks == nil || *pod.EnableServiceLinks {
		t.Error("services put their variables into the environment")
	}
	if pod.HostNetwork || pod.HostPID || pod.HostIPC {
		t.Error("the pod shares a part of the host")
	}
	s := pod.SecurityContext
	if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.RunAsUser == nil || *s.RunAsUser != 65532 ||
		s.RunAsGroup == nil || *s.RunAsGroup != 65532 || s.FSGroup == nil || *s.FSGroup != 65532 {
		t.Error("the pod does not run as user 65532")
	}
	if s.SeccompProfile == nil || s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
		t.Error("any system call is allowed")
	}
	if len(pod.Containers) != 1 || len(pod.InitContainers) != 0 {
		t.Fatal("there is not exactly one container")
	}
	c := pod.Containers[0]
	sc := c.SecurityContext
	if sc == nil || sc.ReadOnlyRootFilesystem == nil || !*sc.ReadOnlyRootFilesystem {
		t.Error("the root file system can be written")
	}
	if sc.AllowPrivilegeEscalation == nil || *sc.AllowPrivilegeEscalation || sc.Privileged != nil {
		t.Error("privileges can be escalated")
	}
	if sc.Capabilities == nil || !slices.Equal(sc.Capabilities.Drop, []core.Capability{"ALL"}) || len(sc.Capabilities.Add) != 0 {
		t.Error("there are capabilities")
	}
	if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() || !c.Resources.Limits.Cpu().IsZero() {
		t.Error("memory must have a limit, the processor a request and no limit")
	}
	// Everybody who may see the pod can read its arguments.
	for _, arg := range c.Args {
		if strings.Contains(arg, "password") {
			t.Errorf("an argument contains a password: %s", arg)
		}
	}
}

func checkSelectors(t *testing.T, r release) {
	t.Helper()
	labels := r.deployment.Spec.Template.Labels
	selectors := map[string]map[string]string{
		"Deployment": r.deployment.Spec.Selector.MatchLabels,
		"Service":    r.service.Spec.Selector,
		"spread":     r.pod().TopologySpreadConstraints[0].LabelSelector.MatchLabels,
	}
	if r.network != nil {
		selectors["NetworkPolicy"] = r.network.Spec.PodSelector.MatchLabels
	}
	if r.disruption != nil {
		selectors["PodDisruptionBudget"] = r.disruption.Spec.Selector.MatchLabels
	}
	for kind, selector := range selectors {
		if len(selector) != 2 {
			t.Errorf("%s selects by %v", kind, selector)
		}
		for key, value := range selector {
			if labels[key] != value {
				t.Errorf("%s selects %s=%s, the pods have %q", kind, key, value, labels[key])
			}
		}
	}
}

func checkPorts(t *testing.T, r release) {
	t.Helper()
	ports := map[string]int32{}
	for _, p := range r.pod().Containers[0].Ports {
		if p.ContainerPort < 1024 {
			t.Errorf("port %d needs a capability", p.ContainerPort)
		}
		ports[p.Name] = p.ContainerPort
	}
	args := strings.Join(r.pod().Containers[0].Args, "\n") + "\n"
	secure := !strings.Contains(args, "--tls=off\n")
	want := map[string]int32{"http": 8080, "admin": 8081}
	listen := "--listen=:8080\n"
	if secure {
		want["https"] = 8443
		listen = "--listen=:8443\n--http-listen=:8080\n"
	}
	if !maps.Equal(ports, want) || !strings.Contains(args, listen) || !strings.Contains(args, "--admin-listen=:8081\n") {
		t.Errorf("the container has the ports %v, the program gets\n%s", ports, args)
	}
	exposed := map[string]int32{}
	for _, p := range r.service.Spec.Ports {
		target := p.TargetPort.StrVal
		if ports[target] == 0 || target == "admin" {
			t.Errorf("the service leads to the port %q", target)
		}
		exposed[target] = p.Port
	}
	if exposed["http"] != 80 || (exposed["https"] == 443) != secure {
		t.Errorf("the service has the ports %v", exposed)
	}
	if r.network != nil {
		for i, rule := range r.network.Spec.Ingress {
			for _, p := range rule.Ports {
				if ports[p.Port.StrVal] == 0 {
					t.Errorf("the network policy allows an unknown port %s", p.Port)
				}
				if p.Port.StrVal == "admin" && len(rule.From) == 0 {
					t.Errorf("rule %d exposes the admin listener to everybody", i)
				}
			}
		}
	}
	if r.ingress != nil {
		hosts := map[string]bool{}
		for _, entry := range r.ingress.Spec.TLS {
			for _, host := range entry.Hosts {
				hosts[host] = true
			}
		}
		for _, rule := range r.ingress.Spec.Rules {
			backend := rule.HTTP.Paths[0].Backend.Service
			if backend.Name != r.service.Name || backend.Port.Name != "http" {
				t.Errorf("%s leads to %v", rule.Host, backend)
			}
			if len(hosts) > 0 && !hosts[rule.Host] {
				t.Errorf("%s has no certificate", rule.Host)
			}
		}
		if len(r.ingress.Spec.Rules) < 3 {
			t.Errorf("only %d hosts", len(r.ingress.Spec.Rules))
		}
	}
}

func checkProbes(t *testing.T, r release) {
	t.Helper()
	c := r.pod().Containers[0]
	for name, probe := range map[string]struct {
		*core.Probe
		path string
	}{
		"startup": {c.StartupProbe, "/livez"}, "liveness": {c.LivenessProbe, "/livez"}, "readiness": {c.ReadinessProbe, "/readyz"},
	} {
		if probe.Probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != probe.path || probe.HTTPGet.Port != intstr.FromString("admin") {
			t.Errorf("the %s probe does not ask the admin listener for %s", name, probe.path)
		}
	}
	// The drain must last longer than it takes to notice that the server is not ready, and
	// the program ends within 16 seconds after it (docs/running.md).
	const drain, end = 5, 16
	seen := (c.ReadinessProbe.PeriodSeconds + c.ReadinessProbe.TimeoutSeconds) * c.ReadinessProbe.FailureThreshold
	if !slices.Contains(c.Args, "--drain=5s") || seen >= drain || *r.pod().TerminationGracePeriodSeconds < drain+end {
		t.Errorf("readiness is seen after %d s, and the pod has %d s to end", seen, *r.pod().TerminationGracePeriodSeconds)
	}
}

// checkVolumes: every mount has a volume, every volume is mounted, not everybody can read
// keys, and the paths in the arguments are in mounts.
func checkVolumes(t *testing.T, r release) {
	t.Helper()
	volumes := map[string]core.Volume{}
	for _, v := range r.pod().Volumes {
		volumes[v.Name] = v
		switch {
		case v.Secret != nil:
			if v.Secret.DefaultMode == nil || *v.Secret.DefaultMode != 0o440 {
				t.Errorf("everybody can read the secret %s", v.Name)
			}
			if r.secret != nil && v.Secret.SecretName == r.secret.Name {
				for _, item := range v.Secret.Items {
					data := r.secret.Data[item.Key]
					if item.Key == "acme.eab" {
						if n := len(strings.Fields(string(data))); n != 2 {
							t.Errorf("%s has %d lines", item.Key, n)
						}
					} else if len(data) != 32 {
						t.Errorf("the key %s has %d bytes", item.Key, len(data))
					}
				}
			}
		case v.ConfigMap != nil:
			if r.configMap != nil && v.ConfigMap.Name != r.configMap.Name {
				t.Errorf("the tables come from %s, the chart makes %s", v.ConfigMap.Name, r.configMap.Name)
			}
		case v.PersistentVolumeClaim != nil:
			if r.claim == nil || v.PersistentVolumeClaim.ClaimName != r.claim.Name {
				t.Errorf("nobody claims the volume %s", v.Name)
			}
		case v.EmptyDir == nil:
			t.Errorf("the volume %s has an unknown type", v.Name)
		}
	}
	var mounts []string
	for _, m := range r.pod().Containers[0].VolumeMounts {
		v, exists := volumes[m.Name]
		if !exists {
			t.Errorf("%s has no volume", m.MountPath)
		}
		if m.SubPath != "" {
			t.Errorf("%s is a subPath, which changes do not reach", m.MountPath)
		}
		if state := v.EmptyDir != nil || v.PersistentVolumeClaim != nil; m.ReadOnly == state {
			t.Errorf("%s: read-only is %v", m.MountPath, m.ReadOnly)
		}
		delete(volumes, m.Name)
		mounts = append(mounts, m.MountPath)
	}
	for name := range volumes {
		t.Errorf("the volume %s is not mounted", name)
	}
	for _, arg := range r.pod().Containers[0].Args {
		_, path, _ := strings.Cut(arg, "=")
		inside := func(mount string) bool { return path == mount || strings.HasPrefix(path, mount+"/") }
		if strings.HasPrefix(path, "/") && !slices.ContainsFunc(mounts, inside) {
			t.Errorf("%s is in none of %v", arg, mounts)
		}
	}
	for _, v := range r.pod().Containers[0].Env {
		ref := v.ValueFrom.SecretKeyRef
		if r.secret != nil && (ref.Name != r.secret.Name || len(r.secret.Data[ref.Key]) == 0) {
			t.Errorf("%s comes from %v, which does not exist", v.Name, ref)
		}
	}
}

func checkScale(t *testing.T, r release) {
	t.Helper()
	replicas := r.deployment.Spec.Replicas
	if r.autoscaler != nil {
		target := r.autoscaler.Spec.ScaleTargetRef
		if replicas != nil {
			t.Error("an upgrade would undo what the autoscaler did")
		}
		if target.Kind != "Deployment" || target.APIVersion != "apps/v1" || target.Name != r.deployment.Name {
			t.Errorf("the autoscaler scales %v", target)
		}
	} else if replicas == nil {
		t.Fatal("how many servers?")
	}
	several := r.autoscaler != nil || *replicas > 1
	if (r.disruption != nil) != several {
		t.Errorf("several servers: %v, a budget for disruptions: %v", several, r.disruption != nil)
	}
	if r.claim != nil && (several || r.deployment.Spec.Strategy.Type != "Recreate") {
		t.Error("two servers would wait for one volume")
	}
}

// cluster is a cluster in which a secret exists.
type cluster struct{ secret map[string]any }

func (c cluster) GetClientFor(string, string) (dynamic.NamespaceableResourceInterface, bool, error) {
	resource := schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	client := fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{resource: "SecretList"},
		&unstructured.Unstructured{Object: c.secret})
	return client.Resource(resource), true, nil
}

// An upgrade must keep the keys: with another storage.key, no stored certificate could be
// read, and with another token.key, people's page links would stop working.
func TestChartKeepsKeys(t *testing.T) {
	values := valueSets(t)["own-tls"]
	first := releaseOf(t, values)
	if again := releaseOf(t, values); string(again.secret.Data["token.key"]) == string(first.secret.Data["token.key"]) {
		t.Error("the key of every installation is the same")
	}
	data := map[string]any{}
	for key, value := range first.secret.Data {
		data[key] = base64.StdEncoding.EncodeToString(value)
	}
	manifests, err := render(t, values, cluster{map[string]any{
		"apiVersion": "v1", "kind": "Secret", "data": data,
		"metadata": map[string]any{"name": first.secret.Name, "namespace": namespace},
	}})
	if err != nil {
		t.Fatal(err)
	}
	upgraded := decode(t, manifests)
	for key, value := range first.secret.Data {
		if string(upgraded.secret.Data[key]) != string(value) {
			t.Errorf("an upgrade changes %s", key)
		}
	}
	if policy := (meta.ObjectMeta)(upgraded.secret.ObjectMeta).Annotations["helm.sh/resource-policy"]; policy != "keep" {
		t.Errorf("the keys are deleted with the release: %q", policy)
	}
}
