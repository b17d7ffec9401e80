package network

import (
	"context"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
)

// balance gives a Service of type LoadBalancer its own address as that of its load balancer: whoever is on this
// machine can reach it.
func (n *Network) balance(ctx context.Context, s *v1.Service) {
	var wanted []v1.LoadBalancerIngress
	if s.Spec.Type == v1.ServiceTypeLoadBalancer && s.Spec.ClusterIP != "" {
		wanted = []v1.LoadBalancerIngress{{IP: s.Spec.ClusterIP}}
	}
	have := s.Status.LoadBalancer.Ingress
	if len(have) == len(wanted) && (len(have) == 0 || have[0].IP == wanted[0].IP) {
		return
	}
	s = s.DeepCopy()
	s.Status.LoadBalancer.Ingress = wanted
	// a conflict means that the Service changed, which brings us here again
	if _, err := n.client.CoreV1().Services(s.Namespace).UpdateStatus(ctx, s, metav1.UpdateOptions{}); err != nil {
		klog.V(1).ErrorS(err, "Load balancer waits", "service", klog.KObj(s))
	}
}
