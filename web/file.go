package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"rollcall/internal/server"
)

// file is one of the dashboard's, in memory.
type file struct {
	contentType  string
	cacheControl string
	tag          string
	plain        []byte
	// gzipped is made when it is first asked for; nil where it would not be smaller.
	gzipped func() []byte
}

func readFiles(built fs.FS) (map[string]*file, error) {
	files := make(map[string]*file)
	err := fs.WalkDir(built, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		files[name] = newFile(name, content)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the dashboard's files: %w", err)
	}
	return files, nil
}

func newFile(name string, content []byte) *file {
	sum := sha256.Sum256(content)
	f := &file{
		contentType: mime.TypeByExtension(path.Ext(name)), plain: content,
		gzipped: sync.OnceValue(func() []byte { return pack(content) }),
		tag:     hex.EncodeToString(sum[:8]), cacheControl: "no-cache",
	}
	if strings.HasPrefix(name, "assets/") { // their names change with their content
		f.cacheControl = "public, max-age=31536000, immutable"
	}
	return f
}

// pack returns nil where gzip would not make it smaller.
func pack(content []byte) []byte {
	var packed bytes.Buffer
	packer := gzip.NewWriter(&packed)
	_, err := packer.Write(content)
	if errors.Join(err, packer.Close()) != nil || packed.Len() >= len(content) {
		return nil
	}
	return packed.Bytes()
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", f.cacheControl)
	content, tag := f.plain, f.tag
	if server.Preference(r.Header.Values("Accept-Encoding"), "gzip") > 0 {
		if packed := f.gzipped(); packed != nil {
			header.Set("Content-Encoding", "gzip")
			content, tag = packed, f.tag+"-gzip"
		}
	}
	header.Set("ETag", strconv.Quote(tag))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
