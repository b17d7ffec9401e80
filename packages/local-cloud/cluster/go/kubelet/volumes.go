package kubelet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	authentication "k8s.io/api/authentication/v1"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiresource "k8s.io/kubernetes/pkg/api/v1/resource"
)

const defaultFileMode = 0o644

// prepareVolumes makes or finds the folder of each volume. It may be called again after an error.
func (p *pod) prepareVolumes() error {
	pod := p.object()
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return err
	}
	for _, v := range pod.Spec.Volumes {
		path, err := p.prepareVolume(pod, v)
		if err != nil {
			return fmt.Errorf("volume %q: %w", v.Name, err)
		}
		p.volumes[v.Name] = path
	}
	return nil
}

func (p *pod) prepareVolume(pod *v1.Pod, v v1.Volume) (string, error) {
	switch {
	case v.HostPath != nil:
		return v.HostPath.Path, nil
	case v.PersistentVolumeClaim != nil:
		return p.claimed(pod.Namespace, v.PersistentVolumeClaim.ClaimName)
	case v.Ephemeral != nil:
		return p.claimed(pod.Namespace, pod.Name+"-"+v.Name)
	}
	dir := filepath.Join(p.dir, "volumes", v.Name)
	if v.EmptyDir != nil {
		return dir, writableDir(dir)
	}
	sources, mode, ok := projections(v)
	if !ok {
		return "", fmt.Errorf("this kubelet does not have its kind")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, source := range sources {
		files, err := p.project(pod, source)
		if err != nil {
			return "", err
		}
		if err := writeFiles(dir, files, mode, pod.Spec.SecurityContext); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// claimed is the folder behind a claim, once it is bound.
func (p *pod) claimed(namespace, name string) (string, error) {
	core := p.client.CoreV1()
	claim, err := core.PersistentVolumeClaims(namespace).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	if claim.Status.Phase != v1.ClaimBound {
		return "", fmt.Errorf("claim %q is not bound", name)
	}
	volume, err := core.PersistentVolumes().Get(context.Background(), claim.Spec.VolumeName, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	if volume.Spec.HostPath == nil {
		return "", fmt.Errorf("persistent volume %q is no folder of this machine", volume.Name)
	}
	return volume.Spec.HostPath.Path, nil
}

// projections makes every volume of files a projected one.
func projections(v v1.Volume) (sources []v1.VolumeProjection, mode *int32, ok bool) {
	switch {
	case v.ConfigMap != nil:
		s := &v1.ConfigMapProjection{LocalObjectReference: v.ConfigMap.LocalObjectReference, Items: v.ConfigMap.Items, Optional: v.ConfigMap.Optional}
		return []v1.VolumeProjection{{ConfigMap: s}}, v.ConfigMap.DefaultMode, true
	case v.Secret != nil:
		s := &v1.SecretProjection{LocalObjectReference: v1.LocalObjectReference{Name: v.Secret.SecretName}, Items: v.Secret.Items, Optional: v.Secret.Optional}
		return []v1.VolumeProjection{{Secret: s}}, v.Secret.DefaultMode, true
	case v.DownwardAPI != nil:
		return []v1.VolumeProjection{{DownwardAPI: &v1.DownwardAPIProjection{Items: v.DownwardAPI.Items}}}, v.DownwardAPI.DefaultMode, true
	case v.Projected != nil:
		return v.Projected.Sources, v.Projected.DefaultMode, true
	}
	return nil, nil, false
}

// project gives the files of one source by their paths.
func (p *pod) project(pod *v1.Pod, source v1.VolumeProjection) (map[string][]byte, error) {
	switch {
	case source.ConfigMap != nil:
		all, err := p.configMap(source.ConfigMap.Name)
		return choose(all, err, source.ConfigMap.Items, source.ConfigMap.Optional)
	case source.Secret != nil:
		all, err := p.secret(source.Secret.Name)
		return choose(all, err, source.Secret.Items, source.Secret.Optional)
	case source.ServiceAccountToken != nil:
		token, err := p.token(pod, source.ServiceAccountToken)
		return map[string][]byte{source.ServiceAccountToken.Path: token}, err
	case source.DownwardAPI != nil:
		return p.downward(pod, source.DownwardAPI.Items)
	}
	return nil, fmt.Errorf("this kubelet does not have its kind of source")
}

func choose(all map[string][]byte, err error, items []v1.KeyToPath, optional *bool) (map[string][]byte, error) {
	if err != nil && isTrue(optional) {
		return nil, nil
	}
	if err != nil || len(items) == 0 {
		return all, err
	}
	chosen := map[string][]byte{}
	for _, item := range items {
		data, there := all[item.Key]
		if there {
			chosen[item.Path] = data
		} else if !isTrue(optional) {
			return nil, fmt.Errorf("references non-existent key: %s", item.Key)
		}
	}
	return chosen, nil
}

func (p *pod) token(pod *v1.Pod, s *v1.ServiceAccountTokenProjection) ([]byte, error) {
	request := &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{
		ExpirationSeconds: s.ExpirationSeconds,
		BoundObjectRef:    &authentication.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID},
	}}
	if s.Audience != "" {
		request.Spec.Audiences = []string{s.Audience}
	}
	accounts := p.client.CoreV1().ServiceAccounts(pod.Namespace)
	answer, err := accounts.CreateToken(context.Background(), pod.Spec.ServiceAccountName, request, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	return []byte(answer.Status.Token), nil
}

func (p *pod) downward(pod *v1.Pod, items []v1.DownwardAPIVolumeFile) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, item := range items {
		var value string
		var err error
		if item.FieldRef != nil {
			value, err = p.field(pod, item.FieldRef.FieldPath)
		} else {
			value, err = apiresource.ExtractResourceValueByContainerName(item.ResourceFieldRef, pod, item.ResourceFieldRef.ContainerName)
		}
		if err != nil {
			return nil, err
		}
		files[item.Path] = []byte(value)
	}
	return files, nil
}

// writeFiles gives the files to the pod's group, if it has one.
func writeFiles(dir string, files map[string][]byte, mode *int32, sc *v1.PodSecurityContext) error {
	bits := os.FileMode(defaultFileMode)
	if mode != nil {
		bits = os.FileMode(*mode)
	}
	group := -1
	if sc != nil && sc.FSGroup != nil && os.Geteuid() == 0 {
		group, bits = int(*sc.FSGroup), bits|0o440
	}
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
		if err := os.Chmod(path, bits); err != nil { // past the umask
			return err
		}
		if group < 0 {
			continue
		}
		if err := os.Chown(path, -1, group); err != nil {
			return err
		}
	}
	return nil
}
