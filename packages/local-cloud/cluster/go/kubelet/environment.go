package kubelet

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiresource "k8s.io/kubernetes/pkg/api/v1/resource"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/kubernetes/pkg/kubelet/envvars"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"

	"all.in.one/cluster/addresses"
)

// environment of a container; what comes later counts.
func (c *container) environment(pod *v1.Pod, ofImage []string) (map[string]string, error) {
	env := map[string]string{
		"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "HOSTNAME": pod.Name,
		// programs that listen on all addresses must listen on this one: all pods share the machine's
		"LOCAL_POD_IP": addresses.OnMachine(c.ip),
	}
	if offset := c.Network.LowPortOffset; offset != 0 { // what callers of a Service's port below 1024 must add
		env["LOCAL_LOW_PORT_OFFSET"] = strconv.Itoa(offset)
	}
	for _, e := range ofImage {
		name, value, _ := strings.Cut(e, "=")
		env[name] = value
	}
	maps.Copy(env, c.PodEnv)
	if links := pod.Spec.EnableServiceLinks; links == nil || *links {
		c.addServiceLinks(pod.Namespace, env)
	}
	port := strconv.Itoa(c.APIPort) // not the Service's: the lower ports of a machine may be out of reach
	env["KUBERNETES_SERVICE_HOST"], env["KUBERNETES_SERVICE_PORT"], env["KUBERNETES_SERVICE_PORT_HTTPS"] = hostAddress, port, port
	for _, source := range c.spec.EnvFrom {
		if err := c.addSource(source, env); err != nil {
			return nil, err
		}
	}
	for _, e := range c.spec.Env {
		value, there, err := c.value(pod, e, env)
		if err != nil {
			return nil, err
		}
		if there {
			env[e.Name] = value
		}
	}
	return env, nil
}

func (c *container) addServiceLinks(namespace string, env map[string]string) {
	services := c.Network.Services(namespace)
	for i := range services {
		services[i] = services[i].DeepCopy()
		services[i].Spec.ClusterIP = addresses.OnMachine(services[i].Spec.ClusterIP)
		for j, port := range services[i].Spec.Ports {
			services[i].Spec.Ports[j].Port = c.Network.PortOnMachine(port.Port)
		}
	}
	for _, e := range envvars.FromServices(services) {
		env[e.Name] = e.Value
	}
}

func (c *container) addSource(source v1.EnvFromSource, env map[string]string) error {
	var all map[string][]byte
	var err error
	var optional *bool
	switch {
	case source.ConfigMapRef != nil:
		all, err = c.configMap(source.ConfigMapRef.Name)
		optional = source.ConfigMapRef.Optional
	case source.SecretRef != nil:
		all, err = c.secret(source.SecretRef.Name)
		optional = source.SecretRef.Optional
	}
	if err != nil && !isTrue(optional) {
		return err
	}
	for name, value := range all {
		env[source.Prefix+name] = string(value)
	}
	return nil
}

// value of one variable; false: it is optional and not there.
func (c *container) value(pod *v1.Pod, e v1.EnvVar, env map[string]string) (string, bool, error) {
	from := e.ValueFrom
	switch {
	case from == nil:
		return expansion.Expand(e.Value, expansion.MappingFuncFor(env)), true, nil
	case from.FieldRef != nil:
		value, err := c.field(pod, from.FieldRef.FieldPath)
		return value, true, err
	case from.ResourceFieldRef != nil:
		value, err := apiresource.ExtractResourceValueByContainerName(from.ResourceFieldRef, pod, c.spec.Name)
		return value, true, err
	case from.ConfigMapKeyRef != nil:
		all, err := c.configMap(from.ConfigMapKeyRef.Name)
		return pick(all, err, from.ConfigMapKeyRef.Key, from.ConfigMapKeyRef.Optional)
	case from.SecretKeyRef != nil:
		all, err := c.secret(from.SecretKeyRef.Name)
		return pick(all, err, from.SecretKeyRef.Key, from.SecretKeyRef.Optional)
	}
	return "", false, fmt.Errorf("variable %s: this kubelet does not have its kind of source", e.Name)
}

func pick(all map[string][]byte, err error, key string, optional *bool) (string, bool, error) {
	value, there := all[key]
	if err == nil && !there {
		err = fmt.Errorf("couldn't find key %s", key)
	}
	if err != nil && isTrue(optional) {
		err = nil
	}
	return string(value), there, err
}

func isTrue(b *bool) bool { return b != nil && *b }

// field is what the downward API says of the pod.
func (p *pod) field(pod *v1.Pod, path string) (string, error) {
	switch path {
	case "spec.nodeName":
		return pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, nil
	case "status.hostIP", "status.hostIPs":
		return hostAddress, nil
	case "status.podIP", "status.podIPs": // the one that programs can listen on and dial
		return addresses.OnMachine(p.ip), nil
	}
	return fieldpath.ExtractFieldPathAsString(pod, path)
}

func (p *pod) configMap(name string) (map[string][]byte, error) {
	o, err := p.client.CoreV1().ConfigMaps(p.object().Namespace).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	all := maps.Clone(o.BinaryData)
	if all == nil {
		all = map[string][]byte{}
	}
	for key, value := range o.Data {
		all[key] = []byte(value)
	}
	return all, nil
}

func (p *pod) secret(name string) (map[string][]byte, error) {
	o, err := p.client.CoreV1().Secrets(p.object().Namespace).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return o.Data, nil
}
