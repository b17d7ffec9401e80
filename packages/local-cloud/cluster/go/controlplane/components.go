package controlplane

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	cliflag "k8s.io/component-base/cli/flag"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	apiserveroptions "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	manageroptions "k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	scheduleroptions "k8s.io/kubernetes/cmd/kube-scheduler/app/options"
)

// The components run from their options, not from their commands: those would each install signal handlers and set up
// logging, and panic at the second of it in one process.

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

func parse(sets cliflag.NamedFlagSets, name string, args []string) error {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	for _, set := range sets.FlagSets {
		flags.AddFlagSet(set)
	}
	return flags.Parse(args)
}

func runAPIServer(ctx context.Context, c *Credentials, etcd string, port int, services string) error {
	args := []string{
		"--etcd-servers=" + etcd, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", port),
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
		args = append(args, "--runtime-config="+group+"=false")
	}
	options := apiserveroptions.NewServerRunOptions()
	if err := parse(options.Flags(), "kube-apiserver", args); err != nil {
		return err
	}
	if err := options.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	completed, err := options.Complete(ctx)
	if err != nil {
		return err
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return utilerrors.NewAggregate(errs)
	}
	return apiserver.Run(ctx, completed)
}

func runControllerManager(ctx context.Context, c *Credentials, kubeconfig string) error {
	options, err := manageroptions.NewKubeControllerManagerOptions()
	if err != nil {
		return err
	}
	sets := options.Flags(manager.KnownControllers(), manager.ControllersDisabledByDefault(), manager.ControllerAliases())
	err = parse(sets, "kube-controller-manager", []string{
		"--kubeconfig=" + kubeconfig, "--leader-elect=false", "--secure-port=0", "--kube-api-qps=500", "--kube-api-burst=1000",
		"--root-ca-file=" + c.path("ca.crt"), "--service-account-private-key-file=" + c.path("service-accounts.key"),
		"--controllers=" + strings.Join(controllers, ","),
	})
	if err != nil {
		return err
	}
	options.ParsedFlags = &sets
	config, err := options.Config(ctx, manager.KnownControllers(), manager.ControllersDisabledByDefault(), manager.ControllerAliases())
	if err != nil {
		return err
	}
	return manager.Run(ctx, config.Complete())
}

func runScheduler(ctx context.Context, kubeconfig string) error {
	options := scheduleroptions.NewOptions()
	err := parse(*options.Flags, "kube-scheduler", []string{
		"--kubeconfig=" + kubeconfig, "--leader-elect=false", "--secure-port=0", "--kube-api-qps=500", "--kube-api-burst=1000",
	})
	if err != nil {
		return err
	}
	config, instance, err := scheduler.Setup(ctx, options)
	if err != nil {
		return err
	}
	return scheduler.Run(ctx, config, instance)
}
