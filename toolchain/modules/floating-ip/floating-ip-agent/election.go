// This file takes part in the election, term after term, until it is told to end or the interface
// fails it.
package main

import (
	"context"
	"errors"
	"log"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// requestTimeout is kube-vip's own (defaultTimeout in its pkg/k8s/client.go). It bounds a request
// of one who is not the holder; the holder's end with the renew deadline.
const requestTimeout = 10 * time.Second

func run(ctx context.Context, options options) error {
	place, err := openPlace(options.device, options.address)
	if err != nil {
		return err
	}
	if err := place.remove("left over"); err != nil {
		return err
	}
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	config.Timeout = requestTimeout
	client, err := coordination.NewForConfig(config)
	if err != nil {
		return err
	}
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: options.namespace, Name: options.lease},
		Client:     client,
		LockConfig: resourcelock.ResourceLockConfig{Identity: options.identity},
	}
	for ctx.Err() == nil {
		if err := oneTerm(ctx, options, lock, newHolding(place, options.announceEvery)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(options.retryPeriod):
		}
	}
	return nil
}

// oneTerm waits to be elected and returns when the term is over. It returns an error only when the
// address could not be put in place or taken away.
func oneTerm(ctx context.Context, options options, lock resourcelock.Interface, holding *holding) error {
	ctx, fail := context.WithCancelCause(context.WithValue(ctx, inTerm{}, true))
	defer fail(nil)
	var failure error
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:            &watchedLock{Interface: lock, beforeRelease: func() { _ = holding.end("released") }},
		ReleaseOnCancel: true,
		LeaseDuration:   options.leaseDuration,
		RenewDeadline:   options.renewDeadline,
		RetryPeriod:     options.retryPeriod,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(term context.Context) {
				log.Printf("%s leads", options.identity)
				if err := holding.keep(term); err != nil {
					fail(&placeError{err})
				}
			},
			OnStoppedLeading: func() { failure = holding.end("stopped leading") },
			OnNewLeader:      func(identity string) { log.Printf("the holder is %s", identity) },
		},
	})
	if err != nil {
		return err
	}
	elector.Run(ctx)
	var atPlace *placeError
	if errors.As(context.Cause(ctx), &atPlace) {
		return errors.Join(atPlace.error, failure)
	}
	return failure
}

type placeError struct{ error }

type inTerm struct{}

// watchedLock tells when a term is over before anybody else can know. The library gives the Lease
// back first and says so afterwards, which takes up to another renew deadline when the API does
// not answer. Its requests of a term carry the term's context, the ones that give back do not.
type watchedLock struct {
	resourcelock.Interface
	beforeRelease func()
}

func (l *watchedLock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	if ctx.Value(inTerm{}) == nil {
		l.beforeRelease()
	}
	return l.Interface.Get(ctx)
}
