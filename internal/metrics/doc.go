// Package metrics counts what the server does and writes it in Prometheus's format.
//
// It promises:
//
//   - No label comes from a request. Every label is a value of an enum or the pattern of
//     a route, so that neither an address nor a domain can appear, and the number of
//     series has a bound.
//   - What others know already is asked for when somebody reads the metrics: see
//     [Metrics.Gauge]. Nothing is kept twice.
//
// Only this package imports Prometheus's library.
package metrics
