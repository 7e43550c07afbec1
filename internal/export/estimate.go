package export

// Estimate returns about how many files an export writes for hosted domains, and
// how many bytes of disk they take. Each document is smaller than a block of a
// usual file system, and occupies one.
func Estimate(cfg Config) (files int, disk int64) {
	const block = 4096
	perDomain := 2 // the database
	if !cfg.DatabaseOnly {
		perDomain += 1 + 5 + 3 + 2 // the domain itself, autoconfig, autodiscover, and files to roll out
		if !cfg.PublicURL.IsZero() {
			perDomain++ // the pointer to Autodiscover
		}
	}
	files = perDomain * cfg.Table.HostedCount()
	return files, int64(files) * block
}
