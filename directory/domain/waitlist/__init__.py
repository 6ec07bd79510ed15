"""The rules of the waitlist: states, the clocks of the law, the order, the estimate and the status code. Values in, values out."""
