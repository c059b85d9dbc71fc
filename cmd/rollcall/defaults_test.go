package main

import (
	"fmt"
	"go/ast"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"rollcall/gateway"
	"rollcall/internal/client"
	"rollcall/internal/server"
	"rollcall/internal/stream"
	"rollcall/subscriber"
)

// TestDefaultsAreThoseOfTheRooms starts nothing, but looks at what the servers would
// be given without any flag.
func TestDefaultsAreThoseOfTheRooms(t *testing.T) {
	t.Parallel()

	log := slog.New(slog.DiscardHandler)

	for name, got := range map[string]func(grammar *cli) (listenFlags, streamFlags, gatewayFlags, subscriberFlags){
		"serve": func(grammar *cli) (listenFlags, streamFlags, gatewayFlags, subscriberFlags) {
			return grammar.Serve.listenFlags, grammar.Serve.streamFlags, grammar.Serve.gatewayFlags, grammar.Serve.subscriberFlags
		},
		"gateway --nats=x": func(grammar *cli) (listenFlags, streamFlags, gatewayFlags, subscriberFlags) {
			return grammar.Gateway.listenFlags, grammar.Gateway.streamFlags, grammar.Gateway.gatewayFlags, grammar.Serve.subscriberFlags
		},
		"subscriber --nats=x": func(grammar *cli) (listenFlags, streamFlags, gatewayFlags, subscriberFlags) {
			return grammar.Subscriber.listenFlags, grammar.Subscriber.streamFlags, grammar.Serve.gatewayFlags, grammar.Subscriber.subscriberFlags
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var grammar cli
			if _, err := newParser(&grammar).Parse(strings.Fields(name)); err != nil {
				t.Fatal(err)
			}

			listen, persons, submitting, watching := got(&grammar)

			if size := listen.config().MaxRequestBytes; size != server.DefaultMaxRequestBytes {
				t.Errorf("requests may have %d bytes", size)
			}

			if window := persons.config().DuplicateWindow; window != stream.DefaultDuplicateWindow {
				t.Errorf("the duplicate window is %v", window)
			}

			wantGateway := gateway.Config{
				Subject: "contact-person", Timeout: gateway.DefaultTimeout, Calls: gateway.DefaultCalls,
				Messages: gateway.DefaultMessages, Logger: log,
			}
			if config := submitting.config("contact-person", log); !strings.HasPrefix(name, "subscriber") && !reflect.DeepEqual(config, wantGateway) {
				t.Errorf("the gateway gets %+v, want %+v", config, wantGateway)
			}

			wantSubscriber := subscriber.Config{
				RingBytes: subscriber.DefaultRingBytes, Replays: subscriber.DefaultReplays,
				Filters: subscriber.DefaultFilters, FilterCost: subscriber.DefaultFilterCost,
				ProgressInterval: subscriber.DefaultProgressInterval, WriteTimeout: subscriber.DefaultWriteTimeout, Logger: log,
			}
			if config := watching.config(log); !strings.HasPrefix(name, "gateway") && !reflect.DeepEqual(config, wantSubscriber) {
				t.Errorf("the subscriber gets %+v, want %+v", config, wantSubscriber)
			}
		})
	}
}

// TestNoDefaultIsForgotten finds each default that a room states, by its name, and has
// it used by the command; and each flag's default has to be said by its help.
func TestNoDefaultIsForgotten(t *testing.T) {
	t.Parallel()

	used := identifiersIn(t, ".")

	for _, room := range []string{"gateway", "subscriber", "internal/server", "internal/stream", "internal/client", "internal/natsserver"} {
		for name := range constantsIn(t, filepath.Join("..", "..", room)) {
			if strings.HasPrefix(name, "Default") && !used[name] {
				t.Errorf("%s of %s is no flag's default", name, room)
			}
		}
	}

	var grammar cli
	for _, command := range commandsOf(newParser(&grammar).Model.Node) {
		for _, flag := range flagsOf(command) {
			if flag.HasDefault && !strings.Contains(flag.Help, "Default: "+flag.Default+".") {
				t.Errorf("%s --%s: %q does not say the default %s", command.Path(), flag.Name, flag.Help, flag.Default)
			}
		}
	}
}

// TestPatienceIsThatOfIdleProgress holds together how often an idle watch is told that
// it is alive, how long a client waits for it, and what is written about it.
func TestPatienceIsThatOfIdleProgress(t *testing.T) {
	t.Parallel()

	if client.Silence != 3*subscriber.DefaultProgressInterval {
		t.Errorf("a client is patient for %v, three times %v is wanted", client.Silence, subscriber.DefaultProgressInterval)
	}

	if client.AttemptTimeout != gateway.DefaultTimeout {
		t.Errorf("a client tries for %v, the server for %v", client.AttemptTimeout, gateway.DefaultTimeout)
	}

	every := regexp.MustCompile(fmt.Sprintf(`every %[1]d s(econds)?\b|\b%[1]d s between`, subscriber.DefaultProgressInterval/time.Second))

	for _, file := range []string{"proto/contact/v1/watch.proto", "docs/guarantees.md", "k8s/README.md"} {
		content, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}

		if !every.Match(content) {
			t.Errorf("%s does not say %s", file, every)
		}
	}
}

// constantsIn are the names of a folder's exported constants.
func constantsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()

	names := map[string]bool{}

	inspect(t, folder, func(node ast.Node) {
		if declared, ok := node.(*ast.ValueSpec); ok {
			for _, name := range declared.Names {
				names[name.Name] = name.IsExported()
			}
		}
	})

	return names
}

// identifiersIn are all names in a folder.
func identifiersIn(t *testing.T, folder string) map[string]bool {
	t.Helper()

	names := map[string]bool{}

	inspect(t, folder, func(node ast.Node) {
		if name, ok := node.(*ast.Ident); ok {
			names[name.Name] = true
		}
	})

	return names
}
