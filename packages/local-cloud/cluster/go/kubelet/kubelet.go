// Package kubelet runs the containers of pods as processes of this machine. One kubelet stands for several nodes, so
// that rules about spreading and failure domains mean something.
//
// Not there: exec, attach and port-forward, resource limits, renewal of ConfigMap, Secret and token volumes,
// termination message files, time stamps in logs.
package kubelet

import (
	"context"
	"os"
	"slices"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/klog/v2"

	"all.in.one/cluster/controlplane"
	"all.in.one/cluster/network"
)

// Options say what the kubelet has to work with.
type Options struct {
	Nodes       []string          // their names are also those of their zones
	Region      string            // of all nodes
	Dir         string            // of the pods' volumes and logs
	Images      string            // REGISTRY/NAME/TAG/image.json
	PodEnv      map[string]string // of every container, unless its pod says otherwise
	APIPort     int
	Network     *network.Network
	Credentials *controlplane.Credentials
}

type kubelet struct {
	Options
	client kubernetes.Interface
	events record.EventRecorder

	mu   sync.Mutex
	pods map[types.UID]*pod
}

// Start registers the nodes and runs every pod that is bound to one of them.
func Start(ctx context.Context, client kubernetes.Interface, o Options) error {
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&typedv1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	k := &kubelet{
		Options: o, client: client, pods: map[types.UID]*pod{},
		events: broadcaster.NewRecorder(scheme.Scheme, v1.EventSource{Component: "kubelet"}),
	}
	port, err := k.serveLogs()
	if err != nil {
		return err
	}
	for _, node := range o.Nodes {
		if err := k.register(ctx, node, port); err != nil {
			return err
		}
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	_, err = factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) { k.seen(o.(*v1.Pod)) }, UpdateFunc: func(_, o any) { k.seen(o.(*v1.Pod)) }, DeleteFunc: k.gone,
	})
	factory.Start(ctx.Done())
	return err
}

func (k *kubelet) seen(object *v1.Pod) {
	if !slices.Contains(k.Nodes, object.Spec.NodeName) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.pods[object.UID]
	over := object.Status.Phase == v1.PodSucceeded || object.Status.Phase == v1.PodFailed
	if p == nil && !over {
		p = k.newPod(object)
		k.pods[object.UID] = p
		go p.run()
	}
	if p != nil {
		p.update(object)
	}
	if object.DeletionTimestamp == nil {
		return
	}
	if p == nil { // somebody else declared it over before it ran
		go k.confirmDeletion(object)
		return
	}
	p.end(time.Duration(*object.DeletionGracePeriodSeconds) * time.Second)
	go func() { <-p.done; k.confirmDeletion(object) }()
}

func (k *kubelet) confirmDeletion(o *v1.Pod) {
	now := int64(0)
	err := k.client.CoreV1().Pods(o.Namespace).Delete(context.Background(), o.Name,
		metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: metav1.NewUIDPreconditions(string(o.UID))})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		klog.ErrorS(err, "Pod stays", "pod", klog.KObj(o))
	}
}

// gone: the API has forgotten the pod, so whatever still runs of it ends at once.
func (k *kubelet) gone(o any) {
	if last, ok := o.(cache.DeletedFinalStateUnknown); ok {
		o = last.Obj
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.pods[o.(*v1.Pod).UID]
	if p == nil {
		return
	}
	delete(k.pods, p.uid)
	p.end(0)
	close(p.forgotten)
	go func() {
		<-p.done
		_ = os.RemoveAll(p.dir)
		k.Network.FreeAddress(p.ip)
	}()
}

// podNamed finds a pod, also one that is over.
func (k *kubelet) podNamed(namespace, name string) *pod {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.pods {
		if o := p.object(); o.Namespace == namespace && o.Name == name {
			return p
		}
	}
	return nil
}
