// Package controlplane sets up a control plane of Kubernetes: etcd, the API server, the controller manager and the scheduler.
package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	startLimit = time.Minute
	pollEvery  = 20 * time.Millisecond
)

// Options say where the control plane lives.
type Options struct {
	Dir      string // of its own
	Port     int    // of the API on 127.0.0.1; 0 takes a free one
	Services string // range of Service addresses
}

// Parts are the programs of a control plane, in whatever form this machine has them. Each ends with this process.
type Parts interface {
	// Etcd starts the API's database with its files in dir, and returns its address for the API server once it answers.
	Etcd(dir string) (address string, failed <-chan error, err error)
	// The others take the arguments of the official programs, and return when they end.
	APIServer(ctx context.Context, args []string) error
	ControllerManager(ctx context.Context, args []string) error
	Scheduler(ctx context.Context, args []string) error
}

// ControlPlane is a running one.
type ControlPlane struct {
	Port        int
	Kubeconfig  string // path of the administrator's
	Client      kubernetes.Interface
	Credentials *Credentials
	failed      chan error
}

// Start returns once the API answers. The other components go on starting: see WaitUsable.
func Start(ctx context.Context, parts Parts, o Options) (*ControlPlane, error) {
	credentials, err := newCredentials(o.Dir)
	if err != nil {
		return nil, err
	}
	etcd, etcdFailed, err := parts.Etcd(o.Dir)
	if err != nil {
		return nil, err
	}
	if o.Port == 0 {
		if o.Port, err = freePort(); err != nil {
			return nil, err
		}
	}
	p := &ControlPlane{Port: o.Port, Kubeconfig: filepath.Join(o.Dir, "kubeconfig"), Credentials: credentials, failed: make(chan error, 4)}
	if err := p.writeKubeconfig(); err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", p.Kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // no limit of its own: this is the only node
	if p.Client, err = kubernetes.NewForConfig(config); err != nil {
		return nil, err
	}
	p.run("etcd", func() error { return <-etcdFailed })
	p.run("API server", func() error { return parts.APIServer(ctx, p.apiServerArguments(etcd, o.Services)) })
	if err := p.waitFor(ctx, "the API", p.answers); err != nil {
		return nil, err
	}
	p.run("controller manager", func() error { return parts.ControllerManager(ctx, p.controllerManagerArguments()) })
	p.run("scheduler", func() error { return parts.Scheduler(ctx, p.schedulerArguments()) })
	return p, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Address is where the API listens.
func (p *ControlPlane) Address() string { return fmt.Sprintf("127.0.0.1:%d", p.Port) }

func (p *ControlPlane) writeKubeconfig() error {
	ca, err := os.ReadFile(p.Credentials.path("ca.crt"))
	if err != nil {
		return err
	}
	type object = map[string]any
	text, err := json.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": "local",
		"clusters": []object{{"name": "local", "cluster": object{"server": "https://" + p.Address(), "certificate-authority-data": ca}}},
		"users":    []object{{"name": "admin", "user": object{"token": p.Credentials.AdminToken}}},
		"contexts": []object{{"name": "local", "context": object{"cluster": "local", "user": "admin"}}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(p.Kubeconfig, text, 0o600)
}

func (p *ControlPlane) run(name string, f func() error) {
	go func() { p.failed <- fmt.Errorf("%s ended: %w", name, f()) }()
}

// Wait returns when a component fails.
func (p *ControlPlane) Wait() error { return <-p.failed }

func (p *ControlPlane) waitFor(ctx context.Context, what string, ready func(context.Context) error) error {
	end := time.After(startLimit)
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case failure := <-p.failed:
			return failure
		case <-end:
			return fmt.Errorf("%s is not ready after %v: %w", what, startLimit, err)
		case <-time.After(pollEvery):
		}
	}
}

func (p *ControlPlane) answers(ctx context.Context) error {
	_, err := p.Client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
	return err
}

// WaitUsable returns once pods can be created: the default service account, without which none can, is the last thing
// that appears.
func (p *ControlPlane) WaitUsable(ctx context.Context) error {
	return p.waitFor(ctx, "the default service account", func(ctx context.Context) error {
		_, err := p.Client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}
