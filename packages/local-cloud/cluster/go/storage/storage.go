// Package storage gives every volume claim a folder. The persistentvolume-binder controller does the rest.
package storage

import (
	"context"
	"os"
	"path/filepath"

	v1 "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

const (
	provisioner   = "local/folder"
	provisionedBy = "pv.kubernetes.io/provisioned-by"
	requestedOf   = "volume.kubernetes.io/storage-provisioner"
	defaultClass  = "storageclass.kubernetes.io/is-default-class"
)

type folders struct {
	ctx    context.Context
	client kubernetes.Interface
	dir    string
}

// Start makes the default StorageClass "standard" and serves its claims with folders below dir.
func Start(ctx context.Context, client kubernetes.Interface, dir string) error {
	reclaim, mode := v1.PersistentVolumeReclaimDelete, storage.VolumeBindingImmediate
	_, err := client.StorageV1().StorageClasses().Create(ctx, &storage.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: "standard", Annotations: map[string]string{defaultClass: "true"}},
		Provisioner: provisioner, ReclaimPolicy: &reclaim, VolumeBindingMode: &mode,
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	f := folders{ctx, client, dir}
	factory := informers.NewSharedInformerFactory(client, 0)
	claims, volumes := factory.Core().V1().PersistentVolumeClaims().Informer(), factory.Core().V1().PersistentVolumes().Informer()
	_, err = claims.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: f.claimSeen, UpdateFunc: func(_, o any) { f.claimSeen(o) }})
	if err != nil {
		return err
	}
	_, err = volumes.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: f.volumeSeen, UpdateFunc: func(_, o any) { f.volumeSeen(o) }})
	factory.Start(ctx.Done())
	return err
}

func (f folders) claimSeen(o any) {
	claim := o.(*v1.PersistentVolumeClaim)
	if claim.Annotations[requestedOf] != provisioner || claim.Spec.VolumeName != "" || claim.DeletionTimestamp != nil {
		return
	}
	if err := f.provide(claim); err != nil && !apierrors.IsAlreadyExists(err) {
		klog.ErrorS(err, "No volume for claim", "claim", klog.KObj(claim))
	}
}

func (f folders) provide(claim *v1.PersistentVolumeClaim) error {
	path := filepath.Join(f.dir, claim.Namespace+"-"+claim.Name+"-"+string(claim.UID))
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o777); err != nil { // past the umask: containers run as any user
		return err
	}
	policy := v1.PersistentVolumeReclaimDelete
	class, err := f.client.StorageV1().StorageClasses().Get(f.ctx, *claim.Spec.StorageClassName, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if class.ReclaimPolicy != nil {
		policy = *class.ReclaimPolicy
	}
	_, err = f.client.CoreV1().PersistentVolumes().Create(f.ctx, &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: "pvc-" + string(claim.UID), Annotations: map[string]string{provisionedBy: provisioner}},
		Spec: v1.PersistentVolumeSpec{
			AccessModes: claim.Spec.AccessModes, PersistentVolumeReclaimPolicy: policy, StorageClassName: class.Name,
			Capacity:               v1.ResourceList{v1.ResourceStorage: claim.Spec.Resources.Requests[v1.ResourceStorage]},
			ClaimRef:               &v1.ObjectReference{Kind: "PersistentVolumeClaim", APIVersion: "v1", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID},
			PersistentVolumeSource: v1.PersistentVolumeSource{HostPath: &v1.HostPathVolumeSource{Path: path}},
		},
	}, metav1.CreateOptions{})
	return err
}

// volumeSeen deletes the folder of a volume whose claim is gone, if its class says so.
func (f folders) volumeSeen(o any) {
	volume := o.(*v1.PersistentVolume)
	if volume.Status.Phase != v1.VolumeReleased || volume.Spec.PersistentVolumeReclaimPolicy != v1.PersistentVolumeReclaimDelete {
		return
	}
	if volume.Annotations[provisionedBy] != provisioner || filepath.Dir(volume.Spec.HostPath.Path) != f.dir {
		return // not a folder of ours
	}
	if err := os.RemoveAll(volume.Spec.HostPath.Path); err != nil {
		klog.ErrorS(err, "Volume stays", "volume", volume.Name)
		return
	}
	err := f.client.CoreV1().PersistentVolumes().Delete(f.ctx, volume.Name, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		klog.ErrorS(err, "Volume stays", "volume", volume.Name)
	}
}
