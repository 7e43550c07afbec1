package provider

const MaxCost = maxCost

// EstimateCost tells tests how large a text may be.
func EstimateCost(data []byte) int { return estimateCost(data) }
