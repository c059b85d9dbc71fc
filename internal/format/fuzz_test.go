package format

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// FuzzRows reads anything as any format: it ends, rows come in order, each is either
// a person or says why not, and what is rejected never stops a reader.
func FuzzRows(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.vcf"))
	if err != nil {
		f.Fatal(err)
	}

	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}

		f.Add(text)
	}

	f.Add([]byte("name;email\n\"Ada\";a@example.org\nBea,b\n"))
	f.Add([]byte("{\"name\":\"Ada\"}\n# no\n{\n"))

	f.Fuzz(func(t *testing.T, text []byte) {
		for _, format := range []Format{NDJSON, CSV, VCard} {
			rejected := rowsOf(t, format, text)
			rowsOf(t, format, rejected)
		}
	})
}

func rowsOf(t *testing.T, format Format, text []byte) (rejected []byte) {
	t.Helper()

	reader, err := NewReader(bytes.NewReader(text), format, Columns{others: leftOut})
	if err != nil {
		return nil
	}

	rejected = reader.Preface()
	last := 0

	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return rejected
		}

		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}

		if row.Line <= last || (row.Person == nil) == (row.Err == nil) {
			t.Fatalf("%s: row %+v after line %d", format, row, last)
		}

		last = row.Line
		rejected = reader.AppendRejected(rejected, row, "no")
	}
}
