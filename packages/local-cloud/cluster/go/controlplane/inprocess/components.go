// Package inprocess runs etcd, the API server, the controller manager and the scheduler of Kubernetes in this process.
package inprocess

import (
	"context"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	cliflag "k8s.io/component-base/cli/flag"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	apiserveroptions "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	manageroptions "k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	scheduleroptions "k8s.io/kubernetes/cmd/kube-scheduler/app/options"
)

// The components run from their options, not from their commands: those would each install signal handlers and set up
// logging, and panic at the second of it in one process.

func parse(sets cliflag.NamedFlagSets, name string, args []string) error {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	for _, set := range sets.FlagSets {
		flags.AddFlagSet(set)
	}
	return flags.Parse(args)
}

// ControlPlane is one in this process.
type ControlPlane struct{}

// APIServer returns when it ends.
func (ControlPlane) APIServer(ctx context.Context, args []string) error {
	options := apiserveroptions.NewServerRunOptions()
	if err := parse(options.Flags(), "kube-apiserver", args); err != nil {
		return err
	}
	if err := options.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	completed, err := options.Complete(ctx)
	if err != nil {
		return err
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return utilerrors.NewAggregate(errs)
	}
	return apiserver.Run(ctx, completed)
}

// ControllerManager returns when it ends.
func (ControlPlane) ControllerManager(ctx context.Context, args []string) error {
	options, err := manageroptions.NewKubeControllerManagerOptions()
	if err != nil {
		return err
	}
	sets := options.Flags(manager.KnownControllers(), manager.ControllersDisabledByDefault(), manager.ControllerAliases())
	if err := parse(sets, "kube-controller-manager", args); err != nil {
		return err
	}
	options.ParsedFlags = &sets
	config, err := options.Config(ctx, manager.KnownControllers(), manager.ControllersDisabledByDefault(), manager.ControllerAliases())
	if err != nil {
		return err
	}
	return manager.Run(ctx, config.Complete())
}

// Scheduler returns when it ends.
func (ControlPlane) Scheduler(ctx context.Context, args []string) error {
	options := scheduleroptions.NewOptions()
	if err := parse(*options.Flags, "kube-scheduler", args); err != nil {
		return err
	}
	config, instance, err := scheduler.Setup(ctx, options)
	if err != nil {
		return err
	}
	return scheduler.Run(ctx, config, instance)
}
