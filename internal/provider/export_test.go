package provider

const MaxCost = maxCost

// EstimateCost lets tests find out how large a text may be.
func EstimateCost(data []byte) int { return estimateCost(data) }
