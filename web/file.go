package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// file is one of the dashboard's, in memory.
type file struct {
	contentType  string
	cacheControl string
	tag          string
	plain        []byte
	gzipped      []byte // empty where that is not smaller
}

func readFiles(built fs.FS) (map[string]*file, error) {
	files := make(map[string]*file)
	err := fs.WalkDir(built, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(built, name)
		if err != nil {
			return err //nolint:wrapcheck // wrapped below
		}
		files[name], err = newFile(name, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the dashboard's files: %w", err)
	}
	return files, nil
}

func newFile(name string, content []byte) (*file, error) {
	sum := sha256.Sum256(content)
	f := &file{
		contentType: mime.TypeByExtension(path.Ext(name)), plain: content,
		tag: hex.EncodeToString(sum[:8]), cacheControl: "no-cache",
	}
	if strings.HasPrefix(name, "assets/") { // their names change with their content
		f.cacheControl = "public, max-age=31536000, immutable"
	}
	var packed bytes.Buffer
	packer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err //nolint:wrapcheck // the level is valid
	}
	if _, err := packer.Write(content); err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	if err := packer.Close(); err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	if packed.Len() < len(content) {
		f.gzipped = packed.Bytes()
	}
	return f, nil
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", f.cacheControl)
	content, tag := f.plain, f.tag
	if len(f.gzipped) > 0 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		content, tag = f.gzipped, f.tag+"-gzip"
	}
	header.Set("ETag", strconv.Quote(tag))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
