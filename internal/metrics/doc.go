// Package metrics counts what the server does and writes it in Prometheus's format.
//
// It promises:
//
//   - No label comes from a request. Every label is a value of an enum or the pattern of
//     a route, so that neither an address nor a domain can appear, and the number of
//     series is limited.
//   - Values that other packages already have are collected when somebody reads
//     the metrics: see [Metrics.Gauge]. Nothing is stored twice.
//
// Only this package imports Prometheus's library.
package metrics
