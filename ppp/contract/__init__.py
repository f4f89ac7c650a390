"""The life of the contract: performance pay, outturn, special funds, investment control, change, termination, handback."""
