package k8stest

import (
	"cmp"
	"os"
	"regexp"
	"strings"
	"testing"
)

// playbook runs one of Ansible's, and returns what it printed.
func (c *cluster) playbook(t *testing.T, name string, options ...string) string {
	t.Helper()
	t.Setenv("ANSIBLE_CONFIG", "../ansible/ansible.cfg")
	t.Setenv("ANSIBLE_NOCOLOR", "1")

	image := cmp.Or(os.Getenv("K8S_TEST_IMAGE"), "rollcall:dev")
	colon := strings.LastIndexByte(image, ':') // a registry may have a port

	if colon < 0 {
		t.Fatalf("the image %q has no tag", image)
	}

	args := []string{"../ansible/" + name}

	for _, variable := range []string{
		"kube_context=" + c.context,
		"messaging_namespace=" + messaging, "rollcall_namespace=" + services,
		"rollcall_image=" + image[:colon], "rollcall_image_tag=" + image[colon+1:],
	} {
		args = append(args, "--extra-vars", variable)
	}

	if c.vars != "" {
		args = append(args, "--extra-vars", "@"+c.vars)
	}

	return run(t, "ansible-playbook", append(args, options...)...)
}

// unchanged is how Ansible's last line begins when all was well and as it is to be.
var unchanged = regexp.MustCompile(`ok=[1-9]\d* +changed=0 +unreachable=0 +failed=0 `)

func requireUnchanged(t *testing.T, printed string) {
	t.Helper()

	if !unchanged.MatchString(printed) {
		t.Errorf("something was changed, or nothing done:\n%s", printed)
	}
}

func (c *cluster) installs(t *testing.T) {
	t.Helper()

	t.Log(c.playbook(t, "local-dev.yaml"))
	requireUnchanged(t, c.playbook(t, "local-dev.yaml"))
	requireUnchanged(t, c.playbook(t, "local-dev.yaml", "--check"))

	for _, deployment := range []string{gateway, subscriber} {
		c.awaitRollout(t, services, "deployment/"+deployment)
	}
}

// goes takes all away but the volumes, which are somebody's data.
func (c *cluster) goes(t *testing.T) {
	t.Helper()

	t.Log(c.playbook(t, "uninstall.yaml"))
	requireUnchanged(t, c.playbook(t, "uninstall.yaml"))

	for _, namespace := range []string{services, messaging} {
		c.kubectl(t, "--namespace", namespace, "wait", "--for=delete", "pod", "--all", "--timeout", rollout.String())
	}

	if volumes := c.kubectl(t, "--namespace", messaging, "get", "pvc", "--output", "name"); strings.Count(volumes, "\n") != 3 {
		t.Errorf("of three volumes there are left:\n%s", volumes)
	}

	c.kubectl(t, "delete", "namespace", services, messaging, "--timeout", rollout.String())
}
