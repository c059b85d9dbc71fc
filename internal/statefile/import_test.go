package statefile

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	contactv1 "rollcall/gen/contact/v1"
)

func openImport(t *testing.T, path string) *Import {
	t.Helper()

	state, err := OpenImport(path, "import-1")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = state.Close() })

	return state
}

func TestAStateOfAnotherImportIsRefused(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "state.json")

	state := openImport(t, path)
	if err := errors.Join(state.Begin(&contactv1.Position{Epoch: "e1"}), state.Close()); err != nil {
		t.Fatal(err)
	}

	if _, err := OpenImport(path, "import-2"); !errors.Is(err, ErrUnfit) || !strings.Contains(err.Error(), "has changed") {
		t.Errorf("got %v", err)
	}

	openImport(t, path)

	if _, err := OpenImport(path, "import-1"); err == nil || !strings.Contains(err.Error(), "in use by another import") {
		t.Errorf("got %v", err)
	}
}
