// Package network does the work of kube-proxy, of the cluster's DNS and of a load balancer: a user-space TCP proxy on
// every Service address, a hosts file for each namespace, and load-balancer addresses that are Service addresses.
//
// Not there: UDP, node ports (clusters of one machine would fight over them), session affinity, network policies.
package network

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	"all.in.one/cluster/addresses"
)

const (
	gatherBursts = 20 * time.Millisecond
	firstFree    = 1024 // the first port that everybody may listen on, as machines come
	offset       = 8000
)

// Options say what the network has to work with.
type Options struct {
	Dir  string           // of the hosts files
	Pods *addresses.Range // that pods get their addresses from
	API  string           // address of the API server
}

// Network is a running one.
type Network struct {
	Options
	// LowPortOffset is what the machine's port of a Service is above the API's, for ports below 1024: 0, unless those
	// are out of our reach.
	LowPortOffset int
	client        kubernetes.Interface
	services      corelisters.ServiceLister
	endpoints     discoverylisters.EndpointSliceLister
	changed       chan struct{}

	mu      sync.Mutex
	next    int
	taken   map[string]bool
	proxies map[string]*proxy // by the address they listen on
	hosts   map[string][]byte // content of the hosts file of each namespace that has one
}

// Start returns once every present Service is served.
func Start(ctx context.Context, client kubernetes.Interface, o Options) (*Network, error) {
	factory := informers.NewSharedInformerFactory(client, 0)
	services, endpoints := factory.Core().V1().Services(), factory.Discovery().V1().EndpointSlices()
	n := &Network{
		Options: o, client: client, services: services.Lister(), endpoints: endpoints.Lister(), changed: make(chan struct{}, 1),
		taken: map[string]bool{}, proxies: map[string]*proxy{}, hosts: map[string][]byte{},
	}
	if listener, err := net.Listen("tcp", addresses.OnMachine(o.Pods.Address(0))+":80"); err == nil {
		_ = listener.Close()
	} else if errors.Is(err, syscall.EACCES) {
		n.LowPortOffset = offset
	}
	poke := cache.ResourceEventHandlerFuncs{AddFunc: func(any) { n.poke() }, UpdateFunc: func(_, _ any) { n.poke() }, DeleteFunc: func(any) { n.poke() }}
	for _, informer := range []cache.SharedIndexInformer{services.Informer(), endpoints.Informer()} {
		if _, err := informer.AddEventHandler(poke); err != nil {
			return nil, err
		}
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	go func() {
		for range n.changed {
			n.sync(ctx)
			time.Sleep(gatherBursts)
		}
	}()
	return n, nil
}

func (n *Network) poke() {
	select {
	case n.changed <- struct{}{}:
	default:
	}
}

// TakeAddress gives a pod an address that no other pod has; addresses come round again as late as possible, since
// somebody may still dial the last owner.
func (n *Network) TakeAddress() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		ip := n.Pods.Address(n.next)
		n.next = (n.next + 1) % addresses.Size
		if !n.taken[ip] {
			n.taken[ip] = true
			return ip
		}
	}
}

// FreeAddress takes a pod's address back.
func (n *Network) FreeAddress(ip string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.taken, ip)
}

// PortOnMachine is where a port of a Service is found on this machine.
func (n *Network) PortOnMachine(port int32) int32 {
	if port < firstFree {
		return port + int32(n.LowPortOffset)
	}
	return port
}

// Services are those of a namespace.
func (n *Network) Services(namespace string) []*v1.Service {
	services, _ := n.services.Services(namespace).List(labels.Everything()) // a lister of a cache cannot fail
	return services
}

// HostsFile is the path of a file that gives the namespace's pods the names of all Services, and keeps doing so.
func (n *Network) HostsFile(namespace string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, there := n.hosts[namespace]; !there {
		n.writeHosts(namespace, n.names())
	}
	return n.hostsPath(namespace)
}

// sync brings proxies, hosts files and load balancers in line with Services and endpoints.
func (n *Network) sync(ctx context.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.syncProxies()
	names := n.names()
	for namespace := range n.hosts {
		n.writeHosts(namespace, names)
	}
	for _, service := range n.all() {
		n.balance(ctx, service)
	}
}

