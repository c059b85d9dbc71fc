package client

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheSameFileIsTheSameImport(t *testing.T) {
	t.Parallel()

	file := bytes.NewReader([]byte("{}\n"))

	first, err := FileImportID(file)
	if err != nil || file.Len() != 3 {
		t.Fatalf("%v, %d bytes left, want all 3", err, file.Len())
	}

	again, err := FileImportID(file)
	if err != nil || again != first {
		t.Errorf("the same bytes gave %s and %s, %v", first, again, err)
	}

	other, err := FileImportID(strings.NewReader("{} \n"))
	if err != nil || other == first {
		t.Errorf("other bytes gave the same %s, %v", other, err)
	}

	if key := rowKey(first, 1<<40); len(key) > 128 {
		t.Errorf("key %s is longer than the API takes", key)
	}
}
