package kubelet

import (
	"path/filepath"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const retryVolumes = 100 * time.Millisecond

// pod is one pod on this machine, from its binding to its end.
type pod struct {
	*kubelet
	uid        types.UID
	dir, ip    string
	volumes    map[string]string // paths by volume name
	init, main []*container
	started    metav1.Time

	stop      chan struct{} // the end was asked for
	forgotten chan struct{} // the API has no such pod any more
	mainOver  chan struct{} // the main containers are over, so sidecars may stop
	done      chan struct{} // everything is over
	dirty     chan struct{} // the status changed

	mu       sync.Mutex // guards what follows and the containers' mutable fields
	obj      *v1.Pod
	ending   bool
	grace    time.Duration
	initDone bool

	reporting  sync.Mutex // guards what follows
	conditions map[v1.PodConditionType]v1.PodCondition
	reported   []byte
}

func (k *kubelet) newPod(o *v1.Pod) *pod {
	p := &pod{
		kubelet: k, uid: o.UID, obj: o, dir: filepath.Join(k.Dir, string(o.UID)), ip: k.Network.TakeAddress(),
		volumes: map[string]string{}, started: metav1.Now(),
		stop: make(chan struct{}), forgotten: make(chan struct{}), mainOver: make(chan struct{}),
		done: make(chan struct{}), dirty: make(chan struct{}, 1), conditions: map[v1.PodConditionType]v1.PodCondition{},
	}
	for _, spec := range o.Spec.InitContainers {
		c := newContainer(p, spec, o.Spec.RestartPolicy)
		c.sidecar = spec.RestartPolicy != nil && *spec.RestartPolicy == v1.ContainerRestartPolicyAlways
		if c.sidecar {
			c.policy, c.stop = v1.RestartPolicyAlways, p.mainOver
		} else if c.policy == v1.RestartPolicyAlways {
			c.policy = v1.RestartPolicyOnFailure
		}
		p.init = append(p.init, c)
	}
	for _, spec := range o.Spec.Containers {
		c := newContainer(p, spec, o.Spec.RestartPolicy)
		c.isMain = true
		p.main = append(p.main, c)
	}
	return p
}

func (p *pod) object() *v1.Pod {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.obj
}

func (p *pod) update(o *v1.Pod) {
	p.mu.Lock()
	p.obj = o
	p.mu.Unlock()
	p.poke()
}

func (p *pod) poke() {
	select {
	case p.dirty <- struct{}{}:
	default:
	}
}

// end asks every container to end within the grace; the first call counts.
func (p *pod) end(grace time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ending {
		p.ending, p.grace = true, grace
		close(p.stop)
	}
}

func (p *pod) ownGrace() time.Duration {
	return time.Duration(*p.obj.Spec.TerminationGracePeriodSeconds) * time.Second
}

func (p *pod) run() {
	go p.reportChanges()
	p.poke()
	if seconds := p.obj.Spec.ActiveDeadlineSeconds; seconds != nil {
		deadline := time.AfterFunc(time.Duration(*seconds)*time.Second, func() { p.end(p.ownGrace()) })
		defer deadline.Stop()
	}
	p.runContainers()
	p.mu.Lock()
	p.ending = true // nothing starts from now on
	p.mu.Unlock()
	p.report()
	close(p.done)
}

// runContainers returns when all containers are over for good.
func (p *pod) runContainers() {
	var mains, sidecars sync.WaitGroup
	defer sidecars.Wait()
	defer close(p.mainOver)
	defer mains.Wait()
	if !p.mountVolumes() {
		return
	}
	for _, c := range p.init {
		if !c.sidecar {
			if !c.loop() {
				return
			}
			continue
		}
		sidecars.Go(func() { c.loop() })
		select {
		case <-c.up:
		case <-p.stop:
			return
		}
	}
	p.mu.Lock()
	p.initDone = true
	p.mu.Unlock()
	for _, c := range p.main {
		mains.Go(func() { c.loop() })
	}
}

// mountVolumes tries until it succeeds: what is missing may yet come. False: the pod ends before.
func (p *pod) mountVolumes() bool {
	last := ""
	for {
		err := p.prepareVolumes()
		if err == nil {
			return true
		}
		if err.Error() != last {
			last = err.Error()
			p.events.Event(p.object(), v1.EventTypeWarning, "FailedMount", last)
		}
		if !sleep(retryVolumes, p.stop) {
			return false
		}
	}
}

// sleep returns false if it was cut short.
func sleep(d time.Duration, stop <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-stop:
		return false
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