func (n *Network) all() []*v1.Service {
	services := n.Services(v1.NamespaceAll)
	slices.SortFunc(services, func(a, b *v1.Service) int { return cmp.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name) })
	return services
}

func (n *Network) endpointsOf(s *v1.Service) []*discovery.EndpointSlice {
	found, _ := n.endpoints.EndpointSlices(s.Namespace).List(labels.SelectorFromSet(labels.Set{discovery.LabelServiceName: s.Name}))
	return found
}

func ready(e discovery.Endpoint) bool { return e.Conditions.Ready == nil || *e.Conditions.Ready }

type hostName struct{ ip, namespace, name string }

// names are all that the cluster's DNS would know: Services by their address, headless ones by their pods'.
func (n *Network) names() (names []hostName) {
	for _, s := range n.all() {
		headless := s.Spec.ClusterIP == v1.ClusterIPNone
		if !headless && s.Spec.ClusterIP != "" {
			names = append(names, hostName{addresses.OnMachine(s.Spec.ClusterIP), s.Namespace, s.Name})
		}
		for _, slice := range n.endpointsOf(s) {
			for _, e := range slice.Endpoints {
				ip := addresses.OnMachine(e.Addresses[0])
				if e.Hostname != nil {
					names = append(names, hostName{ip, s.Namespace, *e.Hostname + "." + s.Name})
				}
				if headless && ready(e) {
					names = append(names, hostName{ip, s.Namespace, s.Name})
				}
			}
		}
	}
	return names
}

func (n *Network) hostsPath(namespace string) string { return filepath.Join(n.Dir, namespace) }

// writeHosts writes in place: the file is bound into containers, which would keep the old one after a rename.
func (n *Network) writeHosts(namespace string, names []hostName) {
	text := []byte("127.0.0.1 localhost\n")
	for _, h := range names {
		full := h.name + "." + h.namespace
		text = fmt.Appendf(text, "%s %s %s.svc %s.svc.cluster.local", h.ip, full, full, full)
		if h.namespace == namespace {
			text = fmt.Appendf(text, " %s", h.name)
		}
		text = append(text, '\n')
	}
	if old, there := n.hosts[namespace]; there && bytes.Equal(old, text) {
		return
	}
	f, err := os.OpenFile(n.hostsPath(namespace), os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		klog.ErrorS(err, "No names for namespace", "namespace", namespace)
		return
	}
	defer f.Close()
	_, _ = f.Write(text)
	_ = f.Truncate(int64(len(text)))
	n.hosts[namespace] = text
}

func (n *Network) syncProxies() {
	wanted := map[string][]string{}
	for _, s := range n.all() {
		if s.Spec.ClusterIP == v1.ClusterIPNone || s.Spec.ClusterIP == "" {
			continue
		}
		for _, port := range s.Spec.Ports {
			to := backends(n.endpointsOf(s), port.Name)
			if s.Namespace == v1.NamespaceDefault && s.Name == "kubernetes" {
				to = []string{n.API}
			}
			// without endpoints nobody listens, and callers are refused, as kube-proxy would have it
			if port.Protocol == v1.ProtocolTCP && len(to) > 0 {
				wanted[net.JoinHostPort(addresses.OnMachine(s.Spec.ClusterIP), strconv.Itoa(int(n.PortOnMachine(port.Port))))] = to
			}
		}
	}
	for address, p := range n.proxies {
		if wanted[address] == nil {
			p.close()
			delete(n.proxies, address)
		}
	}
	for address, to := range wanted {
		if p := n.proxies[address]; p != nil {
			p.setBackends(to)
		} else if p, err := startProxy(address, to); err != nil {
			klog.ErrorS(err, "Service cannot be reached", "address", address)
		} else {
			n.proxies[address] = p
		}
	}
}

func backends(all []*discovery.EndpointSlice, port string) (to []string) {
	for _, slice := range all {
		for _, p := range slice.Ports {
			if p.Name == nil || *p.Name != port || p.Port == nil {
				continue
			}
			for _, e := range slice.Endpoints {
				if ready(e) {
					to = append(to, net.JoinHostPort(addresses.OnMachine(e.Addresses[0]), strconv.Itoa(int(*p.Port))))
				}
			}
		}
	}
	return to
}
