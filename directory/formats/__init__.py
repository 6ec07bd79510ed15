"""Outside formats into domain values. Each reader takes a binary stream and yields rows; none opens a file or asks the network."""
