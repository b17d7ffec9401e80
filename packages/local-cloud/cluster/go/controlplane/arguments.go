package controlplane

import (
	"fmt"
	"strings"
)

// controllers are those that a cluster of local nodes needs. Left out: everything for nodes that come and go, cloud
// providers, certificates, bootstrap tokens, attachable volumes, dynamic resources and autoscaling (there are no metrics).
var controllers = []string{
	"namespace-controller", "serviceaccount-controller", "serviceaccount-token-controller",
	"root-ca-certificate-publisher-controller", "clusterrole-aggregation-controller",
	"garbage-collector-controller", "resourcequota-controller", "pod-garbage-collector-controller",
	"deployment-controller", "replicaset-controller", "statefulset-controller", "daemonset-controller",
	"job-controller", "cronjob-controller", "ttl-after-finished-controller", "disruption-controller",
	"endpointslice-controller", "endpoints-controller", "service-cidr-controller",
	"persistentvolume-binder-controller", "persistentvolumeclaim-protection-controller",
	"persistentvolume-protection-controller", "ephemeral-volume-controller",
	"validatingadmissionpolicy-status-controller",
}

// unserved are API groups without which the cluster starts a little sooner and nobody misses anything: what would act
// on their objects does not run here.
var unserved = []string{"flowcontrol.apiserver.k8s.io/v1", "certificates.k8s.io/v1"}

func (p *ControlPlane) apiServerArguments(etcd, services string) []string {
	c := p.Credentials
	arguments := []string{
		"--etcd-servers=" + etcd, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", p.Port),
		"--tls-cert-file=" + c.path("api-server.crt"), "--tls-private-key-file=" + c.path("api-server.key"),
		"--kubelet-certificate-authority=" + c.path("ca.crt"), "--kubelet-preferred-address-types=InternalIP",
		"--kubelet-client-certificate=" + c.path("api-server-to-kubelet.crt"), "--kubelet-client-key=" + c.path("api-server-to-kubelet.key"),
		"--token-auth-file=" + c.path("tokens.csv"), "--authorization-mode=RBAC", "--anonymous-auth=false",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + c.path("service-accounts.crt"), "--service-account-signing-key-file=" + c.path("service-accounts.key"),
		"--service-cluster-ip-range=" + services, "--endpoint-reconciler-type=none",
		"--enable-priority-and-fairness=false", "--profiling=false",
	}
	for _, group := range unserved {
		arguments = append(arguments, "--runtime-config="+group+"=false")
	}
	return arguments
}

func (p *ControlPlane) controllerManagerArguments() []string {
	c := p.Credentials
	return append(p.clientArguments(),
		"--root-ca-file="+c.path("ca.crt"), "--service-account-private-key-file="+c.path("service-accounts.key"),
		"--controllers="+strings.Join(controllers, ","),
	)
}

func (p *ControlPlane) schedulerArguments() []string { return p.clientArguments() }

func (p *ControlPlane) clientArguments() []string {
	return []string{
		"--kubeconfig=" + p.Kubeconfig, "--leader-elect=false", "--secure-port=0", "--kube-api-qps=500", "--kube-api-burst=1000",
	}
}
