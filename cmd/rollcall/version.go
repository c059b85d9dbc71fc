package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// versionCmd prints what this binary was built from.
type versionCmd struct {
	Output string `default:"text" enum:"text,json" env:"ROLLCALL_VERSION_OUTPUT" group:"output" placeholder:"FORMAT" help:"text or json, one line each. Default: ${default}."`
}

// Help is the longer part of --help.
func (*versionCmd) Help() string {
	return examples(
		`rollcall version`,
		`rollcall version --output json`,
		`ROLLCALL_VERSION_OUTPUT=json rollcall version | jq -r .version`,
	)
}

// Run prints one line.
func (c *versionCmd) Run() error {
	line := thisBuild().String()

	if c.Output == "json" {
		encoded, err := json.Marshal(thisBuild())
		if err != nil {
			return fmt.Errorf("writing the version as JSON: %w", err)
		}

		line = string(encoded)
	}

	if _, err := fmt.Fprintln(os.Stdout, line); err != nil {
		return fmt.Errorf("printing: %w", err)
	}

	return nil
}

// build is what the toolchain recorded in the binary.
type build struct {
	// Version is the module's: a tag, or what the toolchain makes of a revision.
	Version string `json:"version"`
	// Revision and Time are the commit's; Modified says that there was more than it.
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
}

func thisBuild() build {
	found := build{Version: "unknown", Go: runtime.Version()}

	info, ok := debug.ReadBuildInfo()
	if !ok {
		return found
	}

	if info.Main.Version != "" {
		found.Version = info.Main.Version
	}

	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			found.Revision = setting.Value
		case "vcs.time":
			found.Time = setting.Value
		case "vcs.modified":
			found.Modified = setting.Value == "true"
		}
	}

	return found
}

func (b build) String() string {
	parts := []string{appName, b.Version}

	if b.Revision != "" {
		parts = append(parts, "revision", b.Revision, "of", b.Time)
	}

	if b.Modified {
		parts = append(parts, "(modified)")
	}

	return strings.Join(append(parts, b.Go), " ")
}
