package main

// The longer parts of the servers' --help.

// Help is the longer part of --help.
func (*serveCmd) Help() string {
	return `Takes and shows persons on one address, with a NATS server of its own inside that keeps its stream in a folder: nothing else to install. Stop it with Ctrl-C; start it again and everything is still there.

` + examples(
		`rollcall serve`,
		`rollcall serve --listen :8080 --data /var/lib/rollcall`,
		`rollcall serve --nats nats://nats.example.org:4222`,
	)
}

// Help is the longer part of --help.
func (*gatewayCmd) Help() string {
	return `Takes persons and stores them in a stream of a NATS server. Answers a submission after JetStream has acknowledged it. Any number of replicas can run side by side.

` + examples(
		`rollcall gateway --nats nats://127.0.0.1:4222 --create-stream`,
		`rollcall gateway --nats tls://nats.example.org:4222 --nats-creds gateway.creds`,
		`ROLLCALL_NATS=nats://nats:4222 ROLLCALL_LISTEN=:8080 rollcall gateway`,
	)
}

// Help is the longer part of --help.
func (*subscriberCmd) Help() string {
	return `Shows the persons in a stream of a NATS server to any number of watchers. Any number of replicas can run side by side: a watch can resume on any of them.

` + examples(
		`rollcall subscriber --nats nats://127.0.0.1:4222`,
		`rollcall subscriber --nats tls://nats.example.org:4222 --nats-creds subscriber.creds`,
		`ROLLCALL_NATS=nats://nats:4222 ROLLCALL_LISTEN=:8080 rollcall subscriber`,
	)
}
