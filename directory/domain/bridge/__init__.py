"""The rules of the bridge: what holds a person from the first day of the wait to the week after placement. Values in, values out."""
