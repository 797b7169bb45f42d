"""Pure decisions on plain values: who asks, which endpoints may answer in which order, what failures mean."""
