package k8stest

import (
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// kinds are Kubernetes' own, as its API describes them.
var kinds = map[string]func() any{
	"v1/Secret":                              func() any { return new(corev1.Secret) },
	"v1/Service":                             func() any { return new(corev1.Service) },
	"v1/ServiceAccount":                      func() any { return new(corev1.ServiceAccount) },
	"apps/v1/Deployment":                     func() any { return new(appsv1.Deployment) },
	"autoscaling/v2/HorizontalPodAutoscaler": func() any { return new(autoscalingv2.HorizontalPodAutoscaler) },
	"networking.k8s.io/v1/Ingress":           func() any { return new(networkingv1.Ingress) },
	"networking.k8s.io/v1/NetworkPolicy":     func() any { return new(networkingv1.NetworkPolicy) },
	"policy/v1/PodDisruptionBudget":          func() any { return new(policyv1.PodDisruptionBudget) },
}

// objects are the documents of a rendered chart, each read strictly: a field that
// Kubernetes does not know is an error, as is one of the wrong type.
func objects(t *testing.T, rendered string) []any {
	t.Helper()

	var all []any

	for document := range strings.SplitSeq(rendered, "\n---\n") {
		meta := kindOf(t, document)

		kind := fmt.Sprintf("%s/%s", meta.APIVersion, meta.Kind)
		if definitions[meta.Kind] != "" || meta.Kind == "" {
			continue // the API server of TestCluster checks it
		}

		if kinds[kind] == nil {
			t.Fatalf("a %s was not expected in\n%s", kind, document)
		}

		object := kinds[kind]()
		if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
			t.Errorf("%s: %v in\n%s", kind, err, document)
		}

		all = append(all, object)
	}

	return all
}

// kindOf is empty for a document that has only comments.
func kindOf(t *testing.T, document string) (meta metav1.TypeMeta) {
	t.Helper()

	if err := yaml.Unmarshal([]byte(document), &meta); err != nil {
		t.Fatalf("%v in\n%s", err, document)
	}

	return meta
}

func TestObjectsAreAsKubernetesHasThem(t *testing.T) {
	for _, values := range chartCases(t) {
		t.Run(values.name, func(t *testing.T) {
			if found := objects(t, mustRender(t, values.options...)); len(found) < 6 {
				t.Errorf("only %d objects", len(found))
			}
		})
	}
}

// TestPodsAreHardened holds the pods to what the restricted Pod Security Standard asks,
// and to a file system that is not written to.
func TestPodsAreHardened(t *testing.T) {
	deployments := 0

	for _, object := range objects(t, mustRender(t)) {
		deployment, is := object.(*appsv1.Deployment)
		if !is {
			continue
		}

		deployments++
		pod := deployment.Spec.Template.Spec

		if c := pod.SecurityContext; !*c.RunAsNonRoot || c.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s: the pod's security context is %v", deployment.Name, c)
		}

		if *pod.AutomountServiceAccountToken {
			t.Errorf("%s: the pods have a token", deployment.Name)
		}

		for _, container := range pod.Containers {
			c := container.SecurityContext
			if *c.AllowPrivilegeEscalation || !*c.ReadOnlyRootFilesystem || len(c.Capabilities.Drop) != 1 || c.Capabilities.Drop[0] != "ALL" {
				t.Errorf("%s: the container's security context is %v", deployment.Name, c)
			}

			if container.Resources.Limits.Memory().IsZero() || container.Resources.Requests.Cpu().IsZero() {
				t.Errorf("%s: the container's resources are %v", deployment.Name, container.Resources)
			}
		}
	}

	if deployments != 2 {
		t.Errorf("%d Deployments, not 2", deployments)
	}
}
