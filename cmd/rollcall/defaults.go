package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/dustin/go-humanize"

	"rollcall/gateway"
	"rollcall/internal/client"
	"rollcall/internal/server"
	"rollcall/internal/stream"
	"rollcall/subscriber"
)

// defaults are what the rooms below state, for the tags of the flags: a default that
// is theirs is written nowhere else.
func defaults() kong.Vars {
	return kong.Vars{
		"max_request":      sizeText(server.DefaultMaxRequestBytes),
		"duplicate_window": durationText(stream.DefaultDuplicateWindow),

		"timeout":     durationText(gateway.DefaultTimeout),
		"submissions": strconv.Itoa(gateway.DefaultCalls),

		"ring":              sizeText(subscriber.DefaultRingBytes),
		"replays":           strconv.Itoa(subscriber.DefaultReplays),
		"filters":           strconv.Itoa(subscriber.DefaultFilters),
		"filter_cost":       strconv.Itoa(subscriber.DefaultFilterCost),
		"progress_interval": durationText(subscriber.DefaultProgressInterval),
		"watch_timeout":     durationText(subscriber.DefaultWriteTimeout),

		"shortest_progress_interval": durationText(shortestProgressInterval),
		"silence":                    durationText(client.Silence),
		"max_in_flight":              strconv.Itoa(client.MaxWindow),
	}
}

// durationText is how people write a duration: 1m rather than 1m0s.
func durationText(duration time.Duration) string {
	if minutes, whole := strings.CutSuffix(duration.String(), "m0s"); whole {
		return minutes + "m"
	}
	return duration.String()
}

// sizeText is how people write a number of bytes.
func sizeText(bytes uint64) string {
	return strings.ReplaceAll(humanize.IBytes(bytes), " ", "")
}
