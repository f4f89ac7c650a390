"""The sections of the yearly appraisal of a running contract."""
