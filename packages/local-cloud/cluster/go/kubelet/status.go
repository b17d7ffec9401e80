package kubelet

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
)

const retryReport = time.Second

func (p *pod) reportChanges() {
	for {
		select {
		case <-p.dirty:
			p.report()
		case <-p.done:
			return
		}
	}
}

// report tells the API what became of the pod, if that changed. A strategic merge leaves the conditions of others alone.
func (p *pod) report() {
	p.reporting.Lock()
	defer p.reporting.Unlock()
	p.mu.Lock()
	status, object := p.status(), p.obj
	p.mu.Unlock()
	body, err := p.patch(status)
	if err != nil || bytes.Equal(body, p.reported) {
		return
	}
	_, err = p.client.CoreV1().Pods(object.Namespace).Patch(context.Background(), object.Name, types.StrategicMergePatchType, body, metav1.PatchOptions{}, "status")
	if err == nil {
		p.reported = body
	} else if object.DeletionTimestamp == nil && !closed(p.forgotten) {
		klog.ErrorS(err, "Status of pod not reported", "pod", klog.KObj(object))
		time.AfterFunc(retryReport, p.report)
	}
}

func (p *pod) patch(status v1.PodStatus) ([]byte, error) {
	tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&status)
	if err != nil {
		return nil, err
	}
	for _, c := range tree["conditions"].([]any) {
		if c := c.(map[string]any); c["reason"] == nil {
			c["reason"] = nil // or the merge would keep the old one
		}
	}
	return json.Marshal(map[string]any{"metadata": map[string]any{"uid": p.uid}, "status": tree})
}

// status is derived from the containers alone; callers hold p.mu and p.reporting.
func (p *pod) status() v1.PodStatus {
	s := v1.PodStatus{
		Phase: v1.PodPending, ObservedGeneration: p.obj.Generation, StartTime: &p.started,
		HostIP: hostAddress, HostIPs: []v1.HostIP{{IP: hostAddress}}, PodIP: p.ip, PodIPs: []v1.PodIP{{IP: p.ip}},
	}
	over, ready, failed := true, true, false
	for _, c := range p.init {
		s.InitContainerStatuses = append(s.InitContainerStatuses, c.status())
		failed = failed || c.over && !c.sidecar && c.code != 0
		over = over && (c.over || !c.sidecar)
	}
	for _, c := range p.main {
		s.ContainerStatuses = append(s.ContainerStatuses, c.status())
		if c.state.Waiting == nil || c.last.Terminated != nil {
			s.Phase = v1.PodRunning
		}
		over, ready, failed = over && c.over, ready && c.ready, failed || c.over && c.code != 0
	}
	pastDeadline := p.ending && p.obj.DeletionTimestamp == nil && !over
	why := ""
	switch {
	case pastDeadline, failed && (over || !p.initDone), p.ending && !over && !p.running():
		s.Phase, why = v1.PodFailed, "PodFailed"
	case over:
		s.Phase, why = v1.PodSucceeded, "PodCompleted"
	case !ready:
		why = "ContainersNotReady"
	}
	if pastDeadline {
		s.Reason = "DeadlineExceeded"
	}
	p.setConditions(&s, ready, why)
	return s
}

func (p *pod) setConditions(s *v1.PodStatus, ready bool, why string) {
	alive := s.Phase != v1.PodFailed && s.Phase != v1.PodSucceeded
	for _, now := range []struct {
		kind v1.PodConditionType
		ok   bool
	}{
		{v1.PodReadyToStartContainers, alive}, {v1.PodInitialized, p.initDone},
		{v1.ContainersReady, ready}, {v1.PodReady, ready && p.gatesOpen()},
	} {
		c := v1.PodCondition{Type: now.kind, Status: v1.ConditionFalse, Reason: why, LastTransitionTime: metav1.Now(), ObservedGeneration: p.obj.Generation}
		if now.ok {
			c.Status, c.Reason = v1.ConditionTrue, ""
		}
		if old, had := p.conditions[now.kind]; had && old.Status == c.Status {
			c.LastTransitionTime = old.LastTransitionTime
		}
		p.conditions[now.kind] = c
		s.Conditions = append(s.Conditions, c)
	}
}

// gatesOpen: conditions that others set for this pod.
func (p *pod) gatesOpen() bool {
	for _, gate := range p.obj.Spec.ReadinessGates {
		open := false
		for _, c := range p.obj.Status.Conditions {
			open = open || c.Type == gate.ConditionType && c.Status == v1.ConditionTrue
		}
		if !open {
			return false
		}
	}
	return true
}

func (p *pod) running() bool {
	for _, c := range p.main {
		if c.state.Running != nil {
			return true
		}
	}
	return false
}
