// Package connlimit limits the connections of a net/http server.
//
// A connection costs some 30 kB, 40 with TLS, and a file descriptor, whether or not its
// client ever sends a request. The package promises:
//
//   - At most Config.Max connections are open. A new one then replaces the one
//     that has waited longest without a complete request, whether idle or
//     half-sent. So a client that sends its request at once is served, however
//     many others hold connections open.
//   - A request that is being answered keeps its connection for Config.Answer. After
//     that, its connection is closed too if room is needed and no connection waits:
//     most often, its client does not read the answer.
//   - The first HTTP/2 request on a connection is always served. Further ones at the same
//     time, of all connections but those of trusted proxies, share a quarter of Config.Max;
//     those beyond it get status 503.
//   - The connections of trusted proxies, which carry many people's requests, are
//     closed last, and may be idle for longer.
//   - Accept errors that pass are logged, at most one a second, and retried.
//
// [Limiter.Listener] wraps the server's listener. [Limiter.Attach] lets the limiter follow
// its connections by http.Server.ConnState, which says when one begins to wait and when
// its header is complete: net/http turns a connection active after reading the header,
// not at its first byte. It also wraps the handler, to see bodies that have not arrived
// and to count HTTP/2 requests.
package connlimit
