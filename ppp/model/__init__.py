"""The numbers: plain functions on arrays with time on the first axis and cases on the second.

Nothing here knows files, labels or charts. Row 0 is financial close; row t is the end of year t. Every amount is positive in
its own direction (costs are positive costs) and in the currency's base unit; rates are fractions a year.
"""
