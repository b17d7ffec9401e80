// Package program is a Kubernetes cluster: etcd, API server, controller manager, scheduler and three small nodes whose
// containers are processes of this machine. It needs no container engine and no network beyond loopback, keeps
// everything in one folder, and leaves nothing running when it ends, however it ends.
//
// Once the cluster is usable it prints one line of JSON (see announcement) on standard output; its log goes to
// standard error.
package program

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"k8s.io/klog/v2"

	"all.in.one/cluster/addresses"
	"all.in.one/cluster/controlplane"
	"all.in.one/cluster/kubelet"
	"all.in.one/cluster/network"
	"all.in.one/cluster/sandbox"
	"all.in.one/cluster/storage"
)

type options struct {
	name, dir, images, podEnv string
	apiPort                   int
	untilStdinEnds            bool
}

// announcement is what whoever started the program needs to know of the cluster.
type announcement struct {
	APIPort        int    `json:"apiPort"`
	PodNetwork     string `json:"podNetwork"`
	ServiceNetwork string `json:"serviceNetwork"`
	LowPortOffset  int    `json:"lowPortOffset"` // see network.LowPortOffset
	Kubeconfig     string `json:"kubeconfig"`
}

// Main runs a cluster with the given control plane until it is stopped.
func Main(parts controlplane.Parts) {
	var o options
	flag.StringVar(&o.name, "name", "local", "name of the cluster; its nodes and zones are NAME-a, NAME-b, NAME-c")
	flag.StringVar(&o.dir, "dir", "", "empty folder for everything that the cluster keeps")
	flag.StringVar(&o.images, "images", "", "folder of images: REGISTRY/NAME/TAG/image.json")
	flag.StringVar(&o.podEnv, "pod-env", "", "file with a JSON object: environment of every container, unless its pod says otherwise")
	flag.IntVar(&o.apiPort, "api-port", 0, "port of the API on 127.0.0.1; 0 takes a free one")
	flag.BoolVar(&o.untilStdinEnds, "until-stdin-ends", false, "end when standard input does: with the program that started this one")
	flag.Parse()
	endTogether(o.untilStdinEnds)
	if err := run(context.Background(), o, parts); err != nil {
		klog.ErrorS(err, "The cluster cannot go on")
		klog.FlushAndExit(time.Second, 1)
	}
}

// endTogether ends this program on a signal or with its starter. There is nothing to wait for: the kernel ends each
// container, and a control plane outside this process, with the thread that started it, and what the folder holds dies
// with the cluster.
func endTogether(untilStdinEnds bool) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() { <-signals; os.Exit(0) }()
	if untilStdinEnds {
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); os.Exit(0) }()
	}
}

func run(ctx context.Context, o options, parts controlplane.Parts) error {
	began := time.Now()
	debug.SetGCPercent(200) // starting allocates much that stays; collecting it twice as often costs half a second
	dir, images, err := prepare(o)
	if err != nil {
		return err
	}
	if err := sandbox.Check(dir); err != nil {
		return err
	}
	podEnv, err := readPodEnv(o.podEnv)
	if err != nil {
		return err
	}
	pods, err := addresses.Claim()
	if err != nil {
		return err
	}
	services, err := addresses.Claim()
	if err != nil {
		return err
	}
	plane, err := controlplane.Start(ctx, parts, controlplane.Options{Dir: filepath.Join(dir, "control"), Port: o.apiPort, Services: services.CIDR()})
	if err != nil {
		return err
	}
	klog.InfoS("API answers", "after", time.Since(began).Round(time.Millisecond))
	if err := storage.Start(ctx, plane.Client, filepath.Join(dir, "volumes")); err != nil {
		return err
	}
	net, err := network.Start(ctx, plane.Client, network.Options{Dir: filepath.Join(dir, "hosts"), Pods: pods, API: plane.Address()})
	if err != nil {
		return err
	}
	err = kubelet.Start(ctx, plane.Client, kubelet.Options{
		Nodes: []string{o.name + "-a", o.name + "-b", o.name + "-c"}, Region: o.name,
		Dir: filepath.Join(dir, "pods"), Images: images, PodEnv: podEnv, APIPort: plane.Port, Network: net, Credentials: plane.Credentials,
	})
	if err != nil {
		return err
	}
	if err := plane.WaitUsable(ctx); err != nil {
		return err
	}
	klog.InfoS("Cluster usable", "after", time.Since(began).Round(time.Millisecond))
	if err := json.NewEncoder(os.Stdout).Encode(announcement{plane.Port, pods.CIDR(), services.CIDR(), net.LowPortOffset, plane.Kubeconfig}); err != nil {
		return err
	}
	return plane.Wait()
}

func prepare(o options) (dir, images string, err error) {
	if o.dir == "" || o.images == "" {
		return "", "", fmt.Errorf("-dir and -images must be given")
	}
	if dir, err = filepath.Abs(o.dir); err != nil {
		return "", "", err
	}
	if images, err = filepath.Abs(o.images); err != nil {
		return "", "", err
	}
	for _, part := range []string{"control", "volumes", "hosts", "pods"} {
		if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
			return "", "", err
		}
	}
	return dir, images, nil
}

func readPodEnv(path string) (map[string]string, error) {
	env := map[string]string{}
	if path == "" {
		return env, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &env); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return env, nil
}
