package server

import "net/http"

// Handler is all that the server serves, for what no connection can ask any more.
func (s *Server) Handler() http.Handler { return s.http.Handler }
